//! A server whose responses are prepared: it reads no JSON, and writes items by copying a text and the digits of a
//! number.
//!
//! The path of a request begins with the number of items of its response and the delay before it in milliseconds:
//! `/100000/50/api/v1/query`. Request bodies are read and discarded.

use std::{fmt::Write as _, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::{BATCH, BoxError, data::TEXT};

/// Number of bytes of a request that are read at once.
const READ: usize = 256 * 1024;
/// Number of items that are written at once.
const BLOCK: usize = 1_000;
/// The number of the first item. All numbers of a response have the same number of digits, so its length is known.
const FIRST: usize = 1_000_000_000;
/// The size of a part of an upload in bytes.
const PART: usize = 8 << 20;

/// Serves connections until the future is dropped, with TLS if there is an acceptor.
pub async fn serve(listener: TcpListener, acceptor: Option<TlsAcceptor>) {
    while let Ok((connection, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        // The runtime of the server owns the task. A client that closes its connection is not an error.
        tokio::spawn(async move {
            connection.set_nodelay(true)?;
            let address = connection.local_addr()?;
            match acceptor {
                None => connection_loop(connection, format!("http://{address}")).await,
                Some(acceptor) => {
                    connection_loop(acceptor.accept(connection).await?, format!("https://{address}")).await
                }
            }
        });
    }
}

/// Serves the requests of one connection in order.
async fn connection_loop(
    connection: impl AsyncRead + AsyncWrite + Unpin,
    server: String,
) -> Result<(), BoxError> {
    let mut connection = BufReader::with_capacity(READ, connection);
    let mut line = String::new();
    while let Some((target, length)) = head(&mut connection, &mut line).await? {
        tokio::io::copy_buf(&mut (&mut connection).take(length), &mut tokio::io::sink()).await?;
        let mut parts = target.trim_start_matches('/').splitn(3, '/');
        let count = parts.next().unwrap_or_default().parse()?;
        let delay = parts.next().unwrap_or_default().parse()?;
        let path = parts.next().unwrap_or_default();
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        response(path, count, &format!("{server}/{count}/{delay}")).write(connection.get_mut()).await?;
    }
    Ok(())
}

/// Reads the head of a request, and returns its target and the length of its body, or `None` after the last request.
async fn head(
    connection: &mut BufReader<impl AsyncRead + Unpin>,
    line: &mut String,
) -> Result<Option<(String, u64)>, BoxError> {
    let (mut target, mut length) = (None, 0);
    loop {
        line.clear();
        if connection.read_line(line).await? == 0 {
            return Ok(None);
        }
        let text = line.trim_end();
        if text.is_empty() {
            return Ok(target.map(|target| (target, length)));
        }
        if target.is_none() {
            target = Some(text.split(' ').nth(1).ok_or("the request has no target")?.to_owned());
        } else if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
}

/// A response: a text, items, and another text.
struct Response {
    status: &'static str,
    headers: &'static str,
    open: String,
    item: Template,
    separator: &'static str,
    count: usize,
    close: String,
}

fn response(path: &str, count: usize, origin: &str) -> Response {
    let json = "content-type: application/json\r\n";
    let whole = |status, headers, open: String| Response {
        status,
        headers,
        open,
        item: Template::default(),
        separator: "",
        count: 0,
        close: String::new(),
    };
    if path.ends_with("/query/ask") {
        let step = concat!(
            "event: step\n",
            r##"data: {"index":#,"instruction":"find the films","query":"Ontology(\"cinema/films\")","##,
            r##""reasoning":"The films are in this dataset.","data":[{"n":#,"title":"Alien"}]}"##,
            "\n\n"
        );
        Response {
            status: "200 OK",
            headers: "content-type: text/event-stream\r\n",
            open: String::new(),
            item: Template::new(step),
            separator: "",
            count,
            close: "event: answer\ndata: {\"response\":\"Alien.\"}\n\n".to_owned(),
        }
    } else if path.ends_with("/query") {
        let row = format!(r##"{{"id":#,"name":"row number #","year":1979,"score":0.#,"text":"{TEXT}"}}"##);
        let metadata = format!(r#"{{"count":{count},"executedQuery":"Ontology(\"cinema/films\")"}}"#);
        Response {
            status: "200 OK",
            headers: json,
            open: "{\"data\":[".to_owned(),
            item: Template::new(&row),
            separator: ",",
            count,
            close: format!("],\"metadata\":{metadata}}}"),
        }
    } else if path.contains("/pipeline/") {
        Response {
            status: "200 OK",
            headers: "content-type: application/x-ndjson\r\n",
            open: String::new(),
            item: Template::new(
                "{\"type\":\"progress\",\"n\":#,\"text\":\"a part of the rows was modeled\"}\n",
            ),
            separator: "",
            count,
            close: "{\"type\":\"complete\"}\n".to_owned(),
        }
    } else if path.ends_with("/prepare") {
        whole("200 OK", json, prepared(count, origin))
    } else if path.ends_with("/finish") {
        whole("201 Created", json, r#"{"id":"c2f8a9d3-90b1-4f57-b6a0-1f5be3a7d7e3"}"#.to_owned())
    } else if path.starts_with("part/") {
        whole("200 OK", "etag: \"e\"\r\n", String::new())
    } else if path.ends_with("/user/me") {
        let user = r#"{"id":"u-1","username":"ada","name":"Ada Lovelace","email":"ada@example.com"}"#;
        whole("200 OK", json, user.to_owned())
    } else {
        whole("200 OK", json, format!(r#"{{"indexed":{BATCH}}}"#))
    }
}

/// Returns the URLs of the parts of a file of so many MiB.
fn prepared(size: usize, origin: &str) -> String {
    let mut rest = size << 20;
    let mut urls = String::new();
    let mut number = 0;
    while rest > 0 {
        let part = rest.min(PART);
        let comma = if number > 0 { "," } else { "" };
        number += 1;
        let _ = write!(urls, r#"{comma}{{"url":"{origin}/part/{number}","size":{part}}}"#);
        rest -= part;
    }
    format!(r#"{{"uploadId":"u","key":"k","partSize":{PART},"presignedUrls":[{urls}]}}"#)
}

impl Response {
    fn length(&self) -> usize {
        let separators = self.separator.len() * self.count.saturating_sub(1);
        self.open.len() + self.count * self.item.length() + separators + self.close.len()
    }

    async fn write(&self, connection: &mut (impl AsyncWrite + Unpin)) -> Result<(), BoxError> {
        let mut block = format!(
            "HTTP/1.1 {}\r\n{}content-length: {}\r\n\r\n{}",
            self.status,
            self.headers,
            self.length(),
            self.open
        );
        for number in 0..self.count {
            if number > 0 {
                block.push_str(self.separator);
            }
            self.item.write(FIRST + number, &mut block)?;
            if number % BLOCK == BLOCK - 1 {
                connection.write_all(block.as_bytes()).await?;
                block.clear();
            }
        }
        block.push_str(&self.close);
        connection.write_all(block.as_bytes()).await?;
        // TLS keeps what it has not written.
        connection.flush().await?;
        Ok(())
    }
}

/// A text with places for the number of the item.
#[derive(Default)]
struct Template {
    first: String,
    /// The texts that follow a number.
    others: Vec<String>,
}

impl Template {
    /// Creates a template from a text with a `#` for each number.
    fn new(text: &str) -> Self {
        let mut texts = text.split('#').map(str::to_owned);
        Self { first: texts.next().unwrap_or_default(), others: texts.collect() }
    }

    fn length(&self) -> usize {
        let digits = FIRST.to_string().len();
        self.first.len() + self.others.iter().map(|text| digits + text.len()).sum::<usize>()
    }

    fn write(&self, number: usize, block: &mut String) -> Result<(), std::fmt::Error> {
        block.push_str(&self.first);
        for text in &self.others {
            write!(block, "{number}{text}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_of_a_template_is_that_of_its_text() {
        let template = Template::new("a # b # c");
        let mut block = String::new();
        template.write(FIRST + 7, &mut block).unwrap();
        assert_eq!(block, "a 1000000007 b 1000000007 c");
        assert_eq!(block.len(), template.length());
    }

    #[test]
    fn parts_add_up_to_the_file() {
        let parts: serde_json::Value = serde_json::from_str(&prepared(17, "http://h/17/0")).unwrap();
        let sizes: Vec<u64> = parts["presignedUrls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part["size"].as_u64().unwrap())
            .collect();
        assert_eq!(sizes, [8 << 20, 8 << 20, 1 << 20]);
        assert_eq!(parts["presignedUrls"][2]["url"], "http://h/17/0/part/3");
    }
}
