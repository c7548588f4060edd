//! The control API: information for people and tools.

use datalinks_emulator::Coverage;
use serde_json::{Value, json};

use crate::support::{Answer, Result, Server, expect, read};

async fn get(server: &Server, path: &str) -> Result<Answer> {
    read(server.http.get(format!("{}{path}", server.emulator.proxy_url())).send().await?).await
}

async fn inject(server: &Server, body: &str) -> Result<Answer> {
    let url = format!("{}/_emulator/faults", server.emulator.proxy_url());
    read(server.http.post(url).body(body.to_owned()).send().await?).await
}

#[tokio::test]
async fn openapi_document_names_the_emulator_as_its_server() -> Result {
    let server = Server::start().await?;
    let answer = expect(200, get(&server, "/openapi.json").await?)?;
    assert_eq!(answer.content_type, "application/json");
    let document = answer.json()?;
    assert_eq!(document["servers"], json!([{ "url": "/api/v1", "description": "This emulator." }]));
    // A tool finds every operation under the method and path in the coverage.
    for one in server.emulator.coverage() {
        let path = one.path.to_string();
        let (base, item) = match path.strip_prefix("/api/v1") {
            Some(path) => ("/api/v1", &document["paths"][path]),
            None => ("/", &document["paths"][&path]),
        };
        let operation = &item[one.method.to_lowercase()];
        assert_eq!(operation["operationId"], one.operation);
        let servers = operation.get("servers").unwrap_or(&document["servers"]);
        assert_eq!(servers[0]["url"], base, "{path}");
    }
    assert_eq!(
        read(server.http.post(format!("{}/openapi.json", server.emulator.proxy_url())).send().await?)
            .await?
            .status,
        405
    );
    Ok(())
}

#[tokio::test]
async fn coverage_contains_method_and_path() -> Result {
    let server = Server::start().await?;
    let coverage = expect(200, get(&server, "/_emulator/coverage").await?)?.json()?;
    let one =
        |id: &str| coverage.as_array().and_then(|all| all.iter().find(|one| one["operation"] == id)).cloned();
    assert_eq!(
        one("ingestData"),
        Some(json!({
            "operation": "ingestData", "method": "POST", "path": "/api/v1/ingest/{namespace}/{datasetName}",
            "coverage": "partly-scripted",
        }))
    );
    assert_eq!(one("runPipeline").map(|one| one["path"].clone()), Some(json!("/api/pipeline")));
    let own = server.emulator.coverage();
    let own = own.iter().find(|one| one.operation == "ingestData").ok_or("it is listed")?;
    assert_eq!((own.method, own.coverage), ("POST", Coverage::PartlyScripted));
    Ok(())
}

#[tokio::test]
async fn fault_endpoint_describes_faults_with_an_example() -> Result {
    let server = Server::start().await?;
    let faults = expect(200, get(&server, "/_emulator/faults").await?)?.json()?;
    let example = faults["example"].to_string();
    for wrong in
        ["", "{", "{}", "[]", r#"{"operation": "nothing"}"#, r#"{"operation": "queryData", "status": "x"}"#]
    {
        let message = expect(400, inject(&server, wrong).await?)?.json()?["message"].clone();
        let message = message.as_str().ok_or("a message")?;
        let shown = message.rfind("{\"operation\"").and_then(|at| message.get(at..)).ok_or("an example")?;
        let shown: Value = serde_json::from_str(shown)?;
        assert_eq!(shown.to_string(), example, "{wrong}");
    }
    // The example is a valid fault.
    expect(201, inject(&server, &example).await?)?;
    assert_eq!(server.emulator.faults().pending(), 1);
    Ok(())
}

#[tokio::test]
async fn long_names_are_rejected_in_bounded_time() -> Result {
    let server = Server::start().await?;
    let name = "x".repeat(200_000);
    for body in
        [json!({ "operation": name }), json!({ "operation": "queryData", "x": 1, (name.as_str()): 1 })]
    {
        expect(400, inject(&server, &body.to_string()).await?)?;
    }
    Ok(())
}
