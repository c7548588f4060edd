//! A TCP proxy that does to responses what networks do: truncation, resets, and delivery byte by byte. It
//! neither changes nor duplicates bytes.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, yield_now},
};

/// The fault of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Number of bytes of the response after which the connection ends.
    pub cut_after: Option<usize>,
    /// `true` if the connection ends with a reset instead of an orderly close.
    pub reset: bool,
    /// Number of bytes at the start that arrive one by one.
    pub trickle: usize,
    /// Size of the chunks of the remaining bytes.
    pub piece: usize,
}

impl Fault {
    /// A connection without a fault.
    pub const NONE: Self = Self { cut_after: None, reset: false, trickle: 0, piece: 64 * 1024 };
}

/// A running proxy. `Drop` stops it.
pub struct FaultProxy {
    origin: String,
    accepting: JoinHandle<()>,
}

impl FaultProxy {
    /// Starts a proxy. `route` returns the upstream (host and port) and the fault of each new connection.
    pub async fn start(route: impl Fn() -> (String, Fault) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, fault) = route();
                // The task ends with its connection.
                tokio::spawn(relay(client, upstream, fault));
            }
        });
        Self { origin, accepting }
    }

    /// Returns scheme and authority.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn relay(client: TcpStream, upstream: String, fault: Fault) {
    let Ok(server) = TcpStream::connect(upstream).await else { return };
    let _ = client.set_nodelay(true);
    let (mut from_server, mut to_server) = server.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    let up = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
        from_client
    });
    let mut sent = 0;
    let mut buffer = vec![0; 16 * 1024];
    let cut = 'whole: loop {
        let Ok(length @ 1..) = from_server.read(&mut buffer).await else { break false };
        let mut rest = &buffer[..length];
        while !rest.is_empty() {
            let size = if sent < fault.trickle { 1 } else { fault.piece.max(1) };
            let left = fault.cut_after.map_or(usize::MAX, |cut| cut - sent);
            let size = size.min(rest.len()).min(left);
            if size == 0 {
                break 'whole true;
            }
            if to_client.write_all(&rest[..size]).await.is_err() {
                break 'whole false;
            }
            (sent, rest) = (sent + size, &rest[size..]);
            yield_now().await;
        }
    };
    up.abort();
    if cut && fault.reset {
        // Read half and write half are joined again. Without lingering, closing the connection resets it.
        if let Ok(from_client) = up.await
            && let Ok(client) = from_client.reunite(to_client)
        {
            let _ = client.set_zero_linger();
        }
    } else {
        let _ = to_client.shutdown().await;
    }
}
