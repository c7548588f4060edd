//! The state as files: persisted in a directory, exported, imported, restored.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use datalinks_emulator::{DataDirError, Emulator, EmulatorBuilder, EmulatorError, Fault, StateError};
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, ndjson, read, run_body};

const UPLOADS: &str = "/upload/multipart/self/cinema/films";

fn builder() -> EmulatorBuilder {
    Emulator::builder().user("bo", "the key of bo").part_size(10)
}

async fn in_directory(folder: &Path) -> Result<Server> {
    Server::with(builder().data_dir(folder)).await
}

/// Shuts a server down.
async fn stop(server: Server) {
    server.emulator.shutdown().await;
}

/// Fails with the first line that differs.
fn same(one: &str, other: &str) {
    for (number, (one, other)) in one.lines().zip(other.lines()).enumerate() {
        assert_eq!(one, other, "line {}", number + 1);
    }
    assert_eq!(one.len(), other.len());
}

fn export(server: &Server) -> Result<String> {
    Ok(String::from_utf8(server.emulator.export()?)?)
}

/// Sends a part to the path of a presigned URL, on a server whose port may have changed.
async fn put(server: &Server, url: &Value, bytes: &'static str) -> Result<Answer> {
    let url = url.as_str().ok_or("a URL")?;
    let path = &url[url.find("/_storage/").ok_or("a place")?..];
    read(server.http.put(format!("{}{path}", server.emulator.proxy_url())).body(bytes).send().await?).await
}

fn etag(answer: &Answer) -> Result<String> {
    let etag = answer.headers.get("etag").ok_or("an ETag")?.to_str()?;
    Ok(etag.trim_matches('"').to_owned())
}

async fn control(server: &Server, method: &str, place: &str, body: Vec<u8>) -> Result<Answer> {
    let url = format!("{}/_emulator/{place}", server.emulator.proxy_url());
    read(server.http.request(method.parse()?, url).body(body).send().await?).await
}

/// The unfinished resources of a state that contains every kind of resource.
struct Open {
    token: String,
    upload: Value,
    etag: String,
    session_file: String,
    failed: String,
    run: String,
    asked: String,
    cleaning: String,
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().ok_or_else(|| format!("{value} is not a string"))?.to_owned())
}

/// Creates every kind of resource that can be persisted.
async fn fill(server: &Server) -> Result<Open> {
    server.emulator.set_clock(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    server.fill_cinema().await?;
    let described =
        json!({ "dataDescription": "films", "schemaDefinition": { "year": "of release", "a": "b" } });
    expect(201, server.send_json("PUT", "/data/self/cinema/films/inferDefinition", described).await?)?;
    let order = json!({ "order": ["year"] });
    expect(200, server.send_json("PUT", "/schema/self/cinema/films/sort-order", order).await?)?;
    server.fill("odd%20%C3%89:*names", "CON", json!([{ "a\n": 1.10 }])).await?;
    let share = json!({ "username": "bo", "role": "viewer" });
    expect(200, server.send_json("POST", "/permissions/datasets/self/cinema/films/shares", share).await?)?;
    let body = json!({ "name": "ci", "accessRestrictedTo": [{ "username": "self", "namespace": "cinema" }] });
    let token = expect(200, server.send_json("POST", "/user/token", body).await?)?.json()?;

    let upload = prepare(server, 16).await?;
    let first = expect(200, put(server, &upload["presignedUrls"][0]["url"], "{\"n\":1}\n{\"").await?)?;
    server.emulator.faults().inject(Fault::new("ingestFile").status(500))?;
    let file = prepare(server, 8).await?;
    let only = expect(200, put(server, &file["presignedUrls"][0]["url"], "{\"n\":3}\n").await?)?;
    let failed = finish(server, &file, &[etag(&only)?]).await?;
    assert_eq!(ended(server, &failed).await?, "Failed");

    let files =
        json!({ "filesToUpload": [{ "filename": "x.bin", "size": 2 }, { "filename": "y.bin", "size": 1 }] });
    let session = expect(200, server.send_json("POST", "/file-upload/prepare", files).await?)?.json()?;
    let file = &session["files"][0];
    let part = expect(200, put(server, &file["presignedUrls"][0]["url"], "\0\r").await?)?;
    let path =
        format!("/file-upload/{}/files/{}/finish", text(&session["sessionId"])?, text(&file["fileId"])?);
    expect(200, server.send_json("POST", &path, parts(file, &[etag(&part)?])).await?)?;

    let mut body = run_body(json!([{ "n": 1.0 }]));
    body["enableHumanInTheLoop"] = json!(true);
    // The response ends when the run waits for an answer. Until then, the run changes the state.
    let run = read(server.request("POST", "/api/pipeline")?.json(&body).send().await?).await?;
    assert!(run.text.contains("emulator.question"), "{}", run.text);
    let run = run.headers.get("x-workflow-run-id").ok_or("an id")?.to_str()?.to_owned();
    let ask = json!({ "username": "self", "namespace": "cinema", "query": "Who directed Alien?" });
    let asked = expect(200, server.send_json("POST", "/query/ask", ask).await?)?.text;
    let (_, asked) = asked.split_once("\"runId\":\"").ok_or("a run")?;
    let clean = json!({ "prompts": ["trim"], "outputNamespace": "clean", "outputDatasetName": "films" });
    let path = "/agents/self/cinema/films/requestCleaning";
    let cleaning = expect(201, server.send_json("POST", path, clean).await?)?.json()?;
    Ok(Open {
        token: text(&token["token"])?,
        upload,
        etag: etag(&first)?,
        session_file: text(&file["key"])?,
        failed,
        run,
        asked: asked[..36].to_owned(),
        cleaning: text(&cleaning["cleaningTaskId"])?,
    })
}

async fn prepare(server: &Server, size: usize) -> Result<Value> {
    let body = json!({ "filename": "a.jsonl", "size": size });
    expect(200, server.send_json("POST", &format!("{UPLOADS}/prepare"), body).await?)?.json()
}

fn parts(upload: &Value, etags: &[String]) -> Value {
    let parts = (1..).zip(etags).map(|(number, etag)| json!({ "partNumber": number, "etag": etag }));
    json!({ "uploadId": upload["uploadId"], "key": upload["key"], "parts": parts.collect::<Vec<_>>() })
}

async fn finish(server: &Server, upload: &Value, etags: &[String]) -> Result<String> {
    let path = format!("{UPLOADS}/finish");
    text(&expect(201, server.send_json("POST", &path, parts(upload, etags)).await?)?.json()?["id"])
}

/// Returns the final state of an ingestion.
async fn ended(server: &Server, id: &str) -> Result<Value> {
    for _ in 0..10_000 {
        let page =
            expect(200, server.send("GET", "/data/self/cinema/films/ingest/attempts").await?)?.json()?;
        let items = page["data"].as_array().ok_or("items")?;
        let item = items.iter().find(|item| item["id"] == id).ok_or("the ingestion")?;
        if item["status"] == "Completed" || item["status"] == "Failed" {
            return Ok(item["status"].clone());
        }
    }
    Err("the ingestion never ends".into())
}

/// Continues all unfinished work.
async fn go_on(server: &Server, open: &Open) -> Result {
    let with_token = server.http.get(format!("{}/data/self/cinema/films", server.emulator.api_url()));
    expect(200, read(with_token.bearer_auth(&open.token).send().await?).await?)?;
    let beyond = server.http.get(format!("{}/data/self/clean/films", server.emulator.api_url()));
    expect(403, read(beyond.bearer_auth(&open.token).send().await?).await?)?;
    let shared = server.http.get(format!("{}/data/ana/cinema/films", server.emulator.api_url()));
    expect(200, read(shared.bearer_auth("the key of bo").send().await?).await?)?;

    let second = expect(200, put(server, &open.upload["presignedUrls"][1]["url"], "n\":2}\n").await?)?;
    let id = finish(server, &open.upload, &[open.etag.clone(), etag(&second)?]).await?;
    assert_eq!(ended(server, &id).await?, "Completed");
    let path = format!("/ingestionTracking/{}/retry", open.failed);
    let id = text(&expect(201, server.send("POST", &path).await?)?.json()?["id"])?;
    assert_eq!(ended(server, &id).await?, "Completed");
    assert_eq!(server.row_count("cinema", "films").await?, 3 + 2 + 1);
    assert_eq!(server.emulator.session_file(&open.session_file).as_deref(), Some(&b"\0\r"[..]));

    expect(200, server.send_json("POST", &format!("/api/pipeline/{}/hook", open.run), json!({})).await?)?;
    let events = ndjson(&server.send("GET", &format!("/api/pipeline/{}/stream", open.run)).await?.text)?;
    assert_eq!(events.last().ok_or("events")?["type"], "complete");
    let run = expect(200, server.send("GET", &format!("/query/runs/{}", open.asked)).await?)?.json()?;
    assert_eq!(run["status"], "completed");
    expect(200, server.send("GET", &format!("/agents/cleaning/{}/code", open.cleaning)).await?)?;
    let usage = expect(200, server.send("GET", "/user/usage/history").await?)?.json()?;
    assert!(usage["data"].as_array().is_some_and(|uses| uses.len() > 1), "{usage}");
    let links = expect(200, server.send("GET", "/links/self/cinema/films").await?)?.json()?;
    assert_eq!(links.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn restart_continues_unfinished_work() -> Result {
    let folder = tempfile::tempdir()?;
    let server = in_directory(folder.path()).await?;
    let open = fill(&server).await?;
    let state = export(&server)?;
    assert!(!state.contains(&open.token) && !state.contains("the key of bo"), "{state}");
    stop(server).await;

    let server = in_directory(folder.path()).await?;
    same(&export(&server)?, &state);
    go_on(&server, &open).await?;
    let state = export(&server)?;
    stop(server).await;
    same(&export(&in_directory(folder.path()).await?)?, &state);
    Ok(())
}

#[tokio::test]
async fn exported_state_is_imported_unchanged() -> Result {
    let first = Server::with(builder()).await?;
    let open = fill(&first).await?;
    let state = expect(200, control(&first, "GET", "export", Vec::new()).await?)?;
    assert_eq!(
        (state.content_type.as_str(), state.text.as_str()),
        ("application/x-ndjson", export(&first)?.as_str())
    );
    for line in state.text.lines() {
        serde_json::from_str::<Value>(line)?;
    }
    // Into memory over HTTP, and into a directory.
    let second = Server::with(builder().seed(9)).await?;
    second.fill("to", "go", json!([])).await?;
    expect(200, control(&second, "PUT", "import", state.text.clone().into_bytes()).await?)?;
    same(&export(&second)?, &state.text);
    go_on(&second, &open).await?;
    let folder = tempfile::tempdir()?;
    let third = in_directory(folder.path()).await?;
    third.emulator.import(state.text.as_bytes())?;
    stop(third).await;
    same(&export(&in_directory(folder.path()).await?)?, &state.text);
    Ok(())
}

#[tokio::test]
async fn invalid_state_changes_nothing() -> Result {
    let server = Server::cinema().await?;
    let state = export(&server)?;
    let with = |from: &str, to: &str| state.replace(from, to);
    for (document, reason) in [
        (String::new(), "not the beginning"),
        (with("\"format\":3", "\"format\":7"), "format 7"),
        (with("\"format\":3", "\"format\":1"), "use the version of the emulator that wrote it"),
        (with("\"end\"\n", ""), "a part is missing"),
        (with("\"title\":\"Heat\"", "\"title\":"), "line"),
        (with("\"clock.json\"", "\"cloak.json\""), "cloak.json"),
        (with("cinema/films/dataset", "cinema/movies/dataset"), "belongs in datasets/ana/cinema/films"),
        (with("\"column\":\"name\"", "\"column\":7"), "links.json"),
        (with("\"dataset\":\"people\",\"column\"", "\"dataset\":\"nobody\",\"column\""), "not a dataset"),
        (
            with("\"owner\":\"ana\",\"name\":\"first key\"", "\"owner\":\"cy\",\"name\":\"first key\""),
            "\"cy\"",
        ),
    ] {
        let refused = control(&server, "PUT", "import", document.into_bytes()).await?;
        let (_, message) = expect(400, refused)?.problem()?;
        assert!(message.contains(reason), "{reason}: {message}");
        same(&export(&server)?, &state);
    }
    Ok(())
}

#[tokio::test]
async fn hand_written_state_is_loaded() -> Result {
    let server = Server::start().await?;
    let state = r#"{"emulator":"datalinks","format":3}
        "datasets/ana/zoo/animals/dataset.json"
        {"owner":"ana","namespace":"zoo","dataset":"animals"}
        "datasets/ana/zoo/animals/rows.ndjson"
        {"name": "Ada", "legs": 4}
        "end""#;
    server.emulator.import(state.as_bytes())?;
    assert_eq!(server.row_count("zoo", "animals").await?, 1);
    Ok(())
}

#[tokio::test]
async fn snapshots_are_restored() -> Result {
    let folder = tempfile::tempdir()?;
    for server in [Server::with(builder()).await?, in_directory(folder.path()).await?] {
        server.fill_cinema().await?;
        let state = export(&server)?;
        expect(201, control(&server, "POST", "snapshots/Full-1", Vec::new()).await?)?;
        expect(200, control(&server, "POST", "reset", Vec::new()).await?)?;
        expect(404, server.send("GET", "/data/self/cinema/films").await?)?;
        server.emulator.snapshot("empty")?;
        let list = expect(200, control(&server, "GET", "snapshots", Vec::new()).await?)?.json()?;
        assert_eq!(list, json!({ "snapshots": ["Full-1", "empty"] }));
        for _ in 0..2 {
            expect(200, control(&server, "POST", "snapshots/Full-1/restore", Vec::new()).await?)?;
            same(&export(&server)?, &state);
            assert_eq!(server.row_count("cinema", "films").await?, 3);
            server.emulator.restore("empty")?;
        }
        expect(204, control(&server, "DELETE", "snapshots/empty", Vec::new()).await?)?;
        expect(404, control(&server, "DELETE", "snapshots/empty", Vec::new()).await?)?.problem()?;
        expect(404, control(&server, "POST", "snapshots/empty/restore", Vec::new()).await?)?.problem()?;
        expect(400, control(&server, "POST", "snapshots/a%2fb", Vec::new()).await?)?.problem()?;
        expect(405, control(&server, "GET", "snapshots/a", Vec::new()).await?)?.problem()?;
        assert!(matches!(server.emulator.snapshot(""), Err(StateError::InvalidName)));
        assert_eq!(server.emulator.snapshots()?, ["Full-1"]);
    }
    Ok(())
}

fn start_error(started: std::result::Result<Emulator, EmulatorError>) -> Result<DataDirError> {
    match started {
        Err(EmulatorError::DataDir(error)) => Ok(error),
        other => Err(format!("{other:?}").into()),
    }
}

#[tokio::test]
async fn directory_is_used_by_one_emulator_of_one_version() -> Result {
    let folder = tempfile::tempdir()?;
    let server = in_directory(folder.path()).await?;
    let second = start_error(builder().data_dir(folder.path()).start().await)?;
    assert!(matches!(second, DataDirError::InUse(_)), "{second}");
    stop(server).await;
    std::fs::write(folder.path().join("emulator.json"), r#"{"emulator":"datalinks","format":1}"#)?;
    let other = start_error(builder().data_dir(folder.path()).start().await)?;
    assert!(other.to_string().contains("format 1"), "{other}");

    let foreign = tempfile::tempdir()?;
    std::fs::write(foreign.path().join("novel.txt"), "Once upon a time")?;
    let error = start_error(builder().data_dir(foreign.path()).start().await)?;
    assert!(matches!(error, DataDirError::NotADataDir(_)), "{error}");
    assert_eq!(std::fs::read_dir(foreign.path())?.count(), 1, "no file was written");
    let file = start_error(builder().data_dir(foreign.path().join("novel.txt")).start().await)?;
    assert!(matches!(file, DataDirError::Io { .. }), "{file}");
    // The cause is the `source`, so that a report of all causes contains it once.
    let cause = std::error::Error::source(&file).ok_or("a cause")?.to_string();
    assert!(!file.to_string().contains(&cause), "{file}: {cause}");
    Ok(())
}

#[tokio::test]
async fn rows_may_be_edited_by_hand() -> Result {
    let folder = tempfile::tempdir()?;
    let server = in_directory(folder.path()).await?;
    server.fill_cinema().await?;
    stop(server).await;
    let rows = folder.path().join("datasets/ana/cinema/films/rows.ndjson");
    let mut text = std::fs::read_to_string(&rows)?;
    assert_eq!(text.lines().count(), 3);
    // Without a line end after its last line, to which the next row must not be appended.
    text.push_str("\r\n{ \"title\": \"Ran\", \"year\": 1985 }");
    std::fs::write(&rows, &text)?;
    let server = in_directory(folder.path()).await?;
    let more = json!({ "data": [{ "title": "Brazil" }] });
    expect(200, server.send_json("POST", "/ingest/cinema/films", more).await?)?;
    stop(server).await;
    assert_eq!(in_directory(folder.path()).await?.row_count("cinema", "films").await?, 5);
    std::fs::write(&rows, "{}\n{\n")?;
    let error = start_error(builder().data_dir(folder.path()).start().await)?;
    assert!(error.to_string().contains("cinema/films/rows.ndjson, line 2"), "{error}");
    Ok(())
}

#[tokio::test]
async fn change_that_cannot_be_persisted_is_rolled_back() -> Result {
    let folder = tempfile::tempdir()?;
    let server = in_directory(folder.path()).await?;
    server.emulator.set_clock(SystemTime::UNIX_EPOCH);
    server.fill_cinema().await?;
    let upload = prepare(&server, 8).await?;
    let state = export(&server)?;
    // A directory in place of the file prevents writing. Permissions would not, because root ignores them.
    let journal = folder.path().join("journal");
    std::fs::create_dir(&journal)?;
    let rows = json!({ "data": [{ "title": "Ran" }] });
    let refused = expect(500, server.send_json("POST", "/ingest/cinema/films", rows.clone()).await?)?;
    let (code, message) = refused.problem()?;
    assert_eq!(code, "INTERNAL");
    assert!(message.contains("nothing was changed"), "{message}");
    assert_eq!(server.row_count("cinema", "films").await?, 3);
    same(&export(&server)?, &state);
    let body = run_body(json!([{ "n": 1 }]));
    expect(500, server.send_json("POST", "/api/pipeline", body).await?)?.problem()?;
    // A part is a separate file and needs no journal, but it needs its directory.
    std::fs::write(folder.path().join("uploads"), "")?;
    let part = put(&server, &upload["presignedUrls"][0]["url"], "{\"n\":3}\n").await?;
    assert!(expect(500, part)?.text.contains("InternalError"));

    std::fs::remove_dir(&journal)?;
    std::fs::remove_file(folder.path().join("uploads"))?;
    let part = expect(200, put(&server, &upload["presignedUrls"][0]["url"], "{\"n\":3}\n").await?)?;
    let id = finish(&server, &upload, &[etag(&part)?]).await?;
    assert_eq!(ended(&server, &id).await?, "Completed");
    expect(200, server.send_json("POST", "/ingest/cinema/films", rows).await?)?;
    let state = export(&server)?;
    stop(server).await;
    same(&export(&in_directory(folder.path()).await?)?, &state);
    Ok(())
}

#[tokio::test]
async fn file_of_several_parts_is_stored_in_parts() -> Result {
    let folder = tempfile::tempdir()?;
    let server = in_directory(folder.path()).await?;
    server.fill("cinema", "films", json!([])).await?;
    server.emulator.faults().inject(Fault::new("ingestFile").status(500))?;
    let upload = prepare(&server, 16).await?;
    let mut etags = Vec::new();
    for (number, part) in ["{\"n\":1}\n{\"", "n\":2}\n"].into_iter().enumerate() {
        let url = &upload["presignedUrls"][number]["url"];
        etags.push(etag(&expect(200, put(&server, url, part).await?)?)?);
    }
    let failed = finish(&server, &upload, &etags).await?;
    assert_eq!(ended(&server, &failed).await?, "Failed");
    let document = export(&server)?;
    stop(server).await;

    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.path().join("ingestions"))? {
        let name = entry?.file_name().into_string().map_err(|name| format!("{name:?}"))?;
        names.push(name.split_once('.').ok_or("an ending")?.1.to_owned());
    }
    names.sort();
    assert_eq!(names, ["1.file", "2.file"]);
    assert!(!folder.path().join("uploads").exists(), "they were renamed");

    let restarted = in_directory(folder.path()).await?;
    same(&export(&restarted)?, &document);
    let imported = Server::with(builder()).await?;
    imported.emulator.import(document.as_bytes())?;
    for server in [restarted, imported] {
        let path = format!("/ingestionTracking/{failed}/retry");
        let id = text(&expect(201, server.send("POST", &path).await?)?.json()?["id"])?;
        assert_eq!(ended(&server, &id).await?, "Completed");
        assert_eq!(server.row_count("cinema", "films").await?, 2);
    }
    Ok(())
}

/// Readers once saw a state without users during a reset, and their valid key was rejected.
#[tokio::test]
async fn readers_never_see_a_partial_state() -> Result {
    let server = Arc::new(Server::cinema().await?);
    server.emulator.snapshot("full")?;
    let stop = Arc::new(AtomicBool::new(false));
    let replacing = std::thread::spawn({
        let (server, stop) = (Arc::clone(&server), Arc::clone(&stop));
        move || -> std::result::Result<u32, StateError> {
            let mut count = 0;
            while !stop.load(Ordering::Acquire) {
                server.emulator.restore("full")?;
                count += 1;
            }
            Ok(count)
        }
    });
    let mut answers = Vec::new();
    for _ in 0..500 {
        let answer = server.send("GET", "/data/cinema").await?;
        answers.push((answer.status, answer.text.contains("films") && answer.text.contains("people")));
    }
    stop.store(true, Ordering::Release);
    let replaced = replacing.join().map_err(|_| "a replacement panicked")??;
    assert!(replaced > 0);
    // A request that was in progress learns that its state was replaced.
    let wrong = answers.into_iter().filter(|answer| !matches!(answer, (200, true) | (409, _)));
    assert_eq!(wrong.collect::<Vec<_>>(), []);
    Ok(())
}

/// The part of an upload was stored for the upload with its id in the next state, with another size. The
/// directory could then not be opened.
#[tokio::test]
async fn part_of_an_earlier_state_is_rejected_in_a_later_one() -> Result {
    let folder = tempfile::tempdir()?;
    let server = in_directory(folder.path()).await?;
    let prepare = async |size: usize| -> Result<Value> {
        server.fill("cinema", "films", json!([])).await?;
        let body = json!({ "filename": "a.csv", "size": size });
        expect(200, server.send_json("POST", &format!("{UPLOADS}/prepare"), body).await?)?.json()
    };
    let first = prepare(10).await?;
    let url = first["presignedUrls"][0]["url"].as_str().ok_or("a URL")?;
    let (sender, body) = futures::channel::mpsc::unbounded::<std::result::Result<&[u8], std::io::Error>>();
    sender.unbounded_send(Ok(b"01234"))?;
    let put = server.http.put(url).header("content-length", 10).body(reqwest::Body::wrap_stream(body));
    let finish = async {
        // The first bytes have arrived when the other request is logged, because its response was sent after
        // them.
        server.send("GET", "/user/me").await?;
        server.emulator.reset()?;
        let second = prepare(4).await?;
        assert_eq!(second["presignedUrls"][0]["url"].as_str(), Some(url), "the ids repeat");
        sender.unbounded_send(Ok(b"56789"))?;
        drop(sender);
        Result::Ok(())
    };
    let (answer, finished) = tokio::join!(put.send(), finish);
    finished?;
    let answer = read(answer?).await?;
    assert!(answer.status == 404 || answer.status == 400, "{answer:?}");
    let state = server.emulator.export()?;
    stop(server).await;
    assert_eq!(in_directory(folder.path()).await?.emulator.export()?, state);
    Ok(())
}

/// Returns paths and contents of all files below a directory.
fn below(root: &Path) -> Result<std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>> {
    let (mut found, mut next) = (std::collections::BTreeMap::new(), vec![root.to_owned()]);
    while let Some(dir) = next.pop() {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                next.push(path)
            } else {
                drop(found.insert(path.clone(), std::fs::read(path)?))
            }
        }
    }
    Ok(found)
}

#[tokio::test]
async fn import_writes_and_deletes_only_in_the_directory() -> Result {
    let outer = tempfile::tempdir()?;
    let folder = outer.path().join("a/b/data");
    let server = Server::with(builder().data_dir(&folder)).await?;
    server.fill_cinema().await?;
    let upload = prepare(&server, 8).await?;
    expect(200, put(&server, &upload["presignedUrls"][0]["url"], "{\"n\":3}\n").await?)?;
    let session = json!({ "filesToUpload": [{ "filename": "x", "size": 2 }] });
    expect(200, server.send_json("POST", "/file-upload/prepare", session).await?)?;
    let run = server.request("POST", "/api/pipeline")?.json(&run_body(json!([{ "n": 1.0 }]))).send().await?;
    let run = run.headers().get("x-workflow-run-id").ok_or("an id")?.to_str()?.to_owned();
    // To its end, so that no work is left.
    expect(200, server.send("GET", &format!("/api/pipeline/{run}/stream")).await?)?;
    std::fs::write(outer.path().join("a/1.part"), "of others")?;
    let state = export(&server)?;
    let id = text(&upload["uploadId"])?;
    let before = below(outer.path())?;
    for (from, to) in [
        (&*id, "../../../x"),
        (&id, "../1"),
        (&id, "/tmp/x"),
        (&id, ""),
        (&id, "not-a-uuid"),
        (&run, "../../x"),
        (&run, "r"),
        ("\"clock.json\"", "\"../clock.json\""),
        ("\"clock.json\"", "\"/clock.json\""),
        ("\"clock.json\"", "\".git/config.json\""),
    ] {
        let document = state.replace(from, to);
        assert_ne!(document, state, "{from}");
        let refused = control(&server, "PUT", "import", document.into_bytes()).await?;
        expect(400, refused)?.problem()?;
        same(&export(&server)?, &state);
        assert_eq!(below(outer.path())?, before, "{from} as {to}");
    }
    // Resources that are removed from the state are deleted in the directory only.
    expect(200, control(&server, "POST", "reset", Vec::new()).await?)?;
    assert_eq!(std::fs::read_to_string(outer.path().join("a/1.part"))?, "of others");
    Ok(())
}

#[tokio::test]
async fn import_with_duplicates_changes_nothing() -> Result {
    let server = Server::with(builder()).await?;
    fill(&server).await?;
    let state = export(&server)?;
    let lines: Vec<&str> = state.lines().collect();
    let ids: Vec<usize> = (0..lines.len())
        .filter(|at| {
            let title = lines[..*at].iter().rev().find(|line| line.starts_with('"')).unwrap_or(&"");
            let once = ["uploads", "sessions", "ingestions", "cleaning", "shares"];
            once.iter().any(|name| *title == format!("\"{name}.ndjson\"")) && !lines[*at].starts_with('"')
        })
        .collect();
    assert!(ids.len() >= 5, "{ids:?}");
    for at in ids {
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        let refused = control(&server, "PUT", "import", twice.join("\n").into_bytes()).await?;
        expect(400, refused).map_err(|error| format!("{}: {error}", lines[at]))?.problem()?;
    }
    // A whole file, and a run under two names.
    let open = state.strip_suffix("\"end\"\n").ok_or("an end")?;
    let again = format!("{open}\"clock.json\"\n{{}}\n\"end\"\n");
    let refused = expect(400, control(&server, "PUT", "import", again.into_bytes()).await?)?;
    assert!(refused.problem()?.1.contains("clock.json a second time"), "{refused:?}");
    for folder in ["agent/runs/", "pipeline/"] {
        let title = lines.iter().position(|line| line.starts_with(&format!("\"{folder}"))).ok_or("a run")?;
        let other = format!("\"{folder}00000000-0000-4000-8000-000000000000.json\"\n{}\n", lines[title + 1]);
        let again = format!("{open}{other}\"end\"\n");
        expect(400, control(&server, "PUT", "import", again.into_bytes()).await?)?.problem()?;
    }
    same(&export(&server)?, &state);
    Ok(())
}

/// Returns a journal with one entry and a valid checksum.
fn journal(entry: &str) -> String {
    let body = format!("{entry}\n");
    let crc32 = crc32fast::hash(body.as_bytes());
    format!("{body}{{\"end\":{{\"bytes\":{},\"crc32\":{crc32}}}}}\n", body.len())
}

#[tokio::test]
async fn invalid_journal_is_rejected_as_a_whole() -> Result {
    let outer = tempfile::tempdir()?;
    std::fs::write(outer.path().join("novel.txt"), "Once upon a time")?;
    let folder = outer.path().join("data");
    let server = in_directory(&folder).await?;
    server.fill_cinema().await?;
    stop(server).await;
    for entry in [
        r#"{"replace":{"path":"../novel.txt","bytes":0}}"#,
        r#"{"append":{"path":"../novel.txt","at":0,"bytes":0}}"#,
        r#"{"remove":{"path":"../novel.txt"}}"#,
        r#"{"remove":{"path":"/etc/hostname"}}"#,
        r#"{"rename":{"from":"ids.json","to":"../ids.json"}}"#,
        r#"{"replace":{"path":".git/hooks/post-checkout","bytes":0}}"#,
        r#"{"remove":{"path":"emulator.json"}}"#,
        r#"{"compress":{"path":"ids.json"}}"#,
    ] {
        // Earlier entries are not applied either.
        let both = format!("{}\n{entry}", r#"{"remove":{"path":"ids.json"}}"#);
        std::fs::write(folder.join("journal"), journal(&both))?;
        let before = below(outer.path())?;
        let error = start_error(builder().data_dir(&folder).start().await)?.to_string();
        assert!(error.contains("journal") && error.contains("nothing was changed"), "{error}");
        assert_eq!(below(outer.path())?, before, "{entry}");
    }
    // In a directory of another program, a journal is an ordinary file.
    let foreign = outer.path().join("foreign");
    std::fs::create_dir(&foreign)?;
    for (name, content) in
        [("journal", journal(r#"{"remove":{"path":"novel.txt"}}"#)), ("lock", "mine".to_owned())]
    {
        std::fs::write(foreign.join(name), content)?;
        let error = start_error(builder().data_dir(&foreign).start().await)?;
        assert!(matches!(error, DataDirError::NotADataDir(_)), "{error}");
        assert_eq!(std::fs::read_dir(&foreign)?.count(), 1);
        std::fs::remove_file(foreign.join(name))?;
    }
    std::fs::remove_file(folder.join("journal"))?;
    assert_eq!(in_directory(&folder).await?.row_count("cinema", "films").await?, 3);
    Ok(())
}

#[tokio::test]
async fn read_requests_write_no_file() -> Result {
    let folder = tempfile::tempdir()?;
    let server = in_directory(folder.path()).await?;
    let open = fill(&server).await?;
    let seen = || -> Result<Vec<_>> {
        let mut seen = Vec::new();
        for path in below(folder.path())?.into_keys() {
            let found = std::fs::metadata(&path)?;
            seen.push((path, found.modified()?, found.len()));
        }
        Ok(seen)
    };
    server.emulator.export()?;
    let before = seen()?;
    for path in [
        "/data",
        "/data/cinema",
        "/data/self/cinema/films",
        "/data/self/cinema/films/ingest/attempts",
        "/links/self/cinema/films",
        "/permissions/datasets/self/cinema/films/shares",
        "/user/me",
        "/user/tokens",
        "/user/usage/history",
        &format!("/query/runs/{}", open.asked),
        &format!("/agents/cleaning/{}/code", open.cleaning),
    ] {
        expect(200, server.send("GET", path).await?)?;
    }
    server.send("GET", &format!("/api/pipeline/{}/trace", open.run)).await?;
    expect(200, server.query("Ontology(\"cinema/films\")").await?)?;
    // A completed run is not resumed, and nothing changes.
    server.send("POST", &format!("/query/runs/{}/resume", open.asked)).await?;
    for place in
        ["overview", "export", "coverage", "snapshots", "rows?owner=ana&namespace=cinema&dataset=films"]
    {
        expect(200, control(&server, "GET", place, Vec::new()).await?)?;
    }
    assert_eq!(seen()?, before);
    Ok(())
}

#[tokio::test]
async fn unreadable_directory_is_a_server_error() -> Result {
    let dir = tempfile::tempdir()?;
    let server = Server::with(Emulator::builder().data_dir(dir.path())).await?;
    server.fill("cinema", "films", json!([{ "a": 1 }])).await?;
    // Nothing can be written, and the files are not a valid state.
    std::fs::create_dir(dir.path().join("journal"))?;
    std::fs::write(dir.path().join("strange.json"), "{}")?;
    let more = || async {
        let body = json!({ "data": [{ "a": 2 }] });
        expect(500, server.send_json("POST", "/ingest/cinema/films", body).await?)?.problem()
    };
    more().await?;
    let (code, message) = more().await?;
    assert_eq!(code, "INTERNAL");
    assert!(message.contains("strange.json") && message.contains("check the data directory"), "{message}");
    std::fs::remove_file(dir.path().join("strange.json"))?;
    std::fs::remove_dir(dir.path().join("journal"))?;
    assert_eq!(server.row_count("cinema", "films").await?, 1);
    Ok(())
}
