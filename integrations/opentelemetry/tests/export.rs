//! What a collector on the loopback interface receives from calls to an emulator.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use datalinks::{DataLinks, RetryPolicy};
use datalinks_emulator::{Emulator, Fault};
use datalinks_opentelemetry::{Telemetry, trace_headers};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt as _;

/// The bodies of requests to a collector, by path.
type Received = Arc<Mutex<Vec<(String, Value)>>>;

/// Starts a collector that accepts everything. Its threads end with the process.
fn collector() -> (String, Received) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let received = Received::default();
    let all = Arc::clone(&received);
    thread::spawn(move || {
        for connection in listener.incoming() {
            let (connection, received) = (connection.unwrap(), Arc::clone(&all));
            thread::spawn(move || serve(connection, &received));
        }
    });
    (endpoint, received)
}

fn serve(mut connection: TcpStream, received: &Received) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    loop {
        let (mut path, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if let Some(rest) = line.strip_prefix("post ") {
                path = rest.split(' ').next().unwrap().to_owned();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        received.lock().unwrap().push((path, serde_json::from_slice(&body).unwrap()));
        connection
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
            .unwrap();
    }
}

/// Returns the items of all bodies at `path`, below these two levels.
fn items(received: &Received, path: &str, [outer, scope, inner]: [&str; 3]) -> Vec<Value> {
    let received = received.lock().unwrap();
    let bodies = received.iter().filter(|(at, _)| at == path).map(|(_, body)| body);
    let outer = bodies.flat_map(|body| body[outer].as_array().unwrap());
    let scopes = outer.flat_map(|resource| resource[scope].as_array().unwrap());
    scopes.flat_map(|scope| scope[inner].as_array().unwrap()).cloned().collect()
}

/// Returns the value of an attribute as text, or `None` if there is none.
fn attribute(item: &Value, key: &str) -> Option<String> {
    let value =
        item["attributes"].as_array()?.iter().find(|attribute| attribute["key"] == key)?["value"].clone();
    let value = value.as_object()?.values().next()?.clone();
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

#[test]
fn collector_receives_spans_and_metrics_of_calls() {
    let (endpoint, received) = collector();
    // A slash at the end changes nothing.
    let telemetry = Telemetry::start(&format!("{endpoint}/"), "test").unwrap();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    let headers = Arc::<Mutex<Vec<bool>>>::default();
    let seen = Arc::clone(&headers);
    let key = tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let emulator = Emulator::start().await.unwrap();
            emulator.faults().inject(Fault::new("getCurrentUser").status(503).retry_after("0")).unwrap();
            let dl = DataLinks::builder(emulator.api_url(), emulator.api_key())
                .no_proxy()
                .retry(RetryPolicy::default().backoff(Default::default(), Default::default()))
                .on_attempt(telemetry.on_attempt())
                .on_request(trace_headers)
                .on_send(move |request| {
                    let traced = request.headers().any(|(name, _)| name == "traceparent");
                    seen.lock().unwrap().push(traced);
                })
                .build()
                .unwrap();
            dl.current_user().await.unwrap();
            let films = dl.dataset("cinema", "films").unwrap();
            films.create().await.unwrap();
            assert!(films.ingest([json!({ "title": "Alien" })]).await.unwrap().is_complete());
            dl.dataset("cinema", "missing").unwrap().info().await.unwrap_err();
            emulator.api_key().to_owned()
        })
    });
    telemetry.shutdown().unwrap();
    assert_eq!(*headers.lock().unwrap(), [true; 5]);

    let spans = items(&received, "/v1/traces", ["resourceSpans", "scopeSpans", "spans"]);
    let of = |operation: &str| -> (Vec<Value>, Vec<Value>) {
        let spans = spans.iter().filter(|span| span["name"] == operation).cloned();
        // Kind 1 is internal, and 3 is a client (OTLP).
        spans.partition(|span| span["kind"] == 1)
    };
    let (calls, attempts) = of("getCurrentUser");
    assert_eq!((calls.len(), attempts.len()), (1, 2), "{spans:?}");
    for attempt in &attempts {
        assert_eq!(attempt["parentSpanId"], calls[0]["spanId"]);
        assert_eq!(attempt["traceId"], calls[0]["traceId"]);
        assert_eq!(attempt["kind"], 3);
        assert_eq!(attribute(attempt, "url.template").unwrap(), "/user/me");
        assert_eq!(attribute(attempt, "server.address").unwrap(), "127.0.0.1");
    }
    let by_status = |status: &str| {
        let found = attempts
            .iter()
            .find(|span| attribute(span, "http.response.status_code").as_deref() == Some(status));
        found.unwrap_or_else(|| panic!("no attempt with {status} in {attempts:?}"))
    };
    assert_eq!(attribute(by_status("503"), "error.type").unwrap(), "503");
    assert_eq!(by_status("503")["status"]["code"], 2, "an error");
    assert_eq!(attribute(by_status("200"), "http.request.resend_count").unwrap(), "1");
    assert_eq!(attribute(&calls[0], "http.request.resend_count").unwrap(), "1");
    let (calls, attempts) = of("ingestData");
    assert_eq!((calls.len(), attempts.len()), (1, 1));
    let (calls, _) = of("getDatasetInformation");
    assert_eq!(attribute(&calls[0], "error.type").unwrap(), "404");

    let metrics = items(&received, "/v1/metrics", ["resourceMetrics", "scopeMetrics", "metrics"]);
    let duration = metrics.iter().find(|metric| metric["name"] == "http.client.request.duration").unwrap();
    assert_eq!(duration["unit"], "s");
    let points = duration["histogram"]["dataPoints"].as_array().unwrap();
    let count = |operation: &str, status: &str, error: Option<&str>| -> u64 {
        let points = points.iter().filter(|point| {
            attribute(point, "datalinks.operation").as_deref() == Some(operation)
                && attribute(point, "http.response.status_code").as_deref() == Some(status)
                && attribute(point, "error.type").as_deref() == error
        });
        points.map(|point| point["count"].to_string().trim_matches('"').parse::<u64>().unwrap()).sum()
    };
    assert_eq!(count("getCurrentUser", "503", Some("503")), 1, "{points:?}");
    assert_eq!(count("getCurrentUser", "200", None), 1);
    assert_eq!(count("ingestData", "200", None), 1);
    assert_eq!(count("getDatasetInformation", "404", Some("404")), 1);

    let text = format!("{:?}", received.lock().unwrap());
    assert!(!text.contains(&key) && !text.contains("Alien"), "neither keys nor rows are exported");
}
