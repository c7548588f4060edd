//! Outer compression of files.

mod gzip;
mod interrupted;
mod zstd;

use std::{
    io::{self, Read},
    path::Path,
};

use gzip::Gzip;
use zstd::Zstd;

use super::{input::unreadable, position::Position};
use crate::error::{Error, ErrorKind};

/// The compression of a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// No compression.
    None,
    /// gzip, with one or more members. Zeros after a member are padding and are ignored. Other bytes that are not gzip
    /// are an error after the rows before them.
    Gzip,
    /// Zstandard, with one or more frames. Skippable frames are ignored.
    Zstd,
}

impl Compression {
    /// Detects the compression from the first bytes, with which UTF-8 text cannot begin.
    fn of_bytes(start: &[u8]) -> Option<Self> {
        match start {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            // A frame or a skippable frame.
            [0x28, 0xB5, 0x2F, 0xFD] | [0x50..=0x5F, 0x2A, 0x4D, 0x18] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Returns `true` if data with this compression can begin with these bytes, which are at most 4, and fewer in a
    /// shorter file.
    fn may_begin_with(self, start: &[u8]) -> bool {
        match self {
            Self::None => true,
            Self::Gzip => [0x1F, 0x8B].starts_with(&start[..start.len().min(2)]),
            Self::Zstd => start.len() < 4 || Self::of_bytes(start) == Some(Self::Zstd),
        }
    }

    /// Detects the compression from the extension: `.gz`, `.gzip`, `.zst` or `.zstd`, in any case.
    pub(super) fn of_name(name: &Path) -> Option<Self> {
        match ending(name)?.as_str() {
            "gz" | "gzip" => Some(Self::Gzip),
            "zst" | "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// Returns the extension of a file name, in lower case.
pub(super) fn ending(name: &Path) -> Option<String> {
    Some(name.extension()?.to_str()?.to_ascii_lowercase())
}

/// Decompresses `reader`, if it is compressed.
///
/// If the data is truncated or damaged, all bytes that could be decompressed come before the error.
pub(super) fn decompress(
    mut reader: Box<dyn Read + Send>,
    name: &str,
    given: Option<Compression>,
) -> Result<Box<dyn Read + Send>, Error> {
    let mut start = Vec::new();
    let failed = (&mut reader).take(4).read_to_end(&mut start).err();
    let compression =
        given.or_else(|| Compression::of_bytes(&start)).or_else(|| Compression::of_name(Path::new(name)));
    if let Some(compression) = compression
        && failed.is_none()
        && !compression.may_begin_with(&start)
    {
        return Err(not_compressed(name, compression, given.is_some()));
    }
    let reader = match failed {
        Some(error) => Box::new(Failing(Some(error))) as Box<dyn Read + Send>,
        None => reader,
    };
    if start.is_empty() && matches!(compression, Some(Compression::Gzip | Compression::Zstd)) {
        let error = io::Error::new(io::ErrorKind::UnexpectedEof, "compressed data is missing");
        return Err(unreadable(name, Position::START, error));
    }
    let whole = io::Cursor::new(start).chain(reader);
    Ok(match compression {
        Some(Compression::Gzip) => Box::new(Gzip::new(whole)),
        Some(Compression::Zstd) => Box::new(Zstd::new(whole)),
        Some(Compression::None) | None => Box::new(whole),
    })
}

/// Creates the error for first bytes that do not match the compression of the name or of the caller.
fn not_compressed(name: &str, compression: Compression, given: bool) -> Error {
    let kind = match compression {
        Compression::Zstd => "zstd",
        _ => "gzip",
    };
    let (message, advice) = if given {
        (
            format!("{name} is not {kind} as set with Reader::compression: its first bytes differ"),
            "correct Reader::compression, or remove it to detect the compression",
        )
    } else {
        (
            format!("{name} is not {kind} as its extension indicates: its first bytes differ"),
            "rename the file, or set Reader::compression(Compression::None) if it is not compressed",
        )
    };
    Error::new(ErrorKind::Io, message).advice(advice)
}

/// A source that failed. The failure is reported after the bytes before it.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;
    use crate::{
        error::ErrorKind,
        read::{
            Reader,
            bad_row::OnBadRow,
            tests::{all, reader, rows},
        },
    };

    fn unchanged(reader: Reader) -> Reader {
        reader
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    /// Rows that do not compress well, so that a truncation falls between them.
    fn many() -> (String, Vec<String>) {
        let mut random = fastrand::Rng::with_seed(7);
        let rows = (0..20_000).map(|n| format!("{{\"n\":{n},\"x\":{}}}", random.u64(..)));
        let rows = rows.collect::<Vec<_>>();
        (rows.join("\n"), rows)
    }

    #[test]
    fn compression_is_detected_from_the_bytes_with_any_name() {
        let (csv, row) = (b"a,b\n1,2\n", [r#"{"a":"1","b":"2"}"#]);
        for name in ["x.csv", "x.csv.gz", "x.CSV.ZST"] {
            assert_eq!(all(name, gzip(csv), unchanged), row);
            assert_eq!(all(name, zstd(csv), unchanged), row);
        }
        assert_eq!(all("x.json.gz", gzip(b"[{}]"), unchanged), ["{}"]);
        assert_eq!(all("x.jsonl.zst", zstd("\u{FEFF}{}".as_bytes()), unchanged), ["{}"]);
        assert!(all("x.csv.gz", gzip(b""), unchanged).is_empty());
        assert!(all("x.csv.zst", zstd(b""), unchanged).is_empty());
    }

    #[test]
    fn compression_of_the_extension_must_match_unless_set() {
        for (name, bytes) in
            [("x.csv.gz", "a\n1\n"), ("x.csv.zst", "a\n1\n"), ("x.csv.gz", ""), ("x.csv.zst", "")]
        {
            let error = rows(reader(name, bytes)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
            assert!(error.to_string().contains(name), "{error}");
            assert_eq!(
                error.to_string().contains("as its extension indicates"),
                !bytes.is_empty(),
                "{error}"
            );
            assert!(rows(reader(name, bytes).compression(Compression::None)).is_ok());
        }
        for wrong in [Compression::Gzip, Compression::Zstd] {
            let error = rows(reader("x.csv", "a\n1\n").compression(wrong)).unwrap_err();
            assert!(error.to_string().contains("as set with Reader::compression"), "{error}");
        }
        assert_eq!(rows(reader("x.csv", gzip(b"a\n1\n")).compression(Compression::Gzip)).unwrap().len(), 1);
    }

    #[test]
    fn members_and_frames_are_concatenated() {
        let halves: [&[u8]; 2] = [b"a\n1\n", b"2\n3\n"];
        let rows = [r#"{"a":"1"}"#, r#"{"a":"2"}"#, r#"{"a":"3"}"#];
        assert_eq!(all("x.csv", halves.map(gzip).concat(), unchanged), rows);
        let skipped = b"\x51\x2A\x4D\x18\x03\0\0\0abc";
        let frames = [&skipped[..], &zstd(halves[0]), skipped, &zstd(halves[1]), skipped].concat();
        assert_eq!(all("x.csv", frames, unchanged), rows);
    }

    #[test]
    fn truncated_file_is_an_error_with_its_name() {
        let (text, written) = many();
        for (name, bytes) in [("x.ndjson.gz", gzip(text.as_bytes())), ("x.ndjson.zst", zstd(text.as_bytes()))]
        {
            assert_eq!(rows(reader(name, &bytes)).unwrap(), written);
            for cut in [bytes.len() - 1, bytes.len() - 9, bytes.len() / 2, 20, 5] {
                let mut rows = reader(name, &bytes[..cut]).on_bad_row(OnBadRow::Skip).rows();
                let whole: Vec<_> =
                    rows.by_ref().map_while(Result::ok).map(|row| row.json().to_owned()).collect();
                assert_eq!(whole, written[..whole.len()]);
                let mut rows = reader(name, &bytes[..cut]).on_bad_row(OnBadRow::Skip).rows();
                let error = rows.find_map(Result::err).unwrap();
                assert_eq!(error.kind(), ErrorKind::Io);
                assert!(error.to_string().contains(name), "{error}");
                assert_eq!(rows.skipped(), 0);
            }
        }
    }

    /// Returns the bytes of gzip that can be decompressed. The library returns all of them if single bytes are
    /// requested.
    fn readable(bytes: &[u8]) -> Vec<u8> {
        let mut decoder = flate2::read::GzDecoder::new(bytes);
        let (mut text, mut byte) = (Vec::new(), [0]);
        while let Ok(1) = decoder.read(&mut byte) {
            text.push(byte[0]);
        }
        text
    }

    #[test]
    fn complete_rows_come_before_the_error_of_a_truncated_file() {
        let (text, written) = many();
        let header = ["n\n", &text].concat();
        for (name, text, before) in [("x.ndjson.gz", &text, 0), ("x.csv.gz", &header, 1)] {
            let bytes = gzip(text.as_bytes());
            for cut in [1, 7, 8, 9, 60, bytes.len() / 2] {
                let bytes = &bytes[..bytes.len() - cut];
                let whole = readable(bytes).iter().filter(|byte| **byte == b'\n').count() - before;
                assert!(whole > 1_000);
                let mut rows = reader(name, bytes).delimiter(b'\x01').rows();
                let found = rows
                    .by_ref()
                    .map_while(|row| row.map_err(|error| assert_at(&error, whole + before)).ok());
                assert_eq!(found.count(), whole);
                assert!(rows.next().is_none());
            }
        }
        // For zstd, the complete blocks of a frame are read.
        let bytes = zstd(text.as_bytes());
        for cut in [1, 5, bytes.len() / 3] {
            let mut rows = reader("x.ndjson.zst", &bytes[..bytes.len() - cut]).rows();
            let mut whole = 0;
            let error = loop {
                match rows.next().unwrap() {
                    Ok(row) => assert_eq!(row.json(), written[whole]),
                    Err(error) => break error,
                }
                whole += 1;
            };
            assert_at(&error, whole);
            assert!(whole > written.len() / 2, "{whole}");
            assert!(error.to_string().contains("get the rest of the file"), "{error}");
        }
    }

    /// Damaged data may be decompressed to different data for a while, which comes first as well.
    #[test]
    fn decompressed_lines_come_before_the_error_of_a_damaged_file() {
        let (text, _) = many();
        let whole = gzip(text.as_bytes());
        for position in [whole.len() / 3, whole.len() / 2, whole.len() - 2] {
            let mut bytes = whole.clone();
            bytes[position] ^= 0x10;
            let lines = readable(&bytes).iter().filter(|byte| **byte == b'\n').count();
            let mut rows = reader("x.ndjson.gz", &bytes).on_bad_row(OnBadRow::Skip).rows();
            let mut good = 0;
            let error = loop {
                match rows.next().unwrap() {
                    Ok(_) => good += 1,
                    Err(error) => break error,
                }
            };
            assert_eq!(good + rows.skipped() + rows.blank_lines(), lines as u64);
            assert!(good > 1_000);
            assert_at(&error, lines);
            assert!(error.to_string().contains("may be damaged"), "{error}");
        }
    }

    /// Asserts that the error reports the line after this many complete lines.
    fn assert_at(error: &crate::error::Error, lines: usize) {
        let said = format!("cannot be read past line {}, column 1", lines + 1);
        assert!(error.to_string().contains(&said), "{error}");
    }

    #[test]
    fn failure_of_the_source_comes_after_decompressed_rows() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the cable is out"))
            }
        }
        let (text, _) = many();
        let bytes = gzip(text.as_bytes());
        for cut in [bytes.len(), bytes.len() - 9, bytes.len() / 2] {
            let whole = readable(&bytes[..cut]).iter().filter(|byte| **byte == b'\n').count();
            let source = io::Cursor::new(bytes[..cut].to_vec()).chain(Broken);
            let mut rows = Reader::from_reader(source, "x.ndjson.gz").rows();
            let error = rows.nth(whole).unwrap().unwrap_err();
            assert_at(&error, whole);
            assert!(error.to_string().contains("the cable is out"), "{error}");
        }
        let source = io::Cursor::new(b"{}\n").chain(Broken);
        let mut rows = Reader::from_reader(source, "x.ndjson").rows();
        assert_eq!(rows.next().unwrap().unwrap().json(), "{}");
        assert_at(&rows.next().unwrap().unwrap_err(), 1);
    }

    #[test]
    fn only_zeros_after_a_member_are_padding() {
        let (one, two) = (gzip(b"{}\n"), gzip(b"{\"a\":1}\n"));
        for zeros in [1, 511, 200_000] {
            let zeros = vec![0; zeros];
            assert_eq!(all("x.ndjson", [&one[..], &zeros].concat(), unchanged), ["{}"]);
            let members = [&one[..], &zeros, &two, &zeros].concat();
            assert_eq!(all("x.ndjson", members, unchanged), ["{}", r#"{"a":1}"#]);
            for garbage in [&b"x"[..], b"\x1F", b"\x1F\x8Cabc", b"PK"] {
                let mut rows = reader("x.ndjson", [&one[..], &zeros, garbage].concat()).rows();
                assert_eq!(rows.next().unwrap().unwrap().json(), "{}");
                assert_at(&rows.next().unwrap().unwrap_err(), 1);
            }
        }
        // Tools neither pad zstd with zeros nor ignore them, because it has skippable frames.
        let mut rows = reader("x.ndjson", [&zstd(b"{}\n")[..], &[0; 100]].concat()).rows();
        assert_eq!(rows.next().unwrap().unwrap().json(), "{}");
        assert_at(&rows.next().unwrap().unwrap_err(), 1);
    }

    /// Decoders must end with an error or with different text, whichever byte is damaged.
    #[test]
    fn decoders_survive_damage_in_every_byte() {
        let text: String =
            (0..100).map(|n| format!("{{\"n\":{n},\"city\":\"Lyon{}\"}}\n", n * 919 % 1000)).collect();
        for (name, whole) in [("x.ndjson.gz", gzip(text.as_bytes())), ("x.ndjson.zst", zstd(text.as_bytes()))]
        {
            for position in 0..whole.len() {
                for flip in [0x10, 0xFF] {
                    let mut bytes = whole.clone();
                    bytes[position] ^= flip;
                    let found = reader(name, bytes).on_bad_row(OnBadRow::Skip).rows();
                    assert!(found.filter_map(Result::ok).count() < 100_000);
                }
            }
        }
    }

    #[test]
    fn changed_bytes_are_detected() {
        let (text, _) = many();
        for (name, bytes) in [("x.ndjson.gz", gzip(text.as_bytes())), ("x.ndjson.zst", zstd(text.as_bytes()))]
        {
            for position in [bytes.len() - 2, bytes.len() / 2] {
                let mut bytes = bytes.clone();
                bytes[position] ^= 0x10;
                let error = rows(reader(name, bytes)).unwrap_err();
                assert!(error.to_string().contains(name), "{error}");
            }
        }
    }
}
