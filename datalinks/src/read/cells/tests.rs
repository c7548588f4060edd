//! Tests of cells as values, compared with the `csv` crate.

use std::{collections::BTreeMap, fmt::Debug};

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use crate::{
    error::Error,
    read::{Reader, bad_row::BadRow, raw_row::RawRow, tests::reader},
};

/// Number of files that are compared for every type.
const CASES: u32 = 2_000;

/// Returns the only row of a file.
fn row(text: &str, set: impl Fn(Reader) -> Reader) -> RawRow {
    set(reader("x.csv", text)).rows().next().unwrap().unwrap()
}

fn unchanged(reader: Reader) -> Reader {
    reader
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    row(text, unchanged).deserialize()
}

fn inferred<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    row(text, Reader::infer_types).deserialize()
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Genre {
    Horror,
    #[serde(rename = "science fiction")]
    ScienceFiction,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Id(u64);

#[derive(Debug, Deserialize, PartialEq)]
struct Order {
    customer: String,
    amount: f64,
    paid: bool,
    pieces: Option<u8>,
    genre: Genre,
    id: Id,
    grade: char,
}

/// Regression: every cell was a string, so a struct with a number could not be read. With `infer_types`, a customer with
/// the name 123 was a number.
#[test]
fn untidy_cells_deserialize_into_a_type() {
    let text = "customer,amount,paid,pieces,genre,id,grade,more\n123,1.50,true,,horror,7,7,x\n";
    let expected = Order {
        customer: "123".into(),
        amount: 1.5,
        paid: true,
        pieces: None,
        genre: Genre::Horror,
        id: Id(7),
        grade: '7',
    };
    assert_eq!(read::<Order>(text).unwrap(), expected);
    assert_eq!(inferred::<Order>(text).unwrap(), expected);
    let text = "customer,amount,paid,pieces,genre,id,grade\n007,1e3,TRUE,0x10,science fiction,+7,\"\"\"\"\n";
    let expected = Order {
        customer: "007".into(),
        amount: 1000.0,
        paid: true,
        pieces: Some(16),
        genre: Genre::ScienceFiction,
        id: Id(7),
        grade: '"',
    };
    assert_eq!(read::<Order>(text).unwrap(), expected);
    assert_eq!(inferred::<Order>(text).unwrap(), expected);
}

#[test]
fn string_field_receives_the_digits_of_a_number() {
    type Texts = BTreeMap<String, String>;
    for number in ["1.50", "-0", "12", "1e-07"] {
        let text = format!("a,b\n{number},\n");
        let expected = Texts::from([("a".into(), number.into()), ("b".into(), String::new())]);
        assert_eq!(read::<Texts>(&text).unwrap(), expected);
        assert_eq!(inferred::<Texts>(&text).unwrap(), expected);
    }
}

#[test]
fn strings_are_borrowed_if_possible() {
    #[derive(Deserialize)]
    struct Film<'a> {
        title: &'a str,
        year: &'a str,
    }
    let row = row("title,year\nAlien,1979\n", Reader::infer_types);
    let film: Film<'_> = row.deserialize().unwrap();
    assert_eq!((film.title, film.year), ("Alien", "1979"));
}

#[test]
fn rows_deserialize_into_tuples_lists_and_single_values() {
    let text = "a,b,c\n1,x,2.5\n";
    assert_eq!(read::<(u8, String, f32)>(text).unwrap(), (1, "x".to_owned(), 2.5));
    assert_eq!(read::<Vec<String>>(text).unwrap(), ["1", "x", "2.5"]);
    assert_eq!(read::<u8>(text).unwrap(), 1);
    assert_eq!(read::<Option<Genre>>("a\nhorror\n").unwrap(), Some(Genre::Horror));
    assert!(read::<(u8, Vec<u8>)>(text).is_err(), "one cell is not a list");
}

/// In JSON formats, a string is not converted to a number.
#[test]
fn json_strings_stay_strings() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only errors are checked")]
    struct Film {
        year: u16,
    }
    for name in ["x.ndjson", "x.json"] {
        let text = if name == "x.json" { r#"[{"year":"1979"}]"# } else { r#"{"year":"1979"}"# };
        let row = reader(name, text).rows().next().unwrap().unwrap();
        assert!(row.deserialize::<Film>().unwrap_err().message().contains("invalid type: string"));
    }
    assert!(RawRow::from_json(r#"{"year":"1979"}"#).unwrap().deserialize::<Film>().is_err());
}

#[test]
fn raw_json_fields_keep_the_text() {
    #[derive(Deserialize)]
    struct Kept {
        a: Box<RawValue>,
        b: u8,
    }
    let text = "a,b\n007,7\n";
    let kept: Kept = read(text).unwrap();
    assert_eq!((kept.a.get(), kept.b), ("\"007\"", 7));
    assert_eq!(read::<Box<RawValue>>(text).unwrap().get(), r#"{"a":"007","b":"7"}"#);
    assert_eq!(read::<RawRow>(text).unwrap().json(), r#"{"a":"007","b":"7"}"#);
}

/// `serde` buffers flattened and tagged types before it knows the types of their fields.
#[test]
fn flattened_and_tagged_types_deserialize() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Base {
        amount: f64,
        pieces: u8,
        paid: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Order {
        customer: String,
        #[serde(flatten)]
        base: Base,
    }
    let text = "customer,amount,pieces,paid\n123,1.50,007,true\n";
    let expected = Order { customer: "123".into(), base: Base { amount: 1.5, pieces: 7, paid: true } };
    assert_eq!(read::<Order>(text).unwrap(), expected);
    assert_eq!(inferred::<Order>(text).unwrap(), expected);

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Title {
        Film { minutes: Option<u16>, name: String },
        Series { seasons: u8 },
    }
    assert_eq!(read::<Title>("kind,seasons\nseries,3\n").unwrap(), Title::Series { seasons: 3 });
    let film = |minutes| Title::Film { minutes, name: "Alien".into() };
    assert_eq!(read::<Title>("kind,minutes,name\nfilm,117,Alien\n").unwrap(), film(Some(117)));
    assert_eq!(read::<Title>("kind,minutes,name\nfilm,,Alien\n").unwrap(), film(None));

    #[derive(Debug, Deserialize, PartialEq)]
    struct Geo {
        lat: f64,
        lon: f64,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Position {
        #[serde(flatten)]
        geo: Option<Geo>,
        #[serde(flatten)]
        rest: BTreeMap<String, String>,
    }
    let position: Position = read("lat,lon,zip\n1.5,2,00123\n").unwrap();
    assert_eq!(position.geo, Some(Geo { lat: 1.5, lon: 2.0 }));
    assert_eq!(position.rest["zip"], "00123");
}

#[test]
fn untyped_values_keep_their_digits() {
    let text = "a,b,c,d,e,f,g,h\n12,007,1.5,true,,12345678901234567890123,0.1234567890123456789,12e5\n";
    let row: Value = read(text).unwrap();
    let expected = serde_json::json!({
        "a": 12, "b": "007", "c": 1.5, "d": true, "e": "", "f": "12345678901234567890123",
        "g": "0.1234567890123456789", "h": "12e5"
    });
    assert_eq!(row, expected);
    // With inferred types, a value that the reader left as a string stays a string.
    let row: Value = inferred("a,b,c\n12,,007\n").unwrap();
    assert_eq!(row, serde_json::json!({ "a": 12, "b": null, "c": "007" }));
    // The JSON of the row is not changed.
    let row = super::tests::row("a\n12\n", unchanged).to_row().unwrap();
    assert_eq!(row["a"], "12");
}

/// Regression: errors counted lines and columns within the JSON of the row.
#[test]
fn errors_contain_the_position_and_the_field() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only errors are checked")]
    struct Row {
        a: String,
        b: Option<u8>,
    }
    let said = |name: &str, text: &str, index: usize| {
        let rows: Vec<RawRow> = reader(name, text).rows().collect::<Result<_, _>>().unwrap();
        let error = rows[index].deserialize::<Row>().unwrap_err();
        let bad = BadRow::of(&error).unwrap();
        let position = format!("{}, line {}, column {}", bad.file(), bad.line(), bad.column());
        assert!(error.message().starts_with(&position), "{error}");
        assert_eq!(bad.record(), rows[index].json().as_bytes());
        assert!(std::error::Error::source(bad).is_some());
        error.message().to_owned()
    };
    let read = "cannot be read as the requested type";
    let csv = "a,b\r\n\r\n\"x\r\n\u{e9}y\",\"3\"\r\n\"l\u{e9}\",300\r\nz,\"q\"\r\n";
    assert_eq!(
        said("x.csv", csv, 1),
        format!(
            "x.csv, line 5, column 6: the field \"b\" {read}: \"300\" is not a valid u8: number too large to fit in target type"
        )
    );
    assert!(said("x.csv", csv, 2).starts_with("x.csv, line 6, column 3: the field \"b\""));
    let csv = "b,a\n\"x\n\u{e9}y\",3\n";
    assert!(said("x.csv", csv, 0).starts_with("x.csv, line 2, column 1: the field \"b\""));
    let csv = "c,b\n\"x\n\u{e9}y\",q\n";
    assert!(
        said("x.csv", csv, 0).starts_with("x.csv, line 3, column 5: the field \"b\""),
        "{}",
        said("x.csv", csv, 0)
    );
    let csv = "b\n1\n";
    let missing = format!("the row {read}: missing field `a`; its fields are");
    assert_eq!(said("x.csv", csv, 0), format!("x.csv, line 2, column 1: {missing} [\"b\"]"));

    let ndjson = "{\"a\":\"\"}\n\n  {\"a\":\"\u{e9}\", \"b\" : \"x\"}\n{\"b\":1}\n";
    let expected = "invalid type: string \"x\", expected u8";
    assert_eq!(
        said("x.ndjson", ndjson, 1),
        format!("x.ndjson, line 3, column 19: the field \"b\" {read}: {expected}")
    );
    assert_eq!(said("x.ndjson", ndjson, 2), format!("x.ndjson, line 4, column 1: {missing} [\"b\"]"));
    let json = "[{\"a\":\"\"},\n {\n  \"a\": \"\",\n  \"b\":\n    \"x\"\n }]";
    assert_eq!(
        said("x.json", json, 1),
        format!("x.json, line 5, column 5: the field \"b\" {read}: {expected}")
    );

    // Without a file, the position is that in the JSON text.
    let error = RawRow::from_json("{\"a\":7}").unwrap().deserialize::<Row>().unwrap_err();
    assert!(
        error.message().contains("the field \"a\"") && error.message().contains("line 1 column 6"),
        "{error}"
    );
    assert!(BadRow::of(&error).is_none());
}

#[test]
fn rows_contain_their_position() {
    let rows: Vec<RawRow> = reader("x.csv", "a\n\n\"1\n2\"\n3").rows().collect::<Result<_, _>>().unwrap();
    let positions: Vec<_> = rows.iter().map(|row| (row.file(), row.line())).collect();
    assert_eq!(positions, [(Some("x.csv"), Some(3)), (Some("x.csv"), Some(5))]);
    let row = RawRow::from_json("{}").unwrap();
    assert_eq!((row.file(), row.line()), (None, None));
}

/// Generates cells for a kind of field, most of which fit.
fn cell(kind: u8) -> BoxedStrategy<String> {
    let fits: BoxedStrategy<String> = match kind % 8 {
        0 => any::<u8>().prop_map(|number| number.to_string()).boxed(),
        1 => prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<u16>().prop_map(|number| format!("0x{number:x}")),
            any::<u16>().prop_map(|number| format!("+00{number}")),
        ]
        .boxed(),
        2 => prop_oneof![
            any::<f64>().prop_map(|number| number.to_string()),
            "-?[0-9]{1,20}(\\.[0-9]{0,20})?([eE][-+]?[0-9]{1,2})?",
            Just("NaN".to_owned()),
            Just(".5".to_owned()),
        ]
        .boxed(),
        3 => prop::sample::select(vec!["true", "false"]).prop_map(str::to_owned).boxed(),
        4 => prop::sample::select(vec!["horror", "science fiction"]).prop_map(str::to_owned).boxed(),
        5 => "[a-z\u{e9}\",;\n 0-9]".boxed(),
        _ => prop_oneof!["[a-z0-9\u{e9}\",;\n ]{0,8}", "[0-9]{1,30}"].boxed(),
    };
    prop_oneof![
        8 => fits,
        1 => Just(String::new()),
        1 => prop::sample::select(vec!["x", "12", "-1", "1.5", "true", "1e5", "007", "null", " 1"]).prop_map(str::to_owned),
    ]
    .boxed()
}

/// Defines types for the columns `a` to `h`: fields of every kind, in another order, and with fields missing.
macro_rules! types {
    ($($name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),+ })+) => {$(
        #[derive(Clone, Debug, Deserialize, PartialEq)]
        struct $name { $($(#[$attribute])* $field: $type),+ }
    )+};
}

types! {
    Plain { a: u8, b: i64, c: f64, d: bool, e: Genre, f: char, g: String, h: String }
    Options {
        h: Option<String>, g: Option<Id>, f: Option<char>, e: Option<Genre>, d: Option<bool>, c: Option<f64>,
        b: Option<i128>, a: Option<u16>
    }
    Texts { a: String, b: String, c: String, d: String, e: String, f: String }
    Others { #[serde(default)] missing: u8, a: i8, b: u128, #[serde(rename = "c")] small: f32, g: Option<String> }
    Numbers { a: u64, b: f32 }
    Lacks { a: String, z: String }
    Flat { g: String, #[serde(flatten)] numbers: Numbers }
    FlatTexts { a: u8, #[serde(flatten)] rest: BTreeMap<String, String> }
}

type Tuple = (u8, Option<i64>, f64, bool, Genre, char, String, String);

/// Compares the values by their debug output, in which NaN equals NaN.
fn agree<T: DeserializeOwned + Debug>(bytes: &[u8], row: &RawRow) -> Result<(), TestCaseError> {
    let theirs = csv::Reader::from_reader(bytes).into_deserialize::<T>().next().unwrap();
    let ours = row.deserialize::<T>();
    match (&theirs, &ours) {
        (Ok(theirs), Ok(ours)) => prop_assert_eq!(format!("{theirs:?}"), format!("{ours:?}")),
        (Err(_), Err(_)) => {}
        // Types that `serde` buffers fit more often here.
        (Err(_), Ok(_)) if std::any::type_name::<T>().contains("Flat") => {}
        (theirs, ours) => {
            let cells = String::from_utf8_lossy(bytes);
            return Err(TestCaseError::fail(format!(
                "{cells:?}: the csv crate {theirs:?}, and here {ours:?}"
            )));
        }
    }
    Ok(())
}

/// Valid files deserialize like in the `csv` crate. `DATALINKS_SEED` sets the seed, which is printed.
#[test]
fn agrees_with_the_csv_crate() {
    let seed: u64 = match std::env::var("DATALINKS_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => fastrand::u64(..),
    };
    println!("DATALINKS_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let cells: Vec<_> = (0..8).map(cell).collect();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let case = |cells: Vec<String>| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(names).unwrap();
        writer.write_record(&cells).unwrap();
        let bytes = writer.into_inner().unwrap();
        let row = reader("x.csv", &bytes).delimiter(b',').rows().next().unwrap().unwrap();
        agree::<Plain>(&bytes, &row)?;
        agree::<Options>(&bytes, &row)?;
        agree::<Texts>(&bytes, &row)?;
        agree::<Others>(&bytes, &row)?;
        agree::<Lacks>(&bytes, &row)?;
        agree::<Flat>(&bytes, &row)?;
        agree::<FlatTexts>(&bytes, &row)?;
        agree::<Tuple>(&bytes, &row)?;
        agree::<Vec<Option<String>>>(&bytes, &row)?;
        agree::<BTreeMap<String, Option<String>>>(&bytes, &row)
    };
    runner.run(&cells, case).unwrap_or_else(|error| panic!("DATALINKS_SEED={seed}: {error}"));
}
