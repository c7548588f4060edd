//! Files as tables.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::{AsArray as _, RecordBatch},
        datatypes::{DataType, Field, Schema, TimeUnit},
    },
    catalog::TableProvider,
    common::exec_err,
    datasource::{
        file_format::{
            FileFormat, csv::CsvFormat, file_compression_type::FileCompressionType, json::JsonFormat,
            parquet::ParquetFormat,
        },
        listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl},
    },
    error::Result as EngineResult,
    execution::SessionState,
    prelude::SessionContext,
};
use futures::{StreamExt as _, TryStreamExt as _};

use crate::failure::{Failure, Result, exit};

/// Digits that a number of double precision keeps.
const EXACT_DIGITS: usize = 15;

/// Characters of patterns.
const PATTERN: [char; 3] = ['*', '?', '['];

/// The formats, by the end of a name.
const FORMATS: [(&str, Kind); 6] = [
    ("parquet", Kind::Parquet),
    ("csv", Kind::Csv),
    ("tsv", Kind::Tsv),
    ("ndjson", Kind::Ndjson),
    ("jsonl", Kind::Ndjson),
    ("json", Kind::Json),
];

/// The compressions, by the end of a name.
const COMPRESSIONS: [(&str, FileCompressionType); 4] = [
    ("gz", FileCompressionType::GZIP),
    ("bz2", FileCompressionType::BZIP2),
    ("xz", FileCompressionType::XZ),
    ("zst", FileCompressionType::ZSTD),
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Parquet,
    Csv,
    Tsv,
    Ndjson,
    Json,
}

/// The format of files, and the end of their names.
#[derive(Clone, Debug, PartialEq)]
struct Shape {
    kind: Kind,
    compression: FileCompressionType,
    /// The end of the names, with its dot.
    ending: String,
}

impl Shape {
    /// Returns the format that the end of a name says.
    fn of(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let (stem, compression, end) = COMPRESSIONS
            .into_iter()
            .find_map(|(end, compression)| {
                let stem = lower.strip_suffix(end)?.strip_suffix('.')?;
                Some((stem, compression, format!(".{end}")))
            })
            .unwrap_or((&lower, FileCompressionType::UNCOMPRESSED, String::new()));
        let (format, kind) = FORMATS
            .into_iter()
            .find(|(format, _)| stem.strip_suffix(format).is_some_and(|rest| rest.ends_with('.')))?;
        // As it is written, because names are compared with it.
        let length = format.len() + 1 + end.len();
        let ending = name.get(name.len() - length..)?.to_owned();
        let is_compressed = compression != FileCompressionType::UNCOMPRESSED;
        (!(is_compressed && kind == Kind::Parquet)).then_some(Self { kind, compression, ending })
    }

    fn format(&self, is_array: bool) -> Arc<dyn FileFormat> {
        // A line break in a quoted cell does not end a row, so a file is not divided at line breaks.
        // All rows decide the columns. The readers leave out values of columns that a sample does not have.
        let csv = || {
            let csv = CsvFormat::default()
                .with_schema_infer_max_rec(usize::MAX)
                .with_has_header(true)
                .with_newlines_in_values(true);
            csv.with_file_compression_type(self.compression)
        };
        match self.kind {
            Kind::Parquet => Arc::new(ParquetFormat::default()),
            Kind::Csv => Arc::new(csv()),
            Kind::Tsv => Arc::new(csv().with_delimiter(b'\t')),
            Kind::Ndjson | Kind::Json => {
                let json = JsonFormat::default().with_schema_infer_max_rec(usize::MAX);
                let json = json.with_file_compression_type(self.compression);
                Arc::new(json.with_newline_delimited(!is_array))
            }
        }
    }
}

/// Returns `true` if a name of a statement is a path, and not the name of a table.
pub(crate) fn is_path(name: &str) -> bool {
    name.contains(['/', '\\'])
        || name.contains(PATTERN)
        || (has_file_ending(name) && Path::new(name).exists())
}

/// Returns `true` if a name ends like that of a file.
pub(crate) fn has_file_ending(name: &str) -> bool {
    Shape::of(name).is_some()
}

/// Returns the table of a file, a directory or a pattern.
pub(crate) async fn table(context: &SessionContext, path: &str) -> Result<Arc<dyn TableProvider>> {
    let failed = |what: String| Failure::new(exit::NOT_FOUND, format!("the files {path:?}: {what}"));
    let is_pattern = path.contains(PATTERN) && !Path::new(path).exists();
    let own = path.to_owned();
    let found = tokio::task::spawn_blocking(move || inspect(&own, is_pattern)).await;
    let Found { shape, is_directory, is_array } =
        found.map_err(|error| failed(error.to_string()))?.map_err(failed)?;
    let url = match is_directory && !path.ends_with('/') {
        true => ListingTableUrl::parse(format!("{path}/")),
        false => ListingTableUrl::parse(path),
    };
    let url = url.map_err(|error| failed(error.strip_backtrace()))?;
    let options = ListingOptions::new(shape.format(is_array)).with_file_extension(shape.ending.as_str());
    let state = context.state();
    let schema = match shape.kind {
        Kind::Csv | Kind::Tsv => csv_schema(&state, &url, &options).await.map(Arc::new),
        Kind::Parquet | Kind::Ndjson | Kind::Json => options.infer_schema(&state, &url).await,
    };
    let schema = schema.map_err(|error| {
        Failure::new(exit::FAILURE, format!("the files {path:?} cannot be read: {}", error.strip_backtrace()))
    })?;
    if schema.fields().is_empty() {
        return Err(failed(format!("no file has columns; names have to end in {}", shape.ending)));
    }
    let listing = |schema| {
        let config = ListingTableConfig::new(url.clone()).with_listing_options(options.clone());
        ListingTable::try_new(config.with_schema(schema)).map(Arc::new)
    };
    let schema = match shape.kind {
        Kind::Csv | Kind::Tsv => {
            let texts = schema.fields().iter().map(|field| Field::new(field.name(), DataType::Utf8, true));
            let texts = listing(Arc::new(Schema::new(texts.collect::<Vec<_>>())))?;
            let mut is_exact = vec![true; schema.fields().len()];
            let mut rows = context.read_table(texts)?.execute_stream().await?;
            while let Some(batch) = rows.next().await {
                check_digits(&schema, &batch?, &mut is_exact);
            }
            Arc::new(without_loss(&schema, &is_exact))
        }
        Kind::Parquet | Kind::Ndjson | Kind::Json => schema,
    };
    Ok(listing(schema)?)
}

/// Returns the columns of CSV files, whose rows have them by position.
async fn csv_schema(
    state: &SessionState,
    url: &ListingTableUrl,
    options: &ListingOptions,
) -> EngineResult<Schema> {
    let store = state.runtime_env().object_store(url)?;
    let files = url.list_all_files(state, store.as_ref(), &options.file_extension).await?;
    let mut files: Vec<_> = files.try_collect().await?;
    if files.is_empty() {
        return exec_err!("there are none");
    }
    files.retain(|file| file.size > 0);
    files.sort_by(|one, other| one.location.cmp(&other.location));
    let mut merged: Vec<Field> = Vec::new();
    let mut first = None;
    for file in &files {
        let found = options.format.infer_schema(state, &store, std::slice::from_ref(file)).await?;
        let Some(first) = first else {
            first = Some(&file.location);
            merged = found.fields().iter().map(|field| field.as_ref().clone()).collect();
            continue;
        };
        let names = |fields: &mut dyn Iterator<Item = &Field>| {
            fields.map(|field| field.name().clone()).collect::<Vec<_>>()
        };
        let (own, other) = (names(&mut merged.iter()), names(&mut found.fields().iter().map(AsRef::as_ref)));
        if own != other {
            return exec_err!(
                "/{first} has the columns {own:?}, and /{} has {other:?}; files of one table need the same columns in the same \
                 order; select from each of them, and join the rows by UNION ALL BY NAME",
                file.location
            );
        }
        for (field, other) in merged.iter_mut().zip(found.fields()) {
            field.set_data_type(common(field.data_type(), other.data_type()));
        }
    }
    Ok(Schema::new(merged))
}

/// Returns a type for the values of both types.
fn common(one: &DataType, other: &DataType) -> DataType {
    match (one, other) {
        (one, other) if one == other => one.clone(),
        (DataType::Null, kind) | (kind, DataType::Null) => kind.clone(),
        (DataType::Int64, DataType::Float64) | (DataType::Float64, DataType::Int64) => DataType::Float64,
        _ => DataType::Utf8,
    }
}

/// Finds the columns of CSV files that have a value which the type of the column would change, such as a postal code with
/// leading zeros.
fn check_digits(schema: &Schema, texts: &RecordBatch, is_exact: &mut [bool]) {
    for ((field, texts), is_exact) in schema.fields().iter().zip(texts.columns()).zip(is_exact) {
        let mut values = texts.as_string::<i32>().iter().flatten();
        *is_exact &= match field.data_type() {
            DataType::Int64 => values.all(|text| !has_leading_zero(text) && text.parse::<i64>().is_ok()),
            DataType::Float64 => {
                values.all(|text| !has_leading_zero(text) && significant(text) <= EXACT_DIGITS)
            }
            DataType::Timestamp(unit, _) => {
                let most = match unit {
                    TimeUnit::Second => 0,
                    TimeUnit::Millisecond => 3,
                    TimeUnit::Microsecond => 6,
                    TimeUnit::Nanosecond => 9,
                };
                values.all(|text| fraction(text).is_some_and(|digits| digits <= most))
            }
            _ => true,
        };
    }
}

/// Returns the schema with text for each column that would change a value.
fn without_loss(schema: &Schema, is_exact: &[bool]) -> Schema {
    let fields = schema.fields().iter().zip(is_exact).map(|(field, is_exact)| match is_exact {
        true => field.as_ref().clone(),
        false => field.as_ref().clone().with_data_type(DataType::Utf8),
    });
    Schema::new(fields.collect::<Vec<_>>())
}

/// Returns the number of digits of the fraction of a second, or `None` for a time with a zone, which a timestamp without one
/// would lose.
fn fraction(timestamp: &str) -> Option<usize> {
    let rest = timestamp.get("2024-05-01T10:00:00".len()..)?;
    let digits = if rest.is_empty() { rest } else { rest.strip_prefix('.')? };
    digits.bytes().all(|digit| digit.is_ascii_digit()).then_some(digits.len())
}

fn has_leading_zero(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.strip_prefix('0').is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
}

/// Returns the number of digits without zeros in front, before an exponent.
fn significant(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').len()
}

/// What a path names.
struct Found {
    shape: Shape,
    is_directory: bool,
    /// The file is one JSON array.
    is_array: bool,
}

fn inspect(path: &str, is_pattern: bool) -> std::result::Result<Found, String> {
    let known =
        "Parquet, CSV, TSV, NDJSON and JSON are known by the end of their names, such as .parquet or .csv.gz";
    if is_pattern {
        let shape =
            Shape::of(path).ok_or_else(|| format!("the pattern does not end in a format; {known}"))?;
        return Ok(Found { shape, is_directory: false, is_array: false });
    }
    let data = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !data.is_dir() {
        let shape = Shape::of(path).ok_or_else(|| format!("the format is unknown; {known}"))?;
        let is_array = shape.kind == Kind::Json
            && begins_with_bracket(Path::new(path)).map_err(|error| error.to_string())?;
        return Ok(Found { shape, is_directory: false, is_array });
    }
    let (mut shapes, mut endings) = (Vec::new(), BTreeSet::new());
    let mut directories = vec![PathBuf::from(path)];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).map_err(|error| error.to_string())? {
            let entry = entry.map_err(|error| error.to_string())?;
            if entry.path().is_dir() {
                directories.push(entry.path());
            } else if let Some(shape) = Shape::of(&entry.file_name().to_string_lossy())
                && endings.insert(shape.ending.clone())
            {
                shapes.push(shape);
            }
        }
    }
    match (shapes.pop(), shapes.is_empty()) {
        (None, _) => Err(format!("the directory has no files of a known format; {known}")),
        (Some(shape), true) => Ok(Found { shape, is_directory: true, is_array: false }),
        (Some(_), false) => {
            let endings: Vec<String> = endings.into_iter().collect();
            Err(format!("the directory has files of several formats ({}); use a pattern", endings.join(", ")))
        }
    }
}

/// Returns `true` if the first character of a file other than a space is a bracket.
fn begins_with_bracket(path: &Path) -> std::io::Result<bool> {
    use std::io::Read as _;

    let file = std::io::BufReader::new(std::fs::File::open(path)?);
    for byte in file.bytes() {
        let byte = byte?;
        if !byte.is_ascii_whitespace() {
            return Ok(byte == b'[');
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted() {
        assert!(has_leading_zero("007") && has_leading_zero("-01.5"));
        assert!(!has_leading_zero("0") && !has_leading_zero("0.5") && !has_leading_zero("-0.5"));
        assert_eq!(significant("-0.00123e10"), 3);
        assert_eq!(significant("1234567890.123456"), 16);
        assert_eq!(fraction("2024-05-01 10:00:00"), Some(0));
        assert_eq!(fraction("2024-05-01T10:00:00.250"), Some(3));
        assert_eq!(fraction("2024-05-01T10:00:00Z"), None);
        assert_eq!(fraction("2024-05-01T10:00:00.5+02:00"), None);
    }

    #[test]
    fn formats_are_known_by_names() {
        let of = |name: &str| Shape::of(name).map(|shape| (shape.kind, shape.ending));
        assert_eq!(of("a/b.parquet"), Some((Kind::Parquet, ".parquet".to_owned())));
        assert_eq!(of("B.CSV.gz"), Some((Kind::Csv, ".CSV.gz".to_owned())));
        assert_eq!(of("x/*.jsonl"), Some((Kind::Ndjson, ".jsonl".to_owned())));
        assert_eq!(of("x.parquet.gz"), None);
        assert_eq!(of("films"), None);
        assert_eq!(of("csv"), None);
        assert!(
            is_path("Cargo.toml/")
                && is_path("a/b")
                && is_path("*")
                && !is_path("films")
                && !is_path("no.csv")
        );
    }
}
