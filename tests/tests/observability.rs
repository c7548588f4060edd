//! Spans and events of calls: their levels, and fields by the OpenTelemetry conventions for HTTP.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use datalinks::testing::{Reply, Script};
use serde_json::json;
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
