//! Uploads in parts: prepare, put, finish, ingest.

use std::time::{Duration, SystemTime};

use crate::support::{Answer, Result, Server, expect, read, read_until_end};
use datalinks_emulator::{Emulator, EmulatorBuilder, Fault};
use serde_json::{Value, json};

const UPLOADS: &str = "/upload/multipart/self/cinema/films";
const INGESTIONS: &str = "/data/self/cinema/films/ingest/attempts";

/// A server with an empty dataset, which splits files into parts of ten bytes.
async fn server() -> Result<Server> {
    let server = Server::with(Emulator::builder().part_size(10)).await?;
    server.fill("cinema", "films", json!([])).await?;
    Ok(server)
}

async fn prepare(server: &Server, filename: &str, size: usize) -> Result<Value> {
    let body = json!({ "filename": filename, "size": size });
    expect(200, server.send_json("POST", &format!("{UPLOADS}/prepare"), body).await?)?.json()
}

/// Puts bytes to a presigned URL as a client does, without a key.
async fn put(server: &Server, url: &Value, bytes: &[u8]) -> Result<Answer> {
    let request = server.http.put(url.as_str().ok_or("a URL")?).body(bytes.to_vec());
    // Without it, an empty body is sent without a length.
    let request = request.header("content-length", bytes.len());
    read(request.send().await?).await
}

/// Puts all parts. Returns the body of the finish request.
async fn put_all(server: &Server, prepared: &Value, content: &[u8]) -> Result<Value> {
    let (mut parts, mut rest) = (Vec::new(), content);
    for (index, place) in prepared["presignedUrls"].as_array().ok_or("URLs")?.iter().enumerate() {
        let size = place["size"].as_u64().or(place["partSize"].as_u64()).ok_or("a size")?;
        let (part, after) = rest.split_at(usize::try_from(size)?);
        rest = after;
        let answer = expect(200, put(server, &place["url"], part).await?)?;
        let etag = answer.headers.get("etag").ok_or("an ETag")?.to_str()?;
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() == 34, "{etag}");
        parts.push(json!({ "partNumber": index + 1, "etag": etag.trim_matches('"') }));
    }
    assert!(rest.is_empty());
    Ok(json!({ "uploadId": prepared["uploadId"], "key": prepared["key"], "parts": parts }))
}

async fn upload(server: &Server, filename: &str, content: &str, more: Value) -> Result<String> {
    let prepared = prepare(server, filename, content.len()).await?;
    let mut body = put_all(server, &prepared, content.as_bytes()).await?;
    for (name, value) in more.as_object().ok_or("an object")? {
        body[name] = value.clone();
    }
    let answer = expect(201, server.send_json("POST", &format!("{UPLOADS}/finish"), body).await?)?.json()?;
    Ok(answer["id"].as_str().ok_or("an id")?.to_owned())
}

async fn list(server: &Server, query: &str) -> Result<Value> {
    expect(200, server.send("GET", &format!("{INGESTIONS}{query}")).await?)?.json()
}

/// Returns the ingestion after it has ended.
async fn ended(server: &Server, id: &str) -> Result<Value> {
    for _ in 0..10_000 {
        let page = list(server, "").await?;
        let items = page["data"].as_array().ok_or("items")?;
        let item = items.iter().find(|item| item["id"] == id).ok_or("the ingestion")?;
        if item["status"] == "Completed" || item["status"] == "Failed" {
            return Ok(item.clone());
        }
    }
    Err("the ingestion never ends".into())
}

/// Returns the ids on all pages of this size, in order.
async fn pages(server: &Server, size: usize) -> Result<Vec<Vec<String>>> {
    let (mut pages, mut query) = (Vec::new(), format!("?pageSize={size}"));
    loop {
        let page = list(server, &query).await?;
        let items = page["data"].as_array().ok_or("items")?;
        pages.push(items.iter().filter_map(|item| item["id"].as_str().map(str::to_owned)).collect());
        let Some(before) = page["metadata"]["beforeCreatedAt"].as_str() else { return Ok(pages) };
        query = format!("?pageSize={size}&beforeCreatedAt={}", before.replace(':', "%3A"));
        if pages.len() > 100 {
            return Err("the pages never end".into());
        }
    }
}

#[tokio::test]
async fn uploaded_file_becomes_rows() -> Result {
    let server = server().await?;
    let csv = "title,year\nAlien,1979\n\"Heat, again\",1995\n";
    let name = json!({ "name": "films of today", "schemaDefinition": { "title": "as released" } });
    let id = upload(&server, "films.csv", csv, name).await?;
    let ingestion = ended(&server, &id).await?;
    assert_eq!(
        ingestion,
        json!({
            "id": id, "status": "Completed", "statusMessage": "2 rows are stored", "processedBytes": csv.len(),
            "expectedTotalBytes": csv.len(), "processedRows": 2,
            "attributes": { "name": "films of today", "seenAt": null, "lastRetryAt": null },
        })
    );
    let rows = expect(200, server.query("Ontology(films).filter(year > 1990)").await?)?.json()?;
    assert_eq!(rows["data"], json!([{ "title": "Heat, again", "year": "1995" }]));
    let info = server.send("GET", "/data/self/cinema/films").await?.json()?;
    assert_eq!(info["metadata"]["schemaDefinition"], json!({ "title": "as released" }));

    let steps =
        json!({ "infer": { "steps": [{ "type": "rows", "deriveFrom": "all" }] }, "inferBatchSize": 1 });
    let id = upload(&server, "more.json", r#"[{"all":[{"n":1},{"n":2}]},{"n":3}]"#, steps).await?;
    assert_eq!(ended(&server, &id).await?["processedRows"], 3);
    let id = upload(&server, "more.jsonl", "{\"n\":4}\n{\"n\":5}\n", json!({})).await?;
    assert_eq!(ended(&server, &id).await?["status"], "Completed");
    assert_eq!(server.row_count("cinema", "films").await?, 7);
    Ok(())
}

#[tokio::test]
async fn sizes_are_exact_down_to_the_empty_file() -> Result {
    let server = server().await?;
    for (size, expected) in [(0, vec![0]), (10, vec![10]), (20, vec![10, 10]), (21, vec![10, 10, 1])] {
        let prepared = prepare(&server, "a.csv", size).await?;
        let sizes = prepared["presignedUrls"].as_array().ok_or("URLs")?.iter().map(|url| &url["size"]);
        assert_eq!(sizes.filter_map(Value::as_u64).collect::<Vec<_>>(), expected);
        assert_eq!(prepared["partSize"], 10);
    }
    let id = upload(&server, "empty.csv", "", json!({})).await?;
    assert_eq!(ended(&server, &id).await?["status"], "Completed");
    let prepare = |body| server.send_json("POST", "/upload/multipart/self/cinema/films/prepare", body);
    for (status, body) in [
        (400, json!({ "filename": "a.csv", "size": -1 })),
        (400, json!({ "filename": "a.csv", "size": 100_001 })),
        (400, json!({ "filename": "a.csv", "size": "1" })),
        (501, json!({ "filename": "a.xlsx", "size": 1 })),
    ] {
        expect(status, prepare(body).await?)?.problem()?;
    }
    let nowhere = json!({ "filename": "a.csv", "size": 1 });
    expect(404, server.send_json("POST", "/upload/multipart/self/cinema/none/prepare", nowhere).await?)?;
    Ok(())
}

#[tokio::test]
async fn storage_validates_parts() -> Result {
    let server = server().await?;
    let prepared = prepare(&server, "a.csv", 12).await?;
    let url = &prepared["presignedUrls"][0]["url"];
    let text = url.as_str().ok_or("a URL")?;
    let refused = |answer: Answer, status, code: &str| -> Result {
        let answer = expect(status, answer)?;
        assert_eq!(answer.content_type, "application/xml");
        assert!(answer.text.contains(&format!("<Code>{code}</Code>")), "{answer:?}");
        Ok(())
    };
    refused(put(&server, url, b"123456789").await?, 400, "IncompleteBody")?;
    refused(put(&server, url, b"12345678901").await?, 400, "IncompleteBody")?;
    let with_key = server.http.put(text).bearer_auth(server.emulator.api_key()).body("1234567890");
    refused(read(with_key.send().await?).await?, 400, "InvalidArgument")?;
    refused(read(server.http.get(text).send().await?).await?, 405, "MethodNotAllowed")?;
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>("1234567890")]);
    let chunked = server.http.put(text).body(reqwest::Body::wrap_stream(chunks));
    refused(read(chunked.send().await?).await?, 411, "MissingContentLength")?;
    for elsewhere in [text.replace("/_storage/", "/_storage/x"), format!("{text}7"), format!("{text}/7")] {
        refused(put(&server, &json!(elsewhere), b"1234567890").await?, 404, "NoSuchUpload")?;
    }
    // The request log contains no secret.
    let token = text.split('/').nth_back(1).ok_or("a token")?;
    let seen = format!("{:?}", server.emulator.requests());
    assert!(seen.contains("/_storage/-/1") && seen.contains("putPart") && !seen.contains(token), "{seen}");
    Ok(())
}

#[tokio::test]
async fn finish_error_names_the_invalid_part() -> Result {
    let server = server().await?;
    let content = b"title\nAlien\nHeat\n";
    let prepared = prepare(&server, "a.csv", content.len()).await?;
    let finish = |body: Value| server.send_json("POST", "/upload/multipart/self/cinema/films/finish", body);
    let nothing = json!({ "uploadId": prepared["uploadId"], "key": prepared["key"],
        "parts": [{ "partNumber": 1, "etag": "x" }] });
    assert!(expect(400, finish(nothing).await?)?.problem()?.1.starts_with("part 1 was not uploaded"));

    let good = put_all(&server, &prepared, content).await?;
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut body = good.clone();
        change(&mut body);
        body
    };
    for (body, says) in [
        (changed(&|body| body["parts"][1]["etag"] = json!("x")), "part 2 has another ETag"),
        (changed(&|body| body["parts"][1]["partNumber"] = json!(3)), "3 at position 2"),
        (changed(&|body| body["parts"] = json!([])), "parts: must have at least 1 items"),
        (
            changed(&|body| drop(body["parts"].as_array_mut().map(|parts| parts.pop()))),
            "part 2 is not in the list",
        ),
        (changed(&|body| body["key"] = json!("other.csv")), "the key is not the one"),
        (changed(&|body| body["uploadId"] = json!("none")), "upload \"none\" does not exist"),
        (changed(&|body| body["parts"] = json!([1])), "parts[0]: must be an object"),
        (changed(&|body| body["inferBatchSize"] = json!(0)), "inferBatchSize: must be at least 1"),
    ] {
        let (_, message) = expect(400, finish(body).await?)?.problem()?;
        assert!(message.contains(says), "{message}");
    }
    // None of these requests affected the upload. After the finish request, it no longer exists.
    expect(201, finish(good.clone()).await?)?;
    expect(400, finish(good.clone()).await?)?;
    let late = put(&server, &prepared["presignedUrls"][0]["url"], &content[..10]).await?;
    expect(404, late)?;
    Ok(())
}

#[tokio::test]
async fn aborted_upload_is_deleted() -> Result {
    let server = server().await?;
    let prepared = prepare(&server, "a.csv", 3).await?;
    let body = json!({ "uploadId": prepared["uploadId"], "key": prepared["key"] });
    let abort = || server.send_json("POST", "/upload/multipart/self/cinema/films/abort", body.clone());
    expect(200, abort().await?)?;
    expect(400, abort().await?)?;
    expect(404, put(&server, &prepared["presignedUrls"][0]["url"], b"a\n1").await?)?;
    Ok(())
}

#[tokio::test]
async fn failed_ingestion_stores_no_rows_and_can_be_retried() -> Result {
    let server = server().await?;
    let bad = upload(&server, "bad.csv", "a,b\n1,2\n3\n", json!({})).await?;
    let failed = ended(&server, &bad).await?;
    assert_eq!((&failed["status"], &failed["processedRows"]), (&json!("Failed"), &json!(0)));
    assert!(failed["statusMessage"].as_str().ok_or("a message")?.contains("line 3: "), "{failed}");
    assert_eq!(server.row_count("cinema", "films").await?, 0);

    server.emulator.faults().inject(Fault::new("ingestFile").status(500))?;
    let unlucky = upload(&server, "good.csv", "a,b\n1,2\n", json!({})).await?;
    assert!(ended(&server, &unlucky).await?["statusMessage"].as_str().ok_or("one")?.contains("injected"));
    let retry = |id: &str| server.request("POST", &format!("/ingestionTracking/{id}/retry"));
    let again = expect(201, read(retry(&unlucky)?.send().await?).await?)?.json()?;
    let again = again["id"].as_str().ok_or("an id")?;
    let retried = ended(&server, again).await?;
    assert_eq!(retried["status"], "Completed");
    assert_eq!(retried["attributes"]["originalIngestionId"], unlucky.as_str());
    assert!(ended(&server, &unlucky).await?["attributes"]["lastRetryAt"].is_string());
    assert_eq!(server.row_count("cinema", "films").await?, 1);

    expect(409, read(retry(again)?.send().await?).await?)?;
    for unknown in ["x", "00000000-0000-4000-8000-000000000000"] {
        expect(404, read(retry(unknown)?.send().await?).await?)?;
        expect(404, server.send("POST", &format!("/ingestionTracking/{unknown}/seen")).await?)?;
    }
    expect(204, server.send("POST", &format!("/ingestionTracking/{again}/seen")).await?)?;
    assert!(ended(&server, again).await?["attributes"]["seenAt"].is_string());
    Ok(())
}

#[tokio::test]
async fn ingestions_are_queued_and_listed_in_pages() -> Result {
    let server = server().await?;
    // The first is delayed for longer than the test lasts, and so are those after it.
    server.emulator.faults().inject(Fault::new("ingestFile").delay(Duration::from_secs(3_600)))?;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.insert(0, upload(&server, "a.csv", "a\n1\n", json!({})).await?);
    }
    let all = list(&server, "").await?;
    let statuses: Vec<_> =
        all["data"].as_array().ok_or("items")?.iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, ["Queued", "Queued", "Queued", "Queued", "Processing"]);
    assert_eq!(all["metadata"], json!({ "pageSize": 25 }));

    // The bound is inclusive: each page begins with the last item of the previous page.
    let id = |place: usize| ids[place].clone();
    assert_eq!(pages(&server, 2).await?, [[id(0), id(1)], [id(1), id(2)], [id(2), id(3)], [id(3), id(4)]]);
    assert_eq!(pages(&server, 3).await?, [[id(0), id(1), id(2)], [id(2), id(3), id(4)]]);
    assert_eq!(pages(&server, 5).await?, [ids.clone()]);
    // A page of one item would repeat forever, so the next page begins after it.
    assert_eq!(pages(&server, 1).await?, [[id(0)], [id(0)], [id(1)], [id(2)], [id(3)], [id(4)]]);
    for bad in ["?pageSize=0", "?pageSize=101", "?pageSize=x", "?beforeCreatedAt=yesterday"] {
        expect(400, server.send("GET", &format!("{INGESTIONS}{bad}")).await?)?.problem()?;
    }
    Ok(())
}

#[tokio::test]
async fn ingestions_of_the_same_time_are_paged() -> Result {
    let server = server().await?;
    server.emulator.set_clock(SystemTime::UNIX_EPOCH + Duration::from_secs(1_738_627_200));
    server.emulator.faults().inject(Fault::new("ingestFile").delay(Duration::from_secs(3_600)))?;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.insert(0, upload(&server, "a.csv", "a\n1\n", json!({})).await?);
    }
    for size in 1..=4 {
        let mut seen = pages(&server, size).await?.concat();
        seen.dedup();
        assert_eq!(seen, ids, "pages of {size}");
    }
    let page = list(&server, "?beforeCreatedAt=2025-02-04T00:00:00Z").await?;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "that moment or earlier: {page}");
    assert_eq!(page["data"][0]["id"], *ids.last().ok_or("the first")?);
    // A hand-written state cannot have two ingestions of the same time.
    let state = String::from_utf8(server.emulator.export()?)?;
    let same = state.replace("2025-02-04T00:00:00.000001Z", "2025-02-04T00:00:00Z");
    assert_ne!(same, state);
    let refused = server.emulator.import(same.as_bytes()).err().ok_or("it was loaded")?;
    assert!(format!("{refused:?}").contains("not later than the one before"), "{refused:?}");
    Ok(())
}

/// Returns a server whose clock stands, and its time.
async fn standing(builder: EmulatorBuilder) -> Result<(Server, SystemTime)> {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_738_627_200);
    let server = Server::with(builder.part_size(10).clock(start)).await?;
    server.fill("cinema", "films", json!([])).await?;
    Ok((server, start))
}

fn assert_expired(answer: Answer, expires: &str, now: &str) -> Result {
    let answer = expect(403, answer)?;
    assert_eq!(answer.content_type, "application/xml");
    let end = format!(
        "<Error><Code>AccessDenied</Code><Message>Request has expired</Message><Expires>{expires}</Expires>\
         <ServerTime>{now}</ServerTime></Error>"
    );
    assert!(answer.text.ends_with(&end), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn part_urls_expire_after_15_minutes() -> Result {
    let (server, _) = standing(Emulator::builder()).await?;
    let prepared = prepare(&server, "a.csv", 12).await?;
    let url = |part: usize| &prepared["presignedUrls"][part]["url"];
    let first = expect(200, put(&server, url(0), b"title\nHeat").await?)?;
    server.emulator.advance_clock(Duration::from_millis(15 * 60 * 1_000 - 1));
    // Sent again, and sent late but before the expiry.
    expect(200, put(&server, url(0), b"title\nHeat").await?)?;
    let second = expect(200, put(&server, url(1), b"!\n").await?)?;
    server.emulator.advance_clock(Duration::from_millis(1));
    for part in [0, 1] {
        let late = put(&server, url(part), if part == 0 { b"title\nHeat" } else { b"!\n" }).await?;
        assert_expired(late, "2025-02-04T00:15:00Z", "2025-02-04T00:15:00Z")?;
    }
    // Parts that arrived before the expiry are still stored.
    let etag =
        |answer: &Answer| answer.headers["etag"].to_str().map(|etag| etag.trim_matches('"').to_owned());
    let body = json!({ "uploadId": prepared["uploadId"], "key": prepared["key"], "parts": [
        { "partNumber": 1, "etag": etag(&first)? }, { "partNumber": 2, "etag": etag(&second)? },
    ] });
    let finished = server.send_json("POST", &format!("{UPLOADS}/finish"), body).await?;
    let id = expect(201, finished)?.json()?["id"].as_str().ok_or("an id")?.to_owned();
    assert_eq!(ended(&server, &id).await?["processedRows"], 1);
    // The storage responds to parts of a finished upload as to those of any unknown upload.
    expect(404, put(&server, url(0), b"title\nHeat").await?)?;
    Ok(())
}

#[tokio::test]
async fn expired_upload_is_aborted_and_started_again() -> Result {
    let (server, start) = standing(Emulator::builder()).await?;
    let expired = prepare(&server, "a.csv", 4).await?;
    server.emulator.set_clock(start + Duration::from_secs(3_600));
    let late = put(&server, &expired["presignedUrls"][0]["url"], b"a\n1\n").await?;
    assert_expired(late, "2025-02-04T00:15:00Z", "2025-02-04T01:00:00Z")?;
    let body = json!({ "uploadId": expired["uploadId"], "key": expired["key"] });
    expect(200, server.send_json("POST", &format!("{UPLOADS}/abort"), body).await?)?;
    let anew = prepare(&server, "a.csv", 4).await?;
    expect(200, put(&server, &anew["presignedUrls"][0]["url"], b"a\n1\n").await?)?;
    Ok(())
}

#[tokio::test]
async fn lifetime_of_part_urls_can_be_set() -> Result {
    let (server, _) = standing(Emulator::builder().part_url_lifetime(Duration::from_secs(2))).await?;
    let prepared = prepare(&server, "a.csv", 4).await?;
    let files = json!({ "filesToUpload": [{ "filename": "a.bin", "size": 2 }] });
    let session = expect(200, server.send_json("POST", "/file-upload/prepare", files).await?)?.json()?;
    let of_session = &session["files"][0]["presignedUrls"][0]["url"];
    server.emulator.advance_clock(Duration::from_secs(1));
    expect(200, put(&server, &prepared["presignedUrls"][0]["url"], b"a\n1\n").await?)?;
    expect(200, put(&server, of_session, b"ab").await?)?;
    server.emulator.advance_clock(Duration::from_secs(1));
    for (url, bytes) in [(&prepared["presignedUrls"][0]["url"], &b"a\n1\n"[..]), (of_session, b"ab")] {
        assert_expired(put(&server, url, bytes).await?, "2025-02-04T00:00:02Z", "2025-02-04T00:00:02Z")?;
    }
    // An emulator that loads this state keeps the expiry of the URLs.
    let (other, _) = standing(Emulator::builder()).await?;
    other.emulator.import(&server.emulator.export()?)?;
    let elsewhere = |url: &Value| -> Result<Value> {
        let (_, path) = url.as_str().ok_or("a URL")?.split_once("/_storage/").ok_or("a place")?;
        Ok(json!(format!("{}/_storage/{path}", other.emulator.proxy_url())))
    };
    let late = put(&other, &elsewhere(of_session)?, b"ab").await?;
    assert_expired(late, "2025-02-04T00:00:02Z", "2025-02-04T00:00:02Z")?;
    Ok(())
}

#[tokio::test]
async fn faults_apply_to_the_storage() -> Result {
    let server = server().await?;
    let prepared = prepare(&server, "a.csv", 4).await?;
    let url = &prepared["presignedUrls"][0]["url"];
    let faults = server.emulator.faults();
    faults.inject(Fault::new("putPart").status(503).retry_after("1"))?;
    faults.inject(Fault::new("putPart").lose_response().after(1))?;
    faults.inject(Fault::new("putPart").without_header("etag").after(2))?;
    let busy = expect(503, put(&server, url, b"a\n1\n").await?)?;
    assert_eq!((&*busy.label, busy.headers["retry-after"].to_str()?), ("scripted", "1"));
    assert!(put(&server, url, b"a\n1\n").await.is_err(), "the answer is lost");
    assert!(!expect(200, put(&server, url, b"a\n1\n").await?)?.headers.contains_key("etag"));
    assert!(expect(200, put(&server, url, b"a\n1\n").await?)?.headers.contains_key("etag"));
    let puts = server.emulator.requests().iter().filter(|seen| seen.operation == Some("putPart")).count();
    assert_eq!(puts, 4);
    Ok(())
}

#[tokio::test]
async fn session_accepts_several_files() -> Result {
    let server = server().await?;
    let files = json!({ "filesToUpload": [
        { "filename": "a.bin", "size": 12 }, { "filename": "b.bin", "size": 0 },
    ] });
    let session = expect(200, server.send_json("POST", "/file-upload/prepare", files).await?)?.json()?;
    let path = format!("/file-upload/{}", session["sessionId"].as_str().ok_or("an id")?);
    for (index, (content, status)) in
        [(&b"\0\x01twelve byte"[..12], "preparing"), (b"", "completed")].iter().enumerate()
    {
        let file = &session["files"][index];
        let body = put_all(&server, file, content).await?;
        let finish = format!("{path}/files/{}/finish", file["fileId"].as_str().ok_or("an id")?);
        let mut wrong = body.clone();
        wrong["parts"][0]["etag"] = json!("x");
        let refused = expect(422, server.send_json("POST", &finish, wrong).await?)?;
        assert!(refused.problem()?.1.starts_with("part 1 has another ETag"));
        let finished = expect(200, server.send_json("POST", &finish, body).await?)?.json()?;
        assert_eq!(
            (&finished["sessionStatus"], &finished["fileStatus"]),
            (&json!(status), &json!("completed"))
        );
        let listed = expect(200, server.send("GET", &format!("{path}/files")).await?)?.json()?;
        assert_eq!(listed["sessionStatus"], *status);
        let listed = &listed["files"][index];
        assert_eq!((&listed["filename"], &listed["fileSize"]), (&file["filename"], &json!(content.len())));
        let key = listed["s3Key"].as_str().ok_or("a key")?;
        assert_eq!(server.emulator.session_file(key).as_deref(), Some(*content));
    }
    expect(422, server.send("POST", &format!("{path}/abort")).await?)?;
    expect(400, server.send_json("POST", "/file-upload/prepare", json!({ "filesToUpload": [] })).await?)?;
    Ok(())
}

#[tokio::test]
async fn aborted_session_rejects_further_files() -> Result {
    let server = server().await?;
    let files = json!({ "filesToUpload": [{ "filename": "a.bin", "size": 2 }] });
    let session = expect(200, server.send_json("POST", "/file-upload/prepare", files).await?)?.json()?;
    let path = format!("/file-upload/{}", session["sessionId"].as_str().ok_or("an id")?);
    let gone = expect(200, server.send("POST", &format!("{path}/abort")).await?)?.json()?;
    assert_eq!(gone, json!({ "sessionId": session["sessionId"], "sessionStatus": "aborted" }));
    expect(422, server.send("POST", &format!("{path}/abort")).await?)?;
    expect(404, put(&server, &session["files"][0]["presignedUrls"][0]["url"], b"ab").await?)?;
    assert_eq!(server.send("GET", &format!("{path}/files")).await?.json()?["sessionStatus"], "aborted");
    for unknown in ["x", "00000000-0000-4000-8000-000000000000"] {
        expect(404, server.send("GET", &format!("/file-upload/{unknown}/files")).await?)?;
        expect(404, server.send("POST", &format!("/file-upload/{unknown}/abort")).await?)?;
    }
    Ok(())
}

#[tokio::test]
async fn slow_ingestion_delays_no_other_request() -> Result {
    let server = server().await?;
    server.emulator.faults().inject(Fault::new("ingestFile").delay(Duration::from_secs(3_600)))?;
    upload(&server, "a.csv", "a\n1\n", json!({})).await?;
    let response = server.request("GET", INGESTIONS)?.send().await?;
    let (text, broken) = read_until_end(response).await;
    assert!(!broken && text.contains("Processing"), "{text}");
    server.emulator.shutdown().await;
    Ok(())
}
