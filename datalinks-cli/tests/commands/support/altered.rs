//! A server that passes requests on to an emulator and changes the responses.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use datalinks_emulator::Emulator;
use serde_json::Value;

/// Changes the response to a request: path, head, and JSON body, which is null if there is none.
pub(crate) type Change = fn(&str, &mut String, &mut Value);

/// A server that runs until it is dropped.
pub(crate) struct Altered {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Altered {
    pub(crate) fn start(emulator: &Emulator, change: Change) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let target = emulator.proxy_url().strip_prefix("http://").unwrap().to_owned();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let thread = std::thread::spawn(move || {
            for client in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                serve(client.unwrap(), &target, change);
            }
        });
        Self { address, stopped, thread: Some(thread) }
    }

    /// Returns the base URL of the API.
    pub(crate) fn api_url(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }
}

impl Drop for Altered {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread.
        drop(TcpStream::connect(self.address));
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || std::thread::panicking());
    }
}

/// Serves one request of a connection.
#[cfg(test)]
fn serve(mut client: TcpStream, target: &str, change: Change) {
    let Some((head, body)) = message(&mut client) else { return };
    let mut server = TcpStream::connect(target).unwrap();
    let kept =
        |line: &&str| !["host:", "connection:"].iter().any(|name| line.to_lowercase().starts_with(name));
    let lines: Vec<&str> = head.lines().filter(kept).collect();
    let head = format!("{}\r\nhost: {target}\r\nconnection: close\r\n\r\n", lines.join("\r\n"));
    server.write_all(head.as_bytes()).unwrap();
    server.write_all(&body).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let (head, body) = message(&mut server).unwrap();
    let mut json: Value = serde_json::from_slice(&body).unwrap_or_default();
    let kept = |line: &&str| {
        !["content-length:", "connection:"].iter().any(|name| line.to_lowercase().starts_with(name))
    };
    let mut head = head.lines().filter(kept).collect::<Vec<_>>().join("\r\n");
    change(&path, &mut head, &mut json);
    let body = if json.is_null() { body } else { serde_json::to_vec(&json).unwrap() };
    let head = format!("{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // The client may have gone.
    let _ = client.write_all(&[head.as_bytes(), &body].concat());
}

/// Reads a head without its last line break, and the body that the head announces. `None` if the connection ends before.
#[cfg(test)]
fn message(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().trim_end().to_owned();
    let field = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        let mut values =
            lines.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
        values.next().map(str::to_owned)
    };
    assert_eq!(field("transfer-encoding"), None);
    let length = field("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}
