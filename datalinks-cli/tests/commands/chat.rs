//! A scripted server with the chat completions API, on a thread of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

/// A request to the model of a question.
pub(crate) enum Asked<'a> {
    /// The plan.
    Plan,
    /// The query of a step. Contains the material, in which the step is.
    Query(&'a str),
    /// The answer.
    Answer,
}

/// Starts a server whose completions are the values that `say` returns, and returns its address. It ends with the process.
pub(crate) fn start(say: impl Fn(Asked<'_>) -> Value + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            respond(connection.unwrap(), &say);
        }
    });
    url
}

fn respond(connection: TcpStream, say: &impl Fn(Asked<'_>) -> Value) {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let text = |index: usize| body["messages"][index]["content"].as_str().unwrap_or_default();
    let asked = match text(0) {
        task if task.contains("You plan") => Asked::Plan,
        task if task.contains("You write one query") => Asked::Query(text(1)),
        _ => Asked::Answer,
    };
    let message = json!({ "role": "assistant", "content": say(asked).to_string() });
    let body = json!({ "choices": [{ "index": 0, "message": message }], "usage": { "total_tokens": 10 } });
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    reader.into_inner().write_all((head + &body).as_bytes()).unwrap();
}
