//! Compressed responses and requests: what arrives, the limits on what it expands to, and how failures are reported.
//!
//! The counter of allocations replaces the global allocator of this program. It counts the current thread, on which the client
//! reads and decompresses.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use std::sync::{Arc, Mutex};

use allocation_counter::measure;
use compression_codecs::{
    BrotliEncoder, EncodeV2, GzipEncoder, ZstdEncoder, brotli,
    core::{
        Level,
        util::{PartialBuffer, WriteBuffer},
    },
};
use datalinks::{
    AskEvent, CallOptions, DataLinks, Delivery, Error, ErrorKind,
    client::RequestCompression,
    testing::{RecordedRequest, Reply, Script},
};
use datalinks_emulator::Emulator;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    runtime::{Builder, Runtime},
};

const CODINGS: [&str; 3] = ["gzip", "br", "zstd"];

const MIB: usize = 1024 * 1024;

const USER: &str = r#"{"id":"u-1","username":"ada","name":"Ada Lovelace","email":"ada@example.com"}"#;

/// Compresses a body part by part.
struct Encoder(Box<dyn EncodeV2>);

impl Encoder {
    fn new(coding: &str) -> Self {
        Self(match coding {
            "gzip" => Box::new(GzipEncoder::new(Level::Default.into())),
            "br" => {
                let params = brotli::params::EncoderParams::default();
                Box::new(BrotliEncoder::new(params.quality(Level::Precise(1))))
            }
            "zstd" => Box::new(ZstdEncoder::new(1)),
            other => panic!("no encoder for {other}"),
        })
    }

    /// Compresses a part, which can be decompressed without the next one.
    fn part(&mut self, content: &[u8]) -> Vec<u8> {
        self.write(content, |encoder, output| encoder.flush(output))
    }

    /// Compresses the last part.
    fn last(&mut self, content: &[u8]) -> Vec<u8> {
        self.write(content, |encoder, output| encoder.finish(output))
    }

    fn write(
        &mut self,
        content: &[u8],
        end: impl Fn(&mut dyn EncodeV2, &mut WriteBuffer<'_>) -> std::io::Result<bool>,
    ) -> Vec<u8> {
        let (mut written, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
        let mut input = PartialBuffer::new(content);
        loop {
            let mut output = WriteBuffer::new_initialized(&mut piece);
            let is_end = if input.unwritten().is_empty() {
                end(&mut *self.0, &mut output).unwrap()
            } else {
                self.0.encode(&mut input, &mut output).unwrap();
                false
            };
            written.extend_from_slice(output.written());
            if is_end {
                return written;
            }
        }
    }
}

fn compressed(coding: &str, content: &[u8]) -> Vec<u8> {
    Encoder::new(coding).last(content)
}

/// Returns the start of a body that expands to `start` and a GiB of spaces. Its end is left out, which nobody reads.
fn bomb(coding: &str, start: &[u8]) -> Vec<u8> {
    let spaces = vec![b' '; MIB];
    let mut encoder = Encoder::new(coding);
    let mut body = encoder.part(start);
    body.extend(encoder.part(&spaces));
    body.extend(encoder.part(&spaces));
    let (one, other) = (encoder.part(&spaces), encoder.part(&spaces));
    assert_eq!(one, other, "the repeated part depends on no earlier one");
    body.extend(one.repeat(1022));
    body
}

fn json_reply(coding: &str, body: Vec<u8>) -> Reply {
    Reply::body("application/json", body).header("content-encoding", coding)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn requests(coding: &str) -> RequestCompression {
    match coding {
        "gzip" => RequestCompression::gzip(),
        "br" => RequestCompression::brotli(),
        _ => RequestCompression::zstd(),
    }
}

/// Returns what one call with compressed requests reads, and the request that it sent.
async fn echoed(coding: &str, body: Vec<u8>) -> (Vec<u8>, RecordedRequest) {
    let sent = Arc::<Mutex<Option<RecordedRequest>>>::default();
    let last = Arc::clone(&sent);
    let echo = move |request: &RecordedRequest| {
        *last.lock().unwrap() = Some(request.clone());
        let reply = Reply::body("application/json", request.body().clone());
        match request.header("content-encoding") {
            Some(coding) => reply.header("content-encoding", coding),
            None => reply,
        }
    };
    let script = Script::new().respond_with(echo);
    let dl = script.builder().compress_requests(requests(coding).min_size(1)).build().unwrap();
    let response = dl.request(reqwest::Method::POST, "/echo").body(body).await.unwrap();
    assert!(!response.headers.contains_key("content-encoding"), "it describes the compressed body");
    let read = response.bytes().await.unwrap().to_vec();
    script.finish();
    let sent = sent.lock().unwrap().take().unwrap();
    (read, sent)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The client decompresses what it has compressed itself, which the server sends back.
    #[test]
    fn any_body_round_trips(
        piece in prop::collection::vec(any::<u8>(), 0..600),
        repeated in 0..300_usize,
        coding in prop::sample::select(&CODINGS[..]),
    ) {
        let body = piece.repeat(repeated);
        let (read, request) = runtime().block_on(echoed(coding, body.clone()));
        prop_assert!(read == body, "{} bytes became {}", body.len(), read.len());
        let coded = request.header("content-encoding");
        prop_assert_eq!(coded.is_some(), request.body().len() < body.len());
    }

    /// Damage is an error or content, and neither a panic nor a hang.
    #[test]
    fn any_damage_is_survived(
        at in any::<prop::sample::Index>(),
        change in 1..=u8::MAX,
        cut in any::<prop::sample::Index>(),
        coding in prop::sample::select(&CODINGS[..]),
    ) {
        let mut body = compressed(coding, &USER.repeat(20).into_bytes());
        *at.get_mut(&mut body) ^= change;
        body.truncate(cut.index(body.len()) + 1);
        let script = Script::new().otherwise(json_reply(coding, body));
        let dl = script.client().with_options(CallOptions::new().response_limit(MIB));
        let outcome = runtime().block_on(async { dl.request(reqwest::Method::GET, "/any").await });
        if let Err(error) = outcome {
            let kinds = [ErrorKind::UnexpectedResponse, ErrorKind::Interrupted, ErrorKind::LimitExceeded];
            prop_assert!(kinds.contains(&error.kind()), "{error}");
        }
    }
}

#[test]
fn bombs_are_rejected_with_bounded_memory() {
    for coding in CODINGS {
        let body = bomb(coding, b"[");
        assert!(body.len() < 2 * MIB, "{coding}: {}", body.len());
        let runtime = runtime();
        // With a limit of the application, and with the limit on the expansion. A growing buffer takes twice its content.
        for (limit, memory) in [(Some(MIB), 40 * MIB), (None, 230 * MIB)] {
            let script = Script::new().reply(json_reply(coding, body.clone()));
            let mut options = CallOptions::new();
            if let Some(limit) = limit {
                options = options.response_limit(limit);
            }
            let dl = script.client().with_options(options);
            let mut error = None;
            let used = measure(|| error = runtime.block_on(dl.current_user()).err());
            let error = error.unwrap();
            assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{coding}: {error}");
            let expected = match limit {
                Some(_) => "longer than 1048576 bytes after decompression (CallOptions::response_limit)",
                None => "of the compressed response expand to more than 67108864 bytes",
            };
            assert!(error.to_string().contains(expected), "{error}");
            assert!(used.bytes_max < memory as u64, "{coding}: {} bytes", used.bytes_max);
            assert_eq!(script.finish().len(), 1, "a retry would bring the same body");
        }
    }
}

/// Of an error response, 1 MiB is read, however much its body expands.
#[test]
fn bomb_of_an_error_is_read_up_to_the_limit_of_errors() {
    for coding in CODINGS {
        let script = Script::new().reply(json_reply(coding, bomb(coding, b"{")).with_status(400));
        let dl = script.client();
        let mut error = None;
        let used = measure(|| error = runtime().block_on(dl.current_user()).err());
        let error = error.unwrap();
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Rejected, 400));
        assert!(used.bytes_max < 40 * MIB as u64, "{coding}: {} bytes", used.bytes_max);
        script.finish();
    }
}

#[tokio::test]
async fn bomb_in_a_stream_stops_at_the_limit_of_an_event() {
    for coding in CODINGS {
        let chunks =
            bomb(coding, b"event: step\ndata: ").chunks(1000).map(<[u8]>::to_vec).collect::<Vec<_>>();
        let script = Script::new().reply(Reply::event_stream(chunks).header("content-encoding", coding));
        let namespace = script.client().namespace("cinema").unwrap();
        let mut stream = namespace.ask("q").stream().await.unwrap();
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{coding}: {error}");
        script.finish();
    }
}

#[tokio::test]
async fn compressed_responses_are_asked_for_and_read() {
    for coding in CODINGS {
        let problem = r#"{"error_code":"BAD","message":"the reason"}"#;
        let script = Script::new()
            .reply(json_reply(coding, compressed(coding, USER.as_bytes())))
            .reply(json_reply(coding, compressed(coding, problem.as_bytes())).with_status(422));
        let dl = script.client();
        assert_eq!(dl.current_user().await.unwrap().username, "ada");
        let error = dl.current_user().await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Rejected, "the reason"));
        for request in script.finish() {
            assert_eq!(request.header("accept-encoding"), Some("gzip, br, zstd"));
        }
    }
    // The application can ask for none, and a body without content needs no compressed data.
    let script = Script::new().reply(Reply::json(json!({ "id": "1", "username": "ada" }))).reply(
        Reply::body("application/json", Vec::new()).with_status(204).header("content-encoding", "gzip"),
    );
    let options = CallOptions::new().header("accept-encoding", "identity").unwrap();
    let dl = script.client().with_options(options);
    dl.current_user().await.unwrap();
    dl.request(reqwest::Method::DELETE, "/any").await.unwrap();
    for request in script.finish() {
        assert_eq!(request.header("accept-encoding"), Some("identity"));
    }
}

#[tokio::test]
async fn body_that_cannot_be_decompressed_is_an_error_with_its_kind() {
    let attempt = async |reply: Reply, writes: bool| -> (Error, usize) {
        let script = Script::new().otherwise(reply);
        let dl = script.client().with_options(CallOptions::new().max_attempts(3));
        let error = match writes {
            true => dl.create_token("ci").await.map(drop).unwrap_err(),
            false => dl.current_user().await.map(drop).unwrap_err(),
        };
        (error, script.finish().len())
    };
    for coding in CODINGS {
        let whole = compressed(coding, USER.as_bytes());
        let mut corrupt = compressed(coding, USER.repeat(50).as_bytes());
        corrupt[6..30].fill(0xff);
        for body in [corrupt, [&whole[..], b"and more"].concat()] {
            // A retry would bring the same. The service has carried out what the call asks for.
            let (error, requests) = attempt(json_reply(coding, body.clone()), false).await;
            assert_eq!((error.kind(), requests), (ErrorKind::UnexpectedResponse, 1), "{error}");
            assert!(error.to_string().contains(&format!("not valid {coding}")), "{error}");
            assert_eq!(error.status().unwrap().as_u16(), 200);
            assert!(!error.is_ambiguous());
            let (error, requests) = attempt(json_reply(coding, body), true).await;
            assert!(error.is_ambiguous() && requests == 1, "{error}");
        }
        // As if the connection had been lost: a call that only reads is retried, another one is not.
        let cut = || json_reply(coding, whole[..whole.len() - 1].to_vec());
        let (error, requests) = attempt(cut(), false).await;
        assert_eq!((error.kind(), requests), (ErrorKind::Interrupted, 3), "{error}");
        let (error, requests) = attempt(cut(), true).await;
        assert_eq!(
            (error.kind(), requests, error.is_ambiguous()),
            (ErrorKind::Interrupted, 1, true),
            "{error}"
        );
    }
    let unknown = Reply::body("application/json", USER).header("content-encoding", "gzip, compress");
    let (error, requests) = attempt(unknown, false).await;
    assert_eq!((error.kind(), requests), (ErrorKind::UnexpectedResponse, 1));
    assert!(error.to_string().contains(r#"compressed ("gzip, compress")"#), "{error}");
}

/// A server with one connection per request, whose test writes the response.
async fn accept(listener: &TcpListener) -> tokio::net::TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let mut body = vec![0; length.trim().parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    stream
}

/// An event arrives before the server sends the next one, and damage ends the stream with its own kind.
#[tokio::test]
async fn compressed_streams_stay_incremental() {
    for coding in CODINGS {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let host = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let dl = DataLinks::builder(host, "key").no_proxy().build().unwrap();
        let namespace = dl.namespace("cinema").unwrap();
        let mut encoder = Encoder::new(coding);
        let event = |number: usize| {
            format!("event: stepStarted\ndata: {{\"index\":{number},\"instruction\":\"find {number}\"}}\n\n")
        };
        let (stream, mut connection) = tokio::join!(namespace.ask("q").stream(), async {
            let mut connection = accept(&listener).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: {coding}\r\n\r\n"
            );
            connection.write_all(head.as_bytes()).await.unwrap();
            connection
        });
        let mut stream = stream.unwrap();
        for number in 0..3 {
            connection.write_all(&encoder.part(event(number).as_bytes())).await.unwrap();
            let received = stream.next().await.unwrap().unwrap();
            assert!(format!("{received:?}").contains(&format!("find {number}")), "{received:?}");
        }
        connection.write_all(&[0xff; 64]).await.unwrap();
        let error = stream.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{coding}: {error}");
    }
}

#[tokio::test]
async fn retries_send_the_same_compressed_bytes() {
    let rows: Vec<Value> = (0..500).map(|n| json!({ "n": n, "text": "so, so" })).collect();
    for coding in CODINGS {
        let script =
            Script::new().reply(Reply::status(503)).reply(Reply::json(json!({ "indexed": rows.len() })));
        let seen = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let shown = Arc::clone(&seen);
        let dl = script.builder().compress_requests(requests(coding));
        let dl = dl
            .on_send(move |request| shown.lock().unwrap().push(request.body().into_owned()))
            .build()
            .unwrap();
        let films = dl.dataset("cinema", "films").unwrap();
        assert_eq!(films.ingest(rows.clone()).await.unwrap().counts.retries, 1);
        let requests = script.finish();
        assert_eq!(requests[0].body(), requests[1].body());
        for request in &requests {
            assert_eq!(request.header("content-encoding"), Some(coding));
        }
        // Observers see the content.
        let seen = seen.lock().unwrap();
        assert!(
            requests[0].body().len() * 4 < seen[0].len(),
            "{} {}",
            requests[0].body().len(),
            seen[0].len()
        );
        assert_eq!(serde_json::from_slice::<Value>(&seen[1]).unwrap()["data"], json!(rows));
    }
}

#[tokio::test]
async fn rejected_compression_says_what_to_do_and_sends_nothing_twice() {
    let script = Script::new().otherwise(Reply::error(415, "UNSUPPORTED", "no such coding"));
    let dl = script.builder().compress_requests(RequestCompression::gzip()).build().unwrap();
    let films = dl.dataset("cinema", "films").unwrap();
    let result =
        films.ingest((0..500).map(|n| json!({ "n": n, "text": "x".repeat(20) }))).batch_size(50).await;
    let text = match result {
        Ok(result) => {
            assert!(result.successful.is_empty() && result.failed.len() == 500);
            result.failed[0].error.to_string()
        }
        Err(error) => error.to_string(),
    };
    assert!(text.contains("415") && text.contains("without compress_requests"), "{text}");
    // One batch of ten: all others would be rejected, too.
    assert_eq!(script.requests().len(), 1);
    // Without compression, a 415 means something else.
    let script = Script::new().reply(Reply::error(415, "UNSUPPORTED", "no such type"));
    let error = script.client().current_user().await.unwrap_err();
    assert!(!error.to_string().contains("compress_requests"), "{error}");
}

/// A server that does not look at the coding rejects the bytes as JSON. The error named the rows only.
#[tokio::test]
async fn bad_request_after_compression_names_the_compression() {
    for isolation in [0, 1] {
        let script = Script::new().otherwise(Reply::error(400, "BAD_REQUEST", "no JSON"));
        let dl = script.builder().compress_requests(RequestCompression::gzip()).build().unwrap();
        let films = dl.dataset("cinema", "films").unwrap();
        let rows = (0..50).map(|n| json!({ "n": n, "text": "x".repeat(40) }));
        let result = films.ingest(rows).max_isolation_requests(isolation).await.unwrap();
        let text = result.failed[0].error.to_string();
        assert!(
            text.contains("if other requests fail, too, create the client without compress_requests"),
            "{text}"
        );
        assert!(text.contains("raise max_isolation_requests"), "{text}");
    }
}

#[tokio::test]
async fn small_bodies_and_those_of_the_application_are_sent_as_they_are() {
    let script = Script::new().otherwise(Reply::json(json!({})));
    let dl = script.builder().compress_requests(RequestCompression::gzip()).build().unwrap();
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(5000));
    let send = async |dl: &DataLinks, body: &str| {
        dl.request(reqwest::Method::POST, "/any").body(body.to_owned()).await.unwrap();
    };
    send(&dl, &"x".repeat(1023)).await;
    send(&dl, &"x".repeat(1024)).await;
    let own = CallOptions::new().header("content-encoding", "custom").unwrap();
    send(&dl.with_options(own), &long).await;
    send(&script.client(), &long).await;
    let codings: Vec<Option<String>> =
        script.finish().iter().map(|request| request.header("content-encoding").map(str::to_owned)).collect();
    assert_eq!(codings, [None, Some("gzip".into()), Some("custom".into()), None]);
}

/// Rows of a batch whose response is cut may be stored. They are reported as such, and are not sent again.
#[tokio::test]
async fn cut_response_of_a_batch_is_ambiguous_and_sent_once() {
    for coding in CODINGS {
        let body = compressed(coding, br#"{"indexed":500}"#);
        let script = Script::new().reply(json_reply(coding, body[..body.len() - 1].to_vec()));
        let dl = script.builder().compress_requests(requests(coding)).build().unwrap();
        let films = dl.dataset("cinema", "films").unwrap();
        let rows = (0..500).map(|n| json!({ "n": n }));
        let result = films.ingest(rows).delivery(Delivery::AtMostOnce).await.unwrap();
        assert!(result.successful.is_empty() && result.failed.len() == 500, "{coding}");
        assert!(result.failed.iter().all(|row| row.error.is_ambiguous()), "{coding}");
        assert_eq!(script.finish().len(), 1, "{coding}");
    }
}

/// A server that takes compressed bytes for JSON responds with 400. Each row is then stored once or reported.
#[tokio::test]
async fn server_that_reads_compressed_requests_as_json_gets_no_row_twice() {
    let stored = Arc::<Mutex<Vec<Value>>>::default();
    let store = Arc::clone(&stored);
    let script = Script::new().respond_with(move |request| {
        let Ok(body) = serde_json::from_slice::<Value>(request.body()) else {
            return Reply::error(400, "BAD_REQUEST", "the body is not JSON");
        };
        let rows = body["data"].as_array().unwrap().clone();
        let indexed = rows.len();
        store.lock().unwrap().extend(rows);
        Reply::json(json!({ "indexed": indexed }))
    });
    let dl = script.builder().compress_requests(RequestCompression::gzip()).build().unwrap();
    let films = dl.dataset("cinema", "films").unwrap();
    let rows: Vec<Value> = (0..500).map(|n| json!({ "n": n, "text": "so, so" })).collect();
    let result = films.ingest(rows.clone()).await.unwrap();
    let mut stored = stored.lock().unwrap().clone();
    stored.sort_by_key(|row| row["n"].as_u64());
    assert_eq!((result.successful.len(), stored.len()), (500, 500), "{:?}", result.failed.first());
    assert_eq!(stored, rows);
}

/// A response without content was an error although the service had carried out the call.
#[tokio::test]
async fn coding_of_an_empty_body_does_not_matter() {
    let coded = |reply: Reply| reply.header("content-encoding", "deflate");
    let script = Script::new()
        .reply(coded(Reply::status(204)))
        .reply(coded(Reply::body("application/json", Vec::new())));
    let dl = script.client();
    for _ in 0..2 {
        let response = dl.request(reqwest::Method::DELETE, "/any").await.unwrap();
        assert!(response.bytes().await.unwrap().is_empty());
    }
    script.finish();
}

/// The message claimed that the body was incomplete or too long.
#[tokio::test]
async fn error_that_cannot_be_decompressed_says_so() {
    let damaged = vec![0x1f; 100];
    for (coding, body) in [("deflate", b"x".to_vec()), ("gzip", damaged)] {
        let script = Script::new().reply(json_reply(coding, body).with_status(422));
        let error = script.client().current_user().await.unwrap_err();
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Rejected, 422));
        assert!(error.to_string().contains("cannot be decompressed"), "{coding}: {error}");
        script.finish();
    }
}

/// Compressed data without content was read without end, because only the content was limited.
#[tokio::test]
async fn compressed_data_without_content_has_a_limit() {
    let length = 2 * MIB;
    // The name of a file, and a frame to skip.
    let gzip = [&b"\x1f\x8b\x08\x08\0\0\0\0\0\xff"[..], &vec![b'x'; length]].concat();
    let skipped = u32::try_from(length).unwrap().to_le_bytes();
    let zstd = [&b"\x50\x2a\x4d\x18"[..], &skipped, &vec![0; length]].concat();
    for (coding, body) in [("gzip", gzip), ("zstd", zstd)] {
        let chunks: Vec<Vec<u8>> = body.chunks(1000).map(<[u8]>::to_vec).collect();
        let reply = Reply::json_lines(chunks).header("content-encoding", coding);
        let script = Script::new().reply(reply);
        let dl = script.client().with_options(CallOptions::new().response_limit(1000).max_attempts(1));
        let error = dl.current_user().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{coding}: {error}");
        assert!(error.to_string().contains("hardly any content"), "{error}");
        script.finish();
    }
}

/// Lines without an event were decompressed in one poll, during which no other task of the thread ran.
#[tokio::test]
async fn long_content_of_a_stream_lets_other_tasks_run() {
    for coding in CODINGS {
        let mut encoder = Encoder::new(coding);
        let body = encoder.last(&vec![b'\n'; 32 * MIB]);
        let script = Script::new().reply(Reply::event_stream([body]).header("content-encoding", coding));
        let namespace = script.client().namespace("cinema").unwrap();
        let mut stream = namespace.ask("q").stream().await.unwrap();
        let mut waits = 0;
        let end = loop {
            match futures::poll!(std::pin::pin!(stream.next())) {
                std::task::Poll::Ready(end) => break end,
                std::task::Poll::Pending => waits += 1,
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(end.unwrap().unwrap_err().kind(), ErrorKind::PrematureEnd);
        assert!(waits > 20, "{coding}: {waits}");
        script.finish();
    }
}

/// A whole flow against the emulator, in both directions.
#[tokio::test]
async fn emulator_speaks_every_coding() {
    let emulator = Emulator::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("more.csv");
    std::fs::write(&file, format!("title,year\n{}", "Alien,1979\n".repeat(2000))).unwrap();
    for coding in CODINGS {
        let dl = DataLinks::builder(emulator.api_url(), emulator.api_key())
            .no_proxy()
            .compress_requests(requests(coding))
            .build()
            .unwrap()
            .with_options(CallOptions::new().header("accept-encoding", coding).unwrap());
        let films = dl.dataset("cinema", coding).unwrap();
        films.create().await.unwrap();
        let rows: Vec<Value> =
            (0..2000).map(|n| json!({ "title": format!("film {n}"), "year": 1900 + n % 100 })).collect();
        let result = films.ingest(rows.clone()).await.unwrap();
        assert_eq!((result.successful.len(), result.failed.len()), (rows.len(), 0));
        assert_eq!(films.query().fetch::<Value>().await.unwrap(), rows);
        // A presigned URL is signed for the size of its part, so the storage rejects one that was compressed.
        films.upload(&file).await.unwrap();
        let mut stream = films.namespace().ask("Which film is the oldest?").stream().await.unwrap();
        let mut last = None;
        while let Some(event) = stream.next().await {
            last = Some(event.unwrap());
        }
        assert!(matches!(last, Some(AskEvent::Answer(_))), "{last:?}");
        // The emulator did compress: a client that asks for it itself sees the header.
        let plain = reqwest::Client::builder().no_proxy().no_gzip().no_brotli().no_zstd().build().unwrap();
        let url = format!("{}/query", emulator.api_url());
        let query = json!({ "username": "self", "namespace": "cinema", "query": format!("Ontology(\"cinema/{coding}\")") });
        let request = plain.post(url).bearer_auth(emulator.api_key()).header("accept-encoding", coding);
        let response = request.json(&query).send().await.unwrap();
        assert_eq!(response.status(), 200, "{:?}", response.text().await);
        assert_eq!(response.headers()["content-encoding"], coding);
        assert_eq!(response.headers()["vary"], "accept-encoding");
        assert!(response.bytes().await.unwrap().len() < 40_000);
    }
}
