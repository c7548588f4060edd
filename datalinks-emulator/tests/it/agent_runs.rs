//! Runs of the agent that are paused at a certain point: their driver, and resumes that take them over.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use datalinks_emulator::{Emulator, EmulatorBuilder, Fault};
use reqwest::Response;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::chat::{Chat, Say};
use crate::support::{Answer, Result, Server, expect, sse};

type Events = Vec<(String, Value)>;

/// The events of a complete run.
const WHOLE: [&str; 11] = [
    "run-started",
    "planningStarted",
    "plan",
    "stepStarted",
    "queryExecuting",
    "step",
    "stepStarted",
    "queryExecuting",
    "step",
    "answerStarted",
    "answer",
];

/// A request to the model: its kind, and the number of earlier requests of that kind.
type Asked = (&'static str, usize);
const PLAN: Asked = ("plan", 0);
const FIRST_QUERY: Asked = ("query", 0);
const FIRST_ANSWER: Asked = ("answer", 0);

/// A model that plans two steps. It delays its response to some requests until it is released.
struct HeldModel {
    chat: Chat,
    gates: BTreeMap<Asked, Arc<Notify>>,
}

impl HeldModel {
    async fn holding<const N: usize>(held: [Asked; N]) -> Result<Self> {
        let gates: BTreeMap<Asked, Arc<Notify>> =
            held.into_iter().map(|asked| (asked, Arc::default())).collect();
        let (own, counts) = (gates.clone(), Mutex::new(BTreeMap::<&str, usize>::new()));
        let chat = Chat::start(move |asked| {
            let kind = match asked.task() {
                task if task.contains("You plan") => "plan",
                task if task.contains("You write one query") => "query",
                _ => "answer",
            };
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(kind).or_default();
            let said = match kind {
                "plan" => json!({ "steps": ["Find the film.", "Find people."], "reasoning": "two" }),
                "query" if asked.material().contains("\"step\":\"Find the film.\"") => {
                    json!({ "query": "Ontology(films).filter(title == Alien)", "reasoning": "the film" })
                }
                "query" => json!({ "query": "Ontology(people)", "reasoning": "the people" }),
                _ => json!({ "response": format!("answer {count}") }),
            };
            let gate = own.get(&(kind, *count));
            *count += 1;
            match gate {
                Some(gate) => Say::Gated(Arc::clone(gate), said.to_string()),
                None => Say::json(said),
            }
        });
        Ok(Self { chat: chat.await?, gates })
    }

    fn release(&self, asked: Asked) {
        self.gates[&asked].notify_one();
    }

    /// Waits until the model has received this many requests.
    async fn asked(&self, times: usize) -> Result {
        settle(async || Ok(self.chat.asked().len() >= times)).await
    }

    fn builder(&self) -> EmulatorBuilder {
        Emulator::builder().model_url(&self.chat.url)
    }
}

/// Polls until a condition holds.
async fn settle(mut is_true: impl AsyncFnMut() -> Result<bool>) -> Result {
    let begin = Instant::now();
    while !is_true().await? {
        assert!(begin.elapsed() < Duration::from_secs(60), "the condition never held");
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn cinema(builder: EmulatorBuilder) -> Result<Server> {
    let server = Server::with(builder).await?;
    server.fill_cinema().await?;
    Ok(server)
}

fn body() -> Value {
    json!({ "username": "self", "namespace": "cinema", "query": "Who directed Alien?" })
}

/// A stream that is read chunk by chunk.
struct Reader {
    response: Response,
    text: String,
}

impl Reader {
    async fn send(server: &Server, path: &str, body: Value) -> Result<Self> {
        let response = server.request("POST", path)?.json(&body).send().await?;
        assert_eq!((response.status().as_u16(), path), (200, path));
        Ok(Self { response, text: String::new() })
    }

    async fn ask(server: &Server) -> Result<Self> {
        Self::send(server, "/query/ask", body()).await
    }

    async fn resume(server: &Server, run: &str) -> Result<Self> {
        Self::send(server, &format!("/query/runs/{run}/resume"), json!({})).await
    }

    /// Reads until this many events have arrived.
    async fn events(&mut self, count: usize) -> Result<Events> {
        while self.text.matches("\n\n").count() < count {
            let chunk = self.response.chunk().await?.ok_or_else(|| format!("it ends: {}", self.text))?;
            self.text.push_str(std::str::from_utf8(&chunk)?);
        }
        sse(&self.text)
    }

    /// Reads to the end. An interrupted connection is an error.
    async fn rest(mut self) -> Result<Events> {
        while let Some(chunk) = self.response.chunk().await? {
            self.text.push_str(std::str::from_utf8(&chunk)?);
        }
        sse(&self.text)
    }
}

fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().ok_or_else(|| format!("{value} is not a string"))?.to_owned())
}

fn run_of(events: &[(String, Value)]) -> Result<String> {
    text(&events.first().ok_or("an event")?.1["runId"])
}

async fn status(server: &Server, run: &str) -> Result<Value> {
    expect(200, server.send("GET", &format!("/query/runs/{run}")).await?)?.json()
}

async fn resume(server: &Server, run: &str) -> Result<Answer> {
    server.send("POST", &format!("/query/runs/{run}/resume")).await
}

/// Returns the id of the only run.
async fn only_run(server: &Server) -> Result<String> {
    let list = server.send("GET", "/query/conversations?username=self&namespace=cinema").await?.json()?;
    let conversation = text(&list["conversations"][0]["id"])?;
    let detail = server.send("GET", &format!("/query/conversations/{conversation}")).await?.json()?;
    text(&detail["turns"][0]["runId"])
}

async fn completed(server: &Server, run: &str) -> Result<Value> {
    settle(async || Ok(status(server, run).await?["status"] != "running")).await?;
    let status = status(server, run).await?;
    assert_eq!(status["status"], "completed", "{status}");
    Ok(status)
}

#[tokio::test]
async fn run_continues_to_its_end_after_its_reader_left() -> Result {
    for checkpoints in [false, true] {
        let model = HeldModel::holding([FIRST_QUERY]).await?;
        let server = cinema(model.builder().checkpoints(checkpoints)).await?;
        let mut reader = Reader::ask(&server).await?;
        let run = run_of(&reader.events(4).await?)?;
        model.asked(2).await?;
        drop(reader);
        model.release(FIRST_QUERY);
        let ended = completed(&server, &run).await?;
        assert_eq!(ended["result"]["response"], "answer 0");
        assert_eq!(ended["result"]["steps"].as_array().map(Vec::len), Some(2));
        assert_eq!(model.chat.asked().len(), 4, "each part was requested once");
    }
    Ok(())
}

#[tokio::test]
async fn run_continues_after_the_reader_of_an_agent_left() -> Result {
    let model = HeldModel::holding([FIRST_QUERY]).await?;
    let server = cinema(model.builder()).await?;
    let message = json!({ "messageId": "m1", "role": "ROLE_USER", "parts": [{ "text": "Who directed Alien?" }],
        "metadata": { "namespace": "cinema" } });
    let rpc = json!({ "jsonrpc": "2.0", "id": 1, "method": "SendStreamingMessage", "params": { "message": message } });
    let mut response = server.request("POST", "/a2a/assistant")?.json(&rpc).send().await?;
    // The task, its state, the plan, and the start of the first step.
    let mut text = String::new();
    while text.matches("\n\n").count() < 4 {
        text.push_str(std::str::from_utf8(&response.chunk().await?.ok_or("it ends")?)?);
    }
    model.asked(2).await?;
    drop(response);
    let run = only_run(&server).await?;
    assert!(text.contains(&format!("\"{run}-step-0\"")), "{text}");
    model.release(FIRST_QUERY);
    assert_eq!(completed(&server, &run).await?["result"]["response"], "answer 0");
    assert_eq!(model.chat.asked().len(), 4, "each part was requested once");
    Ok(())
}

#[tokio::test]
async fn run_continues_after_its_caller_disconnected() -> Result {
    let message = json!({ "messageId": "m1", "role": "ROLE_USER", "parts": [{ "text": "Who directed Alien?" }],
        "metadata": { "namespace": "cinema" } });
    let rpc =
        json!({ "jsonrpc": "2.0", "id": "r1", "method": "SendMessage", "params": { "message": message } });
    for (path, body) in [("/query/autorag", body()), ("/a2a/assistant", rpc)] {
        let model = HeldModel::holding([PLAN]).await?;
        let server = cinema(model.builder()).await?;
        {
            let call = server.send_json("POST", path, body);
            tokio::select! {
                answer = call => panic!("{path} returned: {answer:?}"),
                reached = model.asked(1) => reached?,
            }
        }
        let run = only_run(&server).await?;
        assert_eq!(status(&server, &run).await?["status"], "running", "{path}");
        model.release(PLAN);
        assert_eq!(completed(&server, &run).await?["result"]["response"], "answer 0", "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn slow_reader_neither_delays_its_run_nor_loses_an_event() -> Result {
    let server = Server::start().await?;
    // More than all buffers between both ends can hold.
    let text = "x".repeat(2 * 1024 * 1024);
    let rows: Vec<Value> = (0..10).map(|n| json!({ "n": n, "text": text })).collect();
    server.fill("cinema", "films", json!(rows)).await?;
    let reader = Reader::ask(&server).await?;
    let run = only_run(&server).await?;
    completed(&server, &run).await?;
    let events = reader.rest().await?;
    assert_eq!(names(&events)[3..], ["stepStarted", "queryExecuting", "step", "answerStarted", "answer"]);
    assert_eq!(events[5].1["data"].as_array().map(Vec::len), Some(10));
    Ok(())
}

#[tokio::test]
async fn run_in_progress_has_no_checkpoint_by_default_and_is_unchanged() -> Result {
    let model = HeldModel::holding([FIRST_QUERY]).await?;
    let server = cinema(model.builder()).await?;
    let mut reader = Reader::ask(&server).await?;
    let run = run_of(&reader.events(4).await?)?;
    model.asked(2).await?;
    let before = status(&server, &run).await?;
    assert_eq!((&before["status"], &before["canResume"]), (&json!("running"), &json!(false)));
    assert_eq!(before.get("lastNodeId"), None);
    let conflict = expect(409, resume(&server, &run).await?)?;
    assert!(conflict.problem()?.1.contains("no checkpoint"), "{conflict:?}");
    let body = conflict.json()?;
    assert_eq!((&body["status"], &body["question"]), (&json!("running"), &json!("Who directed Alien?")));
    assert_eq!(status(&server, &run).await?, before, "the run is unchanged");
    model.release(FIRST_QUERY);
    assert_eq!(names(&reader.rest().await?), WHOLE, "the first connection receives all events");
    Ok(())
}

#[tokio::test]
async fn run_before_its_plan_has_no_checkpoint() -> Result {
    let model = HeldModel::holding([PLAN]).await?;
    let server = cinema(model.builder().checkpoints(true)).await?;
    let mut reader = Reader::ask(&server).await?;
    let run = run_of(&reader.events(2).await?)?;
    model.asked(1).await?;
    assert_eq!(status(&server, &run).await?["canResume"], false);
    expect(409, resume(&server, &run).await?)?;
    model.release(PLAN);
    assert_eq!(names(&reader.rest().await?), WHOLE);
    Ok(())
}

#[tokio::test]
async fn run_delays_its_events_whether_or_not_it_is_read() -> Result {
    let server = cinema(Emulator::builder().ask_event_delay(Duration::from_secs(3600))).await?;
    let mut reader = Reader::ask(&server).await?;
    let run = run_of(&reader.events(1).await?)?;
    drop(reader);
    expect(409, resume(&server, &run).await?)?;
    assert_eq!(status(&server, &run).await?["status"], "running");
    // Without a stream, there is no delay between events.
    expect(200, server.send_json("POST", "/query/autorag", body()).await?)?;
    Ok(())
}

#[tokio::test]
async fn resume_takes_over_a_run_that_another_stream_reads() -> Result {
    let model = HeldModel::holding([FIRST_QUERY]).await?;
    let server = cinema(model.builder().checkpoints(true)).await?;
    let mut first = Reader::ask(&server).await?;
    let run = run_of(&first.events(4).await?)?;
    model.asked(2).await?;
    let stands = status(&server, &run).await?;
    assert_eq!((&stands["canResume"], &stands["lastNodeId"]), (&json!(true), &json!("plan")));
    let later = Reader::resume(&server, &run).await?.rest().await?;
    assert_eq!(later[0].0, "run-started");
    assert_eq!(run_of(&later)?, run);
    assert_eq!(names(&later)[1..], WHOLE[2..], "the events after the plan follow");
    assert_eq!(later.last().ok_or("an answer")?.1["response"], "answer 0");
    let ended = status(&server, &run).await?;
    model.release(FIRST_QUERY);
    // The query was written before its checkpoint, which is not reached.
    assert_eq!(names(&first.rest().await?), WHOLE[..5], "the stream ends without a last event");
    assert_eq!(status(&server, &run).await?, ended, "the earlier driver changes nothing");
    Ok(())
}

#[tokio::test]
async fn later_resume_takes_over_from_an_earlier_one() -> Result {
    let second_query = ("query", 1);
    let model = HeldModel::holding([FIRST_QUERY, second_query]).await?;
    let server = cinema(model.builder().checkpoints(true)).await?;
    let mut asked = Reader::ask(&server).await?;
    let run = run_of(&asked.events(4).await?)?;
    model.asked(2).await?;
    let mut earlier = Reader::resume(&server, &run).await?;
    assert_eq!(names(&earlier.events(3).await?), ["run-started", "plan", "stepStarted"]);
    model.asked(3).await?;
    let later = Reader::resume(&server, &run).await?.rest().await?;
    assert_eq!(later.last().ok_or("an event")?.0, "answer");
    model.release(second_query);
    let earlier = earlier.rest().await?;
    assert_eq!(names(&earlier), ["run-started", "plan", "stepStarted", "queryExecuting"]);
    model.release(FIRST_QUERY);
    assert_eq!(names(&asked.rest().await?), WHOLE[..5]);
    Ok(())
}

#[tokio::test]
async fn resume_takes_over_a_run_without_a_reader() -> Result {
    let model = HeldModel::holding([FIRST_ANSWER]).await?;
    let server = cinema(model.builder().checkpoints(true)).await?;
    let mut reader = Reader::ask(&server).await?;
    let run = run_of(&reader.events(10).await?)?;
    model.asked(4).await?;
    drop(reader);
    let resumed = Reader::resume(&server, &run).await?.rest().await?;
    assert_eq!(names(&resumed), ["run-started", "step", "answerStarted", "answer"]);
    assert_eq!((&resumed[1].1["index"], &resumed[3].1["response"]), (&json!(1), &json!("answer 1")));
    let ended = status(&server, &run).await?;
    assert_eq!(ended["result"]["response"], "answer 1");
    model.release(FIRST_ANSWER);
    let answered = || server.send("GET", "/user/usage/history?pageSize=100");
    // Both drafts of the answer are charged.
    settle(async || Ok(answered().await?.json()?["data"].as_array().map(Vec::len) == Some(5))).await?;
    assert_eq!(status(&server, &run).await?, ended, "the earlier answer is discarded");
    Ok(())
}

#[tokio::test]
async fn earlier_stream_ends_without_its_answer_after_a_takeover() -> Result {
    let model = HeldModel::holding([FIRST_ANSWER]).await?;
    let server = cinema(model.builder().checkpoints(true)).await?;
    let mut first = Reader::ask(&server).await?;
    let run = run_of(&first.events(10).await?)?;
    model.asked(4).await?;
    let later = Reader::resume(&server, &run).await?.rest().await?;
    assert_eq!(later.last().ok_or("an answer")?.1["response"], "answer 1");
    model.release(FIRST_ANSWER);
    assert_eq!(names(&first.rest().await?), WHOLE[..10]);
    Ok(())
}

#[tokio::test]
async fn autorag_after_a_takeover_is_a_conflict() -> Result {
    let second_answer = ("answer", 1);
    let model = HeldModel::holding([FIRST_ANSWER, second_answer]).await?;
    let server = cinema(model.builder().checkpoints(true)).await?;
    let call = server.send_json("POST", "/query/autorag", body());
    let meanwhile = async {
        model.asked(4).await?;
        let run = only_run(&server).await?;
        let reader = Reader::resume(&server, &run).await?;
        model.asked(5).await?;
        model.release(FIRST_ANSWER);
        Ok(reader)
    };
    let (answer, reader): (_, Result<Reader>) = tokio::join!(call, meanwhile);
    assert!(expect(409, answer?)?.problem()?.1.contains("resumed"), "another resume gets the answer");
    model.release(second_answer);
    assert_eq!(reader?.rest().await?.last().ok_or("an answer")?.1["response"], "answer 1");
    Ok(())
}

#[tokio::test]
async fn deleted_run_ends_with_an_error() -> Result {
    for checkpoints in [false, true] {
        let model = HeldModel::holding([FIRST_QUERY]).await?;
        let server = cinema(model.builder().checkpoints(checkpoints)).await?;
        let mut reader = Reader::ask(&server).await?;
        let run = run_of(&reader.events(4).await?)?;
        expect(204, server.send("DELETE", &format!("/query/runs/{run}")).await?)?;
        model.release(FIRST_QUERY);
        let events = reader.rest().await?;
        let (name, failure) = events.last().ok_or("an event")?;
        assert!(name == "error" && failure["message"].to_string().contains("deleted"), "{failure}");
        expect(404, server.send("GET", &format!("/query/runs/{run}")).await?)?;
    }
    Ok(())
}

#[tokio::test]
async fn run_in_progress_is_not_rated() -> Result {
    let model = HeldModel::holding([PLAN]).await?;
    let server = cinema(model.builder()).await?;
    let mut reader = Reader::ask(&server).await?;
    let path = format!("/query/runs/{}/feedback", run_of(&reader.events(1).await?)?);
    expect(422, server.send_json("POST", &path, json!({ "thumbsUp": true })).await?)?;
    let unparsable = server.request("POST", &path)?.header("content-type", "application/json").body("{");
    expect(400, crate::support::read(unparsable.send().await?).await?)?;
    model.release(PLAN);
    reader.rest().await?;
    expect(204, server.send_json("POST", &path, json!({ "thumbsUp": true })).await?)?;
    Ok(())
}

/// A run writes nothing between its start and its end, unless it writes checkpoints.
#[tokio::test]
async fn events_of_a_run_without_checkpoints_write_nothing() -> Result {
    let model = HeldModel::holding([PLAN, FIRST_ANSWER]).await?;
    let folder = tempfile::tempdir()?;
    let server = cinema(model.builder().data_dir(folder.path())).await?;
    let mut reader = Reader::ask(&server).await?;
    reader.events(2).await?;
    model.asked(1).await?;
    // A directory in place of the file prevents writing.
    let journal = folder.path().join("journal");
    std::fs::create_dir(&journal)?;
    model.release(PLAN);
    assert_eq!(names(&reader.events(10).await?), WHOLE[..10]);
    model.asked(4).await?;
    std::fs::remove_dir(&journal)?;
    model.release(FIRST_ANSWER);
    let events = reader.rest().await?;
    assert_eq!(names(&events), WHOLE);
    assert_eq!(status(&server, &run_of(&events)?).await?["status"], "completed");
    Ok(())
}

#[tokio::test]
async fn run_stopped_by_an_injected_fault_reports_it() -> Result {
    for checkpoints in [false, true] {
        let server = cinema(Emulator::builder().checkpoints(checkpoints)).await?;
        let stop =
            |events| server.emulator.faults().inject(Fault::new("agentRun").end_after(events).times(1));
        for events in [0, 2, 3] {
            stop(events)?;
            let response = server.request("POST", "/query/ask")?.json(&body()).send().await?;
            let sent = sse(&response.text().await?)?;
            assert_eq!(names(&sent), WHOLE[..events], "the stream has no last event");
            let list = server.send("GET", "/query/conversations?username=self&namespace=cinema").await?;
            let conversation = text(&list.json()?["conversations"][0]["id"])?;
            let path = format!("/query/conversations/{conversation}");
            let run = text(&server.send("GET", &path).await?.json()?["turns"][0]["runId"])?;
            let stands = status(&server, &run).await?;
            if checkpoints && events == 3 {
                assert_eq!((&stands["status"], &stands["canResume"]), (&json!("running"), &json!(true)));
                continue;
            }
            assert_eq!((&stands["status"], &stands["canResume"]), (&json!("failed"), &json!(false)));
            assert!(text(&stands["errorMessage"])?.starts_with("an injected fault stopped"), "{stands}");
        }
        // The run stops after the last event.
        stop(WHOLE.len())?;
        expect(200, server.send_json("POST", "/query/ask", body()).await?)?;
    }
    let server = cinema(Emulator::builder()).await?;
    server.emulator.faults().inject(Fault::new("agentRun").end_after(2))?;
    let answer = expect(500, server.send_json("POST", "/query/autorag", body()).await?)?;
    assert!(answer.problem()?.1.starts_with("an injected fault stopped"), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn every_stream_of_concurrent_resumes_begins_with_run_started() -> Result {
    let model = HeldModel::holding([FIRST_ANSWER]).await?;
    let server = cinema(model.builder().checkpoints(true)).await?;
    let mut reader = Reader::ask(&server).await?;
    let run = run_of(&reader.events(10).await?)?;
    model.asked(4).await?;
    // At least two resumes are accepted before the driver of the first one can end the run.
    let streams = futures::future::join_all((0..8).map(|_| resume(&server, &run))).await;
    let mut accepted = 0;
    for stream in streams {
        let stream = stream?;
        if stream.status == 200 {
            let events = sse(&stream.text)?;
            assert_eq!(names(&events).first(), Some(&"run-started"), "{}", stream.text);
            assert_eq!(run_of(&events)?, run);
            accepted += 1;
        }
    }
    assert!(accepted > 0);
    model.release(FIRST_ANSWER);
    Ok(())
}

/// Stops an emulator while a run of it is paused, and starts another one with its directory.
async fn restarted(folder: &Path, checkpoints: bool) -> Result<(Server, String, HeldModel)> {
    let model = HeldModel::holding([FIRST_QUERY]).await?;
    let server = cinema(model.builder().checkpoints(checkpoints).data_dir(folder)).await?;
    let mut reader = Reader::ask(&server).await?;
    let run = run_of(&reader.events(4).await?)?;
    model.asked(2).await?;
    server.emulator.shutdown().await;
    assert!(reader.rest().await.is_err(), "the connection ends with the emulator");
    let model = HeldModel::holding([]).await?;
    let server = Server::with(model.builder().checkpoints(checkpoints).data_dir(folder)).await?;
    Ok((server, run, model))
}

#[tokio::test]
async fn run_without_a_checkpoint_fails_after_a_restart() -> Result {
    let folder = tempfile::tempdir()?;
    let (server, run, _model) = restarted(folder.path(), false).await?;
    let stands = status(&server, &run).await?;
    assert_eq!((&stands["status"], &stands["canResume"]), (&json!("failed"), &json!(false)));
    let message = text(&stands["errorMessage"])?;
    assert!(message.contains("the emulator stopped"), "{message}");
    let over = expect(422, resume(&server, &run).await?)?.json()?;
    assert_eq!((&over["status"], &over["errorMessage"]), (&json!("failed"), &json!(message)));
    Ok(())
}

#[tokio::test]
async fn run_with_a_checkpoint_waits_to_be_resumed_after_a_restart() -> Result {
    let folder = tempfile::tempdir()?;
    let (server, run, _model) = restarted(folder.path(), true).await?;
    let stands = status(&server, &run).await?;
    assert_eq!((&stands["status"], &stands["canResume"]), (&json!("running"), &json!(true)));
    assert_eq!(stands["lastNodeId"], "plan");
    let day = Duration::from_secs(24 * 3600);
    server.emulator.snapshot("before")?;
    server.emulator.advance_clock(day);
    assert_eq!(status(&server, &run).await?["status"], "expired");
    server.emulator.restore("before")?;
    let events = Reader::resume(&server, &run).await?.rest().await?;
    assert_eq!(names(&events)[..2], ["run-started", "plan"]);
    Ok(())
}

/// A run continued if the new state contained it at the same point. It then completed with rows of the earlier
/// state, which its driver had already read.
#[tokio::test]
async fn run_does_not_carry_rows_into_a_restored_state() -> Result {
    let model = HeldModel::holding([("query", 1)]).await?;
    let server = cinema(model.builder()).await?;
    let mut reader = Reader::ask(&server).await?;
    let run = run_of(&reader.events(4).await?)?;
    server.emulator.snapshot("asked")?;
    expect(
        200,
        server
            .send_json(
                "POST",
                "/ingest/cinema/films",
                json!({ "data": [{ "title": "Alien", "year": "later" }] }),
            )
            .await?,
    )?;
    // The first step has read the films, and the second waits for the model.
    model.asked(3).await?;
    server.emulator.restore("asked")?;
    let restored = server.emulator.export()?;
    model.release(("query", 1));
    let events = reader.rest().await?;
    assert_eq!(names(&events), WHOLE[..7], "the stream ends without a last event");
    assert_eq!(server.emulator.export()?, restored);
    assert!(!String::from_utf8(restored)?.contains("later"));
    let stands = status(&server, &run).await?;
    assert_eq!((&stands["status"], &stands["canResume"]), (&json!("failed"), &json!(false)));
    assert!(text(&stands["errorMessage"])?.contains("its state was replaced"), "{stands}");
    Ok(())
}

/// The ids of a state are reused after a reset. The work on an earlier run completed a later run with the same
/// id, and its tokens were counted in the later state.
#[tokio::test]
async fn work_of_an_earlier_state_does_not_change_a_later_one() -> Result {
    let model = HeldModel::holding([PLAN, ("plan", 1)]).await?;
    let server = cinema(model.builder()).await?;
    let mut earlier = Reader::ask(&server).await?;
    let run = run_of(&earlier.events(2).await?)?;
    model.asked(1).await?;
    server.emulator.reset()?;
    server.fill_cinema().await?;
    let mut later = Reader::ask(&server).await?;
    assert_eq!(run_of(&later.events(2).await?)?, run, "the ids repeat");
    model.asked(2).await?;
    let before = server.emulator.export()?;
    model.release(PLAN);
    assert_eq!(names(&earlier.rest().await?), WHOLE[..2], "the stream ends without a last event");
    assert_eq!(server.emulator.export()?, before, "tokens are counted in their own state only");
    model.release(("plan", 1));
    assert_eq!(names(&later.rest().await?), WHOLE);
    assert_eq!(status(&server, &run).await?["status"], "completed");
    Ok(())
}

/// A request that waits for the model while the state is replaced.
#[tokio::test]
async fn request_of_an_earlier_state_fails_with_the_reason() -> Result {
    let model = HeldModel::holding([FIRST_QUERY]).await?;
    let server = cinema(model.builder()).await?;
    let body =
        json!({ "username": "self", "namespace": "cinema", "naturalLanguageQuery": "Who directed Alien?" });
    let request = server.send_json("POST", "/query", body);
    let replace = async {
        model.asked(1).await?;
        server.emulator.reset()?;
        model.release(FIRST_QUERY);
        Result::Ok(server.emulator.export()?)
    };
    let (answer, fresh) = tokio::join!(request, replace);
    let (code, message) = expect(409, answer?)?.problem()?;
    assert_eq!(code, "CONFLICT");
    assert!(message.contains("was replaced by a reset"), "{message}");
    assert_eq!(server.emulator.export()?, fresh?);
    Ok(())
}

#[tokio::test]
async fn run_waits_at_the_checkpoint_of_a_restored_state() -> Result {
    let second_query = ("query", 1);
    let model = HeldModel::holding([FIRST_QUERY, second_query]).await?;
    let server = cinema(model.builder().checkpoints(true)).await?;
    let mut reader = Reader::ask(&server).await?;
    let run = run_of(&reader.events(4).await?)?;
    model.asked(2).await?;
    server.emulator.snapshot("plan")?;
    model.release(FIRST_QUERY);
    model.asked(3).await?;
    assert_eq!(status(&server, &run).await?["lastNodeId"], "step-0");
    server.emulator.restore("plan")?;
    let stands = status(&server, &run).await?;
    assert_eq!((&stands["canResume"], &stands["lastNodeId"]), (&json!(true), &json!("plan")));
    model.release(second_query);
    assert_eq!(names(&reader.rest().await?), WHOLE[..7], "the stream ends without a last event");
    let resumed = Reader::resume(&server, &run).await?.rest().await?;
    assert_eq!(names(&resumed)[1..], WHOLE[2..]);
    Ok(())
}

#[tokio::test]
async fn run_whose_progress_cannot_be_persisted_fails_alone() -> Result {
    let third_query = ("query", 2);
    let model = HeldModel::holding([FIRST_QUERY, ("query", 1), third_query]).await?;
    let folder = tempfile::tempdir()?;
    let server = cinema(model.builder().checkpoints(true).data_dir(folder.path())).await?;
    let mut first = Reader::ask(&server).await?;
    first.events(4).await?;
    model.asked(2).await?;
    let mut other = Reader::ask(&server).await?;
    let run = run_of(&other.events(4).await?)?;
    model.asked(4).await?;
    // A directory in place of the file prevents writing.
    let journal = folder.path().join("journal");
    std::fs::create_dir(&journal)?;
    model.release(FIRST_QUERY);
    let events = first.rest().await?;
    let (name, failure) = events.last().ok_or("an event")?;
    assert!(name == "error" && failure["message"].to_string().contains("nothing was changed"), "{failure}");
    std::fs::remove_dir(&journal)?;
    assert_eq!(status(&server, &run_of(&events)?).await?["status"], "failed");
    model.release(("query", 1));
    model.release(third_query);
    assert_eq!(names(&other.rest().await?), WHOLE);
    assert_eq!(status(&server, &run).await?["status"], "completed");
    Ok(())
}

#[tokio::test]
async fn injected_fault_stops_a_run_or_lets_it_fail() -> Result {
    let server = cinema(Emulator::builder()).await?;
    let faults = server.emulator.faults();
    faults.inject(Fault::new("agentRun").end_after(4))?;
    let stopped = Reader::ask(&server).await?.rest().await?;
    assert_eq!(names(&stopped), WHOLE[..4]);
    let stands = status(&server, &run_of(&stopped)?).await?;
    assert_eq!((&stands["status"], &stands["canResume"]), (&json!("failed"), &json!(false)));
    faults.inject(Fault::new("agentRun").end_after(2))?;
    let interrupted = expect(500, server.send_json("POST", "/query/autorag", body()).await?)?;
    assert!(interrupted.problem()?.1.contains("an injected fault stopped"), "{interrupted:?}");
    faults.inject(Fault::new("agentRun").status(503).delay(Duration::from_millis(1)))?;
    let failed = Reader::ask(&server).await?.rest().await?;
    assert_eq!(names(&failed), ["error"]);
    Ok(())
}
