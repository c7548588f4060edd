//! Files that are compressed as a whole.

mod gzip;
mod patient;
mod zstd;

use std::{
    io::{self, Read},
    path::Path,
};

use gzip::Gzip;
use zstd::Zstd;

use super::{ending::ending, input::unreadable, position::Position};
use crate::error::{Error, ErrorKind};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, also several members one after the other. Zeros that follow a member are padding and are ignored. Any
    /// other bytes that are no gzip are an error after the rows before them.
    Gzip,
    /// Zstandard, also several frames one after the other. Skippable frames are ignored.
    Zstd,
}

impl Compression {
    /// By the first bytes. None of them begins a text in UTF-8.
    fn of_bytes(start: &[u8]) -> Option<Self> {
        match start {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            // A frame, or one that is to be skipped.
            [0x28, 0xB5, 0x2F, 0xFD] | [0x50..=0x5F, 0x2A, 0x4D, 0x18] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether data that is compressed so can begin with these bytes, at most 4, which may be all there are.
    fn may_begin_with(self, start: &[u8]) -> bool {
        match self {
            Self::None => true,
            Self::Gzip => [0x1F, 0x8B].starts_with(&start[..start.len().min(2)]),
            Self::Zstd => start.len() < 4 || Self::of_bytes(start) == Some(Self::Zstd),
        }
    }

    /// By the ending: `.gz`, `.gzip`, `.zst` or `.zstd`, in any case.
    pub(super) fn of_name(name: &Path) -> Option<Self> {
        match ending(name)?.as_str() {
            "gz" | "gzip" => Some(Self::Gzip),
            "zst" | "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// What `reader` holds when it is decompressed.
///
/// When the data breaks off or is damaged, all that could be decompressed before comes first, and then the error.
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

/// The first bytes are not those of the compression that the name or the caller says.
fn not_compressed(name: &str, compression: Compression, given: bool) -> Error {
    let kind = match compression {
        Compression::Zstd => "zstd",
        _ => "gzip",
    };
    let (message, advice) = if given {
        (
            format!("{name} is not {kind}, as Reader::compression says: its first bytes are others"),
            "correct the setting, or leave it out so that the first bytes decide",
        )
    } else {
        (
            format!("{name} is not {kind}, as its name says: its first bytes are others"),
            "rename the file, or set Reader::compression(Compression::None) if it is not compressed",
        )
    };
    Error::new(ErrorKind::Io, message).advice(advice)
}

/// A source that has failed: the failure is read behind the bytes that came before it.
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

    fn as_it_is(reader: Reader) -> Reader {
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

    /// Rows that do not compress well, so that a cut falls between them.
    fn many() -> (String, Vec<String>) {
        let mut random = fastrand::Rng::with_seed(7);
        let rows = (0..20_000).map(|n| format!("{{\"n\":{n},\"x\":{}}}", random.u64(..)));
        let rows = rows.collect::<Vec<_>>();
        (rows.join("\n"), rows)
    }

    #[test]
    fn is_found_by_the_bytes_whatever_the_name() {
        let (csv, row) = (b"a,b\n1,2\n", [r#"{"a":"1","b":"2"}"#]);
        for name in ["x.csv", "x.csv.gz", "x.CSV.ZST"] {
            assert_eq!(all(name, gzip(csv), as_it_is), row);
            assert_eq!(all(name, zstd(csv), as_it_is), row);
        }
        assert_eq!(all("x.json.gz", gzip(b"[{}]"), as_it_is), ["{}"]);
        assert_eq!(all("x.jsonl.zst", zstd("\u{FEFF}{}".as_bytes()), as_it_is), ["{}"]);
        assert!(all("x.csv.gz", gzip(b""), as_it_is).is_empty());
        assert!(all("x.csv.zst", zstd(b""), as_it_is).is_empty());
    }

    #[test]
    fn the_name_has_to_be_true_unless_the_caller_knows_better() {
        for (name, bytes) in
            [("x.csv.gz", "a\n1\n"), ("x.csv.zst", "a\n1\n"), ("x.csv.gz", ""), ("x.csv.zst", "")]
        {
            let error = rows(reader(name, bytes)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
            assert!(error.to_string().contains(name), "{error}");
            assert_eq!(error.to_string().contains("as its name says"), !bytes.is_empty(), "{error}");
            assert!(rows(reader(name, bytes).compression(Compression::None)).is_ok());
        }
        for wrong in [Compression::Gzip, Compression::Zstd] {
            let error = rows(reader("x.csv", "a\n1\n").compression(wrong)).unwrap_err();
            assert!(error.to_string().contains("as Reader::compression says"), "{error}");
        }
        assert_eq!(rows(reader("x.csv", gzip(b"a\n1\n")).compression(Compression::Gzip)).unwrap().len(), 1);
    }

    #[test]
    fn parts_one_after_the_other_are_one_text() {
        let halves: [&[u8]; 2] = [b"a\n1\n", b"2\n3\n"];
        let rows = [r#"{"a":"1"}"#, r#"{"a":"2"}"#, r#"{"a":"3"}"#];
        assert_eq!(all("x.csv", halves.map(gzip).concat(), as_it_is), rows);
        let skipped = b"\x51\x2A\x4D\x18\x03\0\0\0abc";
        let frames = [&skipped[..], &zstd(halves[0]), skipped, &zstd(halves[1]), skipped].concat();
        assert_eq!(all("x.csv", frames, as_it_is), rows);
    }

    #[test]
    fn a_cut_file_is_an_error_that_names_it() {
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

    /// How much of gzip can be decompressed: the library yields all of it when it is asked for single bytes.
    fn readable(bytes: &[u8]) -> Vec<u8> {
        let mut decoder = flate2::read::GzDecoder::new(bytes);
        let (mut text, mut byte) = (Vec::new(), [0]);
        while let Ok(1) = decoder.read(&mut byte) {
            text.push(byte[0]);
        }
        text
    }

    #[test]
    fn whole_rows_come_before_the_place_where_a_file_breaks() {
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
        // The blocks of a frame that are there.
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

    /// What is damaged may be decompressed to something else for a while. That comes first, too.
    #[test]
    fn all_that_was_decompressed_comes_before_the_place_where_a_file_is_damaged() {
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
            assert!(error.to_string().contains("may have been damaged"), "{error}");
        }
    }

    /// The error names the line behind as many whole ones.
    fn assert_at(error: &crate::error::Error, lines: usize) {
        let said = format!("cannot be read past line {}, column 1", lines + 1);
        assert!(error.to_string().contains(&said), "{error}");
    }

    #[test]
    fn a_failure_of_the_source_comes_behind_what_was_decompressed() {
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
    fn zeros_behind_a_member_are_padding_and_nothing_else_is() {
        let (one, two) = (gzip(b"{}\n"), gzip(b"{\"a\":1}\n"));
        for zeros in [1, 511, 200_000] {
            let zeros = vec![0; zeros];
            assert_eq!(all("x.ndjson", [&one[..], &zeros].concat(), as_it_is), ["{}"]);
            let members = [&one[..], &zeros, &two, &zeros].concat();
            assert_eq!(all("x.ndjson", members, as_it_is), ["{}", r#"{"a":1}"#]);
            for garbage in [&b"x"[..], b"\x1F", b"\x1F\x8Cabc", b"PK"] {
                let mut rows = reader("x.ndjson", [&one[..], &zeros, garbage].concat()).rows();
                assert_eq!(rows.next().unwrap().unwrap().json(), "{}");
                assert_at(&rows.next().unwrap().unwrap_err(), 1);
            }
        }
        // No tool pads zstd with zeros, or ignores them; it has frames to skip for that.
        let mut rows = reader("x.ndjson", [&zstd(b"{}\n")[..], &[0; 100]].concat()).rows();
        assert_eq!(rows.next().unwrap().unwrap().json(), "{}");
        assert_at(&rows.next().unwrap().unwrap_err(), 1);
    }

    /// Decoders meet damage in every byte, and end with an error or with other text.
    #[test]
    fn damage_anywhere_is_no_danger() {
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
    fn changed_bytes_are_noticed() {
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
