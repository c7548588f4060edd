//! Runs of the agent that answers questions, and conversations.

use std::time::Duration;

use datalinks_emulator::{Emulator, Fault};
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, read, read_until_end, sse};

/// It has a plan of two steps: a film, and its director behind a link.
const QUESTION: &str = "Who directed Alien, and what do we know of them?";

type Events = Vec<(String, Value)>;

fn body() -> Value {
    json!({ "username": "self", "namespace": "cinema", "query": QUESTION })
}

/// Asks, and reads what comes of it.
async fn ask(server: &Server, body: Value) -> Result<Events> {
    let (text, _) = read_until_end(server.request("POST", "/query/ask")?.json(&body).send().await?).await;
    sse(&text)
}

/// Films and people, and an agent that writes checkpoints.
async fn resumable_cinema() -> Result<Server> {
    let server = Server::with(Emulator::builder().checkpoints(true)).await?;
    server.fill_cinema().await?;
    Ok(server)
}

/// Asks a question whose run stops after so many events, and whose stream breaks there.
async fn cut(server: &Server, events: usize) -> Result<(String, Events)> {
    server.emulator.faults().inject(Fault::new("agentRun").end_after(events))?;
    server.emulator.faults().inject(Fault::new("autoragStream").cut_after(events))?;
    let seen = ask(server, body()).await?;
    assert_eq!(seen.len(), events);
    Ok((run_of(&seen)?, seen))
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().ok_or_else(|| format!("{value} is no text"))?.to_owned())
}

fn run_of(events: &[(String, Value)]) -> Result<String> {
    text(&events.first().ok_or("an event")?.1["runId"])
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

async fn status(server: &Server, run: &str) -> Result<Value> {
    expect(200, server.send("GET", &format!("/query/runs/{run}")).await?)?.json()
}

async fn resume(server: &Server, run: &str) -> Result<Answer> {
    server.send("POST", &format!("/query/runs/{run}/resume")).await
}

#[tokio::test]
async fn a_run_keeps_what_it_answered() -> Result {
    let server = Server::cinema().await?;
    let events = ask(&server, body()).await?;
    let run = run_of(&events)?;
    let status = status(&server, &run).await?;
    let mut steps: Vec<Value> =
        events.iter().filter(|(name, _)| name == "step").map(|(_, step)| step.clone()).collect();
    for step in &mut steps {
        step.as_object_mut().ok_or("an object")?.remove("index");
    }
    assert_eq!(
        status,
        json!({
            "runId": run, "agentKind": "auto_rag", "question": QUESTION, "status": "completed", "canResume": false,
            "lastNodeId": "answer",
            "result": { "response": events.last().ok_or("an answer")?.1["response"], "steps": steps },
        })
    );
    let over = expect(410, resume(&server, &run).await?)?;
    assert_eq!(over.problem()?.0, "GONE");
    let over = over.json()?;
    assert_eq!((&over["question"], &over["result"]), (&json!(QUESTION), &status["result"]));
    Ok(())
}

#[tokio::test]
async fn resumed_run_goes_on_from_its_last_checkpoint() -> Result {
    let server = resumable_cinema().await?;
    let whole = ask(&server, body()).await?;
    // The part that was completed last comes again.
    for (broken_after, node, told_again) in [
        (3, "plan", 2),
        (4, "plan", 2),
        (5, "plan", 2),
        (6, "step-0", 5),
        (8, "step-0", 5),
        (9, "step-1", 8),
        (10, "step-1", 8),
    ] {
        let (run, seen) = cut(&server, broken_after).await?;
        assert_eq!(names(&seen), names(&whole[..broken_after]));
        let stands = status(&server, &run).await?;
        assert_eq!((&stands["status"], &stands["canResume"]), (&json!("running"), &json!(true)));
        assert_eq!(stands["lastNodeId"], node);
        assert_eq!(stands.get("result"), None);
        let answer = expect(200, resume(&server, &run).await?)?;
        assert_eq!((answer.label.as_str(), answer.content_type.as_str()), ("scripted", "text/event-stream"));
        let resumed = sse(&answer.text)?;
        assert_eq!(resumed[0], seen[0], "the same run and conversation");
        assert_eq!(resumed[1..], whole[told_again..], "broken after {broken_after}");
        assert_eq!(status(&server, &run).await?["result"]["steps"].as_array().map(Vec::len), Some(2));
    }
    Ok(())
}

#[tokio::test]
async fn resumed_run_can_stop_again() -> Result {
    let server = resumable_cinema().await?;
    let (run, _) = cut(&server, 3).await?;
    // After the first step.
    server.emulator.faults().inject(Fault::new("agentRun").end_after(5))?;
    expect(200, resume(&server, &run).await?)?;
    assert_eq!(status(&server, &run).await?["lastNodeId"], "step-0");
    let rest = sse(&expect(200, resume(&server, &run).await?)?.text)?;
    assert_eq!(names(&rest)[..3], ["run-started", "step", "stepStarted"]);
    assert_eq!((&rest[1].1["index"], &rest[2].1["index"]), (&json!(0), &json!(1)));
    expect(410, resume(&server, &run).await?)?;
    Ok(())
}

#[tokio::test]
async fn broken_stream_leaves_a_run_that_goes_on_to_its_end() -> Result {
    for builder in [Emulator::builder(), Emulator::builder().checkpoints(true)] {
        let server = Server::with(builder).await?;
        server.fill_cinema().await?;
        let whole = ask(&server, body()).await?;
        for fault in ["cut", "end", "lose", "garbage"] {
            let broken = Fault::new("autoragStream");
            server.emulator.faults().inject(match fault {
                "cut" => broken.cut_after(4),
                "end" => broken.end_after(4),
                "lose" => broken.lose_response(),
                _ => broken.garbage(),
            })?;
            let _ = server.request("POST", "/query/ask")?.json(&body()).send().await;
        }
        let list = server.send("GET", "/query/conversations?username=self&namespace=cinema").await?.json()?;
        for conversation in list["conversations"].as_array().ok_or("a list")? {
            let path = format!("/query/conversations/{}", text(&conversation["id"])?);
            let stands = loop {
                let turn = server.send("GET", &path).await?.json()?["turns"][0].clone();
                if turn["status"] != "running" {
                    break turn;
                }
            };
            assert_eq!(stands["status"], "completed");
            assert_eq!(stands["result"]["response"], whole.last().ok_or("an answer")?.1["response"]);
        }
        assert_eq!(list["conversations"].as_array().map(Vec::len), Some(5));
    }
    Ok(())
}

#[tokio::test]
async fn runs_fail_and_expire() -> Result {
    let server = Server::with(Emulator::builder().checkpoints(true)).await?;
    let failed = ask(&server, body()).await?;
    assert_eq!(names(&failed), ["run-started", "planningStarted", "error"]);
    let run = run_of(&failed)?;
    let stands = status(&server, &run).await?;
    assert_eq!((&stands["status"], &stands["canResume"]), (&json!("failed"), &json!(false)));
    assert_eq!(stands["errorMessage"], failed[2].1["message"]);
    let over = expect(422, resume(&server, &run).await?)?.json()?;
    assert_eq!((&over["status"], &over["errorMessage"]), (&json!("failed"), &failed[2].1["message"]));
    expect(422, rate(&server, &run, json!({ "thumbsUp": true })).await?)?;

    server.fill_cinema().await?;
    let (run, _) = cut(&server, 6).await?;
    let day = Duration::from_secs(24 * 3600);
    server.emulator.advance_clock(day - Duration::from_secs(60));
    assert_eq!(status(&server, &run).await?["status"], "running");
    server.emulator.advance_clock(Duration::from_secs(60));
    let stands = status(&server, &run).await?;
    assert_eq!((&stands["status"], &stands["canResume"]), (&json!("expired"), &json!(false)));
    let over = expect(410, resume(&server, &run).await?)?.json()?;
    assert_eq!((&over["status"], &over["question"]), (&json!("expired"), &json!(QUESTION)));
    Ok(())
}

async fn rate(server: &Server, run: &str, feedback: Value) -> Result<Answer> {
    server.send_json("POST", &format!("/query/runs/{run}/feedback"), feedback).await
}

#[tokio::test]
async fn answers_are_rated_and_runs_deleted() -> Result {
    let server = Server::cinema().await?;
    let run = run_of(&ask(&server, body()).await?)?;
    expect(204, rate(&server, &run, json!({ "thumbsUp": false, "comment": "short" })).await?)?;
    expect(204, rate(&server, &run, json!({ "thumbsUp": true })).await?)?;
    expect(422, rate(&server, &run, json!({ "comment": "which?" })).await?)?;
    let path = format!("/query/runs/{run}");
    assert_eq!(expect(204, server.send("DELETE", &path).await?)?.text, "");
    for gone in [
        server.send("GET", &path).await?,
        server.send("DELETE", &path).await?,
        resume(&server, &run).await?,
        rate(&server, &run, json!({ "thumbsUp": true })).await?,
        server.send("GET", "/query/runs/no-uuid").await?,
    ] {
        assert!(expect(404, gone)?.problem()?.1.contains("no such run"));
    }
    Ok(())
}

#[tokio::test]
async fn conversations_hold_their_turns() -> Result {
    let server = Server::cinema().await?;
    let first = ask(&server, body()).await?;
    let other = ask(&server, body()).await?;
    let (conversation, other) = (text(&first[0].1["conversationId"])?, text(&other[0].1["conversationId"])?);
    assert_ne!(conversation, other);
    let list = || server.send("GET", "/query/conversations?username=self&namespace=cinema");
    let ids = |list: Value| -> Vec<Value> {
        list["conversations"].as_array().into_iter().flatten().map(|item| item["id"].clone()).collect()
    };
    assert_eq!(ids(list().await?.json()?), [json!(other), json!(conversation)], "newest first");

    server.emulator.advance_clock(Duration::from_secs(5));
    let mut more = body();
    more["query"] = json!("And Heat?");
    more["conversationId"] = json!(conversation);
    let once = expect(200, server.send_json("POST", "/query/autorag", more).await?)?.json()?;
    let list = list().await?.json()?;
    assert_eq!(ids(list.clone()), [json!(conversation), json!(other)], "it went on");
    let item = &list["conversations"][0];
    assert_eq!(item["title"], QUESTION);
    let passed = item["updatedAt"].as_i64().zip(item["createdAt"].as_i64()).ok_or("milliseconds")?;
    assert!(passed.0 - passed.1 >= 5000 && passed.1 > 1_600_000_000_000, "{item}");

    let path = format!("/query/conversations/{conversation}");
    let detail = expect(200, server.send("GET", &path).await?)?.json()?;
    let turns = detail["turns"].as_array().ok_or("turns")?;
    let questions: Vec<&Value> = turns.iter().map(|turn| &turn["question"]).collect();
    assert_eq!(questions, [&json!(QUESTION), &json!("And Heat?")], "oldest first");
    assert_eq!((&detail["id"], &turns[1]["status"]), (&json!(conversation), &json!("completed")));
    assert_eq!((&turns[0]["runId"], &turns[1]["result"]), (&first[0].1["runId"], &once));

    for turn in turns {
        let path = format!("/query/runs/{}", text(&turn["runId"])?);
        expect(204, server.send("DELETE", &path).await?)?;
    }
    expect(404, server.send("GET", &path).await?)?;
    expect(404, server.send("GET", "/query/conversations/x").await?)?;
    expect(400, server.send("GET", "/query/conversations?username=self").await?)?;
    Ok(())
}

#[tokio::test]
async fn a_conversation_that_is_not_there_is_not_begun() -> Result {
    let server = Server::cinema().await?;
    server.fill("garden", "trees", json!([{ "genus": "Acer" }])).await?;
    let begun = text(&ask(&server, body()).await?[0].1["conversationId"])?;
    let elsewhere =
        json!({ "username": "self", "namespace": "garden", "query": "?", "conversationId": begun });
    let mut unknown = body();
    unknown["conversationId"] = json!("4a1d6a7e-5a0f-4c39-a6c4-9be2f02c55d4");
    let mut no_id = body();
    no_id["conversationId"] = json!("c1");
    for body in [elsewhere, unknown, no_id] {
        for path in ["/query/ask", "/query/autorag"] {
            let refused = expect(404, server.send_json("POST", path, body.clone()).await?)?;
            assert!(refused.problem()?.1.contains("no such conversation"), "{refused:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn runs_and_conversations_are_their_users_own() -> Result {
    let server = Server::with(Emulator::builder().user("bo", "bo-key")).await?;
    server.fill_cinema().await?;
    let share = json!({ "username": "bo", "role": "viewer" });
    let shares = "/permissions/namespaces/self/cinema/shares";
    expect(200, server.send_json("POST", shares, share).await?)?;
    let events = ask(&server, body()).await?;
    let (run, conversation) = (run_of(&events)?, text(&events[0].1["conversationId"])?);
    let url = |path: &str| format!("{}{path}", server.emulator.api_url());
    for path in [format!("/query/runs/{run}"), format!("/query/conversations/{conversation}")] {
        expect(404, read(server.http.get(url(&path)).bearer_auth("bo-key").send().await?).await?)?;
    }
    let resume = server.http.post(url(&format!("/query/runs/{run}/resume"))).bearer_auth("bo-key");
    expect(404, read(resume.send().await?).await?)?;
    let list =
        server.http.get(url("/query/conversations?username=ana&namespace=cinema")).bearer_auth("bo-key");
    let list = expect(200, read(list.send().await?).await?)?.json()?;
    assert_eq!(list, json!({ "conversations": [] }));
    Ok(())
}

#[tokio::test]
async fn a_strict_emulator_neither_answers_nor_resumes() -> Result {
    let server = Server::with(Emulator::builder().strict_responses()).await?;
    server.fill_cinema().await?;
    for path in ["/query/ask", "/query/autorag"] {
        expect(501, server.send_json("POST", path, body()).await?)?;
    }
    let list = server.send("GET", "/query/conversations?username=self&namespace=cinema").await?;
    assert_eq!(expect(200, list)?.json()?, json!({ "conversations": [] }), "nothing was begun");
    expect(404, resume(&server, "4a1d6a7e-5a0f-4c39-a6c4-9be2f02c55d4").await?)?;
    Ok(())
}
