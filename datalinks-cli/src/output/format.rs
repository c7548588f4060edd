//! The formats of data.

use std::fmt;

use clap::ValueEnum;
use serde::Deserialize;

/// The meaning of `--output`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Tables for people, as wide as the terminal
    #[default]
    Table,
    /// One JSON array, or one object
    Json,
    /// One JSON object per line
    Ndjson,
    /// A header and one line per row
    Csv,
    /// A Parquet file, which needs a build with the feature `parquet`
    Parquet,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        })
    }
}
