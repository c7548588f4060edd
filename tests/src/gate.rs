//! A TCP proxy in front of a storage, which lets parts of an upload overtake others.

use std::{collections::BTreeSet, sync::Arc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// The numbers of the parts that are stored.
type Stored = Arc<watch::Sender<BTreeSet<u64>>>;

/// A running proxy. `Drop` stops it.
pub struct PartGate {
    origin: String,
    accepting: JoinHandle<()>,
}

impl PartGate {
    /// Starts a proxy to `upstream` (host and port). A part whose number is in `held` is passed on once the storage has
    /// responded to the part after it.
    pub async fn start(upstream: String, held: impl Into<BTreeSet<u64>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (stored, held) = (Stored::default(), held.into());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // The task ends with its connection.
                tokio::spawn(relay(client, upstream.clone(), held.clone(), Arc::clone(&stored)));
            }
        });
        Self { origin, accepting }
    }

    /// Returns scheme and authority.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl Drop for PartGate {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn relay(client: TcpStream, upstream: String, held: BTreeSet<u64>, stored: Stored) -> Option<()> {
    let (mut from_server, mut to_server) = TcpStream::connect(upstream).await.ok()?.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    let (part, current) = watch::channel(None);
    let up = async {
        let mut buffer = vec![0; 16 * 1024];
        while let length @ 1.. = from_client.read(&mut buffer).await.ok()? {
            // A client sends one request at a time, and its head at once.
            if let Some(number) = part_of(&buffer[..length]) {
                part.send_replace(Some(number));
                if held.contains(&number) {
                    stored.subscribe().wait_for(|stored| stored.contains(&(number + 1))).await.ok()?;
                }
            }
            to_server.write_all(&buffer[..length]).await.ok()?;
        }
        Some(())
    };
    let down = async {
        let mut buffer = vec![0; 16 * 1024];
        while let length @ 1.. = from_server.read(&mut buffer).await.ok()? {
            if let Some(number) = *current.borrow() {
                stored.send_modify(|stored| {
                    stored.insert(number);
                });
            }
            to_client.write_all(&buffer[..length]).await.ok()?;
        }
        Some(())
    };
    tokio::select! {
        ended = up => ended,
        ended = down => ended,
    }
}

/// Returns the number of the part that a request sends, or `None` for other data.
fn part_of(data: &[u8]) -> Option<u64> {
    let line = data.strip_prefix(b"PUT ")?;
    let path = line.split(|byte| *byte == b' ').next()?;
    std::str::from_utf8(path).ok()?.rsplit('/').next()?.parse().ok()
}
