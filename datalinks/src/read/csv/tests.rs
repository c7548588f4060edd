//! Tests of CSV and TSV.

use proptest::prelude::*;
use serde_json::json;

use crate::read::{
    Reader,
    bad_row::{BadRow, OnBadRow},
    format::Format,
    tests::{all, reader, rows},
};

fn unchanged(reader: Reader) -> Reader {
    reader
}

#[test]
fn cells_are_strings_named_by_their_columns() {
    let text = "\u{FEFF}name,note\r\n\r\nAlien,\r\n\"a \"\"b\"\", c\",\" x \"\n007,5\" pipe";
    assert_eq!(
        all("x.csv", text, unchanged),
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
        assert!(all("x.csv", text, unchanged).is_empty(), "{text:?}");
    }
}

#[test]
fn every_kind_of_line_end_ends_a_record() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "1,2", "", "\"x\",\"y\"", ""].join(end);
        assert_eq!(all("x.csv", text, unchanged), [r#"{"a":"1","b":"2"}"#, r#"{"a":"x","b":"y"}"#]);
        let text = ["a,b", "\"1", "\"\"", "2\",3", "4"].join(end);
        let cell = serde_json::to_string(&["1", "\"", "2"].join(end)).unwrap();
        let bad = "! x.csv, line 5, column 2: 1 cell instead of 2";
        assert_eq!(all("x.csv", text, unchanged), [&format!("{{\"a\":{cell},\"b\":\"3\"}}"), bad]);
    }
}

#[test]
fn delimiter_is_detected_or_set() {
    assert_eq!(all("x.csv", "a;b\n1,5;2\n", unchanged), [r#"{"a":"1,5","b":"2"}"#]);
    assert_eq!(all("x.tsv", "a\tb\n1,5;2\t\n", unchanged), [r#"{"a":"1,5;2","b":""}"#]);
    assert_eq!(all("x.tsv", "a,b\n1,2\n", |reader| reader.delimiter(b',')), [r#"{"a":"1","b":"2"}"#]);
    assert_eq!(all("x.csv", "a;b\n1;2\n", |reader| reader.delimiter(b',')), [r#"{"a;b":"1;2"}"#]);
    for delimiter in [b'"', b'\n', b'\r', 0xC3] {
        let error = rows(reader("x.csv", "a").delimiter(delimiter)).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::InvalidInput);
    }
}

#[test]
fn sep_line_sets_the_delimiter_and_is_not_a_row() {
    let rows = [r#"{"a":"1,5","b":"2"}"#];
    for text in [
        "sep=;\na;b\n1,5;2\n",
        "\u{FEFF}sep=;\r\na;b\r\n1,5;2\r\n",
        "SEP=;\ra;b\r1,5;2\r",
        "\"sep=;\"\na;b\n1,5;2",
        "sep=\\t\na\tb\n1,5\t2\n",
        "sep=^\na^b\n1,5^2\n",
    ] {
        assert_eq!(all("x.csv", text, unchanged), rows, "{text:?}");
        assert_eq!(all("x.tsv", text, unchanged), rows, "{text:?}");
    }
    // A delimiter that is set has precedence, and the line is still not a row.
    assert_eq!(
        all("x.csv", "sep=;\na,b\n1;5,2\n", |reader| reader.delimiter(b',')),
        [r#"{"a":"1;5","b":"2"}"#]
    );
    // The line is included in line numbers.
    assert_eq!(
        all("x.csv", "sep=;\na;b\n1\n", unchanged),
        ["! x.csv, line 3, column 2: 1 cell instead of 2"]
    );
    // Only the first line can define it.
    assert_eq!(all("x.csv", "a\nsep=;\n", unchanged), [r#"{"a":"sep=;"}"#]);
    assert_eq!(all("x.csv", "\nsep=\n1\n", unchanged), [r#"{"sep=":"1"}"#]);
    assert!(all("x.csv", "sep=;", unchanged).is_empty());
}

#[test]
fn lone_carriage_return_is_text_in_quotes_and_an_error_outside() {
    let text = "a,b\r\n1,\"x\ry\"\r\n2,x\ry\r\n\"3\"\r,z\n4\r5,z\r\r\n6,z\r\r\n";
    let said = "a carriage return without a line feed is outside of quotes";
    assert_eq!(
        all("x.csv", text, |reader| reader.on_bad_row(OnBadRow::Report)),
        [
            r#"{"a":"1","b":"x\ry"}"#,
            &format!("! x.csv, line 3, column 4: {said}"),
            &format!("! x.csv, line 4, column 4: {said}"),
            &format!("! x.csv, line 5, column 2: {said}"),
            r#"{"a":"6","b":"z"}"#
        ]
    );
    let mut rows = reader("x.csv", "a\rb,c\n1,2\n").rows();
    let error = rows.next().unwrap().unwrap_err();
    assert!(error.to_string().contains("line 1, column 2: a carriage return"), "{error}");
    // A CR ends all lines if it ends the first ones, and it may end the last line of any file.
    assert_eq!(all("x.csv", "a\r1\r2\n3\r\n4\r", unchanged).len(), 4);
    assert_eq!(all("x.csv", "a\n1\r", unchanged), [r#"{"a":"1"}"#]);
}

#[test]
fn blank_lines_are_counted_and_are_not_rows() {
    for (name, text, rows, blank) in [
        ("x.csv", "\na\n\n1\n\r\n\n2\n\n", 2, 5),
        ("x.csv", "a,b\n1,2\n\n\"x\n\ny\",3\n\"\n\n", 2, 2),
        ("x.csv", "a\r\r1\r", 1, 1),
        ("x.csv", "a\n\"\"\n", 1, 0),
        ("x.ndjson", "\n{}\n \t\r\n{}\n\n", 2, 3),
        ("x.json", "\n[\n\n{},\n\n{}\n]\n", 2, 0),
    ] {
        for set in [unchanged, Reader::infer_types] {
            let mut found = set(reader(name, text)).on_bad_row(OnBadRow::Skip).rows();
            assert_eq!(found.by_ref().filter_map(Result::ok).count(), rows, "{text:?}");
            assert_eq!(found.blank_lines(), blank, "{text:?}");
        }
    }
}

#[test]
fn inferred_type_applies_to_all_cells_of_a_column() {
    let text = "a,b,c,d,e\n1,0.10,TRUE,,x\n007,,False,,2\n\"3\",-4,,,\"\"\n";
    assert_eq!(
        all("x.csv", text, Reader::infer_types),
        [
            r#"{"a":"1","b":0.10,"c":true,"d":null,"e":"x"}"#,
            r#"{"a":"007","b":null,"c":false,"d":null,"e":"2"}"#,
            r#"{"a":"3","b":-4,"c":null,"d":null,"e":""}"#
        ]
    );
    // A number that a float cannot hold keeps its digits as a string.
    assert_eq!(
        all("x.csv", "a,b\n12345678901234567890,0.12345678901234567890\n1,2\n", Reader::infer_types),
        [r#"{"a":"12345678901234567890","b":"0.12345678901234567890"}"#, r#"{"a":"1","b":"2"}"#]
    );
}

#[test]
fn value_that_does_not_fit_its_column_is_a_bad_record() {
    let text = "zip,n,ok,empty\n1,1,true,\n\n10115,x,true,\n2,\"3\",,\n3,,1,\n4,007,true,\n5,5,false,late\n";
    let set = |reader: Reader| reader.infer_types().type_sample(1).on_bad_row(OnBadRow::Report);
    let rows = all("x.csv", text, set);
    let said = |position, value, column, kind| {
        format!(
            "! x.csv, {position}: {value} does not fit the column {column:?}, which has {kind} only in its first 1 \
             rows; to read it as strings, name it in Reader::string_columns or raise Reader::type_sample"
        )
    };
    assert_eq!(
        rows,
        [
            r#"{"zip":1,"n":1,"ok":true,"empty":null}"#.to_owned(),
            said("line 4, column 7", "\"x\"", "n", "numbers"),
            said("line 5, column 3", "\"3\" in quotes", "n", "numbers"),
            said("line 6, column 4", "\"1\"", "ok", "booleans"),
            said("line 7, column 3", "\"007\"", "n", "numbers"),
            r#"{"zip":5,"n":5,"ok":false,"empty":"late"}"#.to_owned(),
        ]
    );
    // If all rows decide, all of them fit.
    assert_eq!(all("x.csv", text, Reader::infer_types).len(), 6);
}

#[test]
fn type_sample_has_the_documented_default() {
    let text = |rows: usize| ["a\n", &"1\n".repeat(rows), "x\n"].concat();
    let found = |text| reader("x.csv", text).infer_types().rows().filter_map(Result::ok).last().unwrap();
    assert_eq!(found(text(20_479)).json(), r#"{"a":"x"}"#);
    assert_eq!(found(text(20_480)).json(), r#"{"a":1}"#);
    // Bad rows and blank lines are not counted.
    let bad = ["a\n", &"1,2\n\n".repeat(9), &"1\n".repeat(20_479), "x\n"].concat();
    let mut rows = reader("x.csv", bad).infer_types().on_bad_row(OnBadRow::Skip).rows();
    assert_eq!(rows.by_ref().last().unwrap().unwrap().json(), r#"{"a":"x"}"#);
    assert_eq!((rows.skipped(), rows.blank_lines()), (9, 9));
    let error = without_a_sample().unwrap_err();
    assert_eq!(error.kind(), crate::error::ErrorKind::InvalidInput);
}

fn without_a_sample() -> Result<Vec<String>, crate::error::Error> {
    rows(reader("x.csv", "a\n1\n").infer_types().type_sample(0))
}

#[test]
fn type_sample_ends_after_16_mib_of_blank_lines() {
    let line = ["\r".repeat(1023), "\n".to_owned()].concat();
    let text = |lines| ["a\n1\n", &line.repeat(lines), "x\n"].concat();
    let last = |lines| reader("x.csv", text(lines)).infer_types().rows().last().unwrap();
    assert_eq!(last(16 * 1024 - 1).unwrap().json(), r#"{"a":"x"}"#);
    let error = last(16 * 1024).unwrap_err();
    assert!(error.to_string().contains("line 16387, column 1: \"x\" does not fit"), "{error}");
}

#[test]
fn type_sample_ends_after_16_mib_of_text() {
    let row = ["1,", &"x".repeat(1021), "\n"].concat();
    let text = |rows| ["a,b\n", &row.repeat(rows), "x,y\n"].concat();
    let last = |text| reader("x.csv", text).infer_types().rows().last().unwrap();
    assert_eq!(last(text(16 * 1024 - 1)).unwrap().json(), r#"{"a":"x","b":"y"}"#);
    let error = last(text(16 * 1024 + 100)).unwrap_err();
    assert!(error.to_string().contains("line 16486, column 1: \"x\" does not fit"), "{error}");
}

#[test]
fn errors_in_the_type_sample_are_reported_in_order() {
    let text = b"a,b\n1,2\n\xFF,3\n4\n\n5,\"x\n6,7\n\"8\"9,10\n0123456789012345678901234567890,1\n11,12\n";
    let set = |reader: Reader| reader.record_limit(24).on_bad_row(OnBadRow::Report);
    let plain = all("x.csv", text, set);
    let typed = all("x.csv", text, |reader| set(reader).infer_types());
    assert_eq!(plain.len(), 8, "{plain:?}");
    assert_eq!(
        typed,
        plain
            .iter()
            .map(|row| match row.starts_with('!') {
                true => row.clone(),
                false =>
                    row.replace("\"a\":\"", "\"a\":").replace("\",\"b\":\"", ",\"b\":").replace("\"}", "}"),
            })
            .collect::<Vec<_>>()
    );
}

#[test]
fn string_columns_are_never_inferred() {
    let text = "zip,n,note\n10115,1,\n99,\"2\",x\n";
    let set = |reader: Reader| reader.infer_types().string_columns(["zip", "note"]);
    assert_eq!(
        all("x.csv", text, set),
        [r#"{"zip":"10115","n":"1","note":""}"#, r#"{"zip":"99","n":"2","note":"x"}"#]
    );
    let error = rows(set(reader("y.csv", "zip,m\n"))).unwrap_err();
    assert_eq!(error.kind(), crate::error::ErrorKind::InvalidInput);
    let said = r#"y.csv has no column "note" to read as strings; its columns are ["zip", "m"]"#;
    assert!(error.to_string().contains(said), "{error}");
    assert!(rows(set(reader("y.csv", ""))).unwrap().is_empty());
}

#[test]
fn csv_bad_records_follow_the_choice_for_bad_rows() {
    let text = b"a,b\n1,2\n1,2,3\n\n\"x\ny\",\xC3\xA9\xFF\n\"a\r\nb\"c,2\n,\xC3\n\"\xC3\",\"\xA9\"\n3,4";
    let bad = [
        "! x.csv, line 3, column 5: 3 cells instead of 2",
        "! x.csv, line 6, column 5: the bytes are not UTF-8",
        "! x.csv, line 7, column 1: a quote is not closed before line 8, column 3, where text follows a closing quote",
        "! x.csv, line 9, column 2: the bytes are not UTF-8",
        "! x.csv, line 10, column 2: the bytes are not UTF-8",
    ];
    let (first, last) = (r#"{"a":"1","b":"2"}"#, r#"{"a":"3","b":"4"}"#);
    // The line after a stray quote is a record of its own. A quote in a cell that does not begin with one is text.
    let behind = r#"{"a":"b\"c","b":"2"}"#;
    let with = |choice| all("x.csv", text, |reader| reader.on_bad_row(choice));
    assert_eq!(with(OnBadRow::Stop), [first, bad[0]]);
    assert_eq!(with(OnBadRow::Skip), [first, behind, last]);
    assert_eq!(with(OnBadRow::Report), [&[first], &bad[..3], &[behind], &bad[3..], &[last]].concat());
}

/// Some programs pad fixed fields with zero bytes, which can all be at even or all at odd offsets.
#[test]
fn text_with_zero_bytes_is_not_detected_as_utf_16() {
    for (zeros, from) in [("\0", 4), ("\0", 5), ("\0\0", 4), ("\0\0\0", 5)] {
        let header = format!("x,{}\n", "y".repeat(from - 3));
        let text = [header, format!("{zeros},1{}\n", " ".repeat(zeros.len() - 1)).repeat(3)].concat();
        let found = all("x.csv", &text, unchanged);
        assert_eq!(found.len(), 3, "{text:?}: {found:?}");
    }
}

#[test]
fn unclosed_quote_invalidates_one_line_only() {
    let text = "a,b\n1,\"x\n2,y\n\"3\n\",\"z\n4,w\n5,\"\n6,\"";
    assert_eq!(
        all("x.csv", text, |reader| reader.on_bad_row(OnBadRow::Report)),
        [
            "! x.csv, line 2, column 3: a quote is not closed before line 4, column 2, where text follows a closing quote",
            r#"{"a":"2","b":"y"}"#,
            // The quotes from here belong to cells that span several lines.
            r#"{"a":"3\n","b":"z\n4,w\n5,"}"#,
            "! x.csv, line 8, column 3: a quote is not closed"
        ]
    );
    let text = "a,b\r1,\"x\r2,y\r3,z\r\n";
    assert_eq!(
        all("x.csv", text, |reader| reader.on_bad_row(OnBadRow::Report)),
        ["! x.csv, line 2, column 3: a quote is not closed", r#"{"a":"2","b":"y"}"#, r#"{"a":"3","b":"z"}"#]
    );
}

/// Regression: all lines up to the next quote in the file were one bad record.
#[test]
fn stray_quote_invalidates_its_line_only_before_any_next_quote() {
    let closed_by = |next: &str| {
        let text = format!("a,b\n1,\"5 inch\n2,y\n\n3,\"\"\"q\"\"\"\n{next}\n4,w\n");
        let mut found = all("x.csv", text, |reader| reader.on_bad_row(OnBadRow::Report));
        let bad = found.remove(0);
        assert!(
            bad.starts_with("! x.csv, line 2, column 3: a quote is not closed before line 5, column 6"),
            "{bad}"
        );
        found
    };
    let (two, three, four) = (r#"{"a":"2","b":"y"}"#, r#"{"a":"3","b":"\"q\""}"#, r#"{"a":"4","b":"w"}"#);
    assert_eq!(closed_by("5,z"), [two, three, r#"{"a":"5","b":"z"}"#, four]);

    let read = |text: &str| all("x.csv", text, |reader| reader.on_bad_row(OnBadRow::Report));
    // Earlier lines of the record stay part of it if the stray quote is in a later line.
    assert_eq!(
        read("a,b,c\n\"1\n1\",x,\"y\n2,y,z\n3,\"x\",y\n"),
        [
            "! x.csv, line 3, column 6: a quote is not closed before line 5, column 4, where text follows a closing quote",
            r#"{"a":"2","b":"y","c":"z"}"#,
            r#"{"a":"3","b":"x","c":"y"}"#
        ]
    );
    let said = "a carriage return without a line feed is outside of quotes";
    assert_eq!(
        read("a,b\n1,\"x\n2,y\"\rz\n3,w\n"),
        [
            &format!(
                "! x.csv, line 2, column 3: a quote is not closed before line 3, column 5, where {said}"
            ),
            &format!("! x.csv, line 3, column 5: {said}"),
            r#"{"a":"3","b":"w"}"#
        ]
    );
    // A valid cell that spans several lines is not split by an error in a later cell.
    let faulty = "\"1\n1\",\"x\"y";
    let mut rows = reader("x.csv", format!("a,b\n{faulty}\n2,y\n")).on_bad_row(OnBadRow::Report).rows();
    let error = rows.next().unwrap().unwrap_err();
    assert!(error.to_string().contains("line 3, column 7: text follows a closing quote"), "{error}");
    assert_eq!(BadRow::of(&error).unwrap().text(), faulty);
    assert_eq!(rows.next().unwrap().unwrap().json(), r#"{"a":"2","b":"y"}"#);
}

#[test]
fn stray_quote_has_the_same_effect_with_inferred_types() {
    let lines = 100_000;
    let text = ["a,b\n1,\"5 inch\n", &"2,y\n".repeat(lines), "1,\"x\"\n4,5\n"].concat();
    for set in [unchanged, Reader::infer_types] {
        let mut rows = set(reader("x.csv", &text)).on_bad_row(OnBadRow::Report).rows();
        let error = rows.next().unwrap().unwrap_err();
        assert_eq!(BadRow::of(&error).unwrap().text(), "1,\"5 inch");
        assert_eq!(rows.filter_map(Result::ok).count(), lines + 2);
    }
}

/// Regression: the error contained a bad record, so an ingestion advised to set an option that was already set.
#[test]
fn invalid_header_ends_the_rows_and_is_not_a_bad_record() {
    for text in [&b"a,a\n1,2\n"[..], b"a,\"b\n", b"\xFF,b\n1,2\n", b",\n1,2\n"] {
        for choice in [OnBadRow::Stop, OnBadRow::Skip, OnBadRow::Report] {
            let mut rows = reader("x.csv", text).on_bad_row(choice).rows();
            let error = rows.next().unwrap().unwrap_err();
            assert!(BadRow::of(&error).is_none());
            assert!(error.to_string().ends_with("; correct the names of the columns"), "{error}");
            assert!(rows.next().is_none());
        }
    }
    assert_eq!(all("x.csv", ",a\n0,x\n", |reader| reader), [r#"{"":"0","a":"x"}"#]);
}

#[test]
fn record_over_the_limit_is_bad_and_reading_continues() {
    let text = "a,b\n1,\"x\n2,y\n345678901234567890,z\n6,7\n";
    assert_eq!(
        all("x.csv", text, |reader| reader.record_limit(12).on_bad_row(OnBadRow::Report)),
        [
            "! x.csv, line 2, column 3: a quote is not closed",
            r#"{"a":"2","b":"y"}"#,
            "! x.csv, line 4, column 1: the line is longer than the limit for a record, 12 bytes (Reader::record_limit)",
            r#"{"a":"6","b":"7"}"#
        ]
    );
    let text = "a,b\n1,\"x\ny\nz\nw\"\n";
    let rows = all("x.csv", text, |reader| reader.record_limit(5).on_bad_row(OnBadRow::Skip));
    assert!(rows.is_empty(), "{rows:?}");
}

#[test]
fn many_stray_quotes_take_linear_time() {
    // Every line closes the quote of the line before and opens another one.
    let text = ["a,b\n".to_owned(), "a\",\"b\n".repeat(100_000)].concat();
    let mut rows = reader("x.csv", text).record_limit(10_000).on_bad_row(OnBadRow::Skip).rows();
    assert!(rows.next().is_none());
    assert!(rows.skipped() > 0);
    // Text follows the closing quote in every line, so each line is pushed back.
    let text = ["a,b\n".to_owned(), "a\"b,\"c\n".repeat(100_000)].concat();
    let mut rows = reader("x.csv", text).on_bad_row(OnBadRow::Skip).rows();
    assert!(rows.next().is_none());
    assert_eq!(rows.skipped(), 100_000);
    // All lines after each stray quote are pushed back, except the first one.
    let part = ["1,\"x\n", &"2,y\n".repeat(100), "3\"z,\"\n"].concat();
    let text = ["a,b\n", &part.repeat(1_000)].concat();
    let mut rows = reader("x.csv", text).on_bad_row(OnBadRow::Skip).rows();
    assert_eq!(rows.by_ref().filter_map(Result::ok).count(), 100_000);
    assert!(rows.skipped() > 0);
    // An open quote is followed by pairs of quotes only.
    let text = ["a,b\n\"".to_owned(), "a,\"\"\"\"\n".repeat(100_000)].concat();
    let mut rows = reader("x.csv", text).on_bad_row(OnBadRow::Skip).rows();
    assert_eq!(rows.by_ref().filter_map(Result::ok).count(), 99_999);
    assert_eq!(rows.skipped(), 1);
}

#[test]
fn duplicate_or_invalid_column_names_end_the_rows() {
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

/// Generates cells with special characters.
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
    fn output_of_the_csv_crate_is_read_back(
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

    /// Text without an error has the same cells as in the csv crate.
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
    fn chunk_sizes_do_not_change_the_result(bytes in prop::collection::vec(
        prop::sample::select(&b"ab\",;\r\n\xC3\xA9"[..]), 0..40,
    )) {
        for choice in [OnBadRow::Stop, OnBadRow::Skip, OnBadRow::Report] {
            all("x.csv", &bytes, |reader| reader.on_bad_row(choice).record_limit(16));
        }
    }
}
