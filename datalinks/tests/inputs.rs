//! Files of common programs, which the reader interprets as intended.
#![cfg(all(feature = "excel", feature = "parquet"))]

use datalinks::read::{self, OnBadRow, Reader};

/// A file, its reader, and the expected rows. A line that begins with `!` is an error whose message contains
/// the given parts.
struct Case {
    file: &'static str,
    set: fn(Reader) -> Reader,
    found: &'static [&'static str],
}

const fn case(file: &'static str, found: &'static [&'static str]) -> Case {
    Case { file, set: |reader| reader, found }
}

const CASES: &[Case] = &[
    // Text.
    Case {
        file: "quoted_num.csv",
        set: Reader::infer_types,
        found: &[r#"{"code":"00123","qty":"7"}"#, r#"{"code":"12","qty":"7"}"#],
    },
    case("sep_semicolon.csv", &[r#"{"name":"bolt","qty":"4"}"#, r#"{"name":"nut","qty":"9"}"#]),
    case("sep_tab.csv", &[r#"{"name":"bolt","qty":"4"}"#]),
    case("single_blank.csv", &[r#"{"email":"a@x.example"}"#, r#"{"email":"b@x.example"}"#]),
    case(
        "sniff_header_comma.csv",
        &[
            r#"{"Wertstellung":"2024-01-08","Betrag (EUR, netto)":"-21,50","Saldo (EUR, netto)":"1203,06"}"#,
            r#"{"Wertstellung":"2024-01-12","Betrag (EUR, netto)":"-375,00","Saldo (EUR, netto)":"828,06"}"#,
            r#"{"Wertstellung":"2024-01-15","Betrag (EUR, netto)":"996,97","Saldo (EUR, netto)":"1825,03"}"#,
        ],
    ),
    case("stray_cr.csv", &["!line 2, |carriage return", r#"{"id":"2","note":"ok"}"#]),
    case("utf16be_nobom.csv", &[r#"{"id":"1","city":"Lyon"}"#, r#"{"id":"2","city":"Graz"}"#]),
    case("pad_zero.csv.gz", &[r#"{"id":"1","city":"Lyon"}"#, r#"{"id":"2","city":"Graz"}"#]),
    case("nan_array.json", &[r#"{"id":1,"v":1.5}"#, "!line 1, |JSON", r#"{"id":3,"v":2.5}"#]),
    // Parquet.
    case(
        "tz_utc.parquet",
        &[r#"{"id":1,"at":"2024-07-01T12:00:00Z"}"#, r#"{"id":2,"at":"2024-01-01T12:00:00Z"}"#],
    ),
    case(
        "int96_spark.parquet",
        &[
            r#"{"id":1,"d":"9999-12-31T02:00:00"}"#,
            r#"{"id":2,"d":"1000-01-01T00:00:00"}"#,
            r#"{"id":3,"d":"2021-06-09T03:02:37"}"#,
        ],
    ),
    case("polars_default.parquet", &[r#"{"id":1,"t":"2024-07-01T12:00:00Z","c":"a"}"#]),
    case("dict_nan.parquet", &[r#"{"c":1.5}"#, "!line 2, |not finite", "!line 3, |not finite"]),
    case("map_int.parquet", &[r#"{"m":{"1":2}}"#]),
    case("bin_str.parquet", &[r#"{"did":1,"day":"3230323430373033"}"#]),
    Case {
        file: "bin_str.parquet",
        set: Reader::binary_as_string,
        found: &[r#"{"did":1,"day":"20240703"}"#],
    },
    // Excel.
    case("stray_mid.xlsx", &[r#"{"id":1,"city":"Lyon"}"#, "!line 40001, |cell KUS40001"]),
    case("header_dates.xlsx", &[r#"{"region":"north","2024-01-01":10,"2024-02-01":12,"2024-03-01":9}"#]),
    case("chartsheet_first.xlsx", &[r#"{"month":"Jan","sales":5}"#, r#"{"month":"Feb","sales":7}"#]),
    case("hidden_first.xlsx", &[r#"{"month":"Jan","sales":5}"#]),
    case(
        "date_out_of_range.xlsx",
        &[
            r#"{"what":"typed as yyyymmdd","when":20240229}"#,
            r#"{"what":"typed as yyyymmdd","when":20231105}"#,
            r#"{"what":"negative","when":-36526}"#,
            r#"{"what":"zero","when":0}"#,
            r#"{"what":"good","when":"2024-02-29"}"#,
        ],
    ),
    case(
        "formula_nocache.xlsx",
        &["!line 2, |cell C2 is a formula without a stored result", "!line 3, |cell C3 is a formula"],
    ),
    Case {
        file: "formula_nocache.xlsx",
        set: Reader::uncalculated_as_null,
        found: &[r#"{"qty":2,"price":3.5,"total":null}"#, r#"{"qty":4,"price":1.25,"total":null}"#],
    },
    case("notes_above.xlsx", &["!row 1 has one cell|Reader::header_row(3)"]),
    Case {
        file: "notes_above.xlsx",
        set: |reader| reader.header_row(3),
        found: &[r#"{"id":1,"city":"Lyon"}"#],
    },
];

fn open(file: &str) -> Reader {
    read::file(format!("{}/tests/data/inputs/{file}", env!("CARGO_MANIFEST_DIR")))
        .on_bad_row(OnBadRow::Report)
}

/// Returns the rows, and errors with an exclamation mark.
fn found(reader: Reader) -> Vec<String> {
    let rows = reader.rows().map(|row| match row {
        Ok(row) => row.json().to_owned(),
        Err(error) => format!("!{error}"),
    });
    rows.collect()
}

fn is_as_expected(expected: &str, found: &str) -> bool {
    match (expected.strip_prefix('!'), found.strip_prefix('!')) {
        (Some(parts), Some(message)) => parts.split('|').all(|part| message.contains(part)),
        (None, None) => expected == found,
        _ => false,
    }
}

#[test]
fn every_file_is_read_as_intended() {
    let mut wrong = Vec::new();
    for case in CASES {
        let found = found((case.set)(open(case.file)));
        let right = found.len() == case.found.len()
            && case.found.iter().zip(&found).all(|(expected, found)| is_as_expected(expected, found));
        if !right {
            wrong.push(format!("{}: {found:#?}\ninstead of {:#?}", case.file, case.found));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_has_a_case() {
    let folder = format!("{}/tests/data/inputs", env!("CARGO_MANIFEST_DIR"));
    // The tests below read these files.
    let others = ["cut_small.csv.gz", "tz_named.parquet"];
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_known = CASES.iter().any(|case| case.file == name) || others.contains(&name.as_str());
        assert!(is_known, "no test reads {name}");
    }
}

#[test]
fn blank_lines_are_counted() {
    let mut rows = open("single_blank.csv").rows();
    assert_eq!((rows.by_ref().count(), rows.blank_lines()), (2, 2));
}

#[test]
fn truncated_file_yields_every_complete_row() {
    let found = found(open("cut_small.csv.gz"));
    let (error, rows) = found.split_last().unwrap();
    assert!(error.starts_with('!') && error.contains("line 2922"), "{error}");
    let expected = (0..2920).map(|n| format!(r#"{{"id":"{n}","city":"Lyon{}"}}"#, n * 919 % 1000));
    assert!(rows.iter().eq(&expected.collect::<Vec<_>>()), "{} rows", rows.len());
}

#[test]
fn timestamp_of_a_named_zone_is_the_same_instant() {
    // The local times of New York, or the same times in UTC.
    let rows = |moments: [&str; 2]| {
        moments.iter().zip(1..).map(|(at, id)| format!(r#"{{"id":{id},"at":"{at}"}}"#)).collect::<Vec<_>>()
    };
    let clocks = rows(["2024-07-01T12:00:00-04:00", "2024-01-01T12:00:00-05:00"]);
    let moments = rows(["2024-07-01T16:00:00Z", "2024-01-01T17:00:00Z"]);
    let found = found(open("tz_named.parquet"));
    assert!(found == clocks || found == moments, "{found:?}");
}
