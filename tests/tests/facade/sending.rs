//! Sent and unsent requests: connections that fail, that close, and that are slow.

use std::time::Duration;

use datalinks::{CallOptions, DataLinks, Error, ErrorKind, RetryPolicy};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use uuid::Uuid;

/// A short timeout for the tests that wait for it.
const SHORT: Duration = Duration::from_millis(50);

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

fn client(origin: &str) -> datalinks::DataLinksBuilder {
    let policy = RetryPolicy::default().max_attempts(3).backoff(Duration::ZERO, Duration::ZERO);
    DataLinks::builder(format!("{origin}/api/v1"), "k").retry(policy)
}

/// Returns the errors of calls that are not safe to retry: with a body, without a body, and a DELETE.
async fn calls(dl: &DataLinks) -> [Error; 4] {
    let trees = dl.dataset("plants", "trees").unwrap();
    [
        dl.create_token("ci").await.unwrap_err(),
        dl.retry_ingestion(Uuid::nil()).await.unwrap_err(),
        trees.delete().await.unwrap_err(),
        trees.clear().await.unwrap_err(),
    ]
}

/// A timeout while connecting was reported as an ambiguous outcome, so that the call was not retried and rows
/// were reported as possibly stored.
///
/// No server accepts on this port, so that the TLS handshake never ends, which the client treats as connecting.
///
/// Regression 7.
#[tokio::test]
async fn timeout_while_connecting_means_not_sent() {
    let (_listener, address) = listen().await;
    let origin = format!("https://{address}");
    let dl = client(&origin).build().unwrap().with_options(CallOptions::new().timeout(SHORT));
    for error in calls(&dl).await {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1), "{error}");
        assert!(!error.is_ambiguous() && error.to_string().contains("nothing was sent"), "{error}");
    }
    let ingest = dl.dataset("plants", "trees").unwrap().ingest([json!({ "a": 1 })]).await.unwrap();
    assert!(!ingest.failed[0].error.is_ambiguous(), "{}", ingest.failed[0].error);

    // With the connect timeout, the calls are retried, because none was executed.
    let dl = client(&origin).connect_timeout(SHORT).build().unwrap();
    for error in calls(&dl).await {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3), "{error}");
        assert!(!error.is_ambiguous(), "{error}");
    }

    // The idle timeout does not run while connecting.
    let dl = client(&origin).idle_timeout(Duration::from_millis(1)).connect_timeout(SHORT).build().unwrap();
    for error in calls(&dl).await {
        assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Connect, false), "{error}");
    }
}

/// A server that received the request without responding may have executed it.
#[tokio::test]
async fn sent_calls_without_a_response_have_an_ambiguous_outcome() {
    let (listener, address) = listen().await;
    let held = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            held.push(connection);
        }
    });
    let origin = format!("http://{address}");
    let dl = client(&origin).build().unwrap().with_options(CallOptions::new().timeout(SHORT));
    for error in calls(&dl).await {
        assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Timeout, true), "{error}");
    }
    let dl = client(&origin).idle_timeout(SHORT).build().unwrap();
    for error in calls(&dl).await {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1), "{error}");
        assert!(error.is_ambiguous() && error.to_string().contains("silent"), "{error}");
        assert!(error.to_string().contains("check whether it took effect"), "{error}");
    }
    held.abort();
}

async fn respond(connection: &mut BufReader<TcpStream>) -> Option<String> {
    let request = datalinks_tests::server::read(connection).await?;
    let body = json!({ "token": "t", "name": "ci" }).to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.get_mut().write_all(format!("{head}{body}").as_bytes()).await.ok()?;
    Some(request.target)
}

/// The connection is kept alive, and the server closes it before the next request. The client sends that
/// request once over a new connection, although the operation is not safe to retry.
#[tokio::test]
async fn closed_idle_connection_is_replaced() {
    let (listener, address) = listen().await;
    let (closed, is_closed) = oneshot::channel();
    let server = tokio::spawn(async move {
        let mut first = BufReader::new(listener.accept().await.unwrap().0);
        respond(&mut first).await.unwrap();
        first.get_mut().shutdown().await.unwrap();
        // The client closes its side after it has seen the end.
        assert_eq!(first.read(&mut [0]).await.unwrap(), 0);
        closed.send(()).unwrap();
        let mut second = BufReader::new(listener.accept().await.unwrap().0);
        respond(&mut second).await.unwrap();
        (second, listener)
    });
    let dl = client(&format!("http://{address}")).build().unwrap();
    dl.create_token("ci").await.unwrap();
    is_closed.await.unwrap();
    dl.create_token("ci").await.unwrap();
    let (mut second, listener) = server.await.unwrap();

    // No server listens, so the outcome is not ambiguous.
    drop(listener);
    second.get_mut().shutdown().await.unwrap();
    assert_eq!(second.read(&mut [0]).await.unwrap(), 0);
    let error = dl.create_token("ci").await.unwrap_err();
    assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Connect, false), "{error}");
}

/// The connection closes during the request. The server has received a part of it, and the rest may be on its
/// way.
#[tokio::test]
async fn connection_closed_during_the_request_is_ambiguous() {
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut half = vec![0; 100_000];
        connection.read_exact(&mut half).await.unwrap();
    });
    let dl = client(&format!("http://{address}")).build().unwrap();
    let name = "x".repeat(200_000);
    let error = dl.create_token(name).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 1), "{error}");
    assert!(error.is_ambiguous(), "{error}");
    server.await.unwrap();
}

/// The server closes connections immediately. Whether the request is sent before that is a race, and the client
/// makes no claim without proof.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn received_requests_are_never_reported_as_not_sent() {
    const END: &[u8] = b"the end of the test";
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        let mut arrived = Vec::new();
        while !arrived.ends_with(END) {
            let (mut connection, _) = listener.accept().await.unwrap();
            // The client may have closed the connection.
            let _ = connection.shutdown().await;
            let _ = connection.read_to_end(&mut arrived).await;
        }
        String::from_utf8(arrived).unwrap()
    });
    let dl = client(&format!("http://{address}")).retry(RetryPolicy::never()).build().unwrap();
    let mut not_sent = Vec::new();
    for number in 0..100 {
        let id = Uuid::from_u128(number);
        let result = if number % 2 == 0 {
            dl.create_token(id).await.map(drop)
        } else {
            dl.retry_ingestion(id).await.map(drop)
        };
        let error = result.unwrap_err();
        if !error.is_ambiguous() {
            assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
            not_sent.push(id.to_string());
        }
    }
    let mut end = TcpStream::connect(&address).await.unwrap();
    end.write_all(END).await.unwrap();
    end.shutdown().await.unwrap();
    let arrived = server.await.unwrap();
    for id in not_sent {
        assert!(!arrived.contains(&id), "{id} arrived");
    }
}

/// In the TLS handshake, a client offers its HTTP versions in clear text.
///
/// Regression 40.
#[tokio::test]
async fn only_http_1_1_is_offered() {
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut hello = [0; 5];
        connection.read_exact(&mut hello).await.unwrap();
        let length = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
        let mut hello = vec![0; length];
        connection.read_exact(&mut hello).await.unwrap();
        hello
    });
    let dl = client(&format!("https://{address}")).retry(RetryPolicy::never()).build().unwrap();
    assert_eq!(dl.current_user().await.unwrap_err().kind(), ErrorKind::Connect);
    let hello = server.await.unwrap();
    let offers = |name: &[u8]| hello.windows(name.len()).any(|found| found == name);
    // The extension (16): 11 bytes, a list of 9 bytes, a name of 8 bytes.
    assert!(offers(b"\x00\x10\x00\x0b\x00\x09\x08http/1.1"), "{hello:?}");
    assert!(!offers(b"\x02h2"), "{hello:?}");
}

/// A server that supports only HTTP/2 causes a readable error instead of a hang.
#[tokio::test]
async fn server_with_http_2_only_is_an_error() {
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut line = [0; 16];
        connection.read_exact(&mut line).await.unwrap();
        // SETTINGS, then GOAWAY with a protocol error.
        let settings = b"\0\0\0\x04\0\0\0\0\0";
        let go_away = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01";
        connection.write_all(&[&settings[..], go_away].concat()).await.unwrap();
        connection.shutdown().await.unwrap();
        line
    });
    let dl = client(&format!("http://{address}")).retry(RetryPolicy::never()).build().unwrap();
    let error = dl.current_user().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    assert!(server.await.unwrap().starts_with(b"GET /api/v1/"));
}
