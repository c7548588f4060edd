//! What must hold of the readers of CSV and JSON for every input. Shared by the fuzz targets and by a test that runs
//! them over the corpus.
//!
//! The first byte of an input selects the delimiter of CSV and the number of bytes per read of the file. The rest is
//! the file.

use std::collections::BTreeSet;
use std::io::Read;

use datalinks::read::{Compression, Format, OnBadRow, Reader};
use serde_json::value::RawValue;

/// A source that returns at most a number of bytes per read.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    size: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = &self.bytes[self.at..];
        let count = left.len().min(buffer.len()).min(self.size);
        buffer[..count].copy_from_slice(&left[..count]);
        self.at += count;
        Ok(count)
    }
}

/// Returns the rows and the messages of the errors, in order. Bad rows do not end the file.
fn rows(
    bytes: &[u8],
    size: usize,
    format: Format,
    set: impl Fn(Reader) -> Reader,
) -> Vec<Result<String, String>> {
    let source = Pieces { bytes: bytes.to_vec(), at: 0, size };
    let reader = Reader::from_reader(source, "input")
        .format(format)
        .compression(Compression::None)
        .on_bad_row(OnBadRow::Report);
    // More items than bytes would never end.
    let items: Vec<_> = set(reader).rows().take(bytes.len() + 10).collect();
    assert!(items.len() < bytes.len() + 10, "more items than bytes");
    items
        .into_iter()
        .map(|item| item.map(|row| row.json().to_owned()).map_err(|error| error.to_string()))
        .collect()
}

fn split(input: &[u8]) -> Option<(u8, &[u8])> {
    let (first, rest) = input.split_first()?;
    Some((*first, rest))
}

/// Returns the records of a regular file as the `csv` crate reads them: UTF-8 without a mark, quotes only around whole
/// cells, distinct names of columns, and the same number of cells in each record. Returns `None` for another file.
fn regular(bytes: &[u8], delimiter: u8) -> Option<Vec<Vec<String>>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_end = |byte: u8| matches!(byte, b'\n' | b'\r');
    if text.starts_with('\u{FEFF}') || text.contains('\0') || text.starts_with("sep=") {
        return None;
    }
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            loop {
                at += 1 + bytes[at + 1..].iter().position(|byte| *byte == b'"')?;
                if bytes.get(at + 1) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
            at += 1;
        } else {
            while bytes.get(at).is_some_and(|byte| *byte != delimiter && !is_end(*byte)) {
                if bytes[at] == b'"' {
                    return None;
                }
                at += 1;
            }
        }
        match bytes.get(at) {
            None => break,
            Some(byte) if *byte == delimiter || *byte == b'\n' => at += 1,
            Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => at += 2,
            Some(_) => return None,
        }
    }
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.delimiter(delimiter).has_headers(false).from_reader(bytes);
    let records: Result<Vec<Vec<String>>, csv::Error> =
        reader.records().map(|record| Ok(record?.iter().map(str::to_owned).collect())).collect();
    let records = records.ok()?;
    let names = records.first()?;
    let distinct: BTreeSet<&String> = names.iter().collect();
    let named = names.iter().all(|name| !name.trim().is_empty() && name.trim() == name);
    (named && distinct.len() == names.len()).then_some(records)
}

/// CSV: the same rows in pieces of any size, and on regular files those of the `csv` crate.
pub(crate) fn csv(input: &[u8]) {
    let Some((first, file)) = split(input) else { return };
    let delimiter = [b',', b';', b'\t', b'|'][usize::from(first & 3)];
    let size = usize::from(first >> 2).max(1);
    let fixed = |reader: Reader| reader.delimiter(delimiter);
    let whole = rows(file, usize::MAX, Format::Csv, fixed);
    assert_eq!(rows(file, size, Format::Csv, fixed), whole, "in pieces of {size}");
    // The delimiter and the types are detected.
    let found = rows(file, usize::MAX, Format::Csv, |reader| reader.infer_types());
    assert_eq!(rows(file, size, Format::Csv, |reader| reader.infer_types()), found, "in pieces of {size}");
    for row in whole.iter().chain(&found).flatten() {
        let row: serde_json::Value =
            serde_json::from_str(row).unwrap_or_else(|error| panic!("{error}: {row}"));
        assert!(row.is_object());
    }
    let Some(records) = regular(file, delimiter) else { return };
    let expected: Vec<Result<String, String>> = records[1..]
        .iter()
        .map(|record| {
            let cells = records[0].iter().zip(record).map(|(name, cell)| {
                format!(
                    "{}:{}",
                    serde_json::Value::from(name.as_str()),
                    serde_json::Value::from(cell.as_str())
                )
            });
            Ok(format!("{{{}}}", cells.collect::<Vec<_>>().join(",")))
        })
        .collect();
    assert_eq!(whole, expected, "not as the csv crate reads it");
}

/// JSON: the same rows in pieces of any size, and those of serde_json.
pub(crate) fn json_array(input: &[u8]) {
    let Some((first, file)) = split(input) else { return };
    let size = usize::from(first).max(1);
    let whole = rows(file, usize::MAX, Format::Json, |reader| reader);
    assert_eq!(rows(file, size, Format::Json, |reader| reader), whole, "in pieces of {size}");
    // Bytes that indicate another encoding.
    if file.contains(&0)
        || file.starts_with(&[0xEF, 0xBB, 0xBF])
        || file.starts_with(&[0xFE, 0xFF])
        || file.starts_with(&[0xFF, 0xFE])
    {
        return;
    }
    match serde_json::from_slice::<Vec<&RawValue>>(file) {
        Ok(items) => {
            assert_eq!(whole.len(), items.len(), "{whole:?}");
            for (own, item) in whole.iter().zip(items) {
                match own {
                    Ok(own) => assert_eq!(own, item.get()),
                    Err(message) => {
                        let strict =
                            serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(item.get());
                        assert!(strict.is_err(), "{message}: {}", item.get());
                    }
                }
            }
        }
        Err(error) => assert!(whole.iter().any(Result::is_err), "{error}: {whole:?}"),
    }
}
