//! Irregular CSV files of common programs, which the reader interprets as intended.
#![cfg(feature = "read")]

use std::path::PathBuf;

use datalinks::{
    ErrorKind,
    read::{self, BadRow, OnBadRow, Reader},
};

fn file(name: &str) -> Reader {
    read::file(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/inputs").join(name))
}

/// Returns the rows as JSON. All must be valid.
fn rows(reader: Reader) -> Vec<String> {
    reader.rows().map(|row| row.unwrap_or_else(|error| panic!("{error}")).json().to_owned()).collect()
}

#[test]
fn commas_in_column_names_are_not_delimiters() {
    let rows = rows(file("sniff_header_comma.csv"));
    assert_eq!(rows.len(), 3);
    assert_eq!(
        rows[0],
        r#"{"Wertstellung":"2024-01-08","Betrag (EUR, netto)":"-21,50","Saldo (EUR, netto)":"1203,06"}"#
    );
}

#[test]
fn line_with_the_delimiter_is_not_a_row() {
    let bolt = r#"{"name":"bolt","qty":"4"}"#;
    assert_eq!(rows(file("sep_semicolon.csv")), [bolt, r#"{"name":"nut","qty":"9"}"#]);
    assert_eq!(rows(file("sep_tab.csv")), [bolt]);
}

#[test]
fn utf_16_without_a_byte_order_mark_is_decoded() {
    assert_eq!(
        rows(file("utf16be_nobom.csv")),
        [r#"{"id":"1","city":"Lyon"}"#, r#"{"id":"2","city":"Graz"}"#]
    );
}

#[tokio::test]
async fn blank_lines_are_counted_in_a_file_of_one_column() {
    let expected = [r#"{"email":"a@x.example"}"#, r#"{"email":"b@x.example"}"#];
    let mut iterator = file("single_blank.csv").rows();
    let found: Vec<_> = iterator.by_ref().map(|row| row.unwrap().json().to_owned()).collect();
    assert_eq!((found.as_slice(), iterator.blank_lines()), (&expected.map(str::to_owned)[..], 2));

    let mut stream = file("single_blank.csv").into_stream();
    let mut found = Vec::new();
    while let Some(row) = futures::StreamExt::next(&mut stream).await {
        found.push(row.unwrap().json().to_owned());
    }
    assert_eq!((found.as_slice(), stream.blank_lines()), (&expected.map(str::to_owned)[..], 2));
}

#[test]
fn stray_carriage_return_makes_one_bad_row() {
    let mut found = file("stray_cr.csv").on_bad_row(OnBadRow::Report).rows();
    let error = found.next().unwrap().unwrap_err();
    let bad = BadRow::of(&error).unwrap();
    assert_eq!((bad.line(), bad.column(), bad.text()), (2, 6, "1,foo\rbar"));
    assert!(error.to_string().contains("carriage return"), "{error}");
    assert_eq!(found.next().unwrap().unwrap().json(), r#"{"id":"2","note":"ok"}"#);
    assert!(found.next().is_none());
}

#[test]
fn quoted_value_makes_its_column_text() {
    let expected = [r#"{"code":"00123","qty":"7"}"#, r#"{"code":"12","qty":"7"}"#];
    assert_eq!(rows(file("quoted_num.csv").infer_types()), expected);
    // Only the first row decides the types here, and it has quotes.
    assert_eq!(rows(file("quoted_num.csv").infer_types().type_sample(1)), expected);
}

#[test]
fn zeros_after_the_last_gzip_member_are_padding() {
    assert_eq!(rows(file("pad_zero.csv.gz")), [r#"{"id":"1","city":"Lyon"}"#, r#"{"id":"2","city":"Graz"}"#]);
}

#[test]
fn truncated_file_yields_complete_rows_before_the_error() {
    for reader in [file("cut_small.csv.gz"), file("cut_small.csv.gz").infer_types()] {
        let mut found = reader.rows();
        let mut count = 0;
        let error = loop {
            match found.next().unwrap() {
                Ok(row) => {
                    assert!(row.json().contains(&format!("Lyon{}", (count * 919) % 1000)), "{count}: {row}");
                    count += 1;
                }
                Err(error) => break error,
            }
        };
        assert_eq!((count, error.kind()), (2920, ErrorKind::Io));
        let error = error.to_string();
        assert!(error.contains("cut_small.csv.gz cannot be read past line 2922, column 1"), "{error}");
        assert!(error.contains("get the rest of the file"), "{error}");
        assert!(found.next().is_none());
    }
}
