//! An HTTP server that follows a script. A request that nobody scripted is answered 599 and remembered, and
//! fails the test when the server is asked what it saw.

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

/// How one request is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An answer in full.
    Full {
        /// Its status.
        status: u16,
        /// Its headers, but for the length.
        headers: Vec<(String, String)>,
        /// Its body.
        body: String,
    },
    /// The same, whose last bytes never come: the connection closes.
    Truncated {
        /// Its headers, but for the length.
        headers: Vec<(String, String)>,
        /// The body, of which the first half is sent.
        body: String,
    },
    /// A refusal in JSON, of whose body the first half is sent: the connection closes.
    TruncatedRefusal {
        /// Its status.
        status: u16,
        /// The body.
        body: String,
    },
    /// Its first half is sent, and then nothing, until the client goes.
    Stalled {
        /// Its headers, but for the length.
        headers: Vec<(String, String)>,
        /// The body, of which the first half is sent.
        body: String,
    },
    /// The connection closes without an answer.
    Closed,
    /// Another reply, after the paused clock of the test was moved on by this time.
    Later(Duration, Box<Reply>),
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, body: impl ToString) -> Self {
        Self::of_type(status, "application/json", body.to_string())
    }

    /// An answer of some content type.
    pub fn of_type(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self::Full { status, headers, body: body.into() }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self::Full { status, headers: Vec::new(), body: String::new() }
    }

    /// What a recording served.
    pub fn recorded(answer: &recordings::Response) -> Self {
        let header = |(name, value): (&String, &Value)| (name.clone(), value.as_str().unwrap().to_owned());
        let headers = answer.headers.iter().map(header).collect();
        Self::Full { status: answer.status, headers, body: answer.whole_body() }
    }

    /// The same with a header more.
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
    /// What answers when no reply is left.
    always: Option<Reply>,
    seen: Vec<recordings::Request>,
    unscripted: Vec<String>,
    /// Clients that went away from a stalled answer.
    gone: usize,
}

/// The server; it stops when dropped.
pub struct Server {
    origin: String,
    script: Arc<Mutex<Script>>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Starts on a free loopback port, without a script.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::<Mutex<Script>>::default();
        let shared = Arc::clone(&script);
        let accepting = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // It ends with its one request.
                tokio::spawn(serve(connection, Arc::clone(&shared)));
            }
        });
        Self { origin, script, accepting }
    }

    /// Scheme and authority.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// These requests will come, and are answered so, one after the other.
    pub fn expect(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script.lock().unwrap().replies.extend(replies);
    }

    /// Whatever comes is answered so.
    pub fn always(&self, reply: Reply) {
        self.script.lock().unwrap().always = Some(reply);
    }

    /// How many clients have gone away from a stalled answer.
    pub fn gone(&self) -> usize {
        self.script.lock().unwrap().gone
    }

    /// What came since the last time. Fails when a request was not scripted, or a reply was not needed.
    #[track_caller]
    pub fn seen(&self) -> Vec<recordings::Request> {
        let mut script = self.script.lock().unwrap();
        assert!(script.unscripted.is_empty(), "nobody scripted {:?}", script.unscripted);
        assert!(script.replies.is_empty(), "no request came for {:?}", script.replies);
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
    // The client may have gone; what it makes of that is what the test looks at.
    let _ = connection.write_all(&reply.bytes()).await;
    if matches!(reply, Reply::Stalled { .. }) {
        let _ = connection.read(&mut [0]).await;
        script.lock().unwrap().gone += 1;
    }
    let _ = connection.shutdown().await;
}

/// One request, in the form of the recordings; nothing when the connection closes before it is whole.
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
