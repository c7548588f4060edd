//! Cells, good and bad.

use proptest::prelude::*;
use serde_json::json;

use crate::read::{
    Format, OnBadRow, Reader,
    tests::{all, reader, rows},
};

fn as_it_is(reader: Reader) -> Reader {
    reader
}

#[test]
fn cells_are_text_under_the_names_of_the_columns() {
    let text = "\u{FEFF}name,note\r\n\r\nAlien,\r\n\"a \"\"b\"\", c\",\" x \"\n007,5\" pipe";
    assert_eq!(
        all("x.csv", text, as_it_is),
        [
            r#"{"name":"Alien","note":""}"#,
            r#"{"name":"a \"b\", c","note":" x "}"#,
            r#"{"name":"007","note":"5\" pipe"}"#
        ]
    );
}

#[test]
fn an_empty_file_has_no_rows() {
    for text in ["", "\n\r\n", "\u{FEFF}", "a,b", "a,b\r\n", "a,b\n\n\n"] {
        assert!(all("x.csv", text, as_it_is).is_empty(), "{text:?}");
    }
}

#[test]
fn every_kind_of_line_end_ends_a_record() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "1,2", "", "\"x\",\"y\"", ""].join(end);
        assert_eq!(all("x.csv", text, as_it_is), [r#"{"a":"1","b":"2"}"#, r#"{"a":"x","b":"y"}"#]);
        let text = ["a,b", "\"1", "\"\"", "2\",3", "4"].join(end);
        let cell = serde_json::to_string(&["1", "\"", "2"].join(end)).unwrap();
        let bad = "! x.csv, line 5, column 2: 1 cell instead of 2";
        assert_eq!(all("x.csv", text, as_it_is), [&format!("{{\"a\":{cell},\"b\":\"3\"}}"), bad]);
    }
}

#[test]
fn the_delimiter_is_found_out_or_given() {
    assert_eq!(all("x.csv", "a;b\n1,5;2\n", as_it_is), [r#"{"a":"1,5","b":"2"}"#]);
    assert_eq!(all("x.tsv", "a\tb\n1,5;2\t\n", as_it_is), [r#"{"a":"1,5;2","b":""}"#]);
    assert_eq!(all("x.tsv", "a,b\n1,2\n", |reader| reader.delimiter(b',')), [r#"{"a":"1","b":"2"}"#]);
    assert_eq!(all("x.csv", "a;b\n1;2\n", |reader| reader.delimiter(b',')), [r#"{"a;b":"1;2"}"#]);
    for delimiter in [b'"', b'\n', b'\r', 0xC3] {
        let error = rows(reader("x.csv", "a").delimiter(delimiter)).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
    }
}

#[test]
fn inferred_values_keep_their_digits() {
    let text =
        "a,b,c,d\n123456789012345678901234567890,-0.123456789012345678901234567890,TRUE,\n007,\"\",x,2\n";
    assert_eq!(
        all("x.csv", text, Reader::infer_types),
        [
            r#"{"a":123456789012345678901234567890,"b":-0.123456789012345678901234567890,"c":true,"d":null}"#,
            r#"{"a":"007","b":null,"c":"x","d":2}"#
        ]
    );
}

#[test]
fn bad_records_are_named_and_the_caller_chooses() {
    let text = b"a,b\n1,2\n1,2,3\n\n\"x\ny\",\xC3\xA9\xFF\n\"a\r\nb\"c,2\n,\xC3\n\"\xC3\",\"\xA9\"\n3,4";
    let bad = [
        "! x.csv, line 3, column 5: 3 cells instead of 2",
        "! x.csv, line 6, column 5: the bytes are not UTF-8",
        "! x.csv, line 8, column 3: text follows a closing quote",
        "! x.csv, line 9, column 2: the bytes are not UTF-8",
        "! x.csv, line 10, column 2: the bytes are not UTF-8",
    ];
    let (first, last) = (r#"{"a":"1","b":"2"}"#, r#"{"a":"3","b":"4"}"#);
    let with = |choice| all("x.csv", text, |reader| reader.on_bad_row(choice));
    assert_eq!(with(OnBadRow::Stop), [first, bad[0]]);
    assert_eq!(with(OnBadRow::Skip), [first, last]);
    assert_eq!(with(OnBadRow::Report), [&[first], &bad[..], &[last]].concat());
}

#[test]
fn a_quote_that_is_not_closed_takes_one_line_only() {
    let text = "a,b\n1,\"x\n2,y\n\"3\n\",\"z\n4,w\n5,\"";
    assert_eq!(
        all("x.csv", text, |reader| reader.on_bad_row(OnBadRow::Report)),
        [
            "! x.csv, line 4, column 2: text follows a closing quote",
            "! x.csv, line 5, column 4: text follows a closing quote",
            r#"{"a":"4","b":"w"}"#,
            "! x.csv, line 7, column 3: a quote is not closed"
        ]
    );
    let text = "a,b\n1,\"x\n2,y\r3,z\r\n";
    assert_eq!(
        all("x.csv", text, |reader| reader.on_bad_row(OnBadRow::Report)),
        ["! x.csv, line 2, column 3: a quote is not closed", r#"{"a":"2","b":"y"}"#, r#"{"a":"3","b":"z"}"#]
    );
}

#[test]
fn a_record_over_the_limit_is_bad_and_what_follows_is_read() {
    let text = "a,b\n1,\"x\n2,y\n345678901234567890,z\n6,7\n";
    assert_eq!(
        all("x.csv", text, |reader| reader.record_limit(12).on_bad_row(OnBadRow::Report)),
        [
            "! x.csv, line 2, column 3: a quote is not closed",
            r#"{"a":"2","b":"y"}"#,
            "! x.csv, line 4, column 1: the line is longer than the limit for a record",
            r#"{"a":"6","b":"7"}"#
        ]
    );
    let text = "a,b\n1,\"x\ny\nz\nw\"\n";
    let rows = all("x.csv", text, |reader| reader.record_limit(5).on_bad_row(OnBadRow::Skip));
    assert!(rows.is_empty(), "{rows:?}");
}

#[test]
fn quotes_without_end_cost_no_time_without_end() {
    // Every line opens a quote that the next one closes, and opens one again.
    let text = ["a,b\n".to_owned(), "a\",\"b\n".repeat(100_000)].concat();
    let mut rows = reader("x.csv", text).record_limit(10_000).on_bad_row(OnBadRow::Skip).rows();
    assert!(rows.next().is_none());
    assert!(rows.skipped() > 0);
    // Quotes in pairs only, behind one that is open.
    let text = ["a,b\n\"".to_owned(), "a,\"\"\"\"\n".repeat(100_000)].concat();
    let mut rows = reader("x.csv", text).on_bad_row(OnBadRow::Skip).rows();
    assert_eq!(rows.by_ref().filter_map(Result::ok).count(), 99_999);
    assert_eq!(rows.skipped(), 1);
}

#[test]
fn without_names_of_columns_there_are_no_rows() {
    for (text, said) in [
        (&b"a,b,a\n1,2,3\n"[..], "line 1, column 5: the columns 1 and 3 are both named \"a\""),
        (b"a,\xFF\n", "line 1, column 3: the bytes are not UTF-8"),
        (b"\n\"a\"b,c\n", "line 2, column 4: text follows"),
    ] {
        let mut rows = reader("x.csv", text).on_bad_row(OnBadRow::Skip).rows();
        let error = rows.next().unwrap().unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.to_string().contains("correct the names"), "{error}");
        assert!(rows.next().is_none());
    }
}

/// Cells with all that is awkward in them.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z\"',;\t|\r\n é€]{0,6}", "-?[0-9]{1,30}(\\.[0-9]{1,30})?", ".{0,8}"]
}

fn table() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    (1usize..5).prop_flat_map(|columns| {
        let names = prop::collection::btree_set("[a-z\",;\n é]{1,5}", columns)
            .prop_map(|names| names.into_iter().collect());
        (names, prop::collection::vec(prop::collection::vec(cell(), columns), 0..8))
    })
}

proptest! {
    #[test]
    fn what_the_csv_crate_writes_is_read_back(
        (names, table) in table(),
        delimiter in prop::sample::select(&b",;\t|"[..]),
        crlf in any::<bool>(),
        always in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new();
        writer.delimiter(delimiter);
        if crlf {
            writer.terminator(csv::Terminator::CRLF);
        }
        if always {
            writer.quote_style(csv::QuoteStyle::Always);
        }
        let mut writer = writer.from_writer(Vec::new());
        writer.write_record(&names).unwrap();
        for record in &table {
            writer.write_record(record).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let read: Vec<_> = reader("x", bytes)
            .format(Format::Csv)
            .delimiter(delimiter)
            .rows()
            .map(|row| row.unwrap().to_row().unwrap())
            .collect();
        let written: Vec<datalinks_gen::Row> = table
            .iter()
            .map(|record| names.iter().cloned().zip(record.iter().map(|cell| json!(cell))).collect())
            .collect();
        prop_assert_eq!(read, written);
    }

    /// Where there is no complaint, the cells are those that the csv crate finds.
    #[test]
    fn any_text_is_read_as_the_csv_crate_reads_it(text in "[ab\",\r\n]{0,24}") {
        let names = "x,y\n";
        let mut theirs = csv::ReaderBuilder::new();
        let theirs: Vec<Vec<String>> = theirs
            .flexible(true)
            .from_reader([names, &text].concat().as_bytes())
            .into_records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        let ours: Result<Vec<_>, _> =
            reader("x.csv", [names, &text].concat()).delimiter(b',').rows().collect();
        if let Ok(ours) = ours {
            let ours: Vec<Vec<String>> = ours
                .iter()
                .map(|row| row.deserialize::<std::collections::BTreeMap<String, String>>().unwrap())
                .map(|row| row.into_values().collect())
                .collect();
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn any_bytes_in_any_pieces_give_the_same(bytes in prop::collection::vec(
        prop::sample::select(&b"ab\",;\r\n\xC3\xA9"[..]), 0..40,
    )) {
        for choice in [OnBadRow::Stop, OnBadRow::Skip, OnBadRow::Report] {
            all("x.csv", &bytes, |reader| reader.on_bad_row(choice).record_limit(16));
        }
    }
}
