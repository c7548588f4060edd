//! A proxy and a server with TLS on the loopback interface, for names that do not exist.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional,
    },
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
        server::WebPkiClientVerifier,
    },
};

/// The path of a file with a certificate or a key.
pub(crate) fn tls_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls").join(name)
}

/// The content of that file.
pub(crate) fn tls_data(name: &str) -> Vec<u8> {
    std::fs::read(tls_file(name)).unwrap()
}

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The request line and the headers, as they came.
    pub(crate) head: String,
    /// Whether the client identified itself by a certificate.
    pub(crate) identified: bool,
}

impl Seen {
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    pub(crate) fn has(&self, header: &str) -> bool {
        self.head.lines().any(|line| line.eq_ignore_ascii_case(header))
    }

    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.head
            .lines()
            .any(|line| line.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(name)))
    }
}

/// A server with TLS, and a proxy that leads to it whatever host it is asked for. Both stop when dropped.
pub(crate) struct Network {
    pub(crate) server: SocketAddr,
    pub(crate) proxy: SocketAddr,
    requests: Arc<Mutex<Vec<Seen>>>,
    tunnels: Arc<Mutex<Vec<String>>>,
    accepting: [JoinHandle<()>; 2],
}

impl Network {
    /// Starts both on free ports. `respond` returns the whole response to the request line.
    pub(crate) async fn start(respond: fn(&str) -> String) -> Self {
        Self::with_certificate("server", respond).await
    }

    /// Starts both. The server has the certificate of this name.
    pub(crate) async fn with_certificate(name: &str, respond: fn(&str) -> String) -> Self {
        let acceptor = acceptor(name);
        let (server, listener) = listener().await;
        let requests = Arc::<Mutex<Vec<Seen>>>::default();
        let seen = Arc::clone(&requests);
        let serving = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
                // It ends with its one request.
                tokio::spawn(async move {
                    // A client that does not trust the certificate goes away.
                    let Ok(mut connection) = acceptor.accept(connection).await else { return };
                    let identified = connection.get_ref().1.peer_certificates().is_some();
                    let Some(head) = request(&mut connection).await else { return };
                    let response = respond(head.lines().next().unwrap_or_default());
                    seen.lock().unwrap().push(Seen { head, identified });
                    let _ = connection.write_all(response.as_bytes()).await;
                    let _ = connection.shutdown().await;
                });
            }
        });
        let (proxy, listener) = self::listener().await;
        let tunnels = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&tunnels);
        let tunneling = tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let Some(head) = request(&mut connection).await else { return };
                    let is_tunnel = head.starts_with("CONNECT ");
                    seen.lock().unwrap().push(head);
                    if !is_tunnel {
                        let _ = connection.write_all(b"HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n").await;
                        return;
                    }
                    let mut onward = TcpStream::connect(server).await.unwrap();
                    let _ = connection.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await;
                    let _ = copy_bidirectional(&mut connection, &mut onward).await;
                });
            }
        });
        Self { server, proxy, requests, tunnels, accepting: [serving, tunneling] }
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.requests.lock().unwrap().clone()
    }

    /// What the proxy was sent so far: the head of each request to it.
    pub(crate) fn tunnels(&self) -> Vec<String> {
        self.tunnels.lock().unwrap().clone()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.accepting.iter().for_each(JoinHandle::abort);
    }
}

/// A response with a JSON body.
pub(crate) fn json(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn listener() -> (SocketAddr, TcpListener) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    (listener.local_addr().unwrap(), listener)
}

/// Returns an address at which nothing listens. The socket keeps its port from others.
pub(crate) fn unreachable() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// Takes clients with and without a certificate of the test authority.
fn acceptor(name: &str) -> TlsAcceptor {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(tls_file("authority.pem")).unwrap()).unwrap();
    let clients = WebPkiClientVerifier::builder(Arc::new(roots)).allow_unauthenticated().build().unwrap();
    let certificate = CertificateDer::from_pem_file(tls_file(&format!("{name}.pem"))).unwrap();
    let key = PrivateKeyDer::from_pem_file(tls_file(&format!("{name}.key"))).unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Reads a request and returns its head; `None` if the connection closes before it is whole.
pub(crate) async fn request(connection: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut connection = BufReader::new(connection);
    let mut head = String::new();
    loop {
        let start = head.len();
        if connection.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
        if head[start..].trim_end().is_empty() {
            break;
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    connection.read_exact(&mut body).await.ok()?;
    Some(head)
}
