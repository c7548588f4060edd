//! What holds for every format.

use std::io::{self, Read};

use super::*;
use crate::{Error, ErrorKind};

/// Hands out its bytes in pieces of one size.
pub(super) struct Dribble {
    bytes: io::Cursor<Vec<u8>>,
    size: usize,
}

impl Read for Dribble {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len());
        self.bytes.read(&mut buffer[..size])
    }
}

/// A reader of bytes as the file `name`.
pub(super) fn reader(name: &str, bytes: impl AsRef<[u8]>) -> Reader {
    Reader::from_reader(io::Cursor::new(bytes.as_ref().to_vec()), name)
}

/// All rows, or the first error.
pub(super) fn rows(reader: Reader) -> Result<Vec<String>, Error> {
    reader.rows().map(|row| row.map(|row| row.json().to_owned())).collect()
}

/// Rows and errors as text, whatever the pieces are that the bytes come in.
pub(super) fn all(name: &str, bytes: impl AsRef<[u8]>, set: impl Fn(Reader) -> Reader) -> Vec<String> {
    let bytes = bytes.as_ref();
    let mut found: Option<Vec<String>> = None;
    for size in (1..=bytes.len().clamp(1, 9)).chain([usize::MAX]) {
        let dribble = Dribble { bytes: io::Cursor::new(bytes.to_vec()), size };
        let rows = set(Reader::from_reader(dribble, name)).rows();
        let rows = rows.map(|row| match row {
            Ok(row) => row.json().to_owned(),
            Err(error) => format!("! {}", error.message()),
        });
        let rows = rows.collect::<Vec<_>>();
        match &found {
            Some(found) => assert_eq!(&rows, found, "in pieces of {size}"),
            None => found = Some(rows),
        }
    }
    found.unwrap()
}

#[test]
fn ndjson_is_one_object_a_line() {
    let text = "\u{FEFF}{\"a\": 1}\r\n\n  \t\r\n {\"b\":\"x\\ny\"} \n{}";
    assert_eq!(all("x.ndjson", text, |reader| reader), [r#"{"a": 1}"#, r#"{"b":"x\ny"}"#, "{}"]);
    assert!(all("x.jsonl", "", |reader| reader).is_empty());
    assert!(all("x.jsonl", "\u{FEFF}\n\n", |reader| reader).is_empty());
}

#[test]
fn ndjson_numbers_keep_their_digits() {
    let text = r#"{"n":123456789012345678901234567890,"d":-0.123456789012345678901234567890E-7}"#;
    assert_eq!(all("x.ndjson", text, |reader| reader), [text]);
}

#[test]
fn a_bad_line_is_named_and_the_caller_chooses() {
    let text =
        b"{\"a\":1}\n\n{\"\xC3\xA9\":tru}\n[1]\n\xFF\n  {\"z\":\"\xC3\xA9\xFF\"}\n{\"a\":\n{\"b\":2}\n";
    let bad = [
        "! x.ndjson, line 3, column 9: broken JSON, expected ident",
        "! x.ndjson, line 4, column 1: a list instead of an object",
        "! x.ndjson, line 5, column 1: the bytes are not UTF-8",
        "! x.ndjson, line 6, column 10: the bytes are not UTF-8",
        "! x.ndjson, line 7, column 5: broken JSON, EOF while parsing a value",
    ];
    let (first, last) = (r#"{"a":1}"#, r#"{"b":2}"#);
    let with = |choice| all("x.ndjson", text, |reader| reader.on_bad_row(choice));
    assert_eq!(with(OnBadRow::Stop), [first, bad[0]]);
    assert_eq!(with(OnBadRow::Skip), [first, last]);
    assert_eq!(with(OnBadRow::Report), [&[first], &bad[..], &[last]].concat());

    let mut rows = reader("x.ndjson", text).on_bad_row(OnBadRow::Skip).rows();
    assert_eq!(rows.by_ref().count(), 2);
    assert_eq!(rows.skipped(), 5);
}

#[test]
fn a_bad_record_can_be_looked_at() {
    let mut rows = reader("x.ndjson", "{}\n  [\"a\u{1}\"]  \r\n").rows();
    assert!(rows.next().unwrap().is_ok());
    let error = rows.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    let bad = BadRow::of(&error).unwrap();
    assert_eq!((bad.file(), bad.line(), bad.column(), bad.text()), ("x.ndjson", 2, 5, "  [\"a\u{1}\"]"));
    assert_eq!(bad.to_string(), r#"the record is "  [\"a\u{1}\"]""#);
    assert!(rows.next().is_none());
}

#[test]
fn a_line_over_the_limit_is_a_bad_record() {
    let text = "{\"a\":1}\n{\"a\":\"12345678901234567890\"}\n{\"a\":2}";
    let rows = all("x.ndjson", text, |reader| reader.record_limit(7).on_bad_row(OnBadRow::Report));
    let bad = "! x.ndjson, line 2, column 1: the line is longer than the limit for a record";
    assert_eq!(rows, [r#"{"a":1}"#, bad, r#"{"a":2}"#]);
}

#[test]
fn what_cannot_be_read_ends_the_rows_whatever_the_choice() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable is out"))
        }
    }
    let input = b"{\"a\":1}\n{\"a\":".chain(Broken);
    let mut rows = Reader::from_reader(input, "x.ndjson").on_bad_row(OnBadRow::Skip).rows();
    assert_eq!(rows.next().unwrap().unwrap().json(), r#"{"a":1}"#);
    let error = rows.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("x.ndjson cannot be read past line 2"), "{error}");
    assert!(BadRow::of(&error).is_none());
    assert!(rows.next().is_none());
    assert_eq!(rows.skipped(), 0);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = rows(file("no/such/file.csv")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("no/such/file.csv cannot be opened"), "{error}");
}

#[test]
fn an_unknown_format_is_refused() {
    let error = rows(reader("rows.txt", "{}")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("rows.txt"), "{error}");
    assert_eq!(rows(reader("rows.txt", "{}").format(Format::Ndjson)).unwrap(), ["{}"]);
}

#[test]
fn utf_16_is_named_as_such() {
    for start in [b"\xFF\xFEa\0", b"\xFE\xFF\0a"] {
        let error = rows(reader("x.ndjson", start)).unwrap_err();
        assert!(error.to_string().contains("x.ndjson is UTF-16; save"), "{error}");
    }
}

#[test]
fn rows_can_be_read_on_another_thread() {
    fn send<T: Send>(_: &T) {}
    send(&reader("x.csv", ""));
    send(&reader("x.csv", "").rows());
}
