//! Comparison of the client with a plain program of reqwest and serde_json, in one run and against one server,
//! a separate process that consumes rows and produces events.
//!
//! `cargo bench -p datalinks-tests --bench throughput` prints ratios of the plain program's time to the
//! client's, so that 1 means equal speed. With `-- memory`, it streams five million rows instead. With
//! `-- upload`, it uploads a sparse file of 4 GiB. Both print the peak of memory.

use std::{
    env,
    io::{BufRead as _, BufReader as StdReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use datalinks::{AskEvent, DataLinks, IngestProxy, PipelineEvent, raw::api::types};
use serde::Serialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

const BATCH: usize = 1_000;
const EVENTS: usize = 20_000;

#[derive(Clone, Serialize)]
struct Row {
    id: u64,
    name: String,
    year: u16,
    score: f64,
    text: &'static str,
}

fn row(id: u64) -> Row {
    let text =
        "Something that is said of it, in about a hundred bytes, so that a row has some two hundred in all.";
    Row { id, name: format!("row number {id}"), year: 1979, score: id as f64 / 7.0, text }
}

#[derive(Serialize)]
struct Body<'a> {
    data: &'a [Row],
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let arguments: Vec<String> = env::args().collect();
    if arguments.iter().any(|argument| argument == "serve") {
        runtime.block_on(serve(arguments.iter().any(|argument| argument == "slow")));
    } else if arguments.iter().any(|argument| argument == "upload") {
        runtime.block_on(upload());
    } else if arguments.iter().any(|argument| argument == "memory") {
        runtime.block_on(memory());
    } else {
        runtime.block_on(ratios());
    }
}

/// The server process.
struct Server {
    child: Child,
    origin: String,
}

impl Server {
    fn start(words: &[&str]) -> Self {
        let mut child =
            Command::new(env::current_exe().unwrap()).args(words).stdout(Stdio::piped()).spawn().unwrap();
        let mut origin = String::new();
        StdReader::new(child.stdout.take().unwrap()).read_line(&mut origin).unwrap();
        Self { child, origin: origin.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Runs both in turn and prints the ratio of their medians.
async fn compare(
    what: &str,
    goal: f64,
    rounds: usize,
    plain: impl AsyncFn() -> usize,
    ours: impl AsyncFn() -> usize,
) {
    let (mut plain_times, mut our_times) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let begin = Instant::now();
        let expected = plain().await;
        let middle = Instant::now();
        assert_eq!(ours().await, expected);
        // The first round is a warm-up.
        if round > 0 {
            plain_times.push(middle - begin);
            our_times.push(middle.elapsed());
        }
    }
    let (plain, ours) = (median(plain_times), median(our_times));
    let ratio = plain.as_secs_f64() / ours.as_secs_f64();
    println!("{what}: plain {plain:.1?}, client {ours:.1?}, ratio {ratio:.2} (goal {goal})");
}

async fn ratios() {
    let server = Server::start(&["serve"]);
    let dl = DataLinks::builder(format!("{}/api/v1", server.origin), "k").build().unwrap();
    let films = dl.dataset("a", "b").unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let rows = || (0..200_000).map(row);

    compare(
        "ingest, one request in flight",
        0.95,
        7,
        async || {
            let (mut rows, mut sent) = (rows(), 0);
            loop {
                let batch: Vec<Row> = rows.by_ref().take(BATCH).collect();
                if batch.is_empty() {
                    return sent;
                }
                sent += batch.len();
                let url = format!("{}/api/v1/ingest/a/b", server.origin);
                let body = serde_json::to_vec(&Body { data: &batch }).unwrap();
                let answer =
                    http.post(url).header("content-type", "application/json").body(body).send().await;
                answer.unwrap().error_for_status().unwrap().bytes().await.unwrap();
            }
        },
        async || {
            let summary = films
                .ingest_stream(futures::stream::iter(rows()))
                .batch_size(BATCH)
                .batches()
                .unwrap()
                .finish()
                .await;
            summary.unwrap().counts.stored
        },
    )
    .await;

    compare(
        "ask, 20,000 events",
        0.9,
        7,
        async || {
            let url = format!("{}/api/v1/query/ask", server.origin);
            let mut answer = http.post(url).body("{}").send().await.unwrap();
            let (mut buffer, mut events) = (Vec::new(), 0);
            while let Some(part) = answer.chunk().await.unwrap() {
                buffer.extend_from_slice(&part);
                let mut start = 0;
                while let Some(end) = buffer[start..].windows(2).position(|pair| pair == b"\n\n") {
                    let block = std::str::from_utf8(&buffer[start..start + end]).unwrap();
                    if let Some(data) = block.strip_prefix("event: step\ndata: ") {
                        let step: types::AutoRagStepEvent = serde_json::from_str(data).unwrap();
                        events += usize::from(step.index >= 0);
                    }
                    start += end + 2;
                }
                buffer.drain(..start);
            }
            events
        },
        async || {
            let mut stream = dl.namespace("a").unwrap().ask("why?").stream().await.unwrap();
            let mut events = 0;
            while let Some(event) = stream.next().await {
                if let AskEvent::Step(step) = event.unwrap() {
                    events += usize::from(step.index >= 0);
                }
            }
            events
        },
    )
    .await;

    let proxy = IngestProxy::builder(&server.origin, "k").build().unwrap();
    compare(
        "pipeline, 20,000 events",
        0.9,
        7,
        async || {
            let url = format!("{}/api/pipeline/run/stream?startIndex=0", server.origin);
            let mut answer = http.get(url).send().await.unwrap();
            let (mut buffer, mut events) = (Vec::new(), 0);
            while let Some(part) = answer.chunk().await.unwrap() {
                buffer.extend_from_slice(&part);
                let mut start = 0;
                while let Some(end) = buffer[start..].iter().position(|byte| *byte == b'\n') {
                    let object: datalinks::raw::Row =
                        serde_json::from_slice(&buffer[start..start + end]).unwrap();
                    events += usize::from(object.contains_key("n"));
                    start += end + 1;
                }
                buffer.drain(..start);
            }
            events
        },
        async || {
            let mut run = proxy.follow("run", 0).unwrap();
            let mut events = 0;
            while let Some(event) = run.next().await {
                if let PipelineEvent::Other(object) = event.unwrap() {
                    events += usize::from(object.contains_key("n"));
                }
            }
            events
        },
    )
    .await;

    let slow = Server::start(&["serve", "slow"]);
    let dl = DataLinks::builder(format!("{}/api/v1", slow.origin), "k").build().unwrap();
    let films = dl.dataset("a", "b").unwrap();
    let few = || rows().take(64_000);
    let ingest = async |concurrency| films.ingest(few()).batch_size(BATCH).concurrency(concurrency).await;
    compare(
        "ingest with 50 ms per response, eight requests in flight against one",
        6.0,
        1,
        async || ingest(1).await.unwrap().successful.len(),
        async || ingest(8).await.unwrap().successful.len(),
    )
    .await;
}

/// Ingests five million rows that are generated during the run.
async fn memory() {
    let server = Server::start(&["serve"]);
    let dl = DataLinks::builder(format!("{}/api/v1", server.origin), "k").build().unwrap();
    let films = dl.dataset("a", "b").unwrap();
    let begin = Instant::now();
    let source = futures::stream::iter((0..5_000_000).map(row));
    let outcomes = films.ingest_stream(source).batch_size(BATCH).concurrency(4).batches().unwrap();
    let summary = outcomes.finish().await.unwrap();
    println!(
        "{} rows, {} MB in {:.1?}; {}",
        summary.counts.stored,
        summary.counts.bytes / 1_000_000,
        begin.elapsed(),
        peak()
    );
}

/// Uploads a sparse file of 4 GiB.
async fn upload() {
    let server = Server::start(&["serve"]);
    let dl = DataLinks::builder(format!("{}/api/v1", server.origin), "k").build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sparse.csv");
    std::fs::File::create(&path).unwrap().set_len(4 << 30).unwrap();
    let begin = Instant::now();
    let uploaded = dl.dataset("a", "b").unwrap().upload(path).await.unwrap();
    println!("{} bytes in {} parts in {:.1?}; {}", uploaded.bytes, uploaded.parts, begin.elapsed(), peak());
}

/// Returns the peak memory of this process, on systems that report it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("the peak of memory is not told here");
    line.replace('\t', " ")
}

async fn serve(slow: bool) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(connection_loop(connection, slow));
    }
}

/// Serves the requests of one connection in order.
async fn connection_loop(connection: TcpStream, slow: bool) -> Option<()> {
    connection.set_nodelay(true).ok()?;
    let mut connection = BufReader::with_capacity(256 * 1024, connection);
    loop {
        let (mut target, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if connection.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if target.is_empty() {
                line.split(' ').nth(1)?.clone_into(&mut target);
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        tokio::io::copy(&mut (&mut connection).take(length), &mut tokio::io::sink()).await.ok()?;
        if slow {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let answer = if target.contains("/query/ask") {
            events("text/event-stream", "event: answer\ndata: {\"response\":\"so\"}\n\n", |n| {
                let data = format!(
                    r#"{{"index":{n},"instruction":"find","query":"q","reasoning":"r","data":[{{"n":{n}}}]}}"#
                );
                format!("event: step\ndata: {data}\n\n")
            })
        } else if target.contains("/stream") {
            let line =
                |n| format!("{{\"type\":\"progress\",\"n\":{n},\"text\":\"so many rows were modelled\"}}\n");
            events("application/x-ndjson", "{\"type\":\"complete\"}\n", line)
        } else if target.ends_with("/prepare") {
            let origin = format!("http://{}", connection.get_ref().local_addr().ok()?);
            json(200, &prepared(&origin))
        } else if target.ends_with("/finish") {
            json(201, "{\"id\":\"c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3\"}")
        } else {
            "HTTP/1.1 200 OK\r\netag: \"e\"\r\ncontent-length: 0\r\n\r\n".to_owned()
        };
        connection.get_mut().write_all(answer.as_bytes()).await.ok()?;
    }
}

fn json(status: u16, body: &str) -> String {
    let head = format!("HTTP/1.1 {status} As Told\r\ncontent-type: application/json\r\n");
    format!("{head}content-length: {}\r\n\r\n{body}", body.len())
}

/// The presigned URLs of 512 parts of 8 MiB.
fn prepared(origin: &str) -> String {
    const PART: u64 = 8 << 20;
    let part = |n: u64| format!("{{\"url\":\"{origin}/part/{n}\",\"size\":{PART}}}");
    let urls = (0..512).map(part).collect::<Vec<_>>().join(",");
    format!("{{\"uploadId\":\"u\",\"key\":\"k\",\"partSize\":{PART},\"presignedUrls\":[{urls}]}}")
}

fn events(content_type: &str, last: &str, event: impl Fn(usize) -> String) -> String {
    let body = (0..EVENTS).map(event).collect::<String>() + last;
    format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
