//! A model server with nonsensical responses, for emulators that have a model.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use fastrand::Rng;
use serde_json::json;

use super::extreme::{self, word};
use super::json::Json;
use super::texts;

/// The texts of the model: the forms that the emulator requests, and others.
const COMPLETIONS: [&str; 16] = [
    r#"{}"#,
    r#"[]"#,
    r#"null"#,
    r#"{"query":"Ontology(trees).filter(height > 1)","reasoning":"x"}"#,
    r#"{"reasoning":"x","steps":["all trees","all parks"]}"#,
    r#"{"steps":[{"instruction":"trees","query":"Ontology(trees)","reasoning":"x"}],"reasoning":"x"}"#,
    r#"{"response":"There are three."}"#,
    r#"{"description":"Trees.","schema":{"genus":"the genus"}}"#,
    r#"{"prompt":"x","confidence":50,"question":"which?"}"#,
    r#"{"columns":[],"derived":[]}"#,
    r#"{"datasets":[{"name":"a","columns":["id","text"],"identifier":"id"}]}"#,
    r#"{"approved":true,"reasons":[]}"#,
    r#"{"rows":[{"id":1},{"id":2}]}"#,
    r#"[{"genus":"Acer"},{"genus":null}]"#,
    r#"{"id":"^[0-9]+$","genus":"("}"#,
    r#"no JSON at all"#,
];

/// Serves the model on a free port until the program ends.
pub(super) fn serve(seed: u64) -> Result<SocketAddr, String> {
    let failed = |error: std::io::Error| format!("cannot serve a model: {error}");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    std::thread::spawn(move || {
        let mut rng = Rng::with_seed(seed);
        for stream in listener.incoming().flatten() {
            let mut rng = rng.fork();
            std::thread::spawn(move || answer(stream, &mut rng));
        }
    });
    Ok(address)
}

/// Responds to one request. Errors of the connection are ignored.
fn answer(mut stream: TcpStream, rng: &mut Rng) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let header = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if let Some((_, value)) = header {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink()).ok()?;
    let body = completion(rng);
    let status = if rng.u8(..20) == 0 { "503 Service Unavailable" } else { "200 OK" };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()
}

/// Returns the body of a response.
fn completion(rng: &mut Rng) -> String {
    let mut saying = word(rng, &COMPLETIONS).to_owned();
    if rng.u8(..3) == 0
        && let Ok(value) = serde_json::from_str(&saying)
    {
        let mut tree = Json::from(&value);
        let _ = texts::put_any(&mut tree, rng);
        saying = tree.written();
    }
    let mut body =
        Json::from(&json!({ "choices": [{ "message": { "role": "assistant", "content": saying } }] }));
    let tokens = if rng.u8(..4) == 0 { extreme::number(rng) } else { "12".to_owned() };
    let usage = ["prompt_tokens", "completion_tokens", "total_tokens"];
    body.set(
        "usage",
        Json::Object(usage.iter().map(|name| ((*name).to_owned(), Json::Raw(tokens.clone()))).collect()),
    );
    body.written()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostile::wire::Connection;

    #[test]
    fn model_responds_in_the_form_of_the_chat_api() {
        let address = serve(1).unwrap();
        let request = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}";
        for _ in 0..20 {
            let response = Connection::new(address).exchange(request, "POST").unwrap();
            let body = String::from_utf8(response.body).unwrap();
            assert!(body.starts_with("{\"choices\":[{\"message\":{\"content\":"), "{body}");
            assert!(body.contains("\"usage\":{\"prompt_tokens\":"), "{body}");
        }
    }
}
