//! The shared support of these tests: a running emulator and plain HTTP.

use std::error::Error;

use datalinks_emulator::{Emulator, EmulatorBuilder};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

pub(crate) struct Server {
    pub(crate) emulator: Emulator,
    pub(crate) http: reqwest::Client,
}

/// A complete response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) label: String,
    pub(crate) content_type: String,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.text).map_err(|error| format!("{error} in {self:?}").into())
    }

    /// Returns code and message of an error in the API's schema.
    pub(crate) fn problem(&self) -> Result<(String, String)> {
        let body = self.json()?;
        match (body["error_code"].as_str(), body["message"].as_str()) {
            (Some(code), Some(message)) => Ok((code.to_owned(), message.to_owned())),
            _ => Err(format!("not the error shape: {self:?}").into()),
        }
    }
}

impl Server {
    pub(crate) async fn start() -> Result<Self> {
        Self::with(Emulator::builder()).await
    }

    pub(crate) async fn with(builder: EmulatorBuilder) -> Result<Self> {
        let emulator = builder.start().await?;
        // Each server has its own client, so that no connection of another test is reused.
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { emulator, http })
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Result<RequestBuilder> {
        let base =
            if path.starts_with("/api/") { self.emulator.proxy_url() } else { self.emulator.api_url() };
        let request = self.http.request(Method::from_bytes(method.as_bytes())?, format!("{base}{path}"));
        Ok(request.bearer_auth(self.emulator.api_key()))
    }

    pub(crate) async fn send(&self, method: &str, path: &str) -> Result<Answer> {
        read(self.request(method, path)?.send().await?).await
    }

    pub(crate) async fn send_json(&self, method: &str, path: &str, body: Value) -> Result<Answer> {
        read(self.request(method, path)?.json(&body).send().await?).await
    }

    pub(crate) async fn send_text(&self, method: &str, path: &str, body: &str) -> Result<Answer> {
        let request = self.request(method, path)?.header("content-type", "text/plain");
        read(request.body(body.to_owned()).send().await?).await
    }

    /// Sends JSON text without a content type.
    pub(crate) async fn send_as_written(&self, method: &str, path: &str, body: &str) -> Result<Answer> {
        read(self.request(method, path)?.body(body.to_owned()).send().await?).await
    }

    /// Sends a request to the control API without a key.
    pub(crate) async fn control(&self, method: &str, place: &str, body: Option<Value>) -> Result<Answer> {
        let url = format!("{}/_emulator/{place}", self.emulator.proxy_url());
        let mut request = self.http.request(method.parse()?, url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request.send().await?).await
    }

    /// Creates a dataset and ingests rows.
    pub(crate) async fn fill(&self, namespace: &str, dataset: &str, rows: Value) -> Result {
        expect(201, self.send_json("POST", &format!("/ingest/new/{namespace}/{dataset}"), json!({})).await?)?;
        expect(
            200,
            self.send_json("POST", &format!("/ingest/{namespace}/{dataset}"), json!({ "data": rows }))
                .await?,
        )?;
        Ok(())
    }

    /// Films and people with a link.
    pub(crate) async fn cinema() -> Result<Self> {
        let server = Self::start().await?;
        server.fill_cinema().await?;
        Ok(server)
    }

    pub(crate) async fn fill_cinema(&self) -> Result {
        let films = json!([
            { "title": "Alien", "year": 1979, "director": "Scott" },
            { "title": "Heat", "year": 1995, "director": "Mann" },
            { "title": "Gladiator", "year": 2000, "director": "Scott" },
        ]);
        self.fill("cinema", "films", films).await?;
        self.fill("cinema", "people", json!([{ "name": "Scott", "born": 1937 }, { "name": "Mann" }])).await?;
        expect(201, self.link("films", "director", "people", "name").await?)?;
        Ok(())
    }

    pub(crate) async fn link(
        &self,
        from: &str,
        from_column: &str,
        to: &str,
        to_column: &str,
    ) -> Result<Answer> {
        let end = |dataset: &str, column: &str| json!({ "username": "self", "namespace": "cinema", "dataset": dataset, "columnName": column });
        let body =
            json!({ "from": end(from, from_column), "to": end(to, to_column), "matchType": "ExactMatch" });
        self.send_json("POST", "/links/add", body).await
    }

    pub(crate) async fn query(&self, query: &str) -> Result<Answer> {
        let body = json!({ "username": "self", "namespace": "cinema", "query": query });
        self.send_json("POST", "/query", body).await
    }

    pub(crate) async fn row_count(&self, namespace: &str, dataset: &str) -> Result<Value> {
        let info = expect(200, self.send("GET", &format!("/data/self/{namespace}/{dataset}")).await?)?;
        Ok(info.json()?["metadata"]["rowCount"].clone())
    }
}

pub(crate) async fn read(response: Response) -> Result<Answer> {
    let headers = response.headers().clone();
    let header =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Ok(Answer {
        status: response.status().as_u16(),
        label: header("x-datalinks-emulator"),
        content_type: header("content-type"),
        text: response.text().await?,
        headers,
    })
}

pub(crate) fn expect(status: u16, answer: Answer) -> Result<Answer> {
    if answer.status == status { Ok(answer) } else { Err(format!("want {status}, got {answer:?}").into()) }
}

/// Returns the events of an SSE body.
pub(crate) fn sse(text: &str) -> Result<Vec<(String, Value)>> {
    let mut events = Vec::new();
    for block in text.split_terminator("\n\n") {
        let (event, data) = block.split_once('\n').ok_or("an event has two lines")?;
        let event = event.strip_prefix("event: ").ok_or("the first line names the event")?;
        let data = data.strip_prefix("data: ").ok_or("the second line holds data")?;
        events.push((event.to_owned(), serde_json::from_str(data)?));
    }
    Ok(events)
}

/// Returns the events of an NDJSON body. An incomplete last line is not an event.
pub(crate) fn ndjson(text: &str) -> Result<Vec<Value>> {
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    Ok(lines.map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}

pub(crate) fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap_or("?")).collect()
}

/// Reads a body until it ends or breaks. Returns the received text, and `true` if it broke.
pub(crate) async fn read_until_end(mut response: Response) -> (String, bool) {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return (String::from_utf8_lossy(&bytes).into_owned(), false),
            Err(_) => return (String::from_utf8_lossy(&bytes).into_owned(), true),
        }
    }
}

pub(crate) fn run_body(rows: Value) -> Value {
    json!({
        "datalinksUsername": "self", "namespace": "cinema", "model": true, "ingest": true, "ontology": true,
        "maxEvalRetries": 3, "maxRowsForModeling": 20, "maxSampleRows": 10, "enableHumanInTheLoop": false,
        "data": rows,
    })
}
