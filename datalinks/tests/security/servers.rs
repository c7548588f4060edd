//! Servers that attack the client: TLS that is too old, responses without end, responses that expand, and deep JSON.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread::JoinHandle,
};

use datalinks::{
    CallOptions, DataLinks, Error, ErrorKind, RetryPolicy,
    testing::{Reply, Script},
};

const KEY: &str = "key-of-the-test";

/// A server of one connection. Its thread ends with the connection, and returns what the function returned.
struct Server<T> {
    address: SocketAddr,
    thread: JoinHandle<T>,
}

impl<T: Send + 'static> Server<T> {
    fn start(serve: impl FnOnce(TcpStream) -> T + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        Self { address, thread: std::thread::spawn(move || serve(listener.accept().unwrap().0)) }
    }

    fn client(&self, scheme: &str) -> DataLinks {
        DataLinks::builder(format!("{scheme}://{}/api/v1", self.address), KEY)
            .no_proxy()
            .retry(RetryPolicy::never())
            .build()
            .unwrap()
    }

    /// Waits for the end of the connection, while the runtime of the test closes it.
    async fn end(self) -> T {
        tokio::task::spawn_blocking(|| self.thread.join().unwrap()).await.unwrap()
    }
}

/// Reads the head of a request.
fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Writes `part` until the client closes the connection or `most` bytes are written, and returns the number of bytes.
fn write_without_end(stream: &mut TcpStream, part: impl Fn(usize) -> String, most: usize) -> usize {
    let mut written = 0;
    for index in 0.. {
        let part = part(index);
        if written >= most || stream.write_all(part.as_bytes()).is_err() {
            break;
        }
        written += part.len();
    }
    written
}

fn assert_hides_the_key(error: &Error) {
    assert!(!format!("{error} {error:?}").contains(KEY), "{error:?}");
}

#[cfg(feature = "rustls")]
mod tls {
    use super::*;

    const ALERT: u8 = 21;
    const HANDSHAKE: u8 = 22;

    /// Reads a record of TLS: its type and its content.
    fn record(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
        let mut start = [0; 5];
        stream.read_exact(&mut start).ok()?;
        let mut content = vec![0; usize::from(u16::from_be_bytes([start[3], start[4]]))];
        stream.read_exact(&mut content).ok()?;
        Some((start[0], content))
    }

    /// Returns the versions that a `ClientHello` offers (RFC 8446, section 4.2.1).
    fn offered(hello: &[u8]) -> Vec<u16> {
        let short = |at: usize| usize::from(u16::from_be_bytes([hello[at], hello[at + 1]]));
        // Type, length, version and random numbers are 38 bytes. The session, ciphers and compressions follow.
        let mut at = 38 + 1 + usize::from(hello[38]);
        at += 2 + short(at);
        at += 1 + usize::from(hello[at]);
        at += 2;
        while at < hello.len() {
            let (kind, length) = (short(at), short(at + 2));
            if kind == 43 {
                return hello[at + 5..at + 4 + length]
                    .chunks(2)
                    .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                    .collect();
            }
            at += 4 + length;
        }
        // Without the extension, the field of the version is the highest that is offered.
        vec![u16::from_be_bytes([hello[4], hello[5]])]
    }

    /// A `ServerHello` that selects a version: with no session, the cipher `TLS_RSA_WITH_AES_128_CBC_SHA`, no compression.
    fn server_hello(version: u16) -> Vec<u8> {
        let version = version.to_be_bytes();
        let mut body = version.to_vec();
        body.extend([7; 32]);
        body.extend([0, 0, 0x2f, 0]);
        let mut message = vec![2, 0, 0, u8::try_from(body.len()).unwrap()];
        message.extend(body);
        let mut record = vec![HANDSHAKE, version[0], version[1], 0, u8::try_from(message.len()).unwrap()];
        record.extend(message);
        record
    }

    /// Starts a server that answers the greeting with `answer`, and returns the versions of the greeting and the types
    /// of all records that follow.
    fn start(answer: Vec<u8>) -> Server<(Vec<u16>, Vec<u8>)> {
        Server::start(move |mut stream| {
            let (kind, hello) = record(&mut stream).unwrap();
            assert_eq!(kind, HANDSHAKE);
            stream.write_all(&answer).unwrap();
            let mut kinds = Vec::new();
            while let Some((kind, _)) = record(&mut stream) {
                kinds.push(kind);
            }
            (offered(&hello), kinds)
        })
    }

    #[tokio::test]
    async fn tls_below_1_2_is_neither_offered_nor_accepted() {
        for version in [0x0300, 0x0301, 0x0302] {
            let server = start(server_hello(version));
            let error = server.client("https").current_user().await.unwrap_err();
            assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Connect, false), "{error}");
            let (offered, kinds) = server.end().await;
            assert_eq!(offered, [0x0304, 0x0303], "TLS 1.3 and 1.2");
            assert!(kinds.iter().all(|kind| *kind == ALERT), "{kinds:?}");
        }
    }

    #[tokio::test]
    async fn server_without_tls_gets_no_request() {
        let plain = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec();
        let server = start(plain);
        let error = server.client("https").current_user().await.unwrap_err();
        assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Connect, false), "{error}");
        assert!(server.end().await.1.iter().all(|kind| *kind == ALERT));
    }
}

#[tokio::test]
async fn headers_without_end_are_an_error() {
    const MOST: usize = 64 * 1024 * 1024;
    let long_name = |_: usize| "a".repeat(1024);
    let many = |index: usize| format!("x-{index}: {}\r\n", "a".repeat(1000));
    let parts: [fn(usize) -> String; 2] = [long_name, many];
    for part in parts {
        let server = Server::start(move |mut stream| {
            head(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\n").unwrap();
            write_without_end(&mut stream, part, MOST)
        });
        let error = server.client("http").current_user().await.unwrap_err();
        assert_hides_the_key(&error);
        // Buffers of the system take a part.
        let written = server.end().await;
        assert!(written < 16 * 1024 * 1024, "{written} bytes were taken");
    }
}

/// The limits of the HTTP library, which `SECURITY.md` states.
#[tokio::test]
async fn headers_have_a_limit_on_number_and_size() {
    let many = |count: usize| "x-note: a\r\n".repeat(count);
    let long = |length: usize| format!("x-note: {}\r\n", "a".repeat(length));
    // Two more headers describe the body. The last read before the limit on size may exceed it.
    for (headers, is_read) in
        [(many(98), true), (many(99), false), (long(390 * 1024), true), (long(2 * 1024 * 1024), false)]
    {
        let server = Server::start(move |mut stream| {
            head(&mut stream);
            let body = r#"{"id":"1","username":"ana"}"#;
            let response = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}\r\n{body}",
                body.len()
            );
            // A client that rejects the headers closes the connection.
            let _ = stream.write_all(response.as_bytes());
            headers.len()
        });
        let user = server.client("http").current_user().await;
        let length = server.end().await;
        assert_eq!(user.is_ok(), is_read, "{length} bytes of headers: {user:?}");
    }
}

#[tokio::test]
async fn body_without_end_stops_at_the_limit_of_the_call() {
    const MOST: usize = 256 * 1024 * 1024;
    let server = Server::start(|mut stream| {
        head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[").unwrap();
        write_without_end(&mut stream, |_| "0,".repeat(1024), MOST)
    });
    let dl = server.client("http").with_options(CallOptions::default().response_limit(1024 * 1024));
    let error = dl.current_user().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    let written = server.end().await;
    assert!(written < 32 * 1024 * 1024, "{written} bytes were taken");
}

/// The JSON of a user in gzip.
const USER_IN_GZIP: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0xca, 0x4c, 0x51, 0xb2, 0x52,
    0x32, 0x54, 0xd2, 0x51, 0x2a, 0x2d, 0x4e, 0x2d, 0xca, 0x4b, 0xcc, 0x4d, 0x05, 0x72, 0x13, 0xf3, 0x12,
    0x95, 0x6a, 0x01, 0x7b, 0x13, 0x8b, 0x9e, 0x1b, 0x00, 0x00, 0x00,
];

/// Starts a server that answers with a user in gzip, and returns the head of the request.
fn start_compressed() -> Server<String> {
    Server::start(|mut stream| {
        let head = head(&mut stream);
        let start = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            USER_IN_GZIP.len()
        );
        stream.write_all(start.as_bytes()).unwrap();
        stream.write_all(USER_IN_GZIP).unwrap();
        head.to_ascii_lowercase()
    })
}

/// A coding that this build does not have is not asked for, and named in the error.
#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn compression_that_is_not_compiled_is_neither_requested_nor_decompressed() {
    let server = start_compressed();
    let error = server.client("http").current_user().await.unwrap_err();
    assert_hides_the_key(&error);
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.to_string().contains("feature gzip"), "{error}");
    let head = server.end().await;
    assert!(head.contains("authorization: bearer") && !head.contains("gzip"), "{head}");
}

/// The transport decompresses, with its limits, and not the HTTP client.
#[cfg(feature = "gzip")]
#[tokio::test]
async fn compressed_response_has_the_limit_of_its_content() {
    let server = start_compressed();
    let dl = server.client("http").with_options(CallOptions::default().response_limit(26));
    let error = dl.current_user().await.unwrap_err();
    assert_hides_the_key(&error);
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    assert!(server.end().await.contains("accept-encoding: gzip"));
    let server = start_compressed();
    let dl = server.client("http").with_options(CallOptions::default().response_limit(27));
    assert_eq!(dl.current_user().await.unwrap().username, "ana");
    server.end().await;
}

/// A recursion over such a response would end the process, whose stack overflows.
#[tokio::test]
async fn deeply_nested_responses_do_not_end_the_process() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let json = |body: String| Reply::body("application/json", body);
    let event = format!("event: token\ndata: {{\"a\":{deep}}}\n\n");
    let script = Script::new()
        .reply(json(deep.clone()))
        .reply(json(format!(r#"{{"id":"1","username":"ana","more":{deep}}}"#)))
        .reply(json(format!(r#"{{"data":[{{"a":{deep}}}],"metadata":{{"count":1}}}}"#)))
        .reply(json(deep.clone()).with_status(400))
        .reply(Reply::event_stream([event]));
    let dl = script.client().with_options(CallOptions::default().retry(RetryPolicy::never()));
    assert_hides_the_key(&dl.current_user().await.unwrap_err());
    // An unknown field may be skipped or rejected.
    drop(dl.current_user().await);
    let films = dl.dataset("cinema", "films").unwrap();
    drop(films.query().fetch::<serde_json::Value>().await);
    assert_eq!(dl.current_user().await.unwrap_err().status().map(|status| status.as_u16()), Some(400));
    let namespace = dl.namespace("cinema").unwrap();
    assert!(namespace.ask("q").await.is_err());
    script.finish();
}

#[tokio::test]
async fn line_ends_cannot_add_headers() {
    for evil in ["a\r\nx-evil: 1", "a\nx-evil: 1", "a\rx", "a\u{0}"] {
        let error = CallOptions::default().header("x-note", evil).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(CallOptions::default().header(evil, "1").is_err());
        let builder = || DataLinks::builder("http://127.0.0.1:1/api/v1", KEY).no_proxy();
        let key = DataLinks::builder("http://127.0.0.1:1/api/v1", evil).no_proxy().build().unwrap_err();
        assert_eq!(key.kind(), ErrorKind::Config);
        assert_eq!(builder().user_agent(evil).build().unwrap_err().kind(), ErrorKind::Config, "{evil:?}");
        // Ids of runs are a part of the path.
        let script = Script::new();
        let dl = script.client();
        let run = dl.run(evil).map(drop);
        assert!(run.is_err(), "{evil:?}");
        script.finish();
    }
}

/// Text of a server could otherwise forge lines of a log, or control the terminal that shows it.
#[tokio::test]
async fn text_of_a_server_stays_in_one_line_of_a_log() {
    let evil = "no\r\n2030-01-01 ERROR forged\u{1b}[2J\u{7}\u{2028}end";
    let script = Script::new().reply(Reply::error(400, "BAD\u{1b}[31m\n", evil));
    let error = script.client().current_user().await.unwrap_err();
    assert!(error.to_string().contains("forged"), "{error}");
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(|letter: char| letter.is_control() || letter == '\u{2028}'), "{text:?}");
    }
    script.finish();
}
