//! The workloads, written with `reqwest` and `serde_json` alone.

use std::{io::SeekFrom, path::PathBuf, sync::Arc};

use bytes::{Buf as _, Bytes, BytesMut};
use datalinks_benchmarks::{
    Arguments, BATCH, BoxError, Workload,
    data::{Progress, Row, Step, User, map, row},
    measure::{self, Work},
    tls::AUTHORITY,
};
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use memchr::{memchr, memmem};
use reqwest::{
    Body, Certificate, Client, Response,
    header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _},
};

fn main() -> Result<(), BoxError> {
    measure::run(prepare)
}

fn prepare(arguments: &Arguments) -> Result<Work, BoxError> {
    let Arguments { size, in_flight, .. } = *arguments;
    let numbers = 0..size as u64;
    let origin = arguments.origin.clone();
    if arguments.workload == Workload::Start {
        return Ok(Box::pin(async move { Api::new(origin)?.calls(1).await }));
    }
    let api = Api::new(origin)?;
    Ok(match arguments.workload {
        Workload::IngestMaps => Box::pin(api.ingest(numbers.map(map).collect(), in_flight)),
        Workload::IngestTyped => Box::pin(api.ingest(numbers.map(row).collect(), in_flight)),
        Workload::IngestStream => Box::pin(api.ingest_stream(numbers.map(row), in_flight)),
        Workload::Query => Box::pin(api.query()),
        Workload::Ask => Box::pin(api.ask()),
        Workload::Pipeline => Box::pin(api.pipeline()),
        Workload::PipelineTyped => Box::pin(api.pipeline_typed()),
        Workload::Calls => Box::pin(async move { api.calls(size).await }),
        Workload::Upload => Box::pin(api.upload(size, in_flight)),
        Workload::Start => return Err("handled above".into()),
    })
}

/// A client of the API, as an application writes it for itself.
struct Api {
    http: Client,
    origin: String,
}

#[derive(Serialize)]
struct Batch<'a, T> {
    data: &'a [T],
}

#[derive(Deserialize)]
struct Acknowledged {
    indexed: u64,
}

#[derive(Serialize)]
struct Query<'a> {
    username: &'a str,
    namespace: &'a str,
    dataset: &'a str,
    query: &'a str,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Vec<T>,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    count: usize,
}

#[derive(Serialize)]
struct Question<'a> {
    username: &'a str,
    namespace: &'a str,
    query: &'a str,
}

#[derive(Serialize)]
struct NewFile<'a> {
    filename: &'a str,
    size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prepared {
    upload_id: String,
    key: String,
    presigned_urls: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    url: String,
    size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finished<'a> {
    upload_id: &'a str,
    key: &'a str,
    parts: Vec<SentPart>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SentPart {
    part_number: usize,
    etag: String,
}

impl Api {
    /// The server is on this machine. Without TLS, the certificates of the platform are not read.
    fn new(origin: String) -> Result<Self, BoxError> {
        let builder = Client::builder().no_proxy();
        let builder = match std::env::var_os(AUTHORITY) {
            None => builder.tls_certs_only([]),
            Some(file) => builder.add_root_certificate(Certificate::from_pem(&std::fs::read(file)?)?),
        };
        let http = builder.build()?;
        Ok(Self { http, origin })
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.origin)
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response, BoxError> {
        let request = self.http.post(self.url(path)).bearer_auth("key").json(body);
        Ok(request.send().await?.error_for_status()?)
    }

    /// Sends one batch, and returns the number of rows that the server acknowledges.
    async fn send(&self, rows: &[impl Serialize]) -> Result<usize, BoxError> {
        let response = self.post("ingest/cinema/films", &Batch { data: rows }).await?;
        let Acknowledged { indexed } = response.json().await?;
        if indexed != rows.len() as u64 {
            return Err(format!("{indexed} of {} rows were stored", rows.len()).into());
        }
        Ok(rows.len())
    }

    async fn ingest<T: Serialize>(self, rows: Vec<T>, in_flight: usize) -> Result<usize, BoxError> {
        let batches = stream::iter(rows.chunks(BATCH).map(|batch| self.send(batch)));
        batches.buffer_unordered(in_flight).try_fold(0, async |sum, sent| Ok(sum + sent)).await
    }

    async fn ingest_stream(
        self,
        rows: impl Iterator<Item = Row>,
        in_flight: usize,
    ) -> Result<usize, BoxError> {
        let api = &self;
        let batches = stream::iter(rows).chunks(BATCH).map(async |batch| api.send(&batch).await);
        batches.buffer_unordered(in_flight).try_fold(0, async |sum, sent| Ok(sum + sent)).await
    }

    async fn query(self) -> Result<usize, BoxError> {
        let query = Query {
            username: "self",
            namespace: "cinema",
            dataset: "films",
            query: "Ontology(\"cinema/films\")",
        };
        let answer: Answer<Row> = self.post("query", &query).await?.json().await?;
        if answer.metadata.count != answer.data.len() {
            return Err("the number of rows is wrong".into());
        }
        Ok(answer.data.len())
    }

    async fn ask(self) -> Result<usize, BoxError> {
        let question = Question { username: "self", namespace: "cinema", query: "Which film is the oldest?" };
        let mut response = self.post("query/ask", &question).await?;
        let (mut buffer, mut steps) = (BytesMut::new(), 0);
        while let Some(chunk) = response.chunk().await? {
            buffer.extend_from_slice(&chunk);
            while let Some(end) = memmem::find(&buffer, b"\n\n") {
                let (mut name, mut data) = ("", "");
                for line in std::str::from_utf8(&buffer[..end])?.lines() {
                    if let Some(value) = line.strip_prefix("event: ") {
                        name = value;
                    } else if let Some(value) = line.strip_prefix("data: ") {
                        data = value;
                    }
                }
                if name == "step" {
                    let step: Step = serde_json::from_str(data)?;
                    steps += usize::from(step.index >= 0);
                }
                buffer.advance(end + 2);
            }
        }
        Ok(steps)
    }

    /// Opens the events of a pipeline run, and passes each line to `read`.
    async fn follow(&self, mut read: impl FnMut(&[u8]) -> Result<(), BoxError>) -> Result<(), BoxError> {
        let url = format!("{}/api/pipeline/run/stream?startIndex=0", self.origin);
        let request = self.http.get(url).bearer_auth("key");
        let mut response = request.send().await?.error_for_status()?;
        let mut buffer = BytesMut::new();
        while let Some(chunk) = response.chunk().await? {
            buffer.extend_from_slice(&chunk);
            while let Some(end) = memchr(b'\n', &buffer) {
                read(&buffer[..end])?;
                buffer.advance(end + 1);
            }
        }
        Ok(())
    }

    async fn pipeline(self) -> Result<usize, BoxError> {
        let mut events = 0;
        self.follow(|line| {
            let event: Map<String, Value> = serde_json::from_slice(line)?;
            if event.get("type").and_then(Value::as_str) != Some("complete") {
                events += usize::from(event.contains_key("n"));
            }
            Ok(())
        })
        .await?;
        Ok(events)
    }

    async fn pipeline_typed(self) -> Result<usize, BoxError> {
        let mut events = 0;
        self.follow(|line| {
            let event: Progress = serde_json::from_slice(line)?;
            if event.kind != "complete" {
                events += usize::from(event.n > 0);
            }
            Ok(())
        })
        .await?;
        Ok(events)
    }

    async fn calls(&self, count: usize) -> Result<usize, BoxError> {
        let mut users = 0;
        for _ in 0..count {
            let request = self.http.get(self.url("user/me")).bearer_auth("key");
            let user: User = request.send().await?.error_for_status()?.json().await?;
            users += usize::from(!user.username.is_empty());
        }
        Ok(users)
    }

    async fn upload(self, size: usize, in_flight: usize) -> Result<usize, BoxError> {
        let file = tempfile::Builder::new().suffix(".csv").tempfile()?;
        let bytes = (size as u64) << 20;
        file.as_file().set_len(bytes)?;
        let new = NewFile { filename: "films.csv", size: bytes };
        let response = self.post("upload/multipart/self/cinema/films/prepare", &new).await?;
        let Prepared { upload_id, key, presigned_urls } = response.json().await?;
        let (api, path) = (&self, Arc::new(file.path().to_owned()));
        let mut offset = 0;
        let parts = presigned_urls.into_iter().enumerate().map(|(index, part)| {
            let start = offset;
            offset += part.size;
            api.put(index + 1, part, Arc::clone(&path), start)
        });
        let sent = stream::iter(parts).buffer_unordered(in_flight);
        let mut parts: Vec<SentPart> = sent.try_collect().await?;
        parts.sort_by_key(|part| part.part_number);
        let finished = Finished { upload_id: &upload_id, key: &key, parts };
        self.post("upload/multipart/self/cinema/films/finish", &finished).await?;
        Ok(usize::try_from(offset >> 20)?)
    }

    async fn put(
        &self,
        part_number: usize,
        part: Part,
        path: Arc<PathBuf>,
        start: u64,
    ) -> Result<SentPart, BoxError> {
        let mut file = File::open(&*path).await?;
        file.seek(SeekFrom::Start(start)).await?;
        let request = self.http.put(part.url).header(CONTENT_LENGTH, part.size);
        let request = request.header(CONTENT_TYPE, "application/octet-stream");
        let response = request.body(Body::wrap_stream(chunks(file, part.size))).send().await?;
        let response = response.error_for_status()?;
        let etag = response.headers().get(ETAG).ok_or("the response has no ETag")?.to_str()?;
        Ok(SentPart { part_number, etag: etag.trim_matches('"').to_owned() })
    }
}

/// Returns the next `size` bytes of the file in chunks of 64 KiB.
fn chunks(file: File, size: u64) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    stream::try_unfold(file.take(size), async |mut file| {
        let mut chunk = BytesMut::with_capacity(64 * 1024);
        let read = file.read_buf(&mut chunk).await?;
        Ok((read > 0).then(|| (chunk.freeze(), file)))
    })
}
