//! Spans and events of calls: their levels, and fields by the OpenTelemetry conventions for HTTP.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{
    DataLinks, RetryPolicy,
    ask::ResumePolicy,
    ingest::Concurrency,
    pipeline::ReconnectPolicy,
    testing::{RecordedRequest, Reply, Script},
};
use datalinks_emulator::{Emulator, Fault};
use serde_json::{Value, json};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
};

type Fields = BTreeMap<&'static str, String>;

/// A span that was closed, or an event.
#[derive(Clone, Debug)]
struct Seen {
    level: Level,
    /// The name of a span, or the message of an event.
    name: String,
    fields: Fields,
}

impl Seen {
    /// Checks that there are exactly these fields.
    #[track_caller]
    fn assert(&self, level: Level, fields: &[(&'static str, &str)]) {
        let expected: Fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        assert_eq!((self.level, &self.fields), (level, &expected));
    }
}

/// Keeps what this crate's spans and events say.
#[derive(Clone, Default)]
struct Keep {
    spans: Arc<Mutex<Vec<Seen>>>,
    events: Arc<Mutex<Vec<Seen>>>,
}

struct Values<'a>(&'a mut Fields);

impl Visit for Values<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Values(&mut fields));
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        record.record(&mut Values(span.extensions_mut().get_mut().unwrap()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if !span.metadata().target().starts_with("datalinks") {
            return;
        }
        let fields = span.extensions().get::<Fields>().unwrap().clone();
        let seen = Seen { level: *span.metadata().level(), name: span.name().to_owned(), fields };
        self.spans.lock().unwrap().push(seen);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if !event.metadata().target().starts_with("datalinks") {
            return;
        }
        let mut fields = Fields::new();
        event.record(&mut Values(&mut fields));
        let name = fields.remove("message").unwrap_or_default();
        self.events.lock().unwrap().push(Seen { level: *event.metadata().level(), name, fields });
    }
}

/// Keeps everything that this thread does from now on.
fn keep() -> (Keep, DefaultGuard) {
    let keep = Keep::default();
    let guard = datalinks_tests::log::of_this_thread(Registry::default().with(keep.clone()));
    (keep, guard)
}

const USER: &[(&str, &str)] = &[
    ("otel.name", "getCurrentUser"),
    ("http.request.method", "GET"),
    ("url.template", "/user/me"),
    ("server.address", "datalinks.test"),
    ("server.port", "443"),
];

fn with<'a>(more: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    [USER, more].concat()
}

#[tokio::test]
async fn call_and_attempts_have_spans_by_the_http_conventions() {
    let (kept, _guard) = keep();
    let script =
        Script::new().reply(Reply::status(503)).reply(Reply::json(json!({ "id": "1", "username": "ana" })));
    let hooked = Arc::<Mutex<Vec<&'static str>>>::default();
    let seen = Arc::clone(&hooked);
    let dl = script.builder().on_request(move |_| {
        seen.lock().unwrap().push(tracing::Span::current().metadata().unwrap().name());
    });
    dl.build().unwrap().current_user().await.unwrap();
    script.finish();

    let spans = kept.spans.lock().unwrap().clone();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["datalinks_request", "datalinks_request", "datalinks_call"]);
    spans[0].assert(
        Level::DEBUG,
        &with(&[
            ("otel.kind", "client"),
            ("otel.status_code", "ERROR"),
            ("http.response.status_code", "503"),
            ("error.type", "503"),
        ]),
    );
    spans[1].assert(
        Level::DEBUG,
        &with(&[
            ("otel.kind", "client"),
            ("http.request.resend_count", "1"),
            ("http.response.status_code", "200"),
        ]),
    );
    spans[2].assert(
        Level::INFO,
        &with(&[
            ("otel.kind", "internal"),
            ("http.request.resend_count", "1"),
            ("http.response.status_code", "200"),
        ]),
    );
    // A hook that injects the current context finds the span of the attempt.
    assert_eq!(*hooked.lock().unwrap(), ["datalinks_request"; 2]);
}

#[tokio::test]
async fn retries_are_events_at_info_and_attempts_at_debug() {
    let (kept, _guard) = keep();
    let script =
        Script::new().reply(Reply::status(503)).reply(Reply::json(json!({ "id": "1", "username": "ana" })));
    script.client().current_user().await.unwrap();
    script.finish();
    let mut events = kept.events.lock().unwrap().clone();
    for event in &mut events {
        event.fields.remove("duration_ms");
    }
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["retrying request", "request finished", "request finished"]);
    events[0].assert(
        Level::INFO,
        &[
            ("operation", "getCurrentUser"),
            ("http.request.resend_count", "1"),
            ("http.response.status_code", "503"),
            ("error.type", "503"),
            ("delay_ms", "0"),
        ],
    );
    events[2].assert(
        Level::DEBUG,
        &[
            ("operation", "getCurrentUser"),
            ("http.request.resend_count", "1"),
            ("http.response.status_code", "200"),
        ],
    );
}

#[tokio::test]
async fn failure_without_a_response_is_recorded_by_its_kind() {
    let (kept, _guard) = keep();
    let script = Script::new().reply(Reply::lost_response()).reply(Reply::body("text/html", "<html>"));
    let dl = script.client();
    dl.create_token("ci").await.unwrap_err();
    dl.tokens().await.unwrap_err();
    script.finish();
    let spans = kept.spans.lock().unwrap().clone();
    let value = |index: usize, field: &str| spans[index].fields.get(field).map(String::as_str);
    for index in [0, 1] {
        assert_eq!(value(index, "error.type"), Some("interrupted"));
        assert_eq!(value(index, "otel.status_code"), Some("ERROR"));
        assert_eq!(value(index, "http.response.status_code"), None);
        assert_eq!(value(index, "url.template"), Some("/user/token"));
    }
    // The response is a success for HTTP; what is wrong with it is found out above.
    assert_eq!((value(2, "http.response.status_code"), value(2, "error.type")), (Some("200"), None));
    let text = format!("{spans:?} {:?}", kept.events.lock().unwrap());
    assert!(!text.contains(Script::KEY), "{text}");
}

/// The chapter of the guide.
const GUIDE: &str = include_str!("../../datalinks/src/guide/observability.md");

/// Returns the rows of the table with this header, as cells without the quotes of code.
fn table(header: &str) -> Vec<Vec<String>> {
    let lines = GUIDE.lines().skip_while(|line| !line.starts_with(header));
    assert!(lines.clone().next().is_some(), "no table begins with {header}");
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect())
        .collect()
}

/// Calls without a socket: a retry, failures, an adaptive ingestion, a run that is polled, and a run that is followed again.
async fn scripted_calls() {
    let script = Script::new()
        .reply(Reply::status(503))
        .reply(Reply::json(json!({ "id": "1", "username": "ana" })))
        .reply(Reply::lost_response());
    let dl = script.client();
    dl.current_user().await.unwrap();
    dl.create_token("ci").await.unwrap_err();
    script.finish();

    let script = Script::new().respond_with(|request: &RecordedRequest| {
        let body: Value = request.json().unwrap();
        Reply::json(json!({ "indexed": body["data"].as_array().unwrap().len() }))
    });
    let films = script.client().dataset("cinema", "films").unwrap();
    let rows = (0..200).map(|n| json!({ "n": n }));
    films.ingest(rows).batch_size(10).concurrency(Concurrency::auto()).await.unwrap().check().unwrap();
    script.finish();

    let id = "00000000-0000-4000-8000-000000000001";
    let status = |status: &str| {
        let time = "2026-01-01T00:00:00Z";
        let run = json!({
            "runId": id, "status": status, "agentKind": "auto_rag", "question": "q", "canResume": false, "createdAt": time, "updatedAt": time,
        });
        Reply::json(run)
    };
    let script = Script::new().reply(status("running")).reply(status("completed"));
    script.client().run(id).unwrap().wait().await.unwrap();
    script.finish();

    let script = Script::new()
        .reply(Reply::json_lines(["{\"n\":1}\n"]).then_interrupted())
        .reply(Reply::json_lines(["{\"type\":\"complete\"}\n"]));
    let now = ReconnectPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    let mut run = script.ingest_proxy().follow("run", 0).unwrap().reconnect(now);
    while let Some(event) = run.next().await {
        event.unwrap();
    }
    script.finish();
}

/// An upload, and an answer that is interrupted and resumed.
async fn calls_of_an_emulator() {
    let emulator = Emulator::builder().checkpoints(true).start().await.unwrap();
    let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).retry(policy).build().unwrap();
    let films = dl.dataset("cinema", "films").unwrap();
    films.create().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("films.csv");
    std::fs::write(&file, "title,year\nAlien,1979\n").unwrap();
    emulator.faults().inject(Fault::new("putPart").status(503).retry_after("0")).unwrap();
    films.upload(&file).await.unwrap();

    emulator.faults().inject(Fault::new("agentRun").end_after(3)).unwrap();
    emulator.faults().inject(Fault::new("autoragStream").cut_after(3)).unwrap();
    let resume = ResumePolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    let mut stream =
        films.namespace().ask("Which film is the oldest?").resume(resume).stream().await.unwrap();
    while let Some(event) = stream.next().await {
        event.unwrap();
    }
}

/// Both directions: a field that is emitted and not listed fails, and so does one that is listed and never emitted.
#[test]
fn guide_lists_exactly_the_spans_events_and_fields_of_a_flow() {
    let (kept, _guard) = keep();
    let runtime = |paused| {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(paused).build().unwrap()
    };
    runtime(true).block_on(scripted_calls());
    runtime(false).block_on(calls_of_an_emulator());

    let mut emitted = BTreeMap::<String, BTreeSet<String>>::new();
    for span in &*kept.spans.lock().unwrap() {
        let fields = span.fields.keys().map(|field| (*field).to_owned());
        emitted.entry(span.name.clone()).or_default().extend(fields);
    }
    let spans = ["datalinks_call", "datalinks_request"];
    let mut listed: BTreeMap<String, BTreeSet<String>> =
        spans.iter().map(|name| ((*name).to_owned(), BTreeSet::new())).collect();
    for row in table("| Field | `datalinks_call` | `datalinks_request` |") {
        for (name, cell) in spans.iter().zip(&row[1..]) {
            match cell.as_str() {
                "yes" => drop(listed.get_mut(*name).unwrap().insert(row[0].clone())),
                other => assert_eq!(other, "no"),
            }
        }
    }
    assert_eq!(emitted, listed);

    let mut emitted = BTreeMap::<(String, String), BTreeSet<String>>::new();
    for event in kept.events.lock().unwrap().iter().filter(|event| event.level >= Level::INFO) {
        let fields = event.fields.keys().map(|field| (*field).to_owned());
        let level = event.level.to_string().to_lowercase();
        emitted.entry((event.name.clone(), level)).or_default().extend(fields);
    }
    let listed: BTreeMap<(String, String), BTreeSet<String>> = table("| Event | Level | Fields |")
        .into_iter()
        .map(|row| {
            let fields = row[2].split(", ").map(str::to_owned).collect();
            ((row[0].clone(), row[1].clone()), fields)
        })
        .collect();
    assert_eq!(emitted, listed);
}
