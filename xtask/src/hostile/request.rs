//! A request as bytes, and as a command for curl.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The usual address of an emulator, for the command.
const USUAL: &str = "127.0.0.1:7070";

/// The framing of a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framing {
    /// A content length. Absent if the body is empty.
    Length,
    /// Chunks of a size.
    Chunks(usize),
    /// The bytes of the body are the whole request, whether valid HTTP or not.
    Raw,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The operation, or the path of the control API.
    pub(crate) operation: String,
    pub(crate) method: String,
    /// The encoded path.
    pub(crate) path: String,
    /// The encoded query string without the question mark. Empty if there is none.
    pub(crate) query: String,
    /// Headers in addition to the host and those of the framing.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) framing: Framing,
}

impl Request {
    pub(crate) fn new(operation: &str, method: &str, path: impl Into<String>) -> Self {
        Self {
            operation: operation.to_owned(),
            method: method.to_owned(),
            path: path.into(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length,
        }
    }

    pub(crate) fn key(mut self, key: &str) -> Self {
        self.headers.push(("authorization".to_owned(), format!("Bearer {key}")));
        self
    }

    pub(crate) fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.headers.push(("content-type".to_owned(), media_type.to_owned()));
        self.body = body.into();
        self
    }

    pub(crate) fn json(self, body: impl Into<Vec<u8>>) -> Self {
        self.body("application/json", body)
    }

    /// Returns the request line without the version.
    pub(crate) fn line(&self) -> String {
        if self.framing == Framing::Raw {
            return "bytes that are not HTTP".to_owned();
        }
        format!("{} {}", self.method, self.target())
    }

    fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// Returns the bytes of the request to a host.
    pub(crate) fn bytes(&self, host: &str) -> Vec<u8> {
        if self.framing == Framing::Raw {
            return self.body.clone();
        }
        let mut head = format!("{} HTTP/1.1\r\n", self.line());
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            // Writing to a string cannot fail.
            let _ = write!(head, "host: {host}\r\n");
        }
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        match self.framing {
            Framing::Chunks(_) => head.push_str("transfer-encoding: chunked\r\n\r\n"),
            _ if self.body.is_empty() && self.method == "GET" => head.push_str("\r\n"),
            _ => {
                let _ = write!(head, "content-length: {}\r\n\r\n", self.body.len());
            }
        }
        let mut bytes = head.into_bytes();
        match self.framing {
            Framing::Chunks(size) => {
                for chunk in self.body.chunks(size.max(1)) {
                    bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    bytes.extend_from_slice(chunk);
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes.extend_from_slice(b"0\r\n\r\n");
            }
            _ => bytes.extend_from_slice(&self.body),
        }
        bytes
    }

    /// Writes files for curl. Returns the command that sends the request to a local emulator.
    pub(crate) fn save(&self, folder: &Path, name: &str) -> Result<String, String> {
        let write = |path: PathBuf, content: &[u8]| {
            std::fs::write(&path, content)
                .map(|()| path.clone())
                .map_err(|error| format!("{}: {error}", path.display()))
        };
        if self.framing == Framing::Raw {
            let body = write(folder.join(format!("{name}.bytes")), &self.body)?;
            return Ok(format!("nc {} < {}", USUAL.replace(':', " "), body.display()));
        }
        let body = write(folder.join(format!("{name}.body")), &self.body)?;
        let mut settings = format!("path-as-is\ngloboff\nrequest = {}\n", quoted(&self.method));
        let _ = writeln!(settings, "url = {}", quoted(&format!("http://{USUAL}{}", self.target())));
        for (header, value) in &self.headers {
            let _ = writeln!(settings, "header = {}", quoted(&format!("{header}: {value}")));
        }
        if let Framing::Chunks(_) = self.framing {
            settings.push_str("header = \"transfer-encoding: chunked\"\n");
        }
        if !self.body.is_empty() {
            let _ = writeln!(settings, "data-binary = {}", quoted(&format!("@{}", body.display())));
        }
        let settings = write(folder.join(format!("{name}.curl")), settings.as_bytes())?;
        Ok(format!("curl -i -K {}", settings.display()))
    }
}

/// Quotes a value for a settings file of curl.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_written_with_their_framing() {
        let mut request = Request::new("queryData", "POST", "/api/v1/query").json("{}");
        request.query = "a=b".to_owned();
        let text = |request: &Request| String::from_utf8(request.bytes("h:1")).unwrap();
        assert_eq!(
            text(&request),
            "POST /api/v1/query?a=b HTTP/1.1\r\nhost: h:1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
        );
        request.framing = Framing::Chunks(1);
        assert!(text(&request).ends_with("transfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"));
        request.framing = Framing::Raw;
        assert_eq!(text(&request), "{}");
        let get = Request::new("x", "GET", "/");
        assert_eq!(text(&get), "GET / HTTP/1.1\r\nhost: h:1\r\n\r\n");
    }
}
