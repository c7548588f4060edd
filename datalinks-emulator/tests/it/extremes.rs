//! Requests with extreme values. The emulator must respond to each and keep responding.
//!
//! The serving thread has the default stack, so that recursion over the nesting of a request would overflow it.

use std::io::{Read, Write};
use std::time::{Duration, SystemTime};

use datalinks_emulator::{Emulator, Fault};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::chat::{Chat, Say};
use crate::support::{Answer, Result, Server, expect, read};

/// A depth that recursion on a default stack does not reach.
const DEEP: usize = 100_000;

/// Returns arrays nested to this depth.
fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

/// Returns objects nested to this depth.
fn objects(depth: usize) -> String {
    format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth))
}

async fn is_alive(server: &Server) -> Result {
    expect(200, server.send("GET", "/data/self").await?)?;
    Ok(())
}

/// Sends a query, which may contain quotes.
async fn query(server: &Server, text: &str) -> Result<Answer> {
    server.query(text).await
}

#[tokio::test]
async fn queries_have_a_limit_on_their_hops() -> Result {
    let server = Server::cinema().await?;
    for hops in [51, 4_000, 100_000] {
        for hop in [".searchAround().find(people)", ".sortAscending(a)", ".limit(1)", ".filter(a==1)"] {
            let answer = query(&server, &format!("Ontology(films){}", hop.repeat(hops))).await?;
            let (code, message) = expect(400, answer)?.problem()?;
            assert_eq!(code, "BAD_REQUEST");
            let is_told = message.contains("at most 50 clauses") || message.contains("at most 262144 bytes");
            assert!(is_told && message.len() < 1_000, "{hops} times {hop}: {message}");
        }
    }
    let longest = format!("Ontology(films){}", ".limit(9)".repeat(50));
    let body =
        json!({ "username": "self", "namespace": "cinema", "query": longest, "explainRequested": true });
    let explained = expect(200, server.send_json("POST", "/query", body).await?)?.json()?;
    let mut entry = &explained["explainResults"];
    for _ in 0..50 {
        entry = &entry["children"][0];
    }
    assert_eq!(entry["datasetQueriesStat"]["resultCount"], 3);
    Ok(())
}

#[tokio::test]
async fn conditions_have_a_limit_on_their_nesting() -> Result {
    let server = Server::cinema().await?;
    for depth in [64, 65, 4_000, DEEP] {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        let answer = query(&server, &format!("Ontology(films).filter({open}year == 1979{close})")).await?;
        expect(if depth > 64 { 400 } else { 200 }, answer)?;
        for unfinished in [format!("Ontology({open}"), format!("Ontology(films).filter({open}")] {
            expect(400, query(&server, &unfinished).await?)?;
        }
    }
    // A string in a string doubles its escapes, so the length is the limit.
    let mut condition = "year == 1979".to_owned();
    for _ in 0..12 {
        condition = format!("\"{}\"", condition.replace('\\', r"\\").replace('"', "\\\""));
    }
    expect(200, query(&server, &format!("Ontology(films).filter({condition})")).await?)?;
    is_alive(&server).await
}

/// Returns bodies with this JSON in a row, for each operation with rows.
fn in_rows(value: &str) -> Vec<(&'static str, String)> {
    let row = format!(r#"{{"id":1,"deep":{value}}}"#);
    let data = format!(r#"{{"data":[{row}]}}"#);
    let step = |step: &str| format!(r#"{{"data":[{row}],"infer":{{"steps":[{step}]}}}}"#);
    let run = format!(
        r#"{{"datalinksUsername":"self","namespace":"cinema","model":true,"ingest":true,"ontology":true,
            "maxEvalRetries":0,"maxRowsForModeling":5,"maxSampleRows":5,"enableHumanInTheLoop":false,"data":[{row}]}}"#
    );
    let steps = [
        r#"{"type":"rows","deriveFrom":"deep"}"#,
        r#"{"type":"table","deriveFrom":"deep"}"#,
        r#"{"type":"normalise","mode":"all-in-one","targetCols":{"deep":"x"}}"#,
        r#"{"type":"validate","mode":"regex","columns":["id","deep"]}"#,
        r#"{"type":"reverseGeo","deriveFrom":"deep"}"#,
        r#"{"type":"namedEntities"}"#,
    ];
    let mut bodies: Vec<(&'static str, String)> =
        steps.iter().map(|own| ("/infer/preview", step(own))).collect();
    bodies.extend([
        ("/ingest/cinema/films", data.clone()),
        ("/links/self/cinema/films", data.clone()),
        ("/links/preview/self/cinema/films", data),
        ("/infer/schema", format!(r#"{{"sample":[{row}]}}"#)),
        ("/infer/description", format!(r#"{{"sample":[{row}]}}"#)),
        ("/api/pipeline", run),
    ]);
    bodies
}

#[tokio::test]
async fn rows_of_any_depth_and_number_are_stored() -> Result {
    let folder = tempfile::tempdir()?;
    let start = || Server::with(Emulator::builder().data_dir(folder.path()));
    let server = start().await?;
    server.fill("cinema", "films", json!([])).await?;
    let digits = "9".repeat(10_000);
    for value in [&nested(DEEP), &objects(DEEP), "1e999", "-1e-999", &digits] {
        for (path, body) in in_rows(value) {
            let answer = server.send_as_written("POST", path, &body).await?;
            assert!((200..300).contains(&answer.status), "{path}: {answer:.300?}");
            if path == "/infer/preview" && body.contains("validate") {
                assert!(answer.text.contains(&format!(r#""deep":{value}"#)), "{path}");
            }
        }
    }
    let found = expect(200, query(&server, "Ontology(films).sortDescending(deep)").await?)?;
    for value in [&nested(DEEP), &objects(DEEP), "1e999", "-1e-999", &digits] {
        assert!(found.text.contains(&format!(r#""deep":{value}"#)));
    }
    // The rows are in the data directory, and are loaded after a restart.
    let rows = server.row_count("cinema", "films").await?;
    assert_eq!(rows, 5);
    server.emulator.shutdown().await;
    let server = start().await?;
    assert_eq!(server.row_count("cinema", "films").await?, rows);
    is_alive(&server).await
}

#[tokio::test]
async fn other_values_too_deep_or_out_of_range_are_rejected() -> Result {
    let server = Server::cinema().await?;
    for value in [&nested(130), &nested(DEEP), &objects(DEEP), "1e999"] {
        for (path, status, body) in [
            ("/query", 400, format!(r#"{{"username":"self","namespace":"cinema","query":{value}}}"#)),
            ("/ingest/cinema/films", 400, format!(r#"{{"data":[],"infer":{value}}}"#)),
            ("/ingest/cinema/films", 400, format!(r#"{{"data":[],"unknown":{value}}}"#)),
            ("/ingest/new/cinema/more", 400, format!(r#"{{"schemaDefinition":{value}}}"#)),
            ("/api/pipeline", 400, format!(r#"{{"predefinedSchema":{value}}}"#)),
            ("/api/pipeline/nothing/hook", 400, format!(r#"{{"answer":{value}}}"#)),
            ("/query/ask", 400, format!(r#"{{"callerContext":{value}}}"#)),
            ("/links/add", 400, format!(r#"{{"from":{value}}}"#)),
            // JSON-RPC has its own form of errors.
            (
                "/a2a/assistant",
                200,
                format!(r#"{{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{value}}}"#),
            ),
        ] {
            let answer = server.send_as_written("POST", path, &body).await?;
            assert!(answer.status == status, "{path}: {:.100} answers {answer:.300?}", value);
        }
        for (method, place) in [("POST", "faults"), ("PUT", "clock"), ("PUT", "import")] {
            let url = format!("{}/_emulator/{place}", server.emulator.proxy_url());
            let request =
                server.http.request(method.parse()?, url).body(format!(r#"{{"operation":{value}}}"#));
            expect(400, read(request.send().await?).await?)?;
        }
    }
    let state = String::from_utf8(server.emulator.export()?)?;
    let with_deep_row = format!("{}{}\n", state, nested(DEEP));
    assert!(server.emulator.import(with_deep_row.as_bytes()).is_err());
    is_alive(&server).await
}

#[tokio::test]
async fn times_out_of_range_are_rejected_and_the_last_one_works() -> Result {
    let server = Server::with(Emulator::builder().part_size(10)).await?;
    server.fill("cinema", "films", json!([])).await?;
    for far in ["+262142-12-31T23:59:59.999999Z", "-262143-01-01T00:00:00Z", "+10000-01-01T00:00:00Z"] {
        let set = server.control("PUT", "clock", Some(json!({ "now": far }))).await?;
        assert!(expect(400, set)?.problem()?.1.contains("the years 0 to 9999"));
    }
    server.emulator.faults().inject(Fault::new("ingestFile").delay(Duration::from_secs(3_600)))?;
    let upload = async || -> Result {
        let uploads = "/upload/multipart/self/cinema/films";
        let body = json!({ "filename": "a.csv", "size": 4 });
        let prepared = server.send_json("POST", &format!("{uploads}/prepare"), body).await?;
        let prepared = expect(200, prepared)?.json()?;
        let url = prepared["presignedUrls"][0]["url"].as_str().ok_or("a URL")?;
        let put = expect(200, read(server.http.put(url).body("a\n1\n").send().await?).await?)?;
        let etag = put.headers.get("etag").ok_or("a tag")?.to_str()?.trim_matches('"');
        let body = json!({
            "uploadId": prepared["uploadId"], "key": prepared["key"],
            "parts": [{ "partNumber": 1, "etag": etag }],
        });
        expect(201, server.send_json("POST", &format!("{uploads}/finish"), body).await?)?;
        Ok(())
    };
    // The largest time that a caller of the library can name, and an advance of maximum length.
    let far = (0..63).rev().find_map(|shift| {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::MAX >> (63 - shift) >> 1))
    });
    server.emulator.set_clock(far.ok_or("a time")?);
    server.emulator.advance_clock(Duration::MAX);
    for _ in 0..3 {
        upload().await?;
    }
    // Each has its own time, so that the state can be loaded again.
    let state = server.emulator.export()?;
    server.emulator.import(&state)?;
    let attempts = expect(200, server.send("GET", "/data/self/cinema/films/ingest/attempts").await?)?;
    assert_eq!(attempts.json()?["data"].as_array().map(Vec::len), Some(3));
    // A hand-written state must not have the very last time.
    let text = String::from_utf8(state)?;
    let last = text.replace("+10000-01-01T00:00:00.000001Z", "+262142-12-31T23:59:59.999999Z");
    assert_ne!(last, text);
    let refused = server.emulator.import(last.as_bytes()).err().ok_or("it was loaded")?;
    assert!(format!("{refused:?}").contains("at the end of the calendar"), "{refused:?}");
    for early in ["0000-01-01T00:00:00Z"] {
        expect(200, server.control("PUT", "clock", Some(json!({ "now": early }))).await?)?;
        server.emulator.faults().inject(Fault::new("putPart").expired_url())?;
        let url = format!("{}/_storage/x/1", server.emulator.proxy_url());
        expect(403, read(server.http.put(url).send().await?).await?)?;
    }
    is_alive(&server).await
}

#[tokio::test]
async fn token_counts_of_a_model_do_not_overflow() -> Result {
    let completion = json!({
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": r#"{"description":"x"}"# } }],
        "usage": { "total_tokens": u64::MAX, "prompt_tokens": u64::MAX, "completion_tokens": u64::MAX },
    });
    let chat = Chat::start(move |_| Say::Raw(200, completion.to_string())).await?;
    let server = Server::with(Emulator::builder().model_url(&chat.url)).await?;
    for _ in 0..2 {
        expect(
            200,
            server.send_json("POST", "/infer/description", json!({ "sample": [{ "a": 1 }] })).await?,
        )?;
    }
    let days = expect(200, server.send("GET", "/user/usage/by-day").await?)?.json()?;
    assert_eq!(days["data"][0]["tokensUsed"], u64::MAX, "{days}");
    Ok(())
}

#[tokio::test]
async fn known_encodings_are_accepted_and_others_are_rejected() -> Result {
    let server = Server::with(Emulator::builder().body_limit(100_000)).await?;
    server.fill("cinema", "films", json!([])).await?;
    let send = async |coding: &str, body: Vec<u8>| -> Result<Answer> {
        let request = server.request("POST", "/ingest/cinema/films")?.header("content-encoding", coding);
        read(request.header("content-type", "application/json").body(body).send().await?).await
    };
    let gzip = |content: &str| -> Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content.as_bytes())?;
        Ok(encoder.finish()?)
    };
    let rows = |count: usize| -> String {
        let rows: Vec<Value> = (0..count).map(|n| json!({ "n": n, "text": "so, so" })).collect();
        json!({ "data": rows }).to_string()
    };
    for coding in ["gzip", "x-gzip", "GZIP"] {
        assert_eq!(expect(200, send(coding, gzip(&rows(100))?).await?)?.json()?["indexed"], 100);
    }
    expect(200, send("identity", rows(1).into_bytes()).await?)?;
    // The limit applies to the decompressed content. The compressed request is small.
    let bomb = gzip(&rows(10_000))?;
    assert!(bomb.len() < 100_000);
    let (code, message) = expect(413, send("gzip", bomb).await?)?.problem()?;
    assert_eq!(code, "PAYLOAD_TOO_LARGE");
    assert!(message.contains("the decompressed body is larger than 100000 bytes"), "{message}");
    // brotli and zstd are known if the emulator is compiled with their features.
    for coding in ["compress", "deflate", "gzip, br"] {
        let answer = expect(415, send(coding, gzip(&rows(1))?).await?)?;
        let known = answer.headers.get("accept-encoding").and_then(|value| value.to_str().ok());
        assert!(known.is_some_and(|known| known.split(", ").any(|name| name == "gzip")), "{known:?}");
        let (code, message) = answer.problem()?;
        assert_eq!(code, "UNSUPPORTED_MEDIA_TYPE");
        assert!(message.contains(&format!("{coding:?} is not accepted; send the body with ")), "{message}");
    }
    let (_, message) = expect(400, send("gzip", rows(1).into_bytes()).await?)?.problem()?;
    assert!(message.contains("not valid gzip"), "{message}");
    // A request that a fault repeats is decompressed twice.
    server.emulator.faults().inject(Fault::new("ingestData").repeat_call())?;
    expect(200, send("gzip", gzip(&rows(1))?).await?)?;
    assert_eq!(server.row_count("cinema", "films").await?, 303);
    Ok(())
}

/// A response is compressed if the client accepts that, unless it is small or a fault has acted on it.
#[tokio::test]
async fn responses_are_compressed_on_request() -> Result {
    let server = Server::start().await?;
    let rows: Vec<Value> = (0..200).map(|n| json!({ "n": n, "text": "so, so" })).collect();
    server.fill("cinema", "films", json!(rows)).await?;
    let body =
        json!({ "username": "self", "namespace": "cinema", "query": "Ontology(\"films\")" }).to_string();
    let send = async |method: &str, path: &str, body: &str| -> Result<(Option<String>, Vec<u8>)> {
        let request = server.request(method, path)?.header("accept-encoding", "gzip;q=0.9, identity;q=0.1");
        let request = request.header("content-type", "application/json").body(body.to_owned());
        let response = request.send().await?.error_for_status()?;
        let coding =
            response.headers().get("content-encoding").map(|value| value.to_str().map(str::to_owned));
        Ok((coding.transpose()?, response.bytes().await?.to_vec()))
    };
    let (coding, compressed) = send("POST", "/query", &body).await?;
    assert_eq!(coding.as_deref(), Some("gzip"));
    let mut content = String::new();
    flate2::read::GzDecoder::new(&compressed[..]).read_to_string(&mut content)?;
    assert!(compressed.len() * 4 < content.len());
    assert_eq!(serde_json::from_str::<Value>(&content)?["data"], json!(rows));
    assert_eq!(send("GET", "/user/me", "").await?.0, None, "a small body");
    let (coding, stream) = send("POST", "/query/ask", &body).await?;
    assert_eq!(coding.as_deref(), Some("gzip"), "a stream");
    let mut content = String::new();
    flate2::read::GzDecoder::new(&stream[..]).read_to_string(&mut content)?;
    assert!(content.contains("event: answer\n"), "{content}");
    Ok(())
}

/// Suggestions read the whole sample. Their work is counted and grows with the sample.
#[tokio::test]
async fn work_of_suggestions_is_counted() -> Result {
    let server = Server::start().await?;
    let work = async || -> Result<u64> {
        let work = expect(200, server.control("GET", "work", None).await?)?.json()?;
        work["steps"].as_u64().ok_or_else(|| "steps".into())
    };
    for path in ["/infer/description", "/infer/schema"] {
        let steps = async |columns: u32| -> Result<u64> {
            let row: serde_json::Map<String, Value> =
                (0..columns).map(|column| (format!("c{column}"), json!(1))).collect();
            let before = work().await?;
            expect(200, server.send_json("POST", path, json!({ "sample": [row] })).await?)?;
            Ok(work().await? - before)
        };
        let (one, two) = (steps(1_000).await?, steps(2_000).await?);
        assert!(one >= 1_000 && two as f64 <= 2.3 * one as f64, "{path}: {one}, {two}");
    }
    Ok(())
}
