//! A server of long event streams: an answer of many steps, and a pipeline run of many events.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The id of the agent's only run.
pub const RUN: &str = "c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3";

/// The behavior of the server.
#[derive(Clone, Copy, Debug)]
pub struct Serving {
    /// Number of steps of the answer, and of events of the run before its end.
    pub events: usize,
    /// `true` if the end of the connection ends the body, instead of a last chunk.
    pub close_delimited: bool,
    /// `true` if a pipeline stream always begins at its start, whatever index is requested.
    pub replays: bool,
    /// Number of requests to follow or resume a run that are rejected first (503).
    pub refusals: usize,
    /// A header of the rejections, with its value.
    pub wait: (&'static str, &'static str),
}

/// A running server. `Drop` stops it.
pub struct EventServer {
    address: String,
    accepting: JoinHandle<()>,
}

impl EventServer {
    /// Starts the server on a free loopback port.
    pub async fn start(serving: Serving) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let bodies = Arc::new(Bodies::new(serving));
        let accepting = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // The task ends with its only request.
                tokio::spawn(serve(connection, Arc::clone(&bodies)));
            }
        });
        Self { address, accepting }
    }

    /// Returns host and port.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for EventServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

struct Bodies {
    serving: Serving,
    /// Number of remaining rejections.
    refusals: AtomicUsize,
    answer: String,
    lines: Vec<String>,
}

impl Bodies {
    fn new(serving: Serving) -> Self {
        let mut answer = format!(": hello\n\nevent: run-started\ndata: {{\"runId\":\"{RUN}\"}}\n\n");
        for index in 0..serving.events {
            let data = format!(
                r#"{{"index":{index},"instruction":"find {index}","query":"q","reasoning":"ü","data":[{{"n":{index}}}]}}"#
            );
            answer += &format!("event: step\ndata: {data}\n\n");
            if index % 7 == 0 {
                answer += ": still here\n\n";
            }
        }
        answer += "event: answer\ndata: {\"response\":\"done\"}\n\n";
        let mut lines: Vec<String> = (0..serving.events)
            .map(|n| format!("{{\"type\":\"progress\",\"index\":{n},\"n\":{n},\"text\":\"ü\"}}\n"))
            .collect();
        lines.push("{\"type\":\"complete\"}\n".to_owned());
        Self { serving, refusals: serving.refusals.into(), answer, lines }
    }

    /// Returns the rejection of a request, as long as some remain.
    fn rejection(&self, target: &str) -> Option<String> {
        if !target.contains("resume") && !target.contains("startIndex=") {
            return None;
        }
        let one_less = |left: usize| left.checked_sub(1);
        self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).ok()?;
        let (name, value) = self.serving.wait;
        Some(format!(
            "HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n{name}: {value}\r\n\r\n"
        ))
    }

    /// Returns the content type and the text of the body for a request.
    fn body(&self, target: &str) -> (&'static str, String) {
        match target.split_once("startIndex=") {
            None => ("text/event-stream", self.answer.clone()),
            Some((_, index)) => {
                let index = if self.serving.replays { 0 } else { index.parse().unwrap_or(0) };
                ("application/x-ndjson", self.lines[index.min(self.lines.len())..].concat())
            }
        }
    }
}

async fn serve(connection: TcpStream, bodies: Arc<Bodies>) -> Option<()> {
    let mut connection = BufReader::new(connection);
    let mut target = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await.ok()?;
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
    connection.read_exact(&mut vec![0; length]).await.ok()?;
    if let Some(refusal) = bodies.rejection(&target) {
        connection.get_mut().write_all(refusal.as_bytes()).await.ok()?;
        return connection.get_mut().shutdown().await.ok();
    }
    let (content_type, body) = bodies.body(&target);
    let mut answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: {content_type}\r\n");
    if bodies.serving.close_delimited {
        answer += "\r\n";
        answer += &body;
    } else {
        answer += "transfer-encoding: chunked\r\n\r\n";
        // Chunks that end within lines and within characters.
        let mut bytes = answer.into_bytes();
        for part in body.as_bytes().chunks(1_013) {
            bytes.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
            bytes.extend_from_slice(part);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        connection.get_mut().write_all(&bytes).await.ok()?;
        return connection.get_mut().shutdown().await.ok();
    }
    connection.get_mut().write_all(answer.as_bytes()).await.ok()?;
    connection.get_mut().shutdown().await.ok()
}
