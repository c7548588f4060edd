//! The state as one NDJSON document that contains all files.
//!
//! ```text
//! {"emulator":"datalinks","format":3}
//! "clock.json"
//! {"set":null}
//! "datasets/ana/cinema/films/rows.ndjson"
//! {"title":"Alien","year":1979}
//! "links.json[]"
//! {"from":…,"to":…}
//! "uploads/0f…/1.part"
//! {"base64":"…"}
//! "end"
//! ```
//!
//! A line with a string names the file that contains the following lines. The suffix `[]` marks a file with one array.
//! The last line marks the document as complete.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::Unreadable;
use super::path::RelativePath;
use super::source::{Files, Source, lines};
use super::{FrozenFiles, push_line};

/// The version of the file format. It rises with every change that an older emulator could not read.
pub(crate) const FORMAT: u32 = 3;

const END: &str = "end";
const ARRAY: &str = "[]";

/// The first line of a document, and the mark of a data directory.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Format {
    emulator: String,
    format: u32,
}

impl Format {
    pub(crate) fn this() -> Self {
        Self { emulator: "datalinks".to_owned(), format: FORMAT }
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if self.emulator != "datalinks" {
            return Err(format!(
                "was written by {:?} and not by this emulator; use a state of this emulator, or start with an empty one",
                self.emulator
            ));
        }
        if self.format != FORMAT {
            return Err(format!(
                "has format {}, and this emulator reads and writes format {FORMAT}; use the version of the emulator \
                 that wrote it, or start with an empty state",
                self.format
            ));
        }
        Ok(())
    }
}

/// The content of a file that is not JSON.
#[derive(Deserialize, Serialize)]
struct Binary {
    base64: String,
}

/// Writes files as a document, sorted by path.
pub(super) fn write(FrozenFiles(mut files): FrozenFiles) -> Vec<u8> {
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut document = Vec::new();
    push_line(&mut document, &Format::this());
    for (path, content) in files {
        let values = if path.ends_with(".json") {
            array(&content).map(|items| (format!("{path}{ARRAY}"), items))
        } else {
            None
        };
        let (title, body) = match values {
            Some((title, items)) => (title, items.into()),
            None if path.ends_with(".json") => (path, one_line(&content).into()),
            None if path.ends_with(".ndjson") => (path, content),
            None => {
                let mut body = Vec::new();
                push_line(&mut body, &Binary { base64: STANDARD.encode(&content) });
                (path, body.into())
            }
        };
        push_line(&mut document, &title);
        document.extend_from_slice(&body);
    }
    push_line(&mut document, &END);
    document
}

/// Returns the items of an array, one per line, or `None` if the content is not an array.
fn array(content: &[u8]) -> Option<Vec<u8>> {
    let items: Vec<&RawValue> = serde_json::from_slice(content).ok()?;
    let mut out = Vec::with_capacity(content.len());
    items.iter().for_each(|item| out.extend(one_line(item.get().as_bytes())));
    Some(out)
}

/// Returns a JSON value without whitespace between tokens, followed by a line feed.
fn one_line(json: &[u8]) -> Vec<u8> {
    let (mut out, mut in_text, mut escaped) = (Vec::with_capacity(json.len() + 1), false, false);
    for &byte in json {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            in_text = byte == b'"';
        }
        out.push(byte);
    }
    out.push(b'\n');
    out
}

/// Reads the files of a document.
pub(crate) fn read(document: &[u8]) -> Result<Files, Unreadable> {
    let fault = |line: usize, reason: String| Unreadable {
        path: "the document".to_owned(),
        line: Some(line),
        reason,
    };
    let mut lines = lines(document);
    let first = lines.next().map_or(&b""[..], |(_, line)| line);
    let format: Format = serde_json::from_slice(first).map_err(|_| {
        fault(1, "is not the beginning of an exported state; send the response of an export".to_owned())
    })?;
    format.check().map_err(|reason| fault(1, reason))?;
    let mut files = Files::default();
    let mut open: Option<File<'_>> = None;
    let mut ended = false;
    for (number, line) in lines {
        if ended {
            return Err(fault(number, "comes after the end; remove it".to_owned()));
        }
        if line.first() == Some(&b'"') {
            if let Some(file) = open.take() {
                let title = file.line;
                let (path, content) = file.close().map_err(|reason| fault(number, reason))?;
                let path = RelativePath::new(path).map_err(|error| fault(title, error.to_string()))?;
                let twice = format!("names {path} a second time; remove one of the two");
                if !files.insert(path, Source::InMemory(content)) {
                    return Err(fault(title, twice));
                }
            }
            let title: String =
                serde_json::from_slice(line).map_err(|error| fault(number, error.to_string()))?;
            ended = title == END;
            if !ended {
                open = Some(File { line: number, title, values: Vec::new() });
            }
            continue;
        }
        let value: &RawValue =
            serde_json::from_slice(line).map_err(|error| fault(number, error.to_string()))?;
        match &mut open {
            Some(file) => file.values.push(value),
            None => return Err(fault(number, "belongs to no file; name the file before it".to_owned())),
        }
    }
    if !ended {
        let reason = format!("the last line is not {END:?}, so a part is missing; export the state again");
        return Err(Unreadable::new("the document", reason));
    }
    Ok(files)
}

/// A file whose lines are being read.
struct File<'a> {
    /// Number of the line that names the file.
    line: usize,
    title: String,
    values: Vec<&'a RawValue>,
}

impl File<'_> {
    fn close(self) -> Result<(String, Bytes), String> {
        let Self { title, values, line: _ } = self;
        let one = || match values[..] {
            [value] => Ok(value.get()),
            _ => Err(format!("{title:?} has {} values and needs exactly one", values.len())),
        };
        let content = if title.ends_with(".ndjson") {
            values.iter().flat_map(|value| [value.get(), "\n"]).collect::<String>().into()
        } else if title.ends_with(ARRAY) {
            serde_json::to_vec(&values).map_err(|error| error.to_string())?.into()
        } else if title.ends_with(".json") {
            one()?.to_owned().into()
        } else {
            let binary: Binary = serde_json::from_str(one()?).map_err(|error| error.to_string())?;
            STANDARD
                .decode(binary.base64)
                .map_err(|error| format!("{title:?} is not valid base64: {error}"))?
                .into()
        };
        Ok((title.strip_suffix(ARRAY).map(str::to_owned).unwrap_or(title), content))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Sink, save_lines, save_list, save_value};
    use super::*;

    #[test]
    fn document_contains_all_files() {
        let mut saved = FrozenFiles::default();
        save_value(&mut saved, "b.json", &serde_json::json!({ "x \"": [1, " \\"] }));
        save_list(&mut saved, "a.json", [1, 2]);
        save_lines(&mut saved, "c.ndjson", ["x"; 0]);
        save_lines(&mut saved, "d.ndjson", [serde_json::json!({ "file": "a" })]);
        saved.file("e.part".to_owned(), Bytes::from_static(b"\0\xff"));
        let text = write(saved);
        let expected = [
            r#"{"emulator":"datalinks","format":3}"#,
            r#""a.json[]""#,
            "1",
            "2",
            r#""b.json""#,
            r#"{"x \"":[1," \\"]}"#,
            r#""d.ndjson""#,
            r#"{"file":"a"}"#,
            r#""e.part""#,
            r#"{"base64":"AP8="}"#,
            "\"end\"\n",
        ];
        assert_eq!(String::from_utf8(text.clone()).unwrap(), expected.join("\n"));
        let mut files = read(&text).unwrap();
        assert_eq!(files.take_value::<Vec<u8>>("a.json").unwrap(), Some(vec![1, 2]));
        assert_eq!(files.take("d.ndjson").unwrap().unwrap(), "{\"file\":\"a\"}\n");
        assert_eq!(&files.take("e.part").unwrap().unwrap()[..], b"\0\xff");
        assert_eq!(files.left_over(), Some("b.json"));
    }

    #[test]
    fn invalid_document_is_rejected() {
        let rejection = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        assert!(rejection("").contains("not the beginning"));
        assert!(rejection("{\"emulator\":\"datalinks\",\"format\":2}\n\"end\"").contains("has format 2"));
        let whole = "{\"emulator\":\"datalinks\",\"format\":3}\n\"a.ndjson\"\n{}\n\"end\"\n";
        assert!(read(whole.as_bytes()).is_ok());
        assert!(rejection(&whole[..whole.len() - 6]).contains("a part is missing"));
        assert!(rejection(&whole.replace("{}", "{")).contains("line 3"));
        assert!(rejection(&whole.replace("\"a.ndjson\"\n", "")).contains("belongs to no file"));
        assert!(rejection(&whole.replace("a.ndjson", "a.part")).contains("base64"));
        assert!(rejection(&format!("{whole}{{}}")).contains("after the end"));
        let twice = |first: &str, second: &str| {
            rejection(&whole.replace("\"a.ndjson\"\n", &format!("{first}\n1\n{second}\n")))
        };
        let message = twice("\"a.json\"", "\"a.json\"");
        assert!(message.contains("line 4") && message.contains("a.json a second time"), "{message}");
        assert!(twice("\"a.json[]\"", "\"a.json\"").contains("a.json a second time"));
        for path in ["../../../x.json", "/etc/passwd", ".git/config", "a//b.json", ""] {
            let message = rejection(&whole.replace("a.ndjson", path).replace("{}\n", "{\"base64\":\"\"}\n"));
            assert!(
                message.contains("line 2") && message.contains("not a path inside"),
                "{path:?}: {message}"
            );
        }
    }
}
