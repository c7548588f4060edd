//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, ValueEnum};
use datalinks::ingest::Concurrency;
use datalinks_datafusion::ColumnType;

/// SQL over DataLinks datasets and files
///
/// A table is NAMESPACE.DATASET, a name that --table gives to files, or a path of files in quotes. SQL turns names without
/// double quotes into lower case. Several statements are separated by semicolons, and the first failure ends the run. Without
/// a statement, statements are read from standard input, which may be a terminal.
///
/// `datalinks sql` starts this program with the profile, the saved token and the emulator of `datalinks`.
///
/// Exit codes are those of `datalinks`: 0 if all statements succeeded, 2 for an invalid statement, 3 if an INSERT stored some
/// rows only, 7 if the service may have stored rows whose outcome is ambiguous, 130 after Ctrl-C.
#[derive(Debug, Parser)]
#[command(
    name = "datalinks-sql",
    version,
    after_help = "Examples:\n  \
    datalinks-sql 'SELECT title FROM cinema.films WHERE year >= 2012 ORDER BY year'\n  \
    datalinks-sql --table films=films.parquet 'SELECT director, count(*) FROM films GROUP BY director'\n  \
    datalinks-sql --journal films-journal \"INSERT INTO cinema.films SELECT * FROM 'files/*.parquet'\"\n  \
    datalinks-sql -f report.sql -o csv"
)]
pub(crate) struct Arguments {
    /// Statements [default: those of standard input]
    #[arg(conflicts_with = "file")]
    pub(crate) statement: Option<String>,

    /// File with statements
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// Files as a table: Parquet, CSV, TSV, NDJSON or JSON, a directory of them, or a pattern such as 'files/*.parquet'
    #[arg(long, value_name = "NAME=PATH", value_parser = named_path)]
    pub(crate) table: Vec<(String, String)>,

    #[command(flatten)]
    pub(crate) service: Service,

    #[command(flatten)]
    pub(crate) reading: Reading,

    #[command(flatten)]
    pub(crate) insert: Insert,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Service and output")]
pub(crate) struct Service {
    /// Base URL of the API [variable: DL_HOST] [default: https://api.datalinks.com/api/v1]
    #[arg(long, value_name = "URL")]
    pub(crate) host: Option<String>,

    /// File with the token, or `-` for standard input
    ///
    /// There is no option for the token itself, because other users of the machine can see the arguments of a program. Set
    /// DL_API_KEY, or save the token by `datalinks auth login` and use `datalinks sql`.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Namespace of tables that are named without one [variable: DL_NAMESPACE]
    #[arg(long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,

    /// Use an emulator without data, which ends with this program: `--emulator=fresh`
    ///
    /// `datalinks sql --emulator` uses the emulator that the commands of `datalinks` share.
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "shared")]
    pub(crate) emulator: Option<Emulator>,

    /// Profile of settings, which needs `datalinks sql`
    #[arg(long, value_name = "NAME", hide = true)]
    pub(crate) profile: Option<String>,

    /// Format of the output [variable: DL_OUTPUT] [default: table]
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,

    /// Time limit of each call, such as 90s [variable: DL_TIMEOUT] [default: none]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,

    /// Proxy for all requests [variable: DL_PROXY]
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,

    /// File with a certificate authority to trust, in PEM or DER [variable: DL_CA]
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,

    /// Errors and data only: no notes
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Tables")]
pub(crate) struct Reading {
    /// Type of a column of a dataset: BIGINT, DOUBLE, BOOLEAN or VARCHAR [default: as a sample of the rows has it]
    ///
    /// A column that the dataset does not have is added, so that INSERT can name it.
    #[arg(long, value_name = "NAMESPACE/DATASET:COLUMN=TYPE", value_parser = typed_column)]
    pub(crate) column: Vec<TypedColumn>,

    /// Read a dataset in pages, ordered by a column that has a different integer in every row
    ///
    /// Without pages, one response has all rows that a scan needs, and is in memory as a whole.
    #[arg(long, value_name = "NAMESPACE/DATASET:COLUMN", value_parser = page_column)]
    pub(crate) page_by: Vec<PageColumn>,

    /// Rows of a page
    #[arg(long, value_name = "ROWS", default_value_t = 10_000)]
    pub(crate) page_rows: u64,

    /// Number of partitions of a statement. A statement goes on from its journals with the same number only
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) partitions: u16,

    /// Memory for sorts, joins and aggregations, such as 512MiB; what exceeds it is written to temporary files
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "1GiB")]
    pub(crate) memory: usize,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "INSERT")]
pub(crate) struct Insert {
    /// Create the dataset of an INSERT if it does not exist
    #[arg(long)]
    pub(crate) create: bool,

    /// Directory for the journals and the failed rows of an INSERT, so that it can be continued
    #[arg(long, value_name = "DIR")]
    pub(crate) journal: Option<PathBuf>,

    /// Continue the INSERT of the journal directory, with the same statement, input and options
    #[arg(long, requires = "journal")]
    pub(crate) resume: bool,

    /// Append failed rows to a file as NDJSON, with their errors. With --journal, they are in its directory
    #[arg(long, value_name = "FILE", conflicts_with = "journal")]
    pub(crate) dead_letter: Option<PathBuf>,

    /// Greatest number of rows in a request, or 0 for no limit [default: 1000]
    #[arg(long, value_name = "ROWS")]
    pub(crate) batch_size: Option<usize>,

    /// Greatest size of the rows in a request, such as 500kB or 8MiB [default: 4MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_batch_bytes: Option<usize>,

    /// Number of requests in flight: 1 to 64, or auto. With --journal, of each partition [default: 1]
    #[arg(long, value_name = "N|auto", value_parser = concurrency)]
    pub(crate) concurrency: Option<Concurrency>,

    /// Handling of requests whose response was lost [default: at-least-once]
    #[arg(long, value_name = "MODE")]
    pub(crate) delivery: Option<Delivery>,

    /// Column that identifies a row, by which reconciled delivery finds stored rows
    #[arg(long, value_name = "COLUMN")]
    pub(crate) reconcile_by: Option<String>,
}

/// The handling of requests whose response was lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Delivery {
    /// Send the rows again. They may be stored twice, which is reported
    AtLeastOnce,
    /// Do not send the rows again. They are reported as ambiguous
    AtMostOnce,
    /// Look into the dataset, and send the rows again that are missing
    Reconciled,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Emulator {
    /// An emulator without data, for this program only
    Fresh,
    /// The emulator that all uses share, which needs `datalinks sql`
    Shared,
}

/// The format of the output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for people
    #[default]
    Table,
    /// One JSON array
    Json,
    /// One JSON object per line
    Ndjson,
    /// A header and one line per row
    Csv,
    /// A Parquet file
    Parquet,
}

/// The type of a column of a dataset, `namespace/dataset`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TypedColumn {
    pub(crate) dataset: String,
    pub(crate) column: String,
    pub(crate) column_type: ColumnType,
}

/// The column by which a dataset, `namespace/dataset`, is read in pages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PageColumn {
    pub(crate) dataset: String,
    pub(crate) column: String,
}

fn named_path(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), path.to_owned())),
        _ => Err("expected NAME=PATH, such as films=films.parquet".to_owned()),
    }
}

fn page_column(text: &str) -> Result<PageColumn, String> {
    match text.split_once(':') {
        Some((dataset, column)) if dataset.contains('/') && !column.is_empty() => {
            Ok(PageColumn { dataset: dataset.to_owned(), column: column.to_owned() })
        }
        _ => Err("expected NAMESPACE/DATASET:COLUMN, such as cinema/films:id".to_owned()),
    }
}

fn typed_column(text: &str) -> Result<TypedColumn, String> {
    let wrong = || "expected NAMESPACE/DATASET:COLUMN=TYPE, such as cinema/films:year=BIGINT".to_owned();
    let (column, name) = text.rsplit_once('=').ok_or_else(wrong)?;
    let PageColumn { dataset, column } = page_column(column).map_err(|_| wrong())?;
    let column_type = match name.to_ascii_uppercase().as_str() {
        "BIGINT" => ColumnType::Integer,
        "DOUBLE" => ColumnType::Number,
        "BOOLEAN" => ColumnType::Boolean,
        "VARCHAR" => ColumnType::Text,
        _ => return Err(format!("{name:?} is not BIGINT, DOUBLE, BOOLEAN or VARCHAR")),
    };
    Ok(TypedColumn { dataset, column, column_type })
}

/// Parses a number of bytes with an optional unit.
fn size(text: &str) -> Result<usize, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: usize = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => 0,
    };
    let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(factor));
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "expected a number of bytes, such as 500kB or 8MiB".to_owned())
}

/// Parses `auto` or a number.
fn concurrency(text: &str) -> Result<Concurrency, String> {
    if text == "auto" {
        return Ok(Concurrency::auto());
    }
    match text.parse::<usize>() {
        Ok(number) if (1..=64).contains(&number) => Ok(Concurrency::from(number)),
        _ => Err("expected a number from 1 to 64, or auto".to_owned()),
    }
}

/// Parses numbers with units, such as `1m 30s`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a number and a unit, such as 50ms, 2s or 1m 30s".to_owned();
    let (mut total, mut rest) = (Duration::ZERO, text.trim());
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let (number, after) =
            rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?);
        let after = after.trim_start();
        let (unit, after) =
            after.split_at(after.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(after.len()));
        let milliseconds: u64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        total =
            total.saturating_add(Duration::from_millis(number.checked_mul(milliseconds).ok_or_else(wrong)?));
        rest = after.trim_start();
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn definition_is_valid() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn values_are_parsed() {
        assert_eq!(duration("1m 30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(size("8MiB"), Ok(8 << 20));
        assert_eq!(
            typed_column("cinema/films:a=b=bigint"),
            Ok(TypedColumn {
                dataset: "cinema/films".to_owned(),
                column: "a=b".to_owned(),
                column_type: ColumnType::Integer
            })
        );
        assert_eq!(named_path("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        for wrong in ["", "5", "-1s", "soon", "1 day"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert!(page_column("films:id").is_err() && page_column("cinema/films").is_err());
        assert!(typed_column("cinema/films:a=INT").is_err() && named_path("a=").is_err());
        assert!(size("0").is_err() && concurrency("65").is_err());
    }
}
