//! The requests of the emulator's page, and the callers who may send them.

use std::time::Duration;

use datalinks_emulator::{Emulator, Fault};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, read};

/// Sends a request of a browser: without a key, and with the given headers.
async fn look(server: &Server, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    read(open(server, path, headers).await?).await
}

async fn open(server: &Server, path: &str, headers: &[(&str, &str)]) -> Result<Response> {
    let mut request = server.http.get(format!("{}{path}", server.emulator.proxy_url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Ok(request.send().await?)
}

/// Returns the next requests in a stream, and the numbers of its events.
async fn events_of(stream: &mut Response, wanted: usize) -> Result<Vec<(String, Value)>> {
    let mut text = String::new();
    let mut events = Vec::new();
    while events.len() < wanted {
        let chunk = tokio::time::timeout(Duration::from_secs(10), stream.chunk()).await??;
        text.push_str(std::str::from_utf8(&chunk.ok_or("the stream goes on")?)?);
        while let Some((event, rest)) = text.split_once("\n\n") {
            if let Some((id, data)) = event.split_once('\n').filter(|(id, _)| id.starts_with("id: ")) {
                let data = data.strip_prefix("data: ").ok_or("data")?;
                events.push((id["id: ".len()..].to_owned(), serde_json::from_str(data)?));
            }
            text = rest.to_owned();
        }
    }
    Ok(events)
}

#[tokio::test]
async fn page_loads_only_its_own_files() -> Result {
    let server = Server::start().await?;
    let page = expect(200, look(&server, "/", &[]).await?)?;
    assert_eq!(page.content_type, "text/html; charset=utf-8");
    let mut files: Vec<String> = quoted(&page.text, "=\"").filter(|file| file.starts_with("/_")).collect();
    assert!(files.len() >= 4, "{files:?}");
    let mut at = 0;
    while let Some(path) = files.get(at).cloned() {
        let file = expect(200, look(&server, &path, &[]).await?)?;
        let kind = match path.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(file.content_type, kind, "{path}");
        let policy = file.headers.get("content-security-policy").and_then(|policy| policy.to_str().ok());
        assert!(
            policy.is_some_and(|policy| policy.starts_with("default-src 'none'; script-src 'self'")),
            "{path}"
        );
        assert!(!policy.is_some_and(|policy| policy.contains("unsafe")), "{path}");
        for module in quoted(&file.text, " from \"./") {
            let module = format!("/_emulator/page/{module}");
            if !files.contains(&module) {
                files.push(module);
            }
        }
        // The only addresses in the files are names of formats.
        let strange = file.text.replace("http://www.w3.org/2000/svg", "");
        assert!(!strange.contains("://"), "{path} names another place");
        at += 1;
    }
    assert!(files.len() >= 10, "{files:?}");
    assert!(!page.text.contains("://") && !page.text.contains("<script>") && !page.text.contains(" style="));
    let post = read(server.http.post(format!("{}/", server.emulator.proxy_url())).send().await?).await?;
    expect(405, post)?;
    expect(403, look(&server, "/", &[("host", "evil.example")]).await?)?;
    let head = expect(200, read(server.http.head(server.emulator.proxy_url()).send().await?).await?)?;
    assert_eq!((&*head.text, &head.content_type), ("", &page.content_type));
    assert_eq!(head.headers["content-length"].to_str()?, page.text.len().to_string());
    assert_eq!(head.headers["content-security-policy"], page.headers["content-security-policy"]);
    // A person may follow a link to the page.
    expect(
        200,
        look(&server, "/", &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]).await?,
    )?;
    Ok(())
}

/// Returns the text after each `before`, up to the closing quotation mark.
fn quoted<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = String> + 'a {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned)
}

#[tokio::test]
async fn overview_lists_datasets_and_links() -> Result {
    let builder = Emulator::builder().username("ana").user("bo", "bos-key").seed(7).strict_fields();
    let builder = builder.model_url("http://127.0.0.1:1/v1").model_name("small").model_key("models-key");
    let server = Server::with(builder).await?;
    server.fill_cinema().await?;
    let definition = json!({ "dataDescription": "What was shown" });
    expect(201, server.send_json("PUT", "/data/self/cinema/films/inferDefinition", definition).await?)?;
    let answer = expect(200, look(&server, "/_emulator/overview", &[]).await?)?;
    let overview = answer.json()?;
    assert_eq!((&overview["user"], &overview["users"]), (&json!("ana"), &json!(["ana", "bo"])));
    assert_eq!(overview["seed"], 7);
    assert_eq!(overview["strict"], json!({ "responses": false, "fields": true }));
    assert_eq!(overview["clock"]["stopped"], false);
    assert_eq!(overview["model"], "small at http://127.0.0.1:1/v1");
    let films = json!({
        "owner": "ana", "namespace": "cinema", "dataset": "films", "rows": 3, "columns": 3,
        "description": "What was shown",
    });
    assert_eq!(overview["datasets"][0], films);
    assert_eq!(overview["datasets"][1]["dataset"], "people");
    let end = |dataset: &str, column: &str| json!({ "owner": "ana", "namespace": "cinema", "dataset": dataset, "column": column });
    let link = json!({
        "from": end("films", "director"), "to": end("people", "name"), "kind": "ExactMatch", "hits": 3, "active": true,
    });
    assert_eq!(overview["links"], json!([link]));
    for secret in [server.emulator.api_key(), "bos-key", "models-key"] {
        assert!(!answer.text.contains(secret), "the response contains a key: {}", answer.text);
    }
    assert!(
        server.emulator.requests().iter().all(|seen| seen.operation.is_some()),
        "looking leaves no trace"
    );
    Ok(())
}

#[tokio::test]
async fn first_rows_of_a_dataset_are_returned() -> Result {
    let server = Server::start().await?;
    let rows: Vec<Value> = (0..60).map(|n| json!({ "n": n, "é/x": "a b" })).collect();
    server.fill("a b", "é&=", json!(rows)).await?;
    let path = "/_emulator/rows?owner=ana&namespace=a%20b&dataset=%C3%A9%26%3D";
    let shown = expect(200, look(&server, path, &[]).await?)?.json()?;
    assert_eq!((&shown["columns"], &shown["total"]), (&json!(["n", "é/x"]), &json!(60)));
    assert_eq!(shown["rows"].as_array().map(Vec::len), Some(50));
    assert_eq!(shown["rows"][49], json!({ "n": 49, "é/x": "a b" }));
    assert_eq!(shown["query"], r#"Ontology("a b/é&=").limit(50)"#);
    let last = expect(200, look(&server, &format!("{path}&sort=n&direction=DESC"), &[]).await?)?.json()?;
    assert_eq!((&last["rows"][0]["n"], &last["rows"][49]["n"]), (&json!(59), &json!(10)));
    assert_eq!(last["query"], r#"Ontology("a b/é&=").sortDescending(n).limit(50)"#);
    let first = expect(200, look(&server, &format!("{path}&sort=%C3%A9/x"), &[]).await?)?.json()?;
    assert_eq!(first["query"], r#"Ontology("a b/é&=").sortAscending("é/x").limit(50)"#);
    assert_eq!(first["rows"][0]["n"], 0);
    let found = server.query(last["query"].as_str().ok_or("a query")?).await?;
    assert_eq!(expect(200, found)?.json()?["data"], last["rows"]);
    expect(400, look(&server, &format!("{path}&sort=n&direction=down"), &[]).await?)?;
    expect(404, look(&server, "/_emulator/rows?owner=bo&namespace=a%20b&dataset=x", &[]).await?)?;
    let missing = expect(400, look(&server, "/_emulator/rows?owner=bo", &[]).await?)?;
    assert!(missing.problem()?.1.starts_with("namespace is missing"), "{missing:?}");
    Ok(())
}

#[tokio::test]
async fn requests_are_streamed_as_they_arrive() -> Result {
    let server = Server::start().await?;
    expect(404, server.send("GET", "/data/self/no/such").await?)?;
    let mut stream = open(&server, "/_emulator/requests", &[]).await?;
    let so_far = events_of(&mut stream, 1).await?;
    assert_eq!(
        (&so_far[0].1["operation"], &so_far[0].1["status"]),
        (&json!("getDatasetInformation"), &json!(404))
    );
    // The stream waits now and receives new requests.
    server.emulator.faults().inject(Fault::new("listAllDatasets").status(503))?;
    expect(503, server.send("GET", "/schema/datasets/all").await?)?;
    expect(200, server.send("GET", "/schema/datasets/all").await?)?;
    let came = events_of(&mut stream, 2).await?;
    let facts = |event: &Value| (event["status"].clone(), event["label"].clone(), event["fault"].clone());
    assert_eq!(facts(&came[0].1), (json!(503), json!("scripted"), json!("status")));
    assert_eq!(facts(&came[1].1), (json!(200), json!("computed"), json!(null)));
    assert!(came[1].1["elapsedMs"].as_f64().is_some_and(|ms| ms >= 0.0));
    // A reader whose stream broke continues after the last event that it received.
    let mut again = open(&server, "/_emulator/requests", &[("last-event-id", &came[0].0)]).await?;
    assert_eq!(events_of(&mut again, 1).await?, came[1..]);
    // A reader with the log of another emulator starts from the beginning.
    let mut anew = open(&server, "/_emulator/requests", &[("last-event-id", "1.900")]).await?;
    assert_eq!(events_of(&mut anew, 3).await?[0], so_far[0]);
    Ok(())
}

#[tokio::test]
async fn control_requests_do_not_change_ids() -> Result {
    let (watched, alone) = (Server::start().await?, Server::start().await?);
    look(&watched, "/_emulator/overview", &[]).await?;
    let id = |answer: &Answer| answer.headers.get("x-request-id").cloned();
    let (seen, unseen) = (watched.send("GET", "/data").await?, alone.send("GET", "/data").await?);
    assert!(id(&seen).is_some());
    assert_eq!(id(&seen), id(&unseen));
    Ok(())
}

#[tokio::test]
async fn other_websites_are_rejected() -> Result {
    let server = Server::cinema().await?;
    let port = server.emulator.address().port();
    let own = format!("http://127.0.0.1:{port}");
    for path in ["/_emulator/overview", "/_emulator/coverage", "/_emulator/requests", "/_emulator/nothing"] {
        for headers in [
            [("origin", "https://evil.example")],
            [("origin", "null")],
            [("origin", "http://127.0.0.1:1")],
            // The name of another site that resolves to this machine.
            [("host", "evil.example")],
            [("sec-fetch-site", "cross-site")],
        ] {
            let refused = expect(403, look(&server, path, &headers).await?)?;
            assert_eq!(refused.problem()?.0, "FORBIDDEN", "{path} {headers:?}");
            assert!(!refused.headers.contains_key("access-control-allow-origin"));
        }
    }
    for (method, path, body) in
        [("POST", "faults", "\"queryData:garbage\""), ("POST", "reset", ""), ("PUT", "clock", "{}")]
    {
        let url = format!("{}/_emulator/{path}", server.emulator.proxy_url());
        let planted =
            server.http.request(method.parse()?, url).header("origin", "https://evil.example").body(body);
        expect(403, read(planted.send().await?).await?)?;
    }
    assert_eq!(server.emulator.faults().pending(), 0);
    assert_eq!(server.row_count("cinema", "films").await?, 3);
    for headers in [[("origin", own.as_str())], [("host", "localhost")], [("sec-fetch-site", "same-origin")]]
    {
        expect(200, look(&server, "/_emulator/overview", &headers).await?)?;
    }
    // The API requires a key, which a page of another origin does not have. It does not accept the key under
    // another host name.
    let request = || server.request("GET", "/data").map(|get| get.header("origin", "https://app.example"));
    expect(200, read(request()?.send().await?).await?)?;
    expect(403, read(request()?.header("host", "box.example").send().await?).await?)?;
    Ok(())
}

/// A website can make a browser send a form without a preflight, in one of three content types. The API accepts
/// JSON of any content type, so the key keeps forms out, and the guard keeps them out of the control API.
#[tokio::test]
async fn forms_of_other_websites_have_no_effect() -> Result {
    let server = Server::cinema().await?;
    let base = server.emulator.proxy_url();
    let own = base.clone();
    let form = |path: &str, content_type: &str, site: &[(&'static str, &str)], body: &'static str| {
        let mut form =
            server.http.post(format!("{base}{path}")).header("content-type", content_type).body(body);
        for (name, value) in site {
            form = form.header(*name, *value);
        }
        form
    };
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    {
        for site in [
            &[
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
            ][..],
            &[("origin", "null"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
            // Without an origin: the navigation identifies the other website.
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
            &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")],
            &[("origin", own.as_str()), ("origin", "https://evil.example")],
        ] {
            for (place, body) in [
                ("faults", "\"queryData:garbage\""),
                ("faults", r#"{"operation": "queryData", "garbage": true}"#),
                ("reset", ""),
                ("snapshots/planted", ""),
            ] {
                let planted = form(&format!("/_emulator/{place}"), content_type, site, body);
                expect(403, read(planted.send().await?).await?)?;
            }
            let rows =
                form("/api/v1/ingest/cinema/films", content_type, site, r#"{"data":[{"title":"Planted"}]}"#);
            let refused = expect(401, read(rows.send().await?).await?)?;
            assert!(!refused.headers.contains_key("access-control-allow-origin"));
        }
    }
    // A script of another site would first need permission for the header with the key.
    let asked = server.http.request(reqwest::Method::OPTIONS, format!("{base}/api/v1/query"));
    let asked =
        asked.header("origin", "https://evil.example").header("access-control-request-method", "POST");
    let refused = expect(405, read(asked.send().await?).await?)?;
    assert!(!refused.headers.keys().any(|name| name.as_str().starts_with("access-control-")));
    assert_eq!(server.emulator.faults().pending(), 0);
    assert_eq!(server.emulator.snapshots()?, Vec::<String>::new());
    assert_eq!(server.row_count("cinema", "films").await?, 3);
    Ok(())
}

#[tokio::test]
async fn other_host_names_may_be_allowed() -> Result {
    let server = Server::with(Emulator::builder().api_key("k").allow_host("box.example")).await?;
    // A caller by this name may be on another machine and needs the key.
    let refused = expect(401, look(&server, "/_emulator/overview", &[("host", "box.example")]).await?)?;
    assert!(refused.headers["www-authenticate"].to_str()?.starts_with("Basic "), "{refused:?}");
    let (_, message) = refused.problem()?;
    assert!(message.contains("may reach this address or host name"), "{message}");
    let by_name = [("host", "box.example"), ("authorization", "Bearer k")];
    expect(200, look(&server, "/_emulator/overview", &by_name).await?)?;
    expect(200, look(&server, "/_emulator/overview", &[]).await?)?;
    let foreign =
        [("host", "box.example"), ("origin", "https://evil.example"), ("authorization", "Bearer k")];
    expect(403, look(&server, "/_emulator/overview", &foreign).await?)?;
    // Other names are not allowed by this, nor by permission for other hosts.
    expect(403, look(&server, "/_emulator/overview", &[("host", "evil.example")]).await?)?;
    let server = Server::with(Emulator::builder().allow_other_hosts()).await?;
    expect(403, look(&server, "/_emulator/overview", &[("host", "evil.example")]).await?)?;
    Ok(())
}

/// DNS rebinding: a page whose host name resolves to this machine, and which knows the default key.
#[tokio::test]
async fn dns_rebinding_is_rejected_on_every_path() -> Result {
    let server = Server::cinema().await?;
    let base = server.emulator.proxy_url();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/_emulator/export"),
        ("PUT", "/_emulator/import"),
        ("GET", "/api/v1/user/me"),
        ("POST", "/api/v1/ingest/cinema/films"),
        ("GET", "/api/v1/a2a/agents"),
        ("GET", "/nothing"),
        ("PUT", "/_storage/0/1"),
    ] {
        for host in ["evil.example", "localhost.evil.example:80", "192.168.0.1"] {
            let request = server.http.request(method.parse()?, format!("{base}{path}"));
            let request = request.bearer_auth("emulator-key").header("host", host);
            let refused = read(request.body(r#"{"data":[{"title":"Planted"}]}"#).send().await?).await?;
            expect(403, refused)?;
        }
    }
    let refused: Vec<_> =
        server.emulator.requests().into_iter().filter(|request| request.status == 403).collect();
    assert_eq!(refused.len(), 5 * 3, "requests to the API are in the log");
    assert_eq!(server.row_count("cinema", "films").await?, 3);
    Ok(())
}

#[tokio::test]
async fn exposed_emulator_requires_its_key() -> Result {
    let address = std::net::SocketAddr::from(([0, 0, 0, 0], 0));
    let builder = Emulator::builder().address(address).allow_other_hosts().api_key("k").user("bo", "of bo");
    let server = Server::with(builder).await?;
    let base = server.emulator.proxy_url();
    for (method, place) in [
        ("GET", "/"),
        ("GET", "/_emulator/overview"),
        ("GET", "/_emulator/export"),
        ("PUT", "/_emulator/import"),
        ("POST", "/_emulator/reset"),
        ("GET", "/_emulator/requests"),
    ] {
        for key in [None, Some("emulator-key"), Some("of bo"), Some("")] {
            let mut request = server.http.request(method.parse()?, format!("{base}{place}"));
            if let Some(key) = key {
                request = request.bearer_auth(key);
            }
            let refused = expect(401, read(request.send().await?).await?)?;
            assert!(!refused.text.contains("\"k\""), "{refused:?}");
        }
    }
    // By an address, with the key as a program and as a browser sends it.
    let export = server.http.get(format!("{base}/_emulator/export")).header("host", "192.168.0.1:7070");
    let export = export.bearer_auth("k").send().await?;
    assert_eq!(export.status(), 200);
    let page = server.http.get(&base).basic_auth("me", Some("k")).send().await?;
    assert_eq!(page.status(), 200);
    // Tokens cannot be derived from the seed, which is 0 by default, because they also depend on the key.
    let local = Server::start().await?;
    let mut tokens = Vec::new();
    for server in [&local, &server] {
        let made = server.send_json("POST", "/user/token", json!({ "name": "ci" })).await?;
        tokens.push(expect(200, made)?.json()?["token"].as_str().ok_or("a token")?.to_owned());
    }
    for (token, status) in tokens.iter().zip([401, 200]) {
        let me = server.http.get(format!("{}/user/me", server.emulator.api_url())).bearer_auth(token);
        assert_eq!(me.send().await?.status(), status);
    }
    Ok(())
}

#[tokio::test]
async fn missing_pages_are_404() -> Result {
    let server = Server::start().await?;
    let missing = expect(404, look(&server, "/_emulator/covrage", &[]).await?)?;
    assert!(missing.problem()?.1.contains("/_emulator/coverage"), "{missing:?}");
    let post = server.http.post(format!("{}/_emulator/overview", server.emulator.proxy_url()));
    let wrong = expect(405, read(post.send().await?).await?)?;
    assert_eq!(wrong.headers.get("allow").and_then(|allow| allow.to_str().ok()), Some("GET"));
    Ok(())
}
