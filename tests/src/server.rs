//! A scripted HTTP server. A request without a scripted reply gets status 599 and is remembered. It fails the
//! test when the test reads the requests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Map, Value};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::recordings;

/// The reply to a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A complete response.
    Full {
        /// The status.
        status: u16,
        /// The headers without the content length.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// A truncated success: half of the body is sent, then the connection closes.
    Truncated {
        /// The headers without the content length.
        headers: Vec<(String, String)>,
        /// The whole body, of which the first half is sent.
        body: String,
    },
    /// A truncated JSON error: half of the body is sent, then the connection closes.
    TruncatedRefusal {
        /// The status.
        status: u16,
        /// The body.
        body: String,
    },
    /// A stalled success: half of the body is sent, and the connection stays open until the client closes it.
    Stalled {
        /// The headers without the content length.
        headers: Vec<(String, String)>,
        /// The whole body, of which the first half is sent.
        body: String,
    },
    /// No response: the connection closes.
    Closed,
    /// Another reply, after the paused clock of the test has advanced by this time.
    Later(Duration, Box<Reply>),
}

impl Reply {
    /// Returns a JSON response.
    pub fn json(status: u16, body: impl ToString) -> Self {
        Self::of_type(status, "application/json", body.to_string())
    }

    /// Returns a response with a content type.
    pub fn of_type(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self::Full { status, headers, body: body.into() }
    }

    /// Returns a response without a body.
    pub fn empty(status: u16) -> Self {
        Self::Full { status, headers: Vec::new(), body: String::new() }
    }

    /// Returns the response of a recording.
    pub fn recorded(answer: &recordings::Response) -> Self {
        let header = |(name, value): (&String, &Value)| (name.clone(), value.as_str().unwrap().to_owned());
        let headers = answer.headers.iter().map(header).collect();
        Self::Full { status: answer.status, headers, body: answer.whole_body() }
    }

    /// Adds a header to the response.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Self::Full { headers, .. } | Self::Truncated { headers, .. } | Self::Stalled { headers, .. } =
            &mut self
        {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let json = [("content-type".to_owned(), "application/json".to_owned())];
        let (status, headers, body, sent) = match self {
            Self::TruncatedRefusal { status, body } => (*status, &json[..], body, body.len() / 2),
            Self::Closed => return Vec::new(),
            Self::Later(_, then) => return then.bytes(),
            Self::Full { status, headers, body } => (*status, &headers[..], body, body.len()),
            Self::Truncated { headers, body } | Self::Stalled { headers, body } => {
                (200, &headers[..], body, body.len() / 2)
            }
        };
        let mut head = format!("HTTP/1.1 {status} As Scripted\r\nconnection: close\r\n");
        if status != 204 {
            head += &format!("content-length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        [head.as_bytes(), b"\r\n", &body.as_bytes()[..sent]].concat()
    }
}

#[derive(Default)]
struct Script {
    replies: VecDeque<Reply>,
    /// The reply when no scripted reply is left.
    always: Option<Reply>,
    seen: Vec<recordings::Request>,
    unscripted: Vec<String>,
    /// Number of responses that were sent to the point at which they stall.
    stalled: usize,
    /// Number of clients that closed a stalled response.
    gone: usize,
}

/// A running server. `Drop` stops it.
pub struct Server {
    origin: String,
    script: Arc<Mutex<Script>>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Starts the server on a free loopback port, without a script.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::<Mutex<Script>>::default();
        let shared = Arc::clone(&script);
        let accepting = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // The task ends with its only request.
                tokio::spawn(serve(connection, Arc::clone(&shared)));
            }
        });
        Self { origin, script, accepting }
    }

    /// Returns scheme and authority.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Scripts the replies to the next requests, in order.
    pub fn expect(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script.lock().unwrap().replies.extend(replies);
    }

    /// Sets the reply to all further requests.
    pub fn always(&self, reply: Reply) {
        self.script.lock().unwrap().always = Some(reply);
    }

    /// Returns the number of responses that stall, or stalled before the client closed them.
    pub fn stalled(&self) -> usize {
        self.script.lock().unwrap().stalled
    }

    /// Returns the number of clients that closed a stalled response.
    pub fn gone(&self) -> usize {
        self.script.lock().unwrap().gone
    }

    /// Returns the requests since the last call. Fails if a request was not scripted, or if a reply was not
    /// used.
    #[track_caller]
    pub fn seen(&self) -> Vec<recordings::Request> {
        let mut script = self.script.lock().unwrap();
        assert!(script.unscripted.is_empty(), "these requests are not scripted: {:?}", script.unscripted);
        assert!(script.replies.is_empty(), "these replies were not used: {:?}", script.replies);
        std::mem::take(&mut script.seen)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(connection: TcpStream, script: Arc<Mutex<Script>>) {
    let mut connection = BufReader::new(connection);
    let Some(request) = read(&mut connection).await else { return };
    let reply = {
        let mut script = script.lock().unwrap();
        let line = format!("{} {}", request.method, request.target);
        script.seen.push(request);
        match script.replies.pop_front().or_else(|| script.always.clone()) {
            Some(reply) => reply,
            None => {
                script.unscripted.push(line);
                Reply::empty(599)
            }
        }
    };
    if let Reply::Later(time, _) = &reply {
        tokio::time::advance(*time).await;
    }
    let mut connection = connection.into_inner();
    // The client may have closed the connection. The test checks how the client reacts.
    let _ = connection.write_all(&reply.bytes()).await;
    if matches!(reply, Reply::Stalled { .. }) {
        script.lock().unwrap().stalled += 1;
        let _ = connection.read(&mut [0]).await;
        script.lock().unwrap().gone += 1;
    }
    let _ = connection.shutdown().await;
}

/// Reads a request in the form of the recordings. Returns `None` if the connection closes before the request is
/// complete.
pub async fn read(connection: &mut BufReader<TcpStream>) -> Option<recordings::Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut words = lines.first()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Map::new();
    for line in &lines[1..] {
        let (name, value) = line.split_once(':')?;
        headers.insert(name.trim().to_lowercase(), value.trim().into());
    }
    let length = headers.get("content-length").and_then(|length| length.as_str()?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).ok()?;
    let is_json = headers.get("content-type").is_some_and(|kind| kind == "application/json");
    Some(recordings::Request {
        method,
        target,
        headers,
        json: if is_json { serde_json::from_str(&body).ok() } else { None },
        text: (!is_json && !body.is_empty()).then_some(body),
    })
}
