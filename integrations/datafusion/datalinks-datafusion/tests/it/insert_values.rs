//! Values of `INSERT INTO`, from files that the engine reads, arrive as they are or are rejected.

use std::{fs::File, path::Path, sync::Arc};

use crate::support::{Service, rows};
use datafusion::{
    arrow::{
        array::{
            ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
            DurationSecondArray, Float32Array, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
            RunArray, StringArray, StructArray, TimestampMicrosecondArray, UInt64Array,
        },
        buffer::OffsetBuffer,
        datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type},
    },
    dataframe::DataFrameWriteOptions,
    error::DataFusionError,
    execution::runtime_env::RuntimeEnvBuilder,
    parquet::arrow::ArrowWriter,
    prelude::{SessionConfig, SessionContext, col, lit},
};
use datalinks::ingest::partitions::JournalDirectory;
use datalinks_datafusion::{ColumnType, DatasetTable, TableOptions};
use datalinks_emulator::Fault;
use serde_json::{Value, json};

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// A session with an empty dataset as the table `copy`, and files as tables.
struct Copy {
    service: Service,
    context: SessionContext,
    directory: tempfile::TempDir,
}

impl Copy {
    async fn new(options: TableOptions) -> Self {
        let (service, copy) = Service::with_copy().await;
        // With statistics, the reader of Parquet replaces NaN by another value of the column.
        let config =
            SessionConfig::new().with_target_partitions(2).with_batch_size(7).with_collect_statistics(false);
        let runtime = RuntimeEnvBuilder::new().with_object_list_cache_limit(0).build_arc().unwrap();
        let context = SessionContext::new_with_config_rt(config, runtime).enable_url_table();
        context.register_table("copy", Arc::new(DatasetTable::load(copy, options).await.unwrap())).unwrap();
        Self { service, context, directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    async fn stored(&self) -> Vec<Value> {
        let copy = self.service.client.dataset("cinema", "copy").unwrap();
        copy.query().fetch::<Value>().await.unwrap()
    }

    async fn failure(&self, sql: &str) -> String {
        let run = async { self.context.sql(sql).await?.collect().await };
        let error: DataFusionError = run.await.map(|_| sql).unwrap_err();
        error.to_string()
    }
}

#[tokio::test]
async fn values_of_files_arrive_as_they_are() {
    let options = ["wide", "whole"]
        .into_iter()
        .fold(TableOptions::default(), |options, name| options.column(name, ColumnType::Integer));
    let options = options.column("price", ColumnType::Number).column("seen", ColumnType::Boolean);
    let texts = ["exact", "day", "moment", "zone", "tags", "crew", "title", "never"];
    let options = texts.into_iter().fold(options, |options, name| options.column(name, ColumnType::Text));
    let copy = Copy::new(options).await;
    let tags = ListArray::from_iter_primitive::<Int64Type, _, _>([
        Some(vec![Some(i64::MAX), None]),
        None,
        Some(vec![]),
    ]);
    let crew = StructArray::from(vec![(
        Arc::new(Field::new("name", DataType::Utf8, true)),
        Arc::new(StringArray::from(vec![Some("Dan \"x\""), None, Some("é")])) as ArrayRef,
    )]);
    let moments = vec![Some(1_700_000_000_123_456), None, Some(0)];
    let decimals = |values: Vec<Option<i128>>, scale| {
        Arc::new(Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap()) as ArrayRef
    };
    write(
        &copy.directory.path().join("all.parquet"),
        vec![
            ("wide", Arc::new(Int64Array::from(vec![Some(i64::MAX), Some(i64::MIN), None]))),
            ("whole", decimals(vec![Some(700), None, Some(-100)], 2)),
            ("price", decimals(vec![Some(1999), Some(-5), None], 2)),
            ("seen", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
            ("exact", decimals(vec![Some(12_345_678_901_234_567_890_123_456), None, Some(1)], 3)),
            ("day", Arc::new(Date32Array::from(vec![Some(0), Some(19_000), None]))),
            ("moment", Arc::new(TimestampMicrosecondArray::from(moments.clone()))),
            ("zone", Arc::new(TimestampMicrosecondArray::from(moments).with_timezone("UTC"))),
            ("tags", Arc::new(tags)),
            ("crew", Arc::new(crew)),
            ("title", Arc::new(StringArray::from(vec![Some("a\u{0}b"), Some(""), None]))),
            ("never", Arc::new(StringArray::from(vec![None::<&str>; 3]))),
        ],
    );
    let names = "wide, whole, price, seen, exact, day, moment, zone, tags, title, never";
    let file = copy.path("all.parquet");
    let insert = format!("INSERT INTO copy ({names}) SELECT {names} FROM '{file}'");
    assert_eq!(rows(&copy.context, &insert).await, ["3"]);
    // The planner of SQL casts no struct, and a DataFrame needs no cast.
    let frame = copy.context.read_parquet(&file, Default::default()).await.unwrap();
    let frame = frame.select(vec![col("crew")]).unwrap();
    frame.write_table("copy", DataFrameWriteOptions::new()).await.unwrap();
    assert_eq!(
        copy.stored().await,
        [
            json!({
                "wide": i64::MAX, "whole": 7, "price": 19.99, "seen": true, "exact": "12345678901234567890123.456",
                "day": "1970-01-01", "moment": "2023-11-14T22:13:20.123456", "zone": "2023-11-14T22:13:20.123456Z",
                "tags": [i64::MAX, null], "title": "a\u{0}b"
            }),
            json!({
                "wide": i64::MIN, "price": -0.05, "seen": false, "day": "2022-01-08", "title": ""
            }),
            json!({
                "whole": -1, "exact": "0.001", "moment": "1970-01-01T00:00:00", "zone": "1970-01-01T00:00:00Z",
                "tags": []
            }),
            json!({"crew": {"name": "Dan \"x\""}}),
            json!({"crew": {"name": null}}),
            json!({"crew": {"name": "é"}}),
        ]
    );
}

#[tokio::test]
async fn values_that_would_change_are_rejected() {
    let options = TableOptions::default()
        .column("n", ColumnType::Integer)
        .column("x", ColumnType::Number)
        .column("b", ColumnType::Boolean)
        .column("t", ColumnType::Text);
    let copy = Copy::new(options).await;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("half", Arc::new(Float64Array::from(vec![1.0, 2.5]))),
        ("huge", Arc::new(UInt64Array::from(vec![1, u64::MAX]))),
        ("wide", Arc::new(Int64Array::from(vec![1, (1 << 53) + 1]))),
        ("cents", Arc::new(Decimal128Array::from(vec![100, 150]).with_precision_and_scale(10, 2).unwrap())),
        (
            "long",
            Arc::new(
                Decimal128Array::from(vec![1, 12_345_678_901_234_567_890])
                    .with_precision_and_scale(38, 3)
                    .unwrap(),
            ),
        ),
        ("nan", Arc::new(Float32Array::from(vec![1.0, f32::NAN]))),
        ("word", Arc::new(StringArray::from(vec!["1", "one"]))),
        ("day", Arc::new(Date32Array::from(vec![1, 2]))),
        ("bytes", Arc::new(BinaryArray::from(vec![&b"a"[..], &b"\xff"[..]]))),
        ("tags", Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1)]), None]))),
    ];
    write(&copy.directory.path().join("all.parquet"), columns);
    let file = copy.path("all.parquet");
    for (from, to, what) in [
        ("half", "n", "2.5 does not fit the type BIGINT"),
        ("huge", "n", "18446744073709551615 does not fit the type BIGINT"),
        ("cents", "n", "1.50 does not fit the type BIGINT"),
        ("word", "n", "one does not fit the type BIGINT"),
        ("wide", "x", "9007199254740993 does not fit the type DOUBLE"),
        ("huge", "x", "18446744073709551615 does not fit the type DOUBLE"),
        ("long", "x", "12345678901234567.890 does not fit the type DOUBLE"),
        ("nan", "x", "not finite"),
        ("word", "b", "1 does not fit the type BOOLEAN"),
        ("bytes", "t", "bytes that are not UTF-8"),
    ] {
        let error = copy.failure(&format!("INSERT INTO copy ({to}) SELECT {from} FROM '{file}'")).await;
        assert!(error.contains(what) && error.contains(&format!("column {to:?}")), "{from}: {error}");
        // The engine may divide the file, and the rows of another part are stored then.
        assert!(!error.contains("TableOptions"), "{error}");
    }
    // A DataFrame has no types of the table, and its columns are matched by their names.
    let frame = || copy.context.read_parquet(&file, Default::default());
    let insert = |columns| async {
        let frame = frame().await.unwrap().select(columns).unwrap();
        frame.write_table("copy", DataFrameWriteOptions::new()).await
    };
    for (column, name, what) in [
        ("day", "n", "a value of the type Date32 is not a BIGINT"),
        ("tags", "x", "is not a DOUBLE"),
        ("day", "nobody", "the dataset has no column \"nobody\", but \"b\", \"n\", \"t\", \"x\""),
    ] {
        let error = insert(vec![col(column).alias(name)]).await.unwrap_err().to_string();
        assert!(error.contains(what) && error.contains(&format!("{name:?}")), "{error}");
    }
    let before = copy.stored().await.len();
    insert(vec![col("word").alias("t"), lit(5).alias("n")]).await.unwrap();
    let stored = copy.stored().await;
    assert_eq!(stored[before..], [json!({"n": 5, "t": "1"}), json!({"n": 5, "t": "one"})]);
}

#[tokio::test]
async fn names_are_kept() {
    let names = ["A.b", "x\"y", "it's", "Größe", "東京", "select", " "];
    let options = names
        .iter()
        .fold(TableOptions::default(), |options, name| options.column(*name, ColumnType::Integer));
    let copy = Copy::new(options).await;
    let columns = names
        .iter()
        .enumerate()
        .map(|(at, name)| (*name, Arc::new(Int32Array::from(vec![at as i32])) as ArrayRef));
    write(&copy.directory.path().join("It's ü.parquet"), columns.collect());
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let file = copy.path("It's ü.parquet").replace('\'', "''");
    let list = quoted.join(", ");
    assert_eq!(
        rows(&copy.context, &format!("INSERT INTO copy ({list}) SELECT {list} FROM '{file}'")).await,
        ["1"]
    );
    let stored = copy.stored().await;
    for (at, name) in names.iter().enumerate() {
        assert_eq!(stored[0][name], at, "{stored:?}");
    }
    let table =
        DatasetTable::load(copy.service.client.dataset("cinema", "copy").unwrap(), TableOptions::default());
    copy.context.register_table("Film's \"copy\"", Arc::new(table.await.unwrap())).unwrap();
    let found =
        rows(&copy.context, &format!("SELECT {list} FROM \"Film's \"\"copy\"\"\" WHERE \"A.b\" = 0")).await;
    assert_eq!(found, ["0 | 1 | 2 | 3 | 4 | 5 | 6"]);
}

#[tokio::test]
async fn files_go_on_from_journals_in_the_same_order() {
    let directory = tempfile::tempdir().unwrap();
    let options = TableOptions::default()
        .column("n", ColumnType::Integer)
        .column("t", ColumnType::Text)
        .ingest(|ingest| ingest.batch_size(5))
        .journals(JournalDirectory::new(directory.path().join("journals")));
    let copy = Copy::new(options).await;
    std::fs::create_dir(copy.directory.path().join("files")).unwrap();
    for number in 0..7 {
        let first = number * 30;
        write(
            &copy.directory.path().join(format!("files/{number}.parquet")),
            vec![
                (
                    "t",
                    Arc::new(StringArray::from_iter_values((first..first + 30).map(|n| format!("row {n}")))),
                ),
                ("n", Arc::new(Int64Array::from_iter_values(first..first + 30))),
            ],
        );
    }
    let insert =
        format!("INSERT INTO copy (n, t) SELECT n, t FROM '{}' WHERE n <> 100", copy.path("files/*.parquet"));
    for _ in 0..3 {
        copy.service.emulator.faults().inject(Fault::new("ingestData").status(403)).unwrap();
        assert!(copy.failure(&insert).await.contains("run the statement again to go on"));
    }
    for _ in 0..3 {
        assert_eq!(rows(&copy.context, &insert).await, ["209"]);
    }
    let mut found: Vec<i64> = copy.stored().await.iter().map(|row| row["n"].as_i64().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, (0..210).filter(|n| *n != 100).collect::<Vec<_>>());
    // Another file is another statement.
    std::fs::copy(copy.path("files/0.parquet"), copy.path("files/9.parquet")).unwrap();
    assert!(copy.failure(&insert).await.contains("journals of another plan"));
    assert_eq!(copy.stored().await.len(), 209);
}

/// Regression: the text of an error was stored for a date outside the calendar, and `<invalid>` for a long duration.
#[tokio::test]
async fn dates_outside_the_calendar_and_long_durations_are_rejected() {
    let copy = Copy::new(TableOptions::default().column("t", ColumnType::Text)).await;
    let date = Arc::new(Date32Array::from(vec![i32::MAX])) as ArrayRef;
    let field = Arc::new(Field::new("day", DataType::Date32, true));
    let list = ListArray::new(Arc::clone(&field), OffsetBuffer::from_lengths([1]), Arc::clone(&date), None);
    let fields = StructArray::from(vec![(field, date)]);
    let duration = DurationSecondArray::from(vec![i64::MAX]);
    for array in [Arc::new(fields) as ArrayRef, Arc::new(list), Arc::new(duration)] {
        let batch = RecordBatch::try_from_iter([("t", array)]).unwrap();
        let frame = copy.context.read_batch(batch).unwrap();
        let error = frame.write_table("copy", DataFrameWriteOptions::new()).await.unwrap_err().to_string();
        assert!(error.contains("column \"t\"") && error.contains("not in the calendar"), "{error}");
    }
    assert_eq!(copy.stored().await, [] as [Value; 0]);
}

/// Regression: a number that is not finite failed a statement whose rows do not have it.
#[tokio::test]
async fn values_of_other_rows_are_not_looked_at() {
    let copy = Copy::new(TableOptions::default().column("t", ColumnType::Text)).await;
    let list = ListArray::from_iter_primitive::<Float64Type, _, _>([
        Some(vec![Some(1.5)]),
        Some(vec![Some(f64::NAN)]),
    ]);
    let batch = RecordBatch::try_from_iter([("tags", Arc::new(list) as ArrayRef)]).unwrap();
    copy.context.register_batch("lists", batch).unwrap();
    let insert = "INSERT INTO copy (t) SELECT tags FROM lists";
    assert_eq!(rows(&copy.context, &format!("{insert} LIMIT 1")).await, ["1"]);
    assert!(copy.failure(&format!("{insert} LIMIT 1 OFFSET 1")).await.contains("not finite"));
    assert_eq!(copy.stored().await, [json!({"t": [1.5]})]);
}

/// Regression: a null of a run-end encoded column was stored as an empty text.
#[tokio::test]
async fn encoded_columns_have_their_values() {
    let options = TableOptions::default().column("t", ColumnType::Text).column("n", ColumnType::Integer);
    let copy = Copy::new(options).await;
    let words = StringArray::from(vec![Some("a"), None]);
    let ends = Int32Array::from(vec![1, 2]);
    let runs = RunArray::<Int32Type>::try_new(&ends, &words).unwrap();
    let keys = Int32Array::from(vec![0, 1]);
    let numbers = DictionaryArray::new(keys, Arc::new(Int64Array::from(vec![Some(7), None])));
    let batch =
        RecordBatch::try_from_iter([("t", Arc::new(runs) as ArrayRef), ("n", Arc::new(numbers) as ArrayRef)]);
    let frame = copy.context.read_batch(batch.unwrap()).unwrap();
    frame.write_table("copy", DataFrameWriteOptions::new()).await.unwrap();
    assert_eq!(copy.stored().await, [json!({"t": "a", "n": 7}), json!({})]);
}
