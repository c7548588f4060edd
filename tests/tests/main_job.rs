//! The main job against the emulator: create, ingest, link, query, ask, run a pipeline.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{
    AskEvent, DataLinks, ErrorKind, InferenceStep, IngestProxy, PipelineEvent, RetryPolicy, SchemaDefinition,
    datasets::{AddLinkOutcome, CreateOutcome},
    field,
    pipeline::{PipelineSource, ReconnectPolicy},
};
use datalinks_emulator::{Emulator, Fault};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
struct Film {
    /// Title as released.
    title: String,
    year: u16,
    director: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Person {
    name: String,
    born: u16,
}

fn film(title: &str, year: u16, director: &str) -> Film {
    Film { title: title.into(), year, director: director.into() }
}

fn films() -> Vec<Film> {
    vec![
        film("Alien", 1979, "Ridley Scott"),
        film("1917", 2019, "Sam Mendes"),
        film("The Martian", 2015, "Ridley Scott"),
        film("Amélie \"Poulain\"", 2001, "Jean-Pierre Jeunet"),
        film("Skyfall", 2012, "Sam Mendes"),
    ]
}

fn clients(emulator: &Emulator) -> (DataLinks, IngestProxy) {
    let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    let client =
        DataLinks::builder(emulator.api_url(), emulator.api_key()).retry(policy.clone()).build().unwrap();
    let proxy = IngestProxy::builder(emulator.proxy_url(), emulator.api_key())
        .username(emulator.username())
        .retry(policy)
        .build()
        .unwrap();
    (client, proxy)
}

async fn cinema(emulator: &Emulator) -> DataLinks {
    let (client, _) = clients(emulator);
    let (films_set, people) =
        (client.dataset("cinema", "films").unwrap(), client.dataset("cinema", "people").unwrap());
    films_set.create().await.unwrap();
    people.create().await.unwrap();
    assert!(films_set.ingest(films()).await.unwrap().is_complete());
    let persons =
        [("Ridley Scott", 1937), ("Sam Mendes", 1965), ("Jean-Pierre Jeunet", 1953), ("Agnès Varda", 1928)]
            .map(|(name, born)| Person { name: name.into(), born });
    assert!(people.ingest(persons).await.unwrap().is_complete());
    client.add_link(films_set.column("director"), people.column("name")).await.unwrap();
    client
}

#[tokio::test]
async fn create_reports_an_existing_dataset() {
    let emulator = Emulator::start().await.unwrap();
    let (client, _) = clients(&emulator);
    let dataset = client.dataset("cinema", "films").unwrap();
    let create = || dataset.create().description("Films").schema(SchemaDefinition::of::<Film>());
    assert_eq!(create().await.unwrap(), CreateOutcome::Created);
    assert_eq!(create().await.unwrap(), CreateOutcome::AlreadyExists);
    let info = dataset.info().await.unwrap();
    let schema = info.metadata.schema_definition.unwrap();
    assert_eq!(schema.get("title"), Some("Title as released."));
    assert_eq!(schema.get("year"), Some("year (integer)"));
    assert_eq!(info.metadata.data_description.unwrap().as_str(), "Films");
}

#[tokio::test]
async fn rows_are_read_back_unchanged_after_a_failure() {
    let emulator = Emulator::start().await.unwrap();
    let (client, _) = clients(&emulator);
    let dataset = client.dataset("cinema", "films").unwrap();
    dataset.create().await.unwrap();
    emulator.faults().inject(Fault::new("ingestData").after(1).status(503)).unwrap();
    let reports = Arc::new(Mutex::new(Vec::new()));
    let progress = Arc::clone(&reports);
    let result = dataset
        .ingest(films())
        .batch_size(2)
        .on_progress(move |now| progress.lock().unwrap().push((now.counts.stored, now.total)))
        .await
        .unwrap();
    assert!(result.is_complete(), "{result}");
    assert_eq!(result.counts.indexed, Some(5));
    assert_eq!(*reports.lock().unwrap(), [(2, Some(5)), (4, Some(5)), (5, Some(5))]);
    assert_eq!(dataset.query().fetch::<Film>().await.unwrap(), films());
    let ingests =
        emulator.requests().into_iter().filter(|request| request.operation == Some("ingestData")).count();
    assert_eq!(ingests, 4, "three batches and one retry");
}

#[tokio::test]
async fn numbers_keep_their_digits_and_names_their_spaces() {
    let emulator = Emulator::start().await.unwrap();
    let (client, _) = clients(&emulator);
    let dataset = client.dataset("cinema", "odd").unwrap();
    dataset.create().await.unwrap();
    let text = r#"{"US Gross":9007199254740993,"rating":6.100000000000000000001,"title":1776,"none":null}"#;
    let row = serde_json::value::RawValue::from_string(text.to_owned()).unwrap();
    assert!(dataset.ingest([row]).await.unwrap().is_complete());

    #[derive(Deserialize)]
    struct Odd<'a> {
        #[serde(rename = "US Gross")]
        gross: u64,
        #[serde(borrow)]
        #[allow(dead_code)]
        none: Option<&'a str>,
    }
    let rows = dataset.query().fetch::<Value>().await.unwrap();
    let odd: Odd<'_> = Odd::deserialize(&rows[0]).unwrap();
    assert_eq!(odd.gross, 9_007_199_254_740_993);
    let raw = dataset.query().metadata_columns().fetch::<Box<serde_json::value::RawValue>>().await.unwrap();
    assert_eq!(raw[0].get(), text);
}

#[tokio::test]
async fn filters_and_links_return_typed_rows() {
    let emulator = Emulator::start().await.unwrap();
    let client = cinema(&emulator).await;
    let films_set = client.dataset("cinema", "films").unwrap();

    let recent: Vec<Film> = films_set
        .query()
        .filter(field("year").ge(2012).and(field("director").eq("Sam Mendes").or(field("title").eq("Alien"))))
        .fetch()
        .await
        .unwrap();
    assert_eq!(recent, [film("1917", 2019, "Sam Mendes"), film("Skyfall", 2012, "Sam Mendes")]);

    let quoted: Vec<Film> =
        films_set.query().filter(field("title").eq("Amélie \"Poulain\"")).fetch().await.unwrap();
    assert_eq!(quoted.len(), 1);

    let answer = films_set
        .query()
        .filter(field("year").lt(2000))
        .search_around("people")
        .explain()
        .answer::<Person>()
        .await
        .unwrap();
    assert_eq!(answer.rows, [Person { name: "Ridley Scott".into(), born: 1937 }]);
    assert_eq!(answer.count, Some(1));
    assert_eq!(answer.final_dataset.as_deref(), Some("cinema/people"));
    assert!(answer.explain.unwrap().duration.get().is_some());

    let again = client
        .add_link(films_set.column("director"), client.dataset("cinema", "people").unwrap().column("name"))
        .await
        .unwrap();
    assert_eq!(again, AddLinkOutcome::AlreadyExists);
}

#[tokio::test]
async fn strict_emulator_rejects_rule_based_operations() {
    let emulator = Emulator::builder().strict_responses().start().await.unwrap();
    let client = cinema(&emulator).await;
    let films_set = client.dataset("cinema", "films").unwrap();
    let error = films_set.query().natural_language("films since 2012").fetch::<Film>().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unsupported, Some("NOT_IMPLEMENTED")), "{error}");
    assert_eq!(error.attempts(), 1);
    let step = InferenceStep::named_entities();
    let result = films_set.ingest(films()).steps([step]).await.unwrap();
    assert_eq!(result.failed.len(), 5, "{result}");
}

#[tokio::test]
async fn answer_is_streamed_event_by_event() {
    let emulator = Emulator::start().await.unwrap();
    let client = cinema(&emulator).await;
    let mut stream = client.namespace("cinema").unwrap().ask("Who directed Alien?").stream().await.unwrap();
    let mut names = Vec::new();
    while let Some(event) = stream.next().await {
        let event = event.unwrap();
        names.push(event.name().to_owned());
        if let AskEvent::Step(step) = &event {
            assert!(!step.data.is_empty() && step.query.contains("Ontology"));
        }
    }
    assert_eq!(names.first().map(String::as_str), Some("run-started"));
    assert_eq!(names.last().map(String::as_str), Some("answer"));
    assert!(stream.run_id().is_some() && stream.conversation_id().is_some());
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn stream_without_a_last_event_is_an_error() {
    let emulator = Emulator::start().await.unwrap();
    let client = cinema(&emulator).await;
    let namespace = client.namespace("cinema").unwrap();
    let ask = || namespace.ask("Who directed Alien?");

    emulator.faults().inject(Fault::new("autoragStream").end_after(3)).unwrap();
    assert_eq!(ask().await.unwrap_err().kind(), ErrorKind::PrematureEnd);

    emulator.faults().inject(Fault::new("autoragStream").cut_after(3)).unwrap();
    let mut stream = ask().stream().await.unwrap();
    for _ in 0..3 {
        assert!(stream.next().await.unwrap().is_ok());
    }
    assert_eq!(stream.next().await.unwrap().unwrap_err().kind(), ErrorKind::Interrupted);
    assert!(stream.next().await.is_none());

    // Each question is sent once, because its answer may have been charged.
    let asked =
        emulator.requests().into_iter().filter(|request| request.operation == Some("autoragStream")).count();
    assert_eq!(asked, 2);

    let mut closed = ask().stream().await.unwrap();
    closed.close();
    assert!(closed.next().await.is_none());
}

/// Returns the events of the emulator without the values that differ between runs.
async fn events(proxy: &IngestProxy, reconnect: ReconnectPolicy) -> Vec<String> {
    let rows = PipelineSource::rows(films()).unwrap();
    let mut run = proxy.run_pipeline("cinema", rows).reconnect(reconnect).stream().await.unwrap();
    let mut kinds = Vec::new();
    while let Some(event) = run.next().await {
        let event = event.unwrap();
        kinds.push(event.kind().unwrap().to_owned());
        assert_eq!(run.cursor(), kinds.len() as u64);
    }
    kinds
}

fn at_once() -> ReconnectPolicy {
    ReconnectPolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

#[tokio::test]
async fn truncated_pipeline_yields_every_event_once() {
    let emulator = Emulator::start().await.unwrap();
    let (_, proxy) = clients(&emulator);
    let whole = events(&proxy, at_once()).await;
    assert_eq!(whole.last().map(String::as_str), Some("complete"));
    assert!(whole.len() >= 8);
    for cut in 0..whole.len() {
        emulator.faults().inject(Fault::new("streamPipeline").cut_after(cut)).unwrap();
        emulator.faults().inject(Fault::new("streamPipeline").end_after(1)).unwrap();
        emulator.faults().inject(Fault::new("streamPipeline").status(503).retry_after("0")).unwrap();
        assert_eq!(events(&proxy, at_once()).await, whole, "cut after {cut}");
        emulator.faults().clear();
    }
}

#[tokio::test]
async fn run_is_followed_from_a_saved_cursor() {
    let emulator = Emulator::start().await.unwrap();
    let (_, proxy) = clients(&emulator);
    let mut run =
        proxy.run_pipeline("cinema", PipelineSource::rows(films()).unwrap()).stream().await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(run.next().await.unwrap().unwrap());
    }
    let (id, cursor) = (run.id().to_owned(), run.cursor());
    drop(run);
    let (_, elsewhere) = clients(&emulator);
    let mut run = elsewhere.follow(&id, cursor).unwrap();
    while let Some(event) = run.next().await {
        seen.push(event.unwrap());
    }
    let mut all = elsewhere.follow(&id, 0).unwrap();
    let mut expected = Vec::new();
    while let Some(event) = all.next().await {
        expected.push(event.unwrap());
    }
    assert_eq!(seen, expected);
    assert!(matches!(seen.last(), Some(PipelineEvent::Complete(_))));
    assert!(!all.trace().await.unwrap().is_empty());
}

#[tokio::test]
async fn reconnects_without_progress_end_with_the_cursor() {
    let emulator = Emulator::start().await.unwrap();
    let (_, proxy) = clients(&emulator);
    let rows = PipelineSource::rows(films()).unwrap();
    let mut run = proxy.run_pipeline("cinema", rows).reconnect(at_once()).stream().await.unwrap();
    emulator.faults().inject(Fault::new("streamPipeline").cut_after(2)).unwrap();
    emulator.faults().inject(Fault::new("streamPipeline").status(503).always()).unwrap();
    assert!(run.next().await.unwrap().is_ok() && run.next().await.unwrap().is_ok());
    let before = emulator.requests().len();
    let error = run.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("follow it later from event 2"), "{error}");
    assert!(run.next().await.is_none());
    assert_eq!(emulator.requests().len() - before, 5, "the documented five reconnects");
}

#[tokio::test]
async fn repeated_rejections_end_a_run_after_the_retries() {
    let emulator = Emulator::start().await.unwrap();
    let (_, proxy) = clients(&emulator);
    let mut unknown = proxy.follow("no-such-run", 0).unwrap();
    assert_eq!(unknown.next().await.unwrap().unwrap_err().kind(), ErrorKind::NotFound);
    assert!(unknown.next().await.is_none());
    assert_eq!(emulator.requests().len(), 1);

    let wrong = IngestProxy::builder(emulator.proxy_url(), "wrong").build().unwrap();
    let mut run = wrong.follow("no-such-run", 0).unwrap();
    assert_eq!(run.next().await.unwrap().unwrap_err().kind(), ErrorKind::Unauthorized);

    let mut dead = proxy.follow("any", 0).unwrap().reconnect(at_once().max_reconnects_without_progress(3));
    emulator.faults().inject(Fault::new("streamPipeline").status(503).always()).unwrap();
    let before = emulator.requests().len();
    let error = dead.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("from event 0"), "{error}");
    assert_eq!(emulator.requests().len() - before, 4, "one connection and three reconnects");
}

#[tokio::test]
async fn question_of_a_run_is_answered_through_its_hook() {
    let emulator = Emulator::start().await.unwrap();
    let (_, proxy) = clients(&emulator);
    let rows = PipelineSource::rows(films()).unwrap();
    let mut run = proxy.run_pipeline("cinema", rows).human_in_the_loop().stream().await.unwrap();
    let mut answered = false;
    while let Some(event) = run.next().await {
        if event.unwrap().kind() == Some("emulator.question") {
            let payload = json!({ "approve": true }).as_object().cloned().unwrap();
            run.resume_hook(payload).await.unwrap();
            answered = true;
        }
    }
    assert!(answered);
}

#[tokio::test]
async fn predefined_schema_is_an_object_or_an_array() {
    for schema in [
        json!([{ "name": "movies", "fields": { "title": "its name" } }]),
        json!({ "movies": { "title": "its name" } }),
    ] {
        let emulator = Emulator::start().await.unwrap();
        let (client, proxy) = clients(&emulator);
        let rows = PipelineSource::rows(films()).unwrap();
        let run = proxy.run_pipeline("cinema", rows).phases(false, true, false).predefined_schema(&schema);
        let end = run.stream().await.unwrap().finish().await.unwrap();
        assert_eq!(end["datasets"][0]["dataset"], "movies", "{schema}");
        let info = client.dataset("cinema", "movies").unwrap().info().await.unwrap();
        assert!(format!("{info:?}").contains("its name"), "{info:?}");
    }
}
