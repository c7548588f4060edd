//! The server: its table of operations, its key, its faults, its shutdown.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::support::{Result, Server, expect, read, read_until_end, sse};
use datalinks_emulator::{Emulator, EmulatorError, Fault, FaultError};
use datalinks_gen::{OPERATIONS, Server as Side};
use serde_json::json;

#[tokio::test]
async fn every_operation_responds_in_the_documented_shape() -> Result {
    let server = Server::start().await?;
    let coverage = server.http.get(format!("{}/_emulator/coverage", server.emulator.proxy_url()));
    let coverage = expect(200, read(coverage.send().await?).await?)?.json()?;
    let listed = coverage.as_array().ok_or("a list")?;
    assert_eq!(listed.len(), OPERATIONS.len());
    for (operation, listed) in OPERATIONS.iter().zip(listed) {
        assert_eq!(listed["operation"], operation.id);
    }
    for (operation, listed) in OPERATIONS.iter().zip(listed) {
        let path = operation.path.replace(['{', '}'], "");
        assert_eq!(path.starts_with("/api/"), operation.server == Side::Proxy);
        let answer = server.send(operation.method, &path).await?;
        assert!(
            ["computed", "partly-scripted", "scripted", "unsupported"].contains(&answer.label.as_str()),
            "{operation:?}"
        );
        assert!(answer.headers.contains_key("x-request-id"));
        match answer.status {
            200 | 201 | 204 => {}
            400..=499 => drop(answer.problem()?),
            501 => {
                let (code, message) = answer.problem()?;
                assert_eq!((code.as_str(), answer.label.as_str()), ("NOT_IMPLEMENTED", "unsupported"));
                assert!(message.contains(&format!("`{}`", operation.id)), "{message}");
                assert_eq!(listed["coverage"], "unsupported", "{operation:?}");
            }
            _ => panic!("{operation:?} returned {answer:?}"),
        }
        let seen = server.emulator.requests();
        let last = seen.last().ok_or("a request")?;
        assert_eq!((last.operation, last.status), (Some(operation.id), answer.status));
    }
    Ok(())
}

#[tokio::test]
async fn unknown_paths_are_404() -> Result {
    let server = Server::start().await?;
    let missing = expect(404, server.send("GET", "/nothing/here").await?)?;
    assert_eq!(missing.problem()?.0, "NOT_FOUND");
    let method = expect(405, server.send("PATCH", "/data").await?)?;
    assert_eq!(method.problem()?.0, "METHOD_NOT_ALLOWED");
    assert_eq!(method.headers.get("allow").and_then(|allow| allow.to_str().ok()), Some("GET"));
    let outside =
        read(server.http.get(format!("{}/outside", server.emulator.proxy_url())).send().await?).await?;
    assert!(expect(404, outside)?.problem()?.1.contains("start with /api/v1"));
    Ok(())
}

#[tokio::test]
async fn only_valid_keys_are_accepted() -> Result {
    let server = Server::with(Emulator::builder().api_key("s3cret-canary").username("bo")).await?;
    let url = format!("{}/user/me", server.emulator.api_url());
    for key in [None, Some("wrong")] {
        let mut request = server.http.get(&url);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        let answer = expect(401, read(request.send().await?).await?)?;
        assert_eq!(answer.problem()?.0, "UNAUTHORIZED");
    }
    assert_eq!(expect(200, server.send("GET", "/user/me").await?)?.json()?["username"], "bo");
    expect(200, server.send("GET", "/schema/bo/namespaces").await?)?;
    let printed = format!("{:?} {:?}", server.emulator, server.emulator.requests());
    assert!(!printed.contains("s3cret"), "{printed}");
    assert!(!format!("{:?}", Emulator::builder().api_key("s3cret-canary")).contains("s3cret"));
    Ok(())
}

#[tokio::test]
async fn large_bodies_are_rejected_after_they_are_read() -> Result {
    let server = Server::with(Emulator::builder().body_limit(1000)).await?;
    server.fill("cinema", "films", json!([])).await?;
    for size in [1001, 4_000_000] {
        let refused = server.send_text("POST", "/ingest/cinema/films", &"x".repeat(size)).await?;
        let (code, message) = expect(413, refused)?.problem()?;
        assert_eq!(code, "PAYLOAD_TOO_LARGE");
        assert!(message.contains("1000 bytes"), "{message}");
    }
    Ok(())
}

#[tokio::test]
async fn builder_settings_are_validated() {
    let outside = SocketAddr::from(([0, 0, 0, 0], 0));
    let refused = Emulator::builder().address(outside).start().await;
    assert!(matches!(refused, Err(EmulatorError::NotLoopback(address)) if address == outside));
    let exposed = || Emulator::builder().address(outside).allow_other_hosts();
    let refused = exposed().start().await;
    assert!(matches!(refused, Err(EmulatorError::PublicKey(address)) if address == outside), "{refused:?}");
    let refused = exposed().api_key("k").user("bo", "emulator-key").start().await;
    assert!(matches!(refused, Err(EmulatorError::PublicKey(_))), "{refused:?}");
    assert!(exposed().api_key("k").start().await.is_ok());
    for host in ["", "http://box", "box/", "a..b", "box:port"] {
        let refused = Emulator::builder().allow_host(host).start().await;
        assert!(matches!(refused, Err(EmulatorError::InvalidHost(_))), "{host}");
    }
    for builder in [Emulator::builder(), Emulator::builder().api_key("k").user("bo", "emulator-key")] {
        let refused = builder.allow_host("dl.localhost").allow_host("box.example").start().await;
        let is_named = matches!(&refused, Err(EmulatorError::PublicKeyByHost(host)) if host == "box.example");
        assert!(is_named, "{refused:?}");
    }
    assert!(Emulator::builder().allow_host("dl.localhost").start().await.is_ok());
    for name in ["", "self", "a.b", "a/b"] {
        let refused = Emulator::builder().username(name).start().await;
        assert!(matches!(refused, Err(EmulatorError::InvalidUsername(_))), "{name}");
    }
    for key in ["", "a\nb", "ü"] {
        let refused = Emulator::builder().api_key(key).start().await;
        assert!(matches!(refused, Err(EmulatorError::InvalidApiKey)), "{key}");
    }
    let refused = Emulator::builder().part_size(0).start().await;
    assert!(matches!(refused, Err(EmulatorError::InvalidPartSize)));
    let first = Emulator::start().await.unwrap();
    let second = Emulator::builder().address(first.address()).start().await;
    assert!(matches!(second, Err(EmulatorError::Bind { .. })));
}

#[tokio::test]
async fn drop_or_shutdown_closes_the_port() -> Result {
    let server = Server::start().await?;
    expect(200, server.send("GET", "/data").await?)?;
    let address = server.emulator.address();
    TcpStream::connect(address)?;
    drop(server.emulator);
    assert!(TcpStream::connect(address).is_err());

    let emulator = Emulator::start().await?;
    let address = emulator.address();
    emulator.shutdown().await;
    assert!(TcpStream::connect(address).is_err());
    Ok(())
}

#[test]
fn blocking_start_works_without_async() -> Result {
    let emulator = Emulator::builder().start_blocking()?;
    TcpStream::connect(emulator.address())?;
    Ok(())
}

#[tokio::test]
async fn calls_rejected_by_a_fault_are_not_executed() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "films", json!([])).await?;
    let faults = server.emulator.faults();
    faults.inject(Fault::new("ingestData").status(503).retry_after("7").after(1))?;
    faults.inject(Fault::new("ingestData").html(502).after(2))?;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers
            .push(server.send_json("POST", "/ingest/cinema/films", json!({ "data": [{ "a": 1 }] })).await?);
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 503, 502, 200]);
    assert_eq!(answers[1].problem()?.0, "INJECTED_FAULT");
    assert_eq!(answers[1].headers.get("retry-after").and_then(|value| value.to_str().ok()), Some("7"));
    assert_eq!(answers[1].label, "scripted");
    assert!(
        answers[2].content_type.starts_with("text/html") && answers[2].text.starts_with("<!doctype html>")
    );
    assert_eq!(server.row_count("cinema", "films").await?, 2);
    let faulted: Vec<bool> = server.emulator.requests().iter().map(|seen| seen.faulted).collect();
    assert_eq!(faulted, [false, false, false, true, true, false, false]);
    Ok(())
}

#[tokio::test]
async fn lost_response_keeps_its_rows() -> Result {
    let server = Server::start().await?;
    server.fill("cinema", "films", json!([])).await?;
    server.emulator.faults().inject(Fault::new("ingestData").lose_response())?;
    let lost = server.send_json("POST", "/ingest/cinema/films", json!({ "data": [{ "a": 1 }] })).await;
    let lost = lost.err().ok_or("the answer must be lost")?;
    let lost = lost.downcast_ref::<reqwest::Error>().ok_or("an error of the client")?;
    assert!(lost.is_request() && !lost.is_connect(), "sent, but without a response: {lost:?}");
    assert_eq!(server.row_count("cinema", "films").await?, 1);
    let seen = server.emulator.requests();
    let seen = seen.iter().rfind(|seen| seen.operation == Some("ingestData")).ok_or("the request")?;
    assert_eq!((seen.status, seen.faulted), (200, true));
    Ok(())
}

#[tokio::test]
async fn body_can_be_truncated() -> Result {
    let server = Server::cinema().await?;
    server.emulator.faults().inject(Fault::new("queryData").truncate_body())?;
    let half = expect(200, server.query("Ontology(films)").await?)?;
    assert!(half.text.starts_with("{\"data\":[") && half.json().is_err());
    let whole = expect(200, server.query("Ontology(films)").await?)?;
    assert_eq!(half.text.len(), whole.text.len() / 2);
    Ok(())
}

#[tokio::test]
async fn call_can_be_delayed() -> Result {
    let server = Server::start().await?;
    let delay = Duration::from_millis(20);
    server.emulator.faults().inject(Fault::new("getDatasets").delay(delay))?;
    let clock = std::time::Instant::now();
    expect(200, server.send("GET", "/data").await?)?;
    assert!(clock.elapsed() >= delay);
    Ok(())
}

#[tokio::test]
async fn ask_streams_can_be_cut_and_ended_early() -> Result {
    let server = Server::cinema().await?;
    let faults = server.emulator.faults();
    let body = json!({ "username": "self", "namespace": "cinema", "query": "Alien?" });
    for (fault, breaks) in
        [(Fault::new("autoragStream").cut_after(4), true), (Fault::new("autoragStream").end_after(4), false)]
    {
        faults.inject(fault)?;
        let (text, broken) =
            read_until_end(server.request("POST", "/query/ask")?.json(&body).send().await?).await;
        assert_eq!((sse(&text)?.len(), broken), (4, breaks));
    }
    Ok(())
}

#[tokio::test]
async fn faults_of_unknown_operations_are_rejected() -> Result {
    let server = Server::start().await?;
    let refused = server.emulator.faults().inject(Fault::new("ingest").status(500));
    assert!(matches!(refused, Err(FaultError::UnknownOperation(name)) if name == "ingest"));
    Ok(())
}

#[tokio::test]
async fn cut_after_a_large_event_keeps_it() -> Result {
    let server = Server::start().await?;
    let text = "x".repeat(700_000);
    let rows: Vec<_> = (0..10).map(|n| json!({ "title": "Alien", "n": n, "text": text })).collect();
    server.fill("cinema", "films", json!(rows)).await?;
    let body = json!({ "username": "self", "namespace": "cinema", "query": "Alien?" });
    server.emulator.faults().inject(Fault::new("autoragStream").cut_after(6))?;
    let (text, broken) =
        read_until_end(server.request("POST", "/query/ask")?.json(&body).send().await?).await;
    assert!(broken);
    let events = sse(&text)?;
    assert_eq!(events.len(), 6);
    assert_eq!(events[5].1["data"].as_array().map(Vec::len), Some(10));
    Ok(())
}

#[test]
fn handles_are_usable_on_other_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<Emulator>();
    check::<datalinks_emulator::Faults>();
}

#[tokio::test]
async fn imports_above_the_limit_are_rejected() -> Result {
    let server = Server::with(Emulator::builder().import_limit(2_000)).await?;
    server.fill("cinema", "films", json!([{ "title": "Alien" }])).await?;
    let document = String::from_utf8(server.emulator.export()?)?;
    let import = |document: String| {
        let url = format!("{}/_emulator/import", server.emulator.proxy_url());
        server.http.put(url).body(document).send()
    };
    let too_large = format!("{document}{}", " ".repeat(2_001 - document.len()));
    let (code, message) = expect(413, read(import(too_large).await?).await?)?.problem()?;
    assert_eq!(code, "PAYLOAD_TOO_LARGE");
    assert!(
        message.contains("larger than 2000 bytes; start the emulator with a larger import limit"),
        "{message}"
    );
    assert_eq!(server.row_count("cinema", "films").await?, 1, "nothing changed");
    expect(200, read(import(document).await?).await?)?;
    Ok(())
}

#[tokio::test]
async fn counted_work_is_proportional_to_the_input() -> Result {
    let server = Server::start().await?;
    let work = async || -> Result<u64> {
        let counts = expect(200, server.control("GET", "work", None).await?)?.json()?;
        counts["steps"].as_u64().ok_or_else(|| "no steps".into())
    };
    let steps = async |size: usize| -> Result<u64> {
        let before = work().await?;
        let row: serde_json::Map<String, serde_json::Value> =
            (0..size).map(|number| (format!("Column {number}"), "An Ox".into())).collect();
        let columns: Vec<String> = (0..size).map(|number| format!("Column {number}")).collect();
        let steps =
            json!([{ "type": "validate", "mode": "regex", "columns": columns }, { "type": "namedEntities" }]);
        let body = json!({ "data": [row], "infer": { "steps": steps } });
        expect(200, server.send_json("POST", "/infer/preview", body).await?)?;
        Ok(work().await? - before)
    };
    let (one, two) = (steps(1_000).await?, steps(2_000).await?);
    assert!(one > 1_000 && two as f64 <= 2.3 * one as f64, "{one} steps, and {two} for twice as much");
    Ok(())
}
