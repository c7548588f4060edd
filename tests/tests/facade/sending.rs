//! Whether a request left: connections that are not made, that die, and that are slow.

use std::time::Duration;

use datalinks::{CallOptions, DataLinks, Error, ErrorKind, RetryPolicy};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use uuid::Uuid;

/// Short for the tests that wait for it.
const SHORT: Duration = Duration::from_millis(50);

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

fn client(origin: &str) -> datalinks::DataLinksBuilder {
    let policy = RetryPolicy::default().attempts(3).backoff(Duration::ZERO, Duration::ZERO);
    DataLinks::builder(format!("{origin}/api/v1"), "k").retry(policy)
}

/// The errors of calls that must not run twice: with a body, without one, and a DELETE.
async fn calls(dl: &DataLinks) -> [Error; 4] {
    let trees = dl.dataset("plants", "trees").unwrap();
    [
        dl.create_token("ci").await.unwrap_err(),
        dl.retry_ingestion(Uuid::nil()).await.unwrap_err(),
        trees.delete().await.unwrap_err(),
        trees.clear().await.unwrap_err(),
    ]
}

/// Time limits that ended while the connection was being made claimed an unknown outcome, so that nothing was retried
/// and rows were reported as possibly stored.
///
/// Nobody accepts on this port, so that the handshake of TLS never ends: to the client, that is making a connection.
///
/// Regression 7.
#[tokio::test]
async fn calls_that_end_while_connecting_were_not_sent() {
    let (_listener, address) = listen().await;
    let origin = format!("https://{address}");
    let dl = client(&origin).build().unwrap().with_options(CallOptions::new().timeout(SHORT));
    for error in calls(&dl).await {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1), "{error}");
        assert!(!error.is_ambiguous() && error.to_string().contains("nothing was sent"), "{error}");
    }
    let ingest = dl.dataset("plants", "trees").unwrap().ingest([json!({ "a": 1 })]).await.unwrap();
    assert!(!ingest.failed[0].error.is_ambiguous(), "{}", ingest.failed[0].error);

    // With the limit of the connection itself, the calls are retried: none was executed.
    let dl = client(&origin).connect_timeout(SHORT).build().unwrap();
    for error in calls(&dl).await {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3), "{error}");
        assert!(!error.is_ambiguous(), "{error}");
    }

    // The limit of silence does not run before there is anybody to be silent.
    let dl = client(&origin).idle_timeout(Duration::from_millis(1)).connect_timeout(SHORT).build().unwrap();
    for error in calls(&dl).await {
        assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Connect, false), "{error}");
    }
}

/// A server that takes the request and does not respond may have carried it out.
#[tokio::test]
async fn calls_that_were_sent_have_an_unknown_outcome() {
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

/// The connection is kept, and the server closes it before the next request: that request goes over another
/// connection, once, although the operation must not run twice.
#[tokio::test]
async fn a_kept_connection_that_is_closed_costs_nothing() {
    let (listener, address) = listen().await;
    let (closed, is_closed) = oneshot::channel();
    let server = tokio::spawn(async move {
        let mut first = BufReader::new(listener.accept().await.unwrap().0);
        respond(&mut first).await.unwrap();
        first.get_mut().shutdown().await.unwrap();
        // The client has seen the end when it closes its side, too.
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

    // Nobody listens any more: no connection, no doubt.
    drop(listener);
    second.get_mut().shutdown().await.unwrap();
    assert_eq!(second.read(&mut [0]).await.unwrap(), 0);
    let error = dl.create_token("ci").await.unwrap_err();
    assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Connect, false), "{error}");
}

/// A connection that ends within the request: the server has a part of it, and may have more on its way.
#[tokio::test]
async fn a_connection_that_ends_within_the_request_leaves_doubt() {
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

/// Connections that the server ends at once: whether the request leaves before that is a race, and no claim is made
/// without proof.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_that_arrived_is_said_not_to_have_left() {
    const END: &[u8] = b"the end of the test";
    let (listener, address) = listen().await;
    let server = tokio::spawn(async move {
        let mut arrived = Vec::new();
        while !arrived.ends_with(END) {
            let (mut connection, _) = listener.accept().await.unwrap();
            // The client may have gone already.
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

/// Over TLS, a client offers the versions of HTTP that it speaks, in clear text, before anything else.
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
    // The extension (16): 11 bytes, a list of 9 bytes, a name of 8.
    assert!(offers(b"\x00\x10\x00\x0b\x00\x09\x08http/1.1"), "{hello:?}");
    assert!(!offers(b"\x02h2"), "{hello:?}");
}

/// A server that speaks HTTP/2 alone is an error that can be read, not a hang.
#[tokio::test]
async fn a_server_of_http_2_alone_is_an_error() {
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
