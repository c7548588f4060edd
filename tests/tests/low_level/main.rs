//! The generated client sends the same requests as the vendor's client, for every operation.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod call;
mod differences;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use call::Body;
use datalinks_gen::{Ctx, api, proxy};
use datalinks_tests::difference::{apply, assert_all_shown};
use datalinks_tests::recordings::{self, Exchange, Request, pairs, without_nulls};
use httpmock::{HttpMockRequest, MockServer};
use serde_json::{Map, Value};

/// The only token of this file, which must not appear in any output.
const TOKEN: &str = "test-key";

/// Serves the recorded response to every request, and keeps the requests.
async fn serve<'a>(
    server: &'a MockServer,
    exchange: &Exchange,
) -> (httpmock::Mock<'a>, Arc<Mutex<Vec<Request>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let answer = exchange.response.clone();
    let mock = server
        .mock_async(|when, then| {
            when.is_true(move |request| {
                keep.lock().unwrap().push(on_the_wire(request));
                true
            });
            let mut then = then.status(answer.status).body(answer.whole_body());
            for (name, value) in &answer.headers {
                then = then.header(name, value.as_str().unwrap());
            }
        })
        .await;
    (mock, seen)
}

/// Returns a request in the form of the recordings.
fn on_the_wire(request: &HttpMockRequest) -> Request {
    let uri = request.uri();
    let mut headers = Map::new();
    for (name, value) in request.headers() {
        if let Some(name) = name {
            headers.insert(name.to_string(), value.to_str().unwrap().into());
        }
    }
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    let is_json = headers.get("content-type").is_some_and(|kind| kind == "application/json");
    Request {
        method: request.method().to_string(),
        target: uri.path_and_query().unwrap().to_string(),
        headers,
        json: is_json.then(|| serde_json::from_str(&body).unwrap()),
        text: (!is_json && !body.is_empty()).then_some(body),
    }
}

fn split(target: &str) -> (&str, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path, pairs(query))
}

fn assert_equal(id: &str, sent: &Request, expected: &Request) {
    assert_eq!(sent.method, expected.method, "{id}");
    assert_eq!(split(&sent.target), split(&expected.target), "{id}");
    for (name, value) in &expected.headers {
        // The content length follows from the body, and a missing null makes it shorter.
        if name != "content-length" {
            assert_eq!(sent.headers.get(name), Some(value), "{id}: header {name}");
        }
    }
    assert_eq!(sent.headers.get("api-version"), None, "{id}: the generator's own header");
    assert_eq!(
        sent.headers.contains_key("content-type"),
        expected.headers.contains_key("content-type"),
        "{id}: {:?}",
        sent.headers
    );
    assert_eq!(sent.json, expected.json, "{id}");
    assert_eq!(sent.text, expected.text, "{id}");
}

#[tokio::test]
async fn every_operation_sends_the_recorded_request() {
    let server = MockServer::start_async().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let context = Ctx::bearer(TOKEN).unwrap();
    let api = api::Client::new_with_client(&server.url("/api/v1"), http.clone(), context.clone());
    let proxy = proxy::Client::new_with_client(&server.base_url(), http, context);

    let mut applied = BTreeSet::new();
    for recording in recordings::all() {
        for exchange in &recording.exchanges {
            let mut exchange = exchange.clone();
            applied.extend(apply(differences::DIFFERENCES, &mut exchange));
            let (exchange, expected) = (&exchange, &exchange.request);
            let (mock, seen) = serve(&server, exchange).await;
            let body = expected.json.clone().unwrap_or_default();
            let answer = call::call(&api, &proxy, exchange, &body).await;

            let sent = std::mem::take(&mut *seen.lock().unwrap());
            assert_eq!(sent.len(), 1, "{}: one call is one request", recording.id);
            assert_equal(&recording.id, &sent[0], expected);
            assert_eq!(answer.status, exchange.response.status, "{}", recording.id);
            check_answer(&recording.id, &answer.body, exchange);
            mock.delete_async().await;
        }
    }
    assert_all_shown(differences::DIFFERENCES, applied);
    let printed = format!("{api:?} {proxy:?}");
    assert!(!printed.contains(TOKEN), "{printed}");
}

/// Checks that the whole response was decoded: serialized again, it equals the served one except for nulls.
fn check_answer(id: &str, body: &Body, exchange: &Exchange) {
    let served = exchange.response.whole_body();
    match body {
        Body::Bytes(bytes) => assert_eq!(*bytes, served, "{id}"),
        Body::Nothing => {}
        Body::Json(read) => {
            let mut served: Value = if served.is_empty() {
                Value::Array(Vec::new())
            } else {
                serde_json::from_str(&served).unwrap()
            };
            let mut read = read.clone();
            without_nulls(&mut read);
            without_nulls(&mut served);
            assert_eq!(read, served, "{id}");
        }
    }
}
