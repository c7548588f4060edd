//! A minimal HTTP client that can send any bytes and reports every way in which a connection ends.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Maximum time of a response.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum delay between two chunks of an event stream before it is closed.
const PAUSE: Duration = Duration::from_millis(100);

/// Maximum size of a response.
const MAX_BODY: usize = 256 << 20;

/// A response that was read to its end. Of a stream that pauses, the part before the pause.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Time from the first byte sent to the last byte read.
    pub(crate) elapsed: Duration,
}

impl Response {
    /// Returns the value of a header, or an empty string.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// The reason for a missing response.
#[derive(Debug)]
pub(crate) enum WireError {
    /// The connection was refused.
    NotConnected,
    /// The connection ended before the response.
    Closed,
    /// The response did not arrive in time.
    Late,
    /// The response is not HTTP.
    InvalidHttp(String),
}

/// A connection, kept alive between requests.
pub(crate) struct Connection {
    address: SocketAddr,
    /// Maximum time of a response.
    limit: Duration,
    stream: Option<TcpStream>,
    /// Bytes that were read and not yet used.
    left: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self::within(TIMEOUT, address)
    }

    /// Creates a connection with another maximum time of a response.
    pub(crate) fn within(limit: Duration, address: SocketAddr) -> Self {
        Self { address, limit, stream: None, left: Vec::new() }
    }

    /// Sends the bytes of a request and reads the response.
    pub(crate) fn exchange(&mut self, bytes: &[u8], method: &str) -> Result<Response, WireError> {
        let kept = self.stream.is_some();
        let result = self.attempt(bytes, method);
        match result {
            // A server may close a connection between two requests.
            Err(WireError::Closed) if kept => {
                self.stream = None;
                self.attempt(bytes, method)
            }
            other => other,
        }
    }

    /// Sends the bytes of a request once, even if the connection turns out to be closed, and reads the response.
    pub(crate) fn once(&mut self, bytes: &[u8], method: &str) -> Result<Response, WireError> {
        self.attempt(bytes, method)
    }

    /// Closes the connection.
    pub(crate) fn close(&mut self) {
        self.stream = None;
        self.left.clear();
    }

    fn attempt(&mut self, bytes: &[u8], method: &str) -> Result<Response, WireError> {
        let begun = Instant::now();
        if self.stream.is_none() {
            self.left.clear();
            let stream =
                TcpStream::connect_timeout(&self.address, self.limit).map_err(|_| WireError::NotConnected)?;
            // The server may be busy while a large body is sent.
            let set = stream.set_nodelay(true).and_then(|()| stream.set_write_timeout(Some(self.limit)));
            set.map_err(|_| WireError::NotConnected)?;
            self.stream = Some(stream);
        }
        let result = self.send(bytes).and_then(|()| self.read(begun, method));
        match &result {
            Ok((_, true)) => {}
            _ => self.close(),
        }
        result.map(|(response, _)| response)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let Some(stream) = &mut self.stream else { return Err(WireError::NotConnected) };
        match stream.write_all(bytes) {
            Ok(()) => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(WireError::Late)
            }
            // The server may have responded before it read the whole request.
            Err(_) => Ok(()),
        }
    }

    /// Reads a response. Returns it, and `true` if the connection can be kept.
    fn read(&mut self, begun: Instant, method: &str) -> Result<(Response, bool), WireError> {
        let (status, headers) = loop {
            let (status, headers) = self.head(begun)?;
            // Informational responses such as 100 precede the response.
            if status >= 200 {
                break (status, headers);
            }
        };
        let mut response = Response { status, headers, body: Vec::new(), elapsed: Duration::ZERO };
        let mut keep = !response.header("connection").eq_ignore_ascii_case("close");
        let media_type = response.header("content-type");
        let is_stream = media_type.starts_with("text/event-stream") || media_type.contains("ndjson");
        let length: Option<usize> = response.header("content-length").parse().ok();
        let chunked = response.header("transfer-encoding").eq_ignore_ascii_case("chunked");
        let body = match length {
            _ if method == "HEAD" || status == 204 || status == 304 => Ok(Vec::new()),
            Some(length) => self.exactly(begun, length),
            None if chunked => self.chunks(begun, is_stream).map(|(body, ended)| {
                keep &= ended;
                body
            }),
            None => {
                keep = false;
                self.rest(begun)
            }
        };
        response.body = match response.header("content-encoding") {
            "gzip" => decompressed(&body?),
            _ => body?,
        };
        response.elapsed = begun.elapsed();
        Ok((response, keep))
    }

    fn head(&mut self, begun: Instant) -> Result<(u16, Vec<(String, String)>), WireError> {
        let end = loop {
            if let Some(end) = self.left.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            self.more(begun, self.limit)?;
        };
        let head: Vec<u8> = self.left.drain(..end + 4).collect();
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default();
        let status = first.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)?.parse().ok());
        let status = status.ok_or_else(|| WireError::InvalidHttp(first.to_owned()))?;
        let header =
            |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        Ok((status, lines.filter_map(header).collect()))
    }

    fn exactly(&mut self, begun: Instant, length: usize) -> Result<Vec<u8>, WireError> {
        while self.left.len() < length {
            self.more(begun, self.limit)?;
        }
        Ok(self.left.drain(..length).collect())
    }

    /// Reads the body of a response in chunks. Returns it, and `true` if it ended. A stream that pauses is
    /// closed.
    fn chunks(&mut self, begun: Instant, is_stream: bool) -> Result<(Vec<u8>, bool), WireError> {
        let mut body = Vec::new();
        loop {
            let line = loop {
                if let Some(end) = self.left.windows(2).position(|window| window == b"\r\n") {
                    break self.left.drain(..end + 2).collect::<Vec<u8>>();
                }
                match self.more(begun, if is_stream { PAUSE } else { self.limit }) {
                    Err(WireError::Late) if is_stream => return Ok((body, false)),
                    other => other?,
                }
            };
            let size = String::from_utf8_lossy(&line);
            let size = usize::from_str_radix(size.trim(), 16)
                .map_err(|_| WireError::InvalidHttp(size.into_owned()))?;
            let chunk = self.exactly(begun, size + 2)?;
            if size == 0 {
                return Ok((body, true));
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }

    fn rest(&mut self, begun: Instant) -> Result<Vec<u8>, WireError> {
        loop {
            match self.more(begun, self.limit) {
                Err(WireError::Closed) => return Ok(std::mem::take(&mut self.left)),
                other => other?,
            }
        }
    }

    /// Reads more bytes, within a pause and within the time of the whole response.
    fn more(&mut self, begun: Instant, pause: Duration) -> Result<(), WireError> {
        let Some(stream) = &mut self.stream else { return Err(WireError::Closed) };
        let left = self.limit.saturating_sub(begun.elapsed()).min(pause);
        if left.is_zero() || self.left.len() > MAX_BODY {
            return Err(WireError::Late);
        }
        let mut buffer = [0; 64 * 1024];
        let read = stream.set_read_timeout(Some(left)).and_then(|()| stream.read(&mut buffer));
        match read {
            Ok(0) => Err(WireError::Closed),
            Ok(count) => {
                self.left.extend_from_slice(&buffer[..count]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(WireError::Late)
            }
            Err(_) => Err(WireError::Closed),
        }
    }
}

/// Decompresses a body as far as it goes, because a stream may be read in part.
fn decompressed(body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    // An error leaves what was decompressed before it.
    let _ = flate2::read::MultiGzDecoder::new(body).take(MAX_BODY as u64).read_to_end(&mut content);
    content
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Returns the result of a response that is written before the connection closes.
    fn answered(response: &'static str) -> Result<Response, WireError> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 18];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(response.as_bytes()).unwrap();
        });
        let result = Connection::new(address).exchange(b"GET / HTTP/1.1\r\n\r\n", "GET");
        server.join().unwrap();
        result
    }

    #[test]
    fn bodies_are_read_by_length_chunks_or_end() {
        for (text, body) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi"),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n", "hi"),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhi", "hi"),
        ] {
            let response = answered(text).unwrap();
            assert_eq!(
                (response.status, String::from_utf8(response.body).unwrap().as_str()),
                (200, body),
                "{text}"
            );
        }
    }

    #[test]
    fn truncated_response_is_an_error() {
        for text in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nh",
        ] {
            assert!(matches!(answered(text), Err(WireError::Closed)), "{text}");
        }
        assert!(matches!(answered("SMTP\r\n\r\n"), Err(WireError::InvalidHttp(_))));
    }
}
