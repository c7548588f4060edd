//! The CSV reader compared with the `csv` crate, over all kinds of regular files that the crate writes.
#![cfg(feature = "read")]

use std::{collections::BTreeMap, error::Error, io::Write as _, sync::Arc};

use csv::{QuoteStyle, Terminator};
use datalinks::read::{Format, Reader};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{RngSeed, TestCaseError, TestRunner},
};

/// The seed of all cases, which are the same in every run. Another seed gives other cases.
const SEED: u64 = 0xDA7A_11A4_5EED;

/// Runs 2,000 cases and prints the seed if one fails.
fn check<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    println!("seed {SEED:#x}");
    let config = ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..ProptestConfig::default()
    };
    TestRunner::new(config).run(strategy, test).unwrap_or_else(|failure| panic!("seed {SEED:#x}: {failure}"));
}

/// The format of a file.
#[derive(Clone, Debug)]
struct Manner {
    delimiter: u8,
    end: &'static str,
    quotes: QuoteStyle,
    encoding: Encoding,
    gzip: bool,
    /// `true` if a line of the file states the delimiter.
    sign: bool,
    /// Number of bytes per read of the file.
    piece: usize,
}

#[derive(Clone, Copy, Debug)]
enum Encoding {
    Utf8,
    Utf8Mark,
    Utf16Big,
    Utf16Little,
}

fn manner() -> impl Strategy<Value = Manner> {
    let quotes = select(vec![QuoteStyle::Necessary, QuoteStyle::Always, QuoteStyle::NonNumeric]);
    let encoding = select(vec![
        Encoding::Utf8,
        Encoding::Utf8,
        Encoding::Utf8Mark,
        Encoding::Utf16Big,
        Encoding::Utf16Little,
    ]);
    (
        select(b",;\t|^".to_vec()),
        select(vec!["\n", "\r\n", "\r"]),
        quotes,
        encoding,
        prop::bool::weighted(0.3),
        any::<bool>(),
        prop_oneof![1..4usize, Just(64 * 1024)],
    )
        .prop_map(|(delimiter, end, quotes, encoding, gzip, sign, piece)| Manner {
            delimiter,
            end,
            quotes,
            encoding,
            gzip,
            sign,
            piece,
        })
}

/// Generates cells with all special characters, some of them on two lines.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{0,6}",
        3 => "[a-zé€😀\"',;\t|^ ]{0,8}",
        2 => "-?[0-9]{1,20}(\\.[0-9]{1,20})?",
        1 => "[a-z\"\r\n]{0,6}",
    ]
}

fn table() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    (1usize..6).prop_flat_map(|columns| {
        let names = prop::collection::btree_set("[a-z][a-zé ,;]{0,5}", columns)
            .prop_map(|names| names.into_iter().collect());
        (names, vec(vec(cell(), columns), 0..12))
    })
}

/// Returns the table as the `csv` crate writes it.
fn write(names: &[String], table: &[Vec<String>], manner: &Manner) -> Result<String, Box<dyn Error>> {
    let mut writer = csv::WriterBuilder::new();
    writer.delimiter(manner.delimiter).quote_style(manner.quotes);
    writer.terminator(match manner.end {
        "\r\n" => Terminator::CRLF,
        end => Terminator::Any(end.as_bytes()[0]),
    });
    let mut text = Vec::new();
    let mut writer = writer.from_writer(&mut text);
    writer.write_record(names)?;
    for record in table {
        writer.write_record(record)?;
    }
    drop(writer);
    Ok(String::from_utf8(text)?)
}

/// Returns the file with a text.
fn file(text: &str, manner: &Manner) -> std::io::Result<Vec<u8>> {
    let sign = format!("sep={}{}", char::from(manner.delimiter), manner.end);
    let text = [if manner.sign { &sign } else { "" }, text].concat();
    let units = || "\u{FEFF}".encode_utf16().chain(text.encode_utf16());
    let bytes = match manner.encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf8Mark => ["\u{FEFF}", &text].concat().into_bytes(),
        Encoding::Utf16Big => units().flat_map(u16::to_be_bytes).collect(),
        Encoding::Utf16Little => units().flat_map(u16::to_le_bytes).collect(),
    };
    if !manner.gzip {
        return Ok(bytes);
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&bytes)?;
    encoder.finish()
}

/// A reader that returns its bytes in chunks of one size.
struct Pieces {
    bytes: Arc<[u8]>,
    at: usize,
    size: usize,
}

impl std::io::Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = &self.bytes[self.at..];
        let count = left.len().min(buffer.len()).min(self.size);
        buffer[..count].copy_from_slice(&left[..count]);
        self.at += count;
        Ok(count)
    }
}

fn reader(bytes: &[u8], manner: &Manner) -> Reader {
    let source = Pieces { bytes: bytes.into(), at: 0, size: manner.piece };
    let reader = Reader::from_reader(source, "table").format(Format::Csv);
    if manner.sign { reader } else { reader.delimiter(manner.delimiter) }
}

type Cells = BTreeMap<String, String>;

#[test]
fn regular_files_are_read_like_the_csv_crate() {
    check(&(table(), manner()), |((names, table), manner)| {
        let text = write(&names, &table, &manner).unwrap();
        let mut oracle = csv::ReaderBuilder::new().delimiter(manner.delimiter).from_reader(text.as_bytes());
        let expected: Vec<Cells> = oracle.deserialize().map(Result::unwrap).collect();
        let rows = reader(&file(&text, &manner).unwrap(), &manner).rows();
        let read: Result<Vec<Cells>, _> = rows.map(|row| row?.deserialize()).collect();
        prop_assert_eq!(read?, expected);
        Ok(())
    });
}

/// Generates a column of one type, with its cells as text and as JSON.
fn column() -> impl Strategy<Value = Vec<(String, String)>> {
    let number = prop_oneof![
        (-999_999_999_999_999i64..=999_999_999_999_999).prop_map(|number| number.to_string()),
        (-99_999i64..99_999, "[0-9]{1,6}").prop_map(|(whole, part)| format!("{whole}.{part}")),
        any::<f64>().prop_filter_map("a number", |float| {
            let text = format!("{float:?}");
            // In the notation of JSON, with a point or a sign in the exponent.
            (float.is_finite() && (text.contains("e-") || text.contains('.'))).then_some(text)
        }),
    ];
    let boolean = select(vec!["true", "True", "TRUE", "false", "False", "FALSE"]);
    let boolean = boolean.prop_map(|text| (text.to_owned(), text.to_lowercase()));
    let identifier =
        select(vec!["007", "+1", "1234567890123456", "12e5", "1.", "x1"]).prop_map(str::to_owned);
    let text = |cell: String| (cell.clone(), serde_json::Value::from(cell).to_string());
    let empty = || Just((String::new(), "null".to_owned()));
    let values = |value: BoxedStrategy<(String, String)>| {
        // A column needs a value to have a type.
        (value.clone(), vec(prop_oneof![3 => value, 1 => empty()], 7))
            .prop_map(|(first, rest)| [vec![first], rest].concat())
    };
    prop_oneof![
        values(number.clone().prop_map(|cell| (cell.clone(), cell)).boxed()),
        values(boolean.boxed()),
        // One identifier is sufficient.
        (values(number.prop_map(text).boxed()), identifier).prop_map(move |(mut cells, identifier)| {
            cells[5] = text(identifier);
            cells
        }),
        values(
            "[a-z]{1,5}[0-9]?"
                .prop_filter("a text", |cell| !matches!(&**cell, "true" | "false"))
                .prop_map(text)
                .boxed()
        ),
    ]
}

#[test]
fn column_type_fits_all_cells() {
    let delimiter = select(b",;\t|".to_vec());
    check(&(vec(column(), 1..5), delimiter, any::<bool>()), |(columns, delimiter, delimiter_given)| {
        let names: Vec<String> = (0..columns.len()).map(|place| format!("c{place}")).collect();
        let delimiter = char::from(delimiter);
        let mut text = names.join(&delimiter.to_string()) + "\n";
        let mut expected = Vec::new();
        for row in 0..8 {
            let cells: Vec<&str> = columns.iter().map(|column| &*column[row].0).collect();
            let line = cells.join(&delimiter.to_string());
            text += &line;
            text.push('\n');
            if line.is_empty() {
                continue;
            }
            let values =
                names.iter().zip(&columns).map(|(name, column)| format!("\"{name}\":{}", column[row].1));
            expected.push(format!("{{{}}}", values.collect::<Vec<_>>().join(",")));
        }
        let reader = Reader::from_reader(std::io::Cursor::new(text), "table.csv").infer_types();
        // The delimiter cannot be detected in a file with one column.
        let reader =
            if delimiter_given || names.len() == 1 { reader.delimiter(delimiter as u8) } else { reader };
        let read: Vec<String> = reader
            .rows()
            .map(|row| row.map(|row| row.json().to_owned()))
            .collect::<Result<_, _>>()
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(read, expected);
        Ok(())
    });
}
