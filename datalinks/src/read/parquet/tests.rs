//! Tests of Parquet files, including those of other writers.

use std::{collections::BTreeMap, io::Read, path::PathBuf, sync::Arc};

use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    ListArray, RecordBatch, StringArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
    UInt64Array, types::Int32Type,
};
use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{BrotliLevel, Compression, GzipLevel},
    data_type::{Int96, Int96Type},
    file::{metadata::KeyValue, properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use proptest::prelude::*;
use serde_json::value::RawValue;

use crate::read::{
    self,
    bad_row::OnBadRow,
    tests::{all, reader, rows},
};

fn parquet(compression: Compression, columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(1000))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn values_keep_their_digits_and_types() {
    let digits = 123456789012345678901234567890_i128;
    let decimals = Decimal128Array::from(vec![Some(digits), None]).with_precision_and_scale(38, 20).unwrap();
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]);
    let bytes = parquet(
        Compression::SNAPPY,
        vec![
            ("int", Arc::new(Int64Array::from(vec![i64::MIN, 9007199254740993]))),
            ("uint", Arc::new(UInt64Array::from(vec![u64::MAX, 0]))),
            ("decimal", Arc::new(decimals)),
            ("text", Arc::new(StringArray::from(vec!["a\n\"é", ""]))),
            ("float", Arc::new(Float64Array::from(vec![Some(0.1), None]))),
            ("bool", Arc::new(BooleanArray::from(vec![true, false]))),
            ("date", Arc::new(Date32Array::from(vec![0, -1]))),
            ("time", Arc::new(TimestampMicrosecondArray::from(vec![1, 1_000_000]))),
            ("bytes", Arc::new(BinaryArray::from(vec![&b"\x00\xFF"[..], b""]))),
            ("list", Arc::new(lists)),
        ],
    );
    assert_eq!(
        all("x.parquet", bytes, |reader| reader),
        [
            "{\"int\":-9223372036854775808,\"uint\":18446744073709551615,\
             \"decimal\":1234567890.12345678901234567890,\"text\":\"a\\n\\\"é\",\"float\":0.1,\"bool\":true,\
             \"date\":\"1970-01-01\",\"time\":\"1970-01-01T00:00:00.000001\",\"bytes\":\"00ff\",\
             \"list\":[1,null]}",
            "{\"int\":9007199254740993,\"uint\":0,\"decimal\":null,\"text\":\"\",\"float\":null,\
             \"bool\":false,\"date\":\"1969-12-31\",\"time\":\"1970-01-01T00:00:01\",\"bytes\":\"\",\
             \"list\":null}",
        ]
    );
}

#[test]
fn non_finite_number_is_a_bad_record() {
    let floats = Float64Array::from(vec![Some(1.5), Some(f64::NAN), None, Some(f64::INFINITY)]);
    let ints = Int64Array::from(vec![1, 2, 3, 4]);
    let bytes = parquet(Compression::UNCOMPRESSED, vec![("a", Arc::new(ints)), ("b", Arc::new(floats))]);
    assert_eq!(
        all("x.parquet", bytes, |reader| reader.on_bad_row(OnBadRow::Report)),
        [
            r#"{"a":1,"b":1.5}"#,
            "! x.parquet, line 2, column 2: the number is not finite, at b",
            r#"{"a":3,"b":null}"#,
            "! x.parquet, line 4, column 2: the number is not finite, at b"
        ]
    );
}

#[test]
fn long_file_is_read_with_every_compression() {
    let numbers: Vec<i64> = (0..5000).collect();
    let rows_written: Vec<String> = numbers.iter().map(|n| format!("{{\"n\":{n}}}")).collect();
    let directory = tempfile::tempdir().unwrap();
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4_RAW,
        Compression::ZSTD(Default::default()),
    ] {
        let bytes = parquet(compression, vec![("n", Arc::new(Int64Array::from(numbers.clone())))]);
        let path = directory.path().join("x.parquet");
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(rows(read::file(path)).unwrap(), rows_written);
        assert_eq!(rows(reader("x", bytes).format(read::Format::Parquet)).unwrap(), rows_written);
    }
}

#[test]
fn invalid_parquet_is_an_error_with_the_file_name() {
    let column: ArrayRef = Arc::new(Int64Array::from(vec![1; 5000]));
    let whole = parquet(Compression::SNAPPY, vec![("n", column)]);
    for bytes in [&b""[..], b"PAR1", b"a,b\n1,2\n", &whole[..whole.len() - 1], &whole[whole.len() / 2..]] {
        let error = rows(reader("x.parquet", bytes)).unwrap_err();
        assert!(error.to_string().contains("x.parquet"), "{error}");
    }
}

/// Returns the path of a test file. The directory `inputs` is shared with the tests of other formats.
fn sample(name: &str) -> PathBuf {
    let data: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "data"].iter().collect();
    let shared = data.join("inputs").join(name);
    if shared.exists() { shared } else { data.join("parquet").join(name) }
}

/// Returns the rows and errors of a file as strings, with the name instead of the path.
fn of_sample(name: &str, set: impl Fn(read::Reader) -> read::Reader) -> Vec<String> {
    let path = sample(name);
    let rows = set(read::file(&path).on_bad_row(OnBadRow::Report)).rows().map(|row| match row {
        Ok(row) => row.json().to_owned(),
        Err(error) => error.message().replace(path.to_str().unwrap(), name),
    });
    rows.collect()
}

#[test]
fn timestamps_with_a_zone_keep_their_instant() {
    let utc = [r#"{"id":1,"at":"2024-07-01T12:00:00Z"}"#, r#"{"id":2,"at":"2024-01-01T12:00:00Z"}"#];
    assert_eq!(of_sample("tz_utc.parquet", |reader| reader), utc);
    // Both are noon in New York.
    let named = [r#"{"id":1,"at":"2024-07-01T16:00:00Z"}"#, r#"{"id":2,"at":"2024-01-01T17:00:00Z"}"#];
    assert_eq!(of_sample("tz_named.parquet", |reader| reader), named);
}

#[test]
fn int96_of_any_year_keeps_its_time() {
    let found = of_sample("int96_spark.parquet", |reader| reader.columns(["d"]));
    let days = ["9999-12-31T02:00:00", "1000-01-01T00:00:00", "2021-06-09T03:02:37"];
    assert_eq!(found, days.map(|day| format!("{{\"d\":\"{day}\"}}")), "{found:?}");
}

#[test]
fn default_output_of_polars_is_read() {
    let row = r#"{"id":1,"t":"2024-07-01T12:00:00Z","c":"a"}"#;
    assert_eq!(of_sample("polars_default.parquet", |reader| reader), [row]);
}

#[test]
fn non_finite_numbers_in_dictionaries_are_bad_records() {
    let bad = |row| format!("dict_nan.parquet, line {row}, column 1: the number is not finite, at c");
    assert_eq!(of_sample("dict_nan.parquet", |reader| reader), [r#"{"c":1.5}"#.to_owned(), bad(2), bad(3)]);
    let error = read::file(sample("dict_nan.parquet")).rows().find_map(Result::err).unwrap();
    assert_eq!(read::BadRow::of(&error).unwrap().text(), r#"{"c":NaN}"#);
}

#[test]
fn keys_of_maps_become_strings() {
    assert_eq!(of_sample("map_int.parquet", |reader| reader), [r#"{"m":{"1":2}}"#]);
    assert_eq!(
        of_sample("map_twice.parquet", |reader| reader),
        [
            r#"{"m":{"a":1,"b":2}}"#,
            "map_twice.parquet, line 2, column 1: the map has this key twice, at m[\"a\"]"
        ]
    );
}

#[test]
fn unrepresentable_column_is_an_error_and_can_be_skipped() {
    let said = of_sample("map_struct.parquet", |reader| reader);
    assert!(
        said[0].starts_with("the column \"m\" of map_struct.parquet cannot be written as JSON: its maps"),
        "{said:?}"
    );
    for other in [
        of_sample("map_struct.parquet", |reader| reader.without_columns(["m"])),
        of_sample("map_struct.parquet", |reader| reader.columns(["id"])),
    ] {
        assert_eq!(other, [r#"{"id":7}"#]);
    }
}

#[test]
fn columns_are_selected_by_name_in_the_order_of_the_file() {
    let column = |value| -> ArrayRef { Arc::new(Int64Array::from(vec![value])) };
    let bytes = parquet(Compression::SNAPPY, vec![("a", column(1)), ("b", column(2)), ("c", column(3))]);
    let with = |set: fn(read::Reader) -> read::Reader| all("x.parquet", &bytes, set);
    assert_eq!(with(|reader| reader.columns(["c", "a"])), [r#"{"a":1,"c":3}"#]);
    assert_eq!(with(|reader| reader.without_columns(["a", "b"])), [r#"{"c":3}"#]);
    assert_eq!(with(|reader| reader.columns(["a", "b"]).without_columns(["a"])), [r#"{"b":2}"#]);
    for (set, said) in [
        (
            (|reader| reader.columns(["a", "x"])) as fn(read::Reader) -> read::Reader,
            "no column that is named \"x\"",
        ),
        (|reader| reader.without_columns(["x"]), "no column that is named \"x\""),
        (|reader| reader.columns([""; 0]), "no column of"),
        (|reader| reader.without_columns(["a", "b", "c"]), "no column of"),
    ] {
        let said_of_it = with(set);
        assert!(said_of_it[0].contains(said), "{said_of_it:?}");
    }
    // The rows of other formats would contain the skipped columns.
    let said = all("x.csv", "a,b\n1,2\n", |reader| reader.without_columns(["b"]));
    assert_eq!(said, ["! columns are selected, but x.csv is not a Parquet file"]);
}

#[test]
fn columns_with_duplicate_names_can_be_skipped() {
    let schema = Arc::new(
        parse_message_type("message m { required int64 a; required int64 b; required int64 a; }").unwrap(),
    );
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    while let Some(mut column) = group.next_column().unwrap() {
        column.typed::<parquet::data_type::Int64Type>().write_batch(&[7], None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    let bytes = writer.into_inner().unwrap();
    let said = all("x.parquet", &bytes, |reader| reader);
    assert_eq!(said, ["! x.parquet has two columns that are named \"a\""]);
    assert_eq!(all("x.parquet", &bytes, |reader| reader.without_columns(["a"])), [r#"{"b":7}"#]);
}

#[test]
fn bytes_can_be_read_as_strings() {
    assert_eq!(of_sample("bin_str.parquet", |reader| reader), [r#"{"did":1,"day":"3230323430373033"}"#]);
    assert_eq!(
        of_sample("bin_str.parquet", |reader| reader.binary_as_string()),
        [r#"{"did":1,"day":"20240703"}"#]
    );
    assert_eq!(
        of_sample("latin1.parquet", |reader| reader.binary_as_string()),
        [
            r#"{"id":0,"text":null,"list":[null]}"#,
            r#"{"id":1,"text":"ab","list":["ab"]}"#,
            r#"{"id":2,"text":"é","list":["é"]}"#,
            "latin1.parquet, line 4, column 2: the bytes are not UTF-8, at text",
            r#"{"id":4,"text":"","list":[""]}"#,
        ]
    );
    let nested = of_sample("latin1.parquet", |reader| reader.binary_as_string().columns(["list"]));
    assert_eq!(nested[3], "latin1.parquet, line 4, column 1: the bytes are not UTF-8, at list[0]");
}

#[test]
fn date_or_time_outside_of_the_calendar_is_a_bad_record() {
    let dates = Date32Array::from(vec![Some(0), Some(i32::MAX), None]);
    let times = Time64MicrosecondArray::from(vec![0, 0, 86_400_000_000]);
    let bytes = parquet(Compression::SNAPPY, vec![("d", Arc::new(dates)), ("t", Arc::new(times))]);
    assert_eq!(
        all("x.parquet", bytes, |reader| reader.on_bad_row(OnBadRow::Report)),
        [
            r#"{"d":"1970-01-01","t":"00:00:00"}"#,
            "! x.parquet, line 2, column 1: the value is not a date or time of the calendar, at d",
            "! x.parquet, line 3, column 2: the value is not a date or time of the calendar, at t",
        ]
    );
}

#[test]
fn mismatched_arrow_schema_is_ignored() {
    let column: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let batch = RecordBatch::try_from_iter([("c", column)]).unwrap();
    let other: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let other = parquet(Compression::SNAPPY, vec![("x", other.clone()), ("y", other)]);
    let builder =
        parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(other))
            .unwrap();
    let of_another = builder.metadata().file_metadata().key_value_metadata().unwrap()[0].clone();
    for hint in [of_another, KeyValue::new("ARROW:schema".to_owned(), "no schema".to_owned())] {
        let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![hint])).build();
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(Vec::new(), batch.schema(), options).unwrap();
        writer.write(&batch).unwrap();
        assert_eq!(all("x.parquet", writer.into_inner().unwrap(), |reader| reader), [r#"{"c":"a"}"#]);
    }
}

#[test]
fn undecodable_column_is_an_error_and_can_be_skipped() {
    let text: ArrayRef =
        Arc::new(StringArray::from((0..3000).map(|n| format!("value {n}")).collect::<Vec<_>>()));
    let ids: ArrayRef = Arc::new(Int64Array::from((0..3000).collect::<Vec<_>>()));
    let mut bytes = parquet(Compression::SNAPPY, vec![("id", ids), ("text", text)]);
    let builder = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(
        bytes.clone(),
    ));
    let chunk = builder.unwrap().metadata().row_group(1).column(1).byte_range();
    // The pages of the second row group are damaged.
    let middle = chunk.0 as usize + 40;
    bytes[middle..middle + chunk.1 as usize - 40].fill(0xFF);
    let found: Vec<_> = reader("x.parquet", &bytes).rows().collect();
    let error = found.last().unwrap().as_ref().unwrap_err();
    assert!(
        error.message().starts_with("x.parquet cannot be read past row 768, column \"text\": "),
        "{error}"
    );
    // The last valid batch extends into the second row group.
    assert_eq!(found.len(), 769);
    let found = rows(reader("x.parquet", &bytes).without_columns(["text"])).unwrap();
    assert_eq!((found.len(), found[2999].as_str()), (3000, r#"{"id":2999}"#));
}

/// Creates a file without rows whose schema consists of nested groups.
fn nested_groups(levels: usize) -> Vec<u8> {
    // SchemaElement structs in Thrift's compact protocol: a name and the number of children, 1. The last is an INT32.
    let root = b"\x48\x01m\x15\x02\x00";
    let group = b"\x35\x02\x18\x01g\x15\x02\x00".repeat(levels - 1);
    let leaf = b"\x15\x02\x25\x02\x18\x01x\x00";
    let mut footer = b"\x15\x02\x19\xFC".to_vec();
    let mut count = levels + 1;
    while count >= 0x80 {
        footer.push(count as u8 | 0x80);
        count >>= 7;
    }
    footer.push(count as u8);
    footer.extend([root, &group[..], leaf, b"\x16\x00\x19\x0C\x00"].concat());
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [b"PAR1", &footer[..], &length, b"PAR1"].concat()
}

#[test]
fn deeply_nested_schema_is_an_error() {
    assert!(all("x.parquet", nested_groups(3), |reader| reader).is_empty());
    assert!(rows(reader("x.parquet", nested_groups(64))).unwrap().is_empty());
    for levels in [65, 1_000, 100_000] {
        let error = rows(reader("x.parquet", nested_groups(levels))).unwrap_err();
        assert!(error.to_string().contains("the schema of x.parquet is nested too deeply"), "{error}");
    }
}

/// These footers contain fields that the decoder reads differently than they appear.
#[test]
fn deeply_nested_schema_cannot_be_hidden() {
    let deep = nested_groups(100_000);
    let footer = &deep[4..deep.len() - 8];
    let shallow = nested_groups(3);
    let shallow = &shallow[7..shallow.len() - 13];
    let behind =
        |before: &[u8]| [before, &b"\x05\x02"[..], &footer[1..2], b"\x09\x04", &footer[3..]].concat();
    let nested = [&b"\x0C\xC8\x01"[..], &b"\x1C".repeat(40), &b"\0".repeat(41)].concat();
    let of_type = |kind: u8| {
        let mut footer = footer.to_vec();
        footer[2] = 0x10 | kind;
        footer
    };
    let negative = |group: &[u8], children: &[u8]| {
        let before = b"\x15\x02\x19\xFC\xA1\x8D\x06\x48\x01m\x15\x02\x00";
        let group = [group, children, b"\0"].concat().repeat(99_999);
        [&before[..], &group, b"\x15\x02\x25\x02\x18\x01x\x00\x16\x00\x19\x0C\x00"].concat()
    };
    for (what, footer) in [
        ("a UUID", behind(&[&b"\x0D\xC8\x01"[..], &[0; 16]].concat())),
        ("structs", behind(&nested)),
        ("a long number", behind(b"\x06\xC8\x01\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00")),
        ("a negative field", behind(&[b"\x09\x05", shallow].concat())),
        ("a set", of_type(10)),
        ("a string", of_type(8)),
        // -4294967295, which is 1 in 32 bits.
        ("a negative number", negative(b"\x35\x02\x18\x01g\x15", b"\xFD\xFF\xFF\xFF\x1F")),
    ] {
        let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
        let bytes = [b"PAR1", &footer[..], &length, b"PAR1"].concat();
        let error = rows(reader("x.parquet", bytes)).unwrap_err();
        assert!(error.to_string().contains("x.parquet"), "{what}: {error}");
    }
}

#[test]
fn structs_may_be_nested_as_deeply_as_a_schema() {
    let levels = 63;
    let row = "{\"s\":".repeat(levels) + "7" + &"}".repeat(levels);
    // The Parquet writer needs more stack than a test thread has.
    let write = move || {
        let mut column: ArrayRef = Arc::new(Int64Array::from(vec![7]));
        for _ in 0..levels {
            let field = arrow_schema::Field::new("s", column.data_type().clone(), true);
            column = Arc::new(StructArray::from(vec![(Arc::new(field), column)]));
        }
        parquet(Compression::SNAPPY, vec![("s", column)])
    };
    let thread = std::thread::Builder::new().stack_size(64 * 1024 * 1024).spawn(write).unwrap();
    let bytes = thread.join().unwrap();
    assert_eq!(all("x.parquet", bytes, |reader| reader), [format!("{{\"s\":{row}}}")]);
}

#[test]
fn damaged_parquet_never_panics() {
    let mut random = fastrand::Rng::with_seed(20240701);
    for name in ["map_int", "interval", "nested_v2", "int96"] {
        let whole = std::fs::read(sample(&format!("{name}.parquet"))).unwrap();
        let footer = u32::from_le_bytes(whole[whole.len() - 8..][..4].try_into().unwrap()) as usize;
        let mut errors = 0;
        for _ in 0..150 {
            let mut bytes = whole.clone();
            for _ in 0..random.usize(1..4) {
                // The footer and the pages are damaged equally often.
                let from = if random.bool() { whole.len() - 8 - footer } else { 0 };
                bytes[random.usize(from..whole.len())] = random.u8(..);
            }
            errors += reader("x.parquet", bytes).rows().take(1000).filter(Result::is_err).count();
        }
        assert!(errors > 10, "{name}: {errors}");
    }
}

/// Returns `true` if `found` is the expected JSON. Numbers with an exponent are compared as floats, everything else as text.
fn same(expected: &str, found: &str) -> bool {
    fn items(text: &str) -> Vec<Box<RawValue>> {
        serde_json::from_str(text).unwrap_or_default()
    }
    fn members(text: &str) -> BTreeMap<String, Box<RawValue>> {
        serde_json::from_str(text).unwrap_or_default()
    }
    match expected.as_bytes()[0] {
        b'{' => {
            let (expected, found) = (members(expected), members(found));
            expected.len() == found.len()
                && expected.iter().zip(&found).all(|(a, b)| a.0 == b.0 && same(a.1.get(), b.1.get()))
        }
        b'[' => {
            let (expected, list) = (items(expected), items(found));
            found.starts_with('[')
                && expected.len() == list.len()
                && expected.iter().zip(&list).all(|(a, b)| same(a.get(), b.get()))
        }
        b'"' => {
            let text = |json| serde_json::from_str::<String>(json).ok();
            text(expected) == text(found)
        }
        b'-' | b'0'..=b'9' if expected.contains('e') => {
            let bits = |text: &str| text.parse::<f64>().map(f64::to_bits).ok();
            bits(expected) == bits(found)
        }
        _ => expected == found,
    }
}

/// Compares values of every type, written by pyarrow and polars, with the values in Python (`tests/data/parquet/make.py`).
#[test]
fn values_of_other_writers_are_exact() {
    let mut count = (0, 0);
    for name in ["flat_v1", "flat_v2", "nested_v1", "nested_v2", "int96", "polars", "interval"] {
        let file = std::fs::File::open(sample(&format!("{name}.ndjson.gz"))).unwrap();
        let mut expected = String::new();
        flate2::read::GzDecoder::new(file).read_to_string(&mut expected).unwrap();
        let found = of_sample(&format!("{name}.parquet"), |reader| reader);
        assert_eq!(found.len(), expected.lines().count(), "{name}");
        for (row, (expected, found)) in expected.lines().zip(&found).enumerate() {
            count.0 += 1;
            let bad: BTreeMap<String, serde_json::Value> = serde_json::from_str(expected).unwrap();
            let right = match bad.get("bad row") {
                Some(at) => {
                    count.1 += 1;
                    let said = format!(": the number is not finite, at {}", at.as_str().unwrap());
                    found.starts_with(&format!("{name}.parquet, line {}, column ", row + 1))
                        && found.ends_with(&said)
                }
                None => same(expected, found),
            };
            assert!(right, "{name}, row {}:\nexpected {expected}\nfound    {found}", row + 1);
        }
    }
    assert_eq!(count, (2100, 40), "rows and bad rows");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The values are any nanosecond of the years 1 to 9999.
    #[test]
    fn int96_is_exact(values in prop::collection::vec((-719_162_i32..2_932_897, 0_u64..86_400_000_000_000), 32)) {
        let schema = Arc::new(parse_message_type("message m { required int96 at; }").unwrap());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Default::default()).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let made: Vec<Int96> = values.iter().map(|(day, nanosecond)| {
            let mut value = Int96::new();
            value.set_data(*nanosecond as u32, (nanosecond >> 32) as u32, (day + 2_440_588) as u32);
            value
        }).collect();
        column.typed::<Int96Type>().write_batch(&made, None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        let found = rows(reader("x.parquet", writer.into_inner().unwrap())).unwrap();
        for ((day, nanosecond), found) in values.into_iter().zip(found) {
            let day = chrono::NaiveDate::from_num_days_from_ce_opt(day + 719_163).unwrap();
            let (seconds, rest) = (nanosecond / 1_000_000_000, nanosecond % 1_000_000_000);
            let mut clock = format!("{:02}:{:02}:{:02}.{rest:09}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            while clock.ends_with("000") {
                clock.truncate(clock.len() - 3);
            }
            let expected = format!("{{\"at\":\"{day}T{}\"}}", clock.trim_end_matches('.'));
            prop_assert_eq!(found, expected);
        }
    }
}
