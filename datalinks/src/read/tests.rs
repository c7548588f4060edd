//! Tests of all formats.

use std::io::{self, Read};

use super::*;
use crate::error::{Error, ErrorKind};

/// A source that returns its bytes in chunks of one size.
pub(super) struct Chunked {
    bytes: io::Cursor<Vec<u8>>,
    size: usize,
}

impl Read for Chunked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len());
        self.bytes.read(&mut buffer[..size])
    }
}

/// Returns a reader of bytes as the file `name`.
pub(super) fn reader(name: &str, bytes: impl AsRef<[u8]>) -> Reader {
    Reader::from_reader(io::Cursor::new(bytes.as_ref().to_vec()), name)
}

/// Returns all rows, or the first error.
pub(super) fn rows(reader: Reader) -> Result<Vec<String>, Error> {
    reader.rows().map(|row| row.map(|row| row.json().to_owned())).collect()
}

/// Returns rows and errors as strings. Asserts that the size of chunks does not change them.
pub(super) fn all(name: &str, bytes: impl AsRef<[u8]>, set: impl Fn(Reader) -> Reader) -> Vec<String> {
    let bytes = bytes.as_ref();
    let mut found: Option<Vec<String>> = None;
    for size in (1..=bytes.len().clamp(1, 9)).chain([usize::MAX]) {
        let chunked = Chunked { bytes: io::Cursor::new(bytes.to_vec()), size };
        let rows = set(Reader::from_reader(chunked, name)).rows();
        let rows = rows.map(|row| match row {
            Ok(row) => row.json().to_owned(),
            Err(error) => format!("! {}", error.message()),
        });
        let rows = rows.collect::<Vec<_>>();
        match &found {
            Some(found) => assert_eq!(&rows, found, "in chunks of {size}"),
            None => found = Some(rows),
        }
    }
    found.unwrap()
}

#[test]
fn ndjson_is_one_object_per_line() {
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
fn ndjson_bad_line_follows_the_choice_for_bad_rows() {
    let text =
        b"{\"a\":1}\n\n{\"\xC3\xA9\":tru}\n[1]\n\xFF\n  {\"z\":\"\xC3\xA9\xFF\"}\n{\"a\":\n{\"b\":2}\n";
    let bad = [
        "! x.ndjson, line 3, column 9: invalid JSON, expected ident",
        "! x.ndjson, line 4, column 1: an array instead of an object",
        "! x.ndjson, line 5, column 1: the bytes are not UTF-8",
        "! x.ndjson, line 6, column 10: the bytes are not UTF-8",
        "! x.ndjson, line 7, column 5: invalid JSON, EOF while parsing a value",
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
fn bad_record_has_position_and_text() {
    let mut rows = reader("x.ndjson", "{}\n  [\"a\u{1}\"]  \r\n").rows();
    assert!(rows.next().unwrap().is_ok());
    let error = rows.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    let bad = BadRow::of(&error).unwrap();
    assert_eq!((bad.file(), bad.line(), bad.column(), bad.text()), ("x.ndjson", 2, 5, "  [\"a\u{1}\"]  "));
    assert_eq!(bad.to_string(), r#"the record is "  [\"a\u{1}\"]  ""#);
    assert!(rows.next().is_none());
}

#[test]
fn ndjson_line_over_the_limit_is_a_bad_record() {
    let text = "{\"a\":1}\n{\"a\":\"12345678901234567890\"}\n{\"a\":2}";
    let rows = all("x.ndjson", text, |reader| reader.record_limit(7).on_bad_row(OnBadRow::Report));
    let bad = "! x.ndjson, line 2, column 1: the line is longer than the limit for a record, 7 bytes (Reader::record_limit)";
    assert_eq!(rows, [r#"{"a":1}"#, bad, r#"{"a":2}"#]);
}

#[test]
fn failure_of_the_source_ends_the_rows_with_every_choice() {
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
fn missing_file_is_an_error_with_its_name() {
    let error = rows(file("no/such/file.csv")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("no/such/file.csv cannot be opened"), "{error}");
}

#[test]
fn unknown_format_is_rejected() {
    let error = rows(reader("rows.txt", "{}")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("rows.txt"), "{error}");
    assert_eq!(rows(reader("rows.txt", "{}").format(Format::Ndjson)).unwrap(), ["{}"]);
}

/// Encodes a text in UTF-16, in both byte orders.
fn utf_16(text: &str) -> [Vec<u8>; 2] {
    let units = || text.encode_utf16();
    [units().flat_map(u16::to_be_bytes).collect(), units().flat_map(u16::to_le_bytes).collect()]
}

#[test]
fn utf_16_is_decoded() {
    let text = "\u{FEFF}größe,π\r\n1,\u{1F600}\u{10FFFF}\r\n";
    for bytes in utf_16(text) {
        assert_eq!(all("x.csv", bytes, |reader| reader), ["{\"größe\":\"1\",\"π\":\"\u{1F600}\u{10FFFF}\"}"]);
    }
    for text in ["[{\"é\":\"😀\"}]", "\u{FEFF}[{\"é\":\"😀\"}]"] {
        for bytes in utf_16(text) {
            assert_eq!(all("x.json", &bytes, |reader| reader), ["{\"é\":\"😀\"}"]);
        }
    }
    for bytes in utf_16("{\"a\":1}\r\n{\"a\":x}\n") {
        assert_eq!(
            all("x.ndjson", bytes, |reader| reader),
            ["{\"a\":1}", "! x.ndjson, line 2, column 6: invalid JSON, expected value"]
        );
    }
    assert!(
        all("x.csv", "\u{FEFF}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(), |reader| {
            reader
        })
        .is_empty()
    );
}

/// With the three shifts, every byte of a character is at the end of some buffer.
#[test]
fn utf_16_longer_than_any_buffer_is_decoded() {
    for shift in 0..3 {
        let note = "😀".repeat(100_000);
        let text = format!("\u{FEFF}{},b\n1,{note}\n", "a".repeat(1 + shift));
        for bytes in utf_16(&text) {
            let found = rows(reader("x.csv", bytes)).unwrap();
            assert_eq!(found, [format!("{{\"{}\":\"1\",\"b\":\"{note}\"}}", "a".repeat(1 + shift))]);
        }
    }
}

#[test]
fn utf_16_without_a_mark_is_decoded_if_zero_bytes_indicate_it() {
    for text in ["id,city\n1,Lyon\n", "имя;город\n1;Лион\n2;Грац\n"] {
        let expected = rows(reader("x.csv", text)).unwrap();
        for bytes in utf_16(text) {
            assert_eq!(all("x.csv", bytes, |reader| reader), expected, "{text}");
        }
    }
    // With a given delimiter, the encoding is not detected, and a name with a zero byte is an error with advice.
    for bytes in utf_16("имя;город\n1;Лион\n") {
        let error = rows(reader("x.csv", bytes).delimiter(b';')).unwrap_err();
        assert!(error.to_string().contains("save the file as UTF-8 if it is UTF-16"), "{error}");
    }
    // A single zero byte is not detected as UTF-16.
    assert_eq!(all("x.csv", "a,b\n1,\0\n2,x\n", |reader| reader)[0], "{\"a\":\"1\",\"b\":\"\\u0000\"}");
    for start in [&b"\xFF\xFE\0\0"[..], b"\0\0\xFE\xFF", b"[\0\0\0", b"\0\0\0["] {
        let error = rows(reader("x.json", start)).unwrap_err();
        assert!(error.to_string().contains("x.json is UTF-32; save"), "{error}");
    }
}

#[test]
fn binary_file_with_a_text_extension_is_an_error() {
    for (start, said) in [
        (
            &b"PK\x03\x04\x14\0"[..],
            "not text: it begins like a spreadsheet or a ZIP file; if it is a spreadsheet, set Reader::format",
        ),
        (b"\xD0\xCF\x11\xE0\xA1", "not text: it begins like a spreadsheet"),
        (b"PAR1\x15\x04", "not text: it begins like a Parquet file; set Reader::format"),
    ] {
        for name in ["x.csv", "x.tsv", "x.json", "x.ndjson"] {
            let error = rows(reader(name, start)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(said), "{error}");
        }
    }
    for name in ["P", "PK", "PA", "PAR1", "PAR12"] {
        let expected = format!("{{\"{name}\":\"1\",\"b\":\"2\"}}");
        assert_eq!(all("x.csv", format!("{name},b\n1,2\n"), |reader| reader), [expected]);
    }
}

#[test]
fn unknown_format_error_names_the_option() {
    let error = rows(reader("x.txt", "a\n1\n")).unwrap_err();
    assert!(
        error.to_string().contains("the name x.txt does not indicate a format; set Reader::format"),
        "{error}"
    );
}

#[test]
fn invalid_utf_16_is_an_error_with_its_position() {
    let half = |unit: u16| {
        let units =
            "\u{FEFF}{\"a\":1}\n{\"é\":\"".encode_utf16().chain([unit]).chain("\"}\n{}".encode_utf16());
        units.flat_map(u16::to_le_bytes).collect::<Vec<_>>()
    };
    for unit in [0xD83D, 0xDE00] {
        let bad = "! x.ndjson, line 2, column 7: a lone surrogate is not a character";
        let found = all("x.ndjson", half(unit), |reader| reader.on_bad_row(OnBadRow::Report));
        assert_eq!(found, ["{\"a\":1}", bad, "{}"]);
    }
    let [_, mut bytes] = utf_16("\u{FEFF}a,b\n1,2\n3,4\n");
    bytes.push(b'5');
    assert_eq!(
        all("x.csv", &bytes, |reader| reader),
        [
            r#"{"a":"1","b":"2"}"#,
            r#"{"a":"3","b":"4"}"#,
            "! x.csv cannot be read past line 4, column 1: the text ends inside a UTF-16 character, after \
             27 bytes"
        ]
    );
}

/// Detection of formats and types does not lose complete rows before a failure.
#[test]
fn complete_rows_come_before_a_failure_of_the_source() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable is out"))
        }
    }
    let found = |name: &str, bytes: &[u8], set: fn(Reader) -> Reader| {
        let rows = set(Reader::from_reader(io::Cursor::new(bytes.to_vec()).chain(Broken), name)).rows();
        rows.map(|row| row.map_or_else(|error| format!("! {error}"), |row| row.to_string()))
            .collect::<Vec<_>>()
    };
    let unchanged: fn(Reader) -> Reader = |reader| reader;
    let mut utf_16_csv = utf_16("\u{FEFF}a,b\n1,2\n\"x");
    for (name, bytes, set, rows, position) in [
        ("x.csv", &b"a,b\n1,2\n3,4\n5,"[..], unchanged, 2, "line 4, column 1"),
        ("x.csv", b"a,b\n1,2\n3,4\n\"5\n6", unchanged, 2, "line 5, column 1"),
        ("x.csv", b"a,b\n1,2\n3,4\n5,", Reader::infer_types, 2, "line 4, column 1"),
        ("x.csv", b"a,b\r\n1,2\r", unchanged, 0, "line 2, column 1"),
        ("x.csv", b"a,b\r1,2\r3,4\r", |reader| reader.delimiter(b','), 2, "line 4, column 1"),
        ("x.csv", &std::mem::take(&mut utf_16_csv[0]), unchanged, 1, "line 3, column 1"),
        ("x.csv", b"a,b", unchanged, 0, "line 1, column 1"),
        ("x.csv", b"a,b\n", unchanged, 0, "line 2, column 1"),
        ("x.csv", b"", unchanged, 0, "line 1, column 1"),
        ("x.ndjson", b"{}\n", unchanged, 1, "line 2, column 1"),
        ("x.ndjson", b"{}\n\n{}\n{", unchanged, 2, "line 4, column 1"),
        ("x.json", b"[{},\n{\"a\":[]}", unchanged, 2, "line 2, column 9"),
        ("x.json", b"[{},{\"a\":[", unchanged, 1, "line 1, column 11"),
    ] {
        let found = found(name, bytes, set);
        assert_eq!(found.len(), rows + 1, "{bytes:?}: {found:?}");
        assert!(found[..rows].iter().all(|row| row.starts_with('{')), "{found:?}");
        let said = format!("! {name} cannot be read past {position}: the cable is out");
        assert!(found[rows].starts_with(&said), "{}", found[rows]);
    }
}

#[test]
fn rows_can_be_read_on_another_thread() {
    fn send<T: Send>(_: &T) {}
    send(&reader("x.csv", ""));
    send(&reader("x.csv", "").rows());
}
