//! Files that are compressed as a whole.

use std::{
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use super::{format::ending, input::BUFFER};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, also several members one after the other.
    Gzip,
    /// Zstandard, also several frames one after the other.
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
pub(super) fn decompress(
    mut reader: Box<dyn Read + Send>,
    name: &str,
    given: Option<Compression>,
) -> io::Result<Box<dyn Read + Send>> {
    let mut start = Vec::new();
    (&mut reader).take(4).read_to_end(&mut start)?;
    let compression =
        given.or_else(|| Compression::of_bytes(&start)).or_else(|| Compression::of_name(Path::new(name)));
    if start.is_empty() && matches!(compression, Some(Compression::Gzip | Compression::Zstd)) {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "compressed data is missing"));
    }
    let whole = io::Cursor::new(start).chain(reader);
    Ok(match compression {
        Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, whole))),
        Some(Compression::Zstd) => Box::new(Zstd {
            source: BufReader::with_capacity(BUFFER, whole),
            decoder: FrameDecoder::new(),
            in_frame: false,
        }),
        Some(Compression::None) | None => Box::new(whole),
    })
}

/// Reads all frames; the library reads one.
struct Zstd<R> {
    source: BufReader<R>,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: Read> Zstd<R> {
    /// Begins the next frame; false at the end of the source.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut (&mut self.source).take(length), &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    /// The frame has been read: is it what was written?
    fn check(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(written), Some(read)) if written != read => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum of the zstd data is wrong"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame {
                self.in_frame = self.begin()?;
                if !self.in_frame {
                    return Ok(0);
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            match self.decoder.read(buffer)? {
                0 => {
                    self.check()?;
                    self.in_frame = false;
                }
                count => return Ok(count),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;
    use crate::{
        ErrorKind,
        read::{
            OnBadRow, Reader,
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
            assert!(rows(reader(name, bytes).compression(Compression::None)).is_ok());
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

    #[test]
    fn changed_bytes_are_noticed() {
        let (text, _) = many();
        for (name, bytes) in [("x.ndjson.gz", gzip(text.as_bytes())), ("x.ndjson.zst", zstd(text.as_bytes()))]
        {
            for place in [bytes.len() - 2, bytes.len() / 2] {
                let mut bytes = bytes.clone();
                bytes[place] ^= 0x10;
                let error = rows(reader(name, bytes)).unwrap_err();
                assert!(error.to_string().contains(name), "{error}");
            }
        }
    }
}
