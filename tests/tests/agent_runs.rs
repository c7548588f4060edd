//! Interrupted runs of the agent against an emulator, resumed by the client.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::time::Duration;

use datalinks::{
    AskEvent, DataLinks, ErrorKind, RetryPolicy,
    ask::{ResumePolicy, RunState},
};
use datalinks_emulator::{Emulator, EmulatorBuilder, Fault};
use serde_json::json;

/// A question with a plan of two steps and eleven events.
const QUESTION: &str = "Who directed Alien?";

fn client(emulator: &Emulator) -> DataLinks {
    let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    DataLinks::builder(emulator.api_url(), emulator.api_key()).retry(policy).build().unwrap()
}

fn resume() -> ResumePolicy {
    ResumePolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

async fn cinema() -> (Emulator, DataLinks) {
    cinema_of(Emulator::builder().checkpoints(true)).await
}

async fn cinema_of(builder: EmulatorBuilder) -> (Emulator, DataLinks) {
    let emulator = builder.start().await.unwrap();
    let dl = client(&emulator);
    let (films, people) = (dl.dataset("cinema", "films").unwrap(), dl.dataset("cinema", "people").unwrap());
    films.create().await.unwrap();
    people.create().await.unwrap();
    assert!(
        films.ingest([json!({ "title": "Alien", "director": "Ridley Scott" })]).await.unwrap().is_complete()
    );
    assert!(people.ingest([json!({ "name": "Ridley Scott", "born": 1937 })]).await.unwrap().is_complete());
    dl.add_link(films.column("director"), people.column("name")).await.unwrap();
    (emulator, dl)
}

/// Stops the next run after a number of events.
fn stop_after(emulator: &Emulator, events: usize) {
    emulator.faults().inject(Fault::new("agentRun").end_after(events)).unwrap();
}

/// Returns the events of an answer by name and step, without those about interruptions.
async fn events(dl: &DataLinks) -> Vec<String> {
    let mut stream = dl.namespace("cinema").unwrap().ask(QUESTION).resume(resume()).stream().await.unwrap();
    let mut seen = Vec::new();
    while let Some(event) = stream.next().await {
        match event.unwrap() {
            AskEvent::Restarted => {}
            AskEvent::Step(step) => seen.push(format!("step {}: {}", step.index, step.query)),
            event => seen.push(event.name().to_owned()),
        }
    }
    seen
}

#[tokio::test]
async fn interrupted_answer_contains_each_step_once() {
    let (emulator, dl) = cinema().await;
    let whole = events(&dl).await;
    assert_eq!(whole.len(), 11, "{whole:?}");
    // Before the plan, there is no checkpoint to resume from. After the answer, the run is complete.
    for broken_after in 3..=10 {
        stop_after(&emulator, broken_after);
        emulator.faults().inject(Fault::new("autoragStream").cut_after(broken_after)).unwrap();
        assert_eq!(events(&dl).await, whole, "broken after {broken_after}");
    }
    // Interrupted repeatedly, each time after a further step.
    for events in [3, 5, 5] {
        stop_after(&emulator, events);
    }
    emulator.faults().inject(Fault::new("autoragStream").cut_after(3)).unwrap();
    emulator.faults().inject(Fault::new("resumeAgentRun").cut_after(5).times(2)).unwrap();
    assert_eq!(events(&dl).await, whole);
    assert_eq!(emulator.faults().pending(), 0);
}

#[tokio::test]
async fn interrupted_answer_without_checkpoints_contains_each_step_once() {
    let (emulator, dl) = cinema_of(Emulator::builder()).await;
    let outcome = |events: Vec<String>| -> Vec<String> {
        events.into_iter().filter(|event| event.starts_with("step ") || event == "answer").collect()
    };
    let whole = outcome(events(&dl).await);
    assert_eq!(whole.len(), 3, "{whole:?}");
    for broken_after in 1..=10 {
        emulator.faults().inject(Fault::new("autoragStream").cut_after(broken_after)).unwrap();
        assert_eq!(outcome(events(&dl).await), whole, "broken after {broken_after}");
    }
    assert_eq!(emulator.faults().pending(), 0);
}

#[tokio::test]
async fn answer_interrupted_inside_an_event_contains_each_step_once() {
    let (emulator, dl) = cinema().await;
    let whole = events(&dl).await;
    let body = json!({ "username": "self", "namespace": "cinema", "query": QUESTION });
    let ask = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask =
        ask.post(format!("{}/query/ask", emulator.api_url())).bearer_auth(emulator.api_key()).json(&body);
    let text = ask.send().await.unwrap().text().await.unwrap();
    let (plan, answer) = (text.find("event: plan\n").unwrap(), text.find("event: answer\n").unwrap());
    for bytes in (plan + 1..=answer).step_by(23) {
        // The data ends inside an event.
        let sent = &text[..bytes];
        stop_after(&emulator, sent.matches("\n\n").count() + usize::from(!sent.ends_with("\n\n")));
        emulator.faults().inject(Fault::new("autoragStream").cut_bytes(bytes)).unwrap();
        assert_eq!(events(&dl).await, whole, "broken after {bytes} bytes");
    }
}

#[tokio::test]
async fn run_can_be_read_resumed_rated_and_deleted() {
    let (emulator, dl) = cinema().await;
    let namespace = dl.namespace("cinema").unwrap();
    stop_after(&emulator, 6);
    let mut stream = namespace.ask(QUESTION).stream().await.unwrap();
    while let Some(Ok(_)) = stream.next().await {}
    let run = dl.run(stream.run_id().unwrap()).unwrap();
    let status = run.status().await.unwrap();
    assert_eq!((status.status, status.can_resume), (RunState::Running, true));
    assert_eq!(run.rate(true).await.unwrap_err().kind(), ErrorKind::Rejected);

    let answer = run.resume().await.unwrap().collect().await.unwrap();
    assert_eq!(answer.steps.len(), 2, "the last completed step, and the remaining one");
    let status = run.status().await.unwrap();
    assert_eq!(status.result["response"], answer.response.as_str());
    run.rate(true).comment("clear").await.unwrap();

    // The run is complete, so the stream consists of one event with the result.
    let mut over = run.resume().await.unwrap();
    let Some(Ok(AskEvent::Terminal(body))) = over.next().await else { panic!("not over") };
    assert_eq!((&body["question"], &body["status"]), (&json!(QUESTION), &json!("completed")));
    assert_eq!(body["result"]["response"], answer.response.as_str());

    let conversation = stream.conversation_id().unwrap();
    let more = namespace.ask("And who was born in 1937?").conversation(conversation).autorag().await.unwrap();
    assert!(!more.response.is_empty());
    let list = namespace.conversations().await.unwrap();
    assert_eq!((list.items.len(), list.items[0].title.as_str()), (1, QUESTION));
    let turns = dl.conversation(conversation).await.unwrap().turns;
    assert_eq!(turns.iter().map(|turn| turn.run_id).next(), Some(run.id()));
    assert_eq!(turns.len(), 2);

    run.delete().await.unwrap();
    assert_eq!(run.status().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(dl.conversation(conversation).await.unwrap().turns.len(), 1);
}

#[tokio::test]
async fn usage_of_a_client_is_summed() {
    let (_emulator, dl) = cinema().await;
    dl.namespace("cinema").unwrap().ask(QUESTION).autorag().await.unwrap();
    let cleaned = dl.dataset("clean", "films").unwrap();
    let task = dl.dataset("cinema", "films").unwrap().clean(["trim"], &cleaned).await.unwrap();
    assert_eq!(cleaned.info().await.unwrap().metadata.row_count, 1);
    assert!(dl.cleaning_code(task).await.unwrap().items[0].content.contains("def clean"));

    let mut items = dl.usage().page_size(2).stream();
    let (mut uses, mut tokens, mut dollars) = (0, 0, 0.0);
    while let Some(item) = items.next().await {
        let item = item.unwrap();
        (uses, tokens, dollars) = (uses + 1, tokens + item.tokens_used, dollars + item.cost_usd);
    }
    // A plan, two queries, an answer, and the cleaning.
    assert_eq!(uses, 5);
    let days = dl.usage_by_day().time_zone("Asia/Kathmandu").await.unwrap();
    assert_eq!(days.time_zone, "Asia/Kathmandu");
    let sums = days.days.iter().map(|day| (day.tokens_used, day.cost_usd));
    let (own_tokens, own_dollars) = sums.fold((0, 0.0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
    assert_eq!((own_tokens, own_dollars.to_bits()), (tokens, f64::to_bits(dollars)));
}
