//! Questions to a model over HTTP.

use datalinks_emulator::{Emulator, EmulatorBuilder};
use serde_json::{Value, json};

use crate::chat::{Asked, Chat, Say};
use crate::support::{Answer, Result, Server, expect, sse};

fn with(chat: &Chat) -> EmulatorBuilder {
    Emulator::builder().model_url(&chat.url).strict_responses()
}

async fn cinema(builder: EmulatorBuilder) -> Result<Server> {
    let server = Server::with(builder).await?;
    server.fill_cinema().await?;
    Ok(server)
}

fn question(text: &str) -> Value {
    json!({ "username": "self", "namespace": "cinema", "query": text })
}

async fn in_words(server: &Server, text: &str, dataset: Option<&str>) -> Result<Answer> {
    let body = json!({ "username": "self", "namespace": "cinema", "query": "", "naturalLanguageQuery": text, "dataset": dataset });
    server.send_json("POST", "/query", body).await
}

fn material(asked: &Asked) -> Value {
    serde_json::from_str(asked.material()).unwrap_or_default()
}

#[tokio::test]
async fn rule_turns_a_question_into_a_query() -> Result {
    let server = cinema(Emulator::builder()).await?;
    let answer = expect(200, in_words(&server, "what did Mann make?", None).await?)?;
    assert_eq!(answer.label, "partly-scripted");
    let found = answer.json()?;
    assert_eq!(found["metadata"]["originalQuery"], "what did Mann make?");
    assert_eq!(found["metadata"]["executedQuery"], r#"Ontology("cinema/films").filter(director == Mann)"#);
    assert_eq!(found["data"][0]["title"], "Heat");
    let people = expect(200, in_words(&server, "what did Mann make?", Some("People")).await?)?.json()?;
    assert_eq!(people["metadata"]["executedQuery"], r#"Ontology("cinema/people").filter(name == Mann)"#);
    let oldest = expect(200, in_words(&server, "the two oldest films", None).await?)?.json()?;
    assert_eq!(
        oldest["metadata"]["executedQuery"],
        r#"Ontology("cinema/films").sortAscending(year).limit(2)"#
    );
    assert_eq!((&oldest["data"][0]["title"], &oldest["data"][1]["title"]), (&json!("Alien"), &json!("Heat")));
    expect(404, in_words(&server, "what?", Some("plays")).await?)?;
    let written = json!({ "username": "self", "namespace": "cinema", "query": "Ontology(people)", "naturalLanguageQuery": "films?" });
    let written = expect(200, server.send_json("POST", "/query", written).await?)?;
    assert_eq!(
        (written.label.as_str(), &written.json()?["metadata"]["originalQuery"]),
        ("computed", &json!("Ontology(people)"))
    );
    let strict = cinema(Emulator::builder().strict_responses()).await?;
    expect(501, in_words(&strict, "what did Mann make?", None).await?)?;
    Ok(())
}

#[tokio::test]
async fn only_rows_of_questions_have_a_score() -> Result {
    let server = cinema(Emulator::builder()).await?;
    let row = r#"{"title":"Ran","__metadata":{"score":7},"n":1.50}"#;
    let body = format!("{{\"data\":[{row}]}}");
    expect(200, server.send_as_written("POST", "/ingest/cinema/films", &body).await?)?;
    // Two of three words occur in the row, and the third is the name of the dataset.
    let film = r#"{"director":"Mann","title":"Heat","year":1995,"__metadata":{"score":0.6667}}"#;
    let found = expect(200, in_words(&server, "film: Heat, 1995", None).await?)?;
    assert!(found.text.starts_with(&format!("{{\"data\":[{film}],")), "{}", found.text);
    // The score replaces a stored column, and a query still returns the column as it was sent.
    let found = expect(200, in_words(&server, "Ran", None).await?)?;
    let scored = r#"{"title":"Ran","n":1.50,"__metadata":{"score":1.0}}"#;
    assert!(found.text.starts_with(&format!("{{\"data\":[{scored}],")), "{}", found.text);
    let stored = expect(200, server.query("Ontology(films).filter(title == Ran)").await?)?;
    assert!(stored.text.starts_with(&format!("{{\"data\":[{row}],")), "{}", stored.text);
    Ok(())
}

#[tokio::test]
async fn rows_of_agents_have_a_score_in_every_view_of_a_run() -> Result {
    let server = cinema(Emulator::builder()).await?;
    let answer = expect(200, server.send_json("POST", "/query/ask", question("Heat by Mann")).await?)?;
    let events = sse(&answer.text)?;
    let steps: Vec<&Value> = events.iter().filter(|(name, _)| name == "step").map(|(_, step)| step).collect();
    let heat =
        json!({ "title": "Heat", "year": 1995, "director": "Mann", "__metadata": { "score": 0.6667 } });
    let mann = json!({ "name": "Mann", "__metadata": { "score": 0.3333 } });
    assert_eq!(steps.iter().map(|step| &step["data"]).collect::<Vec<_>>(), [&json!([heat]), &json!([mann])]);
    let run = events[0].1["runId"].as_str().ok_or("a run")?;
    let status = expect(200, server.send("GET", &format!("/query/runs/{run}")).await?)?.json()?;
    let once = expect(200, server.send_json("POST", "/query/autorag", question("Heat by Mann")).await?)?;
    let conversation = events[0].1["conversationId"].as_str().ok_or("a conversation")?;
    let turns =
        expect(200, server.send("GET", &format!("/query/conversations/{conversation}")).await?)?.json()?;
    for steps in [&status["result"]["steps"], &once.json()?["steps"], &turns["turns"][0]["result"]["steps"]] {
        assert_eq!((&steps[0]["data"][0], &steps[1]["data"][0]), (&heat, &mann));
    }
    Ok(())
}

#[tokio::test]
async fn model_turns_a_question_into_a_query() -> Result {
    let query = |text: &str| Say::json(json!({ "query": text }));
    let chat = Chat::in_turn(vec![
        query("SELECT 1"),
        query("Ontology(films).filter(year > 1990)"),
        query("Ontology(plays)"),
        query("Ontology(people)"),
    ])
    .await?;
    let server = cinema(with(&chat)).await?;
    let answer = expect(200, in_words(&server, "newer films?", None).await?)?;
    assert_eq!(answer.label, "computed");
    let found = answer.json()?;
    assert_eq!(found["metadata"]["executedQuery"], r#"Ontology("cinema/films").filter(year > 1990)"#);
    assert_eq!(found["metadata"]["count"], 2);
    assert!(chat.asked()[1].last().contains("cannot read the query"), "{}", chat.asked()[1].last());
    let given = material(&chat.asked()[0]);
    assert_eq!(given["data"]["datasets"][0]["name"], "cinema/films");
    assert_eq!(given["data"]["datasets"][0]["columns"], json!(["director", "title", "year"]));
    assert_eq!(given["data"]["links"][0][1], json!({ "dataset": "cinema/people", "column": "name" }));
    expect(200, in_words(&server, "plays?", None).await?)?;
    assert!(
        chat.asked()[3].last().contains("dataset \"plays\" does not exist"),
        "{}",
        chat.asked()[3].last()
    );
    Ok(())
}

/// Returns plans, queries and answers of a model.
fn model(asked: &Asked) -> Say {
    let given = material(asked);
    let task = asked.task();
    if task.contains("You plan") {
        Say::json(json!({ "steps": ["find Alien", "who directed it"], "reasoning": "two look-ups" }))
    } else if task.contains("one query for one step") {
        let query = match (given["step"].as_str(), given["rejected"].as_array().map(Vec::len)) {
            (Some("find Alien"), _) => r#"Ontology(films).filter(title == Alien)"#,
            // The first query names a missing dataset.
            (_, Some(0)) => r#"Ontology(directors)"#,
            _ => r#"Ontology(films).filter(title == Alien).searchAround().find(people)"#,
        };
        Say::json(json!({ "query": query, "reasoning": "it is there" }))
    } else {
        Say::json(
            json!({ "response": format!("{} look-ups", given["found"].as_array().map_or(0, Vec::len)) }),
        )
    }
}

#[tokio::test]
async fn model_plans_queries_and_answers() -> Result {
    let chat = Chat::start(model).await?;
    let server = cinema(with(&chat)).await?;
    let body = json!({ "username": "self", "namespace": "cinema", "query": "Who directed Alien?", "model": "m1",
        "helperPrompt": "brief", "models": { "answer": { "model": "m2" }, "plan": { "provider": "p" } } });
    let answer = expect(200, server.send_json("POST", "/query/ask", body).await?)?;
    assert_eq!(answer.label, "computed");
    let events = sse(&answer.text)?;
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let step = ["stepStarted", "queryExecuting", "step"];
    let expected =
        [&["run-started", "planningStarted", "plan"][..], &step, &step, &["answerStarted", "answer"]]
            .concat();
    assert_eq!(names, expected);
    assert_eq!(
        events[2].1,
        json!({ "steps": ["find Alien", "who directed it"], "reasoning": "two look-ups" })
    );
    assert_eq!(
        events[8].1["query"],
        r#"Ontology("cinema/films").filter(title == Alien).searchAround().find("cinema/people")"#
    );
    assert_eq!(
        events[8].1["data"],
        json!([{ "name": "Scott", "born": 1937, "__metadata": { "score": 0.0 } }])
    );
    assert_eq!(events[10].1, json!({ "response": "2 look-ups" }));
    let asked = chat.asked();
    let models: Vec<Value> = asked.iter().map(|asked| asked.body["model"].clone()).collect();
    // The choice of a stage replaces the choice of the run as a whole.
    assert_eq!(models, [json!(null), json!("m1"), json!("m1"), json!("m1"), json!("m2")]);
    assert!(material(&asked[3])["rejected"][0]["rejectedBecause"].to_string().contains("does not exist"));
    assert_eq!(material(&asked[4])["instructions"], "brief");
    let used = server.send("GET", "/user/usage/history").await?.json()?;
    let used: u64 =
        used["data"].as_array().ok_or("uses")?.iter().filter_map(|one| one["tokensUsed"].as_u64()).sum();
    assert_eq!(used, 10 * asked.len() as u64, "each answer once");
    Ok(())
}

#[tokio::test]
async fn model_receives_earlier_turns() -> Result {
    let chat = Chat::start(model).await?;
    let server = cinema(with(&chat)).await?;
    let first = expect(200, server.send_json("POST", "/query/ask", question("Alien?")).await?)?;
    let mut again = question("And who?");
    again["conversationId"] = sse(&first.text)?[0].1["conversationId"].clone();
    again["callerContext"] = json!({ "turns": [{ "role": "user", "text": "hello" }] });
    expect(200, server.send_json("POST", "/query/autorag", again).await?)?;
    let asked = chat.asked();
    let given = material(asked.last().ok_or("it was asked")?);
    assert_eq!(given["saidBefore"], json!([{ "question": "Alien?", "answer": "2 look-ups" }]));
    assert_eq!(given["callerContext"]["turns"][0]["text"], "hello");
    Ok(())
}

#[tokio::test]
async fn run_with_a_failed_model_ends_with_an_error() -> Result {
    let chat = Chat::start(|asked| match asked.task().contains("one query for one step") {
        true => Say::json(json!({ "query": "Ontology(nothing)" })),
        false => model(asked),
    })
    .await?;
    let server = cinema(with(&chat)).await?;
    let answer = expect(200, server.send_json("POST", "/query/ask", question("Alien?")).await?)?;
    let events = sse(&answer.text)?;
    let last = events.last().ok_or("an event")?;
    assert!(last.0 == "error" && last.1["message"].to_string().contains("does not exist"), "{last:?}");

    let chat = Chat::always(Say::Raw(503, "loading".to_owned())).await?;
    let server = cinema(with(&chat)).await?;
    let answer = expect(200, server.send_json("POST", "/query/ask", question("Alien?")).await?)?;
    let events = sse(&answer.text)?;
    assert!(events.len() == 3 && events[2].0 == "error", "{events:?}");
    assert!(events[2].1["message"].to_string().contains("loading"), "{events:?}");
    let (code, _) =
        expect(502, server.send_json("POST", "/query/autorag", question("Alien?")).await?)?.problem()?;
    assert_eq!(code, "MODEL_FAILED");
    expect(502, in_words(&server, "Alien?", None).await?)?;
    Ok(())
}

#[tokio::test]
async fn a2a_agent_uses_the_model() -> Result {
    let chat = Chat::start(model).await?;
    let server = cinema(with(&chat)).await?;
    let message = json!({ "messageId": "m1", "role": "ROLE_USER", "parts": [{ "text": "Who directed Alien?" }],
        "metadata": { "namespace": "cinema" } });
    let body =
        json!({ "jsonrpc": "2.0", "id": "r1", "method": "SendMessage", "params": { "message": message } });
    let answer = expect(200, server.send_json("POST", "/a2a/assistant", body).await?)?;
    assert_eq!(answer.label, "computed");
    assert!(answer.text.contains("2 look-ups"), "{}", answer.text);
    Ok(())
}
