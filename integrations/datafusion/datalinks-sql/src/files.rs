//! Files as tables.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::{AsArray as _, RecordBatch},
        datatypes::{DataType, Field, Schema},
    },
    catalog::TableProvider,
    datasource::{
        file_format::{
            FileFormat, csv::CsvFormat, file_compression_type::FileCompressionType, json::JsonFormat,
            parquet::ParquetFormat,
        },
        listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl},
    },
    prelude::SessionContext,
};

use crate::failure::{Failure, Result, exit};

/// Rows that decide the types of the columns of CSV files.
const SAMPLE: usize = 1_000;

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
        let csv = || {
            let csv = CsvFormat::default()
                .with_schema_infer_max_rec(SAMPLE)
                .with_has_header(true)
                .with_newlines_in_values(true);
            csv.with_file_compression_type(self.compression)
        };
        match self.kind {
            Kind::Parquet => Arc::new(ParquetFormat::default()),
            Kind::Csv => Arc::new(csv()),
            Kind::Tsv => Arc::new(csv().with_delimiter(b'\t')),
            Kind::Ndjson | Kind::Json => {
                let json = JsonFormat::default().with_file_compression_type(self.compression);
                Arc::new(json.with_newline_delimited(!is_array))
            }
        }
    }
}

/// Returns `true` if a name of a statement is a path, and not the name of a table.
pub(crate) fn is_path(name: &str) -> bool {
    name.contains(['/', '\\'])
        || name.contains(PATTERN)
        || (Shape::of(name).is_some() && Path::new(name).exists())
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
    let schema = options.infer_schema(&state, &url).await;
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
            let sample = context.read_table(texts)?.limit(0, Some(SAMPLE))?.collect().await?;
            Arc::new(without_loss(&schema, &sample))
        }
        Kind::Parquet | Kind::Ndjson | Kind::Json => schema,
    };
    Ok(listing(schema)?)
}

/// Returns the schema of CSV files with text for each column that has a number in the sample whose digits would change, such as
/// a postal code with leading zeros.
fn without_loss(schema: &Schema, sample: &[RecordBatch]) -> Schema {
    let fields = schema.fields().iter().enumerate().map(|(at, field)| {
        let values = || sample.iter().flat_map(|batch| batch.column(at).as_string::<i32>().iter().flatten());
        let is_exact = match field.data_type() {
            DataType::Int64 => values().all(|text| !has_leading_zero(text) && text.parse::<i64>().is_ok()),
            DataType::Float64 => {
                values().all(|text| !has_leading_zero(text) && significant(text) <= EXACT_DIGITS)
            }
            _ => true,
        };
        if is_exact { field.as_ref().clone() } else { field.as_ref().clone().with_data_type(DataType::Utf8) }
    });
    Schema::new(fields.collect::<Vec<_>>())
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
