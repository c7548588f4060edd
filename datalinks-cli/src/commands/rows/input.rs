//! Where rows come from: files, patterns, or standard input.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use datalinks::read::{self, BadRow, OnBadRow, RawRow, Reader};
use futures::StreamExt;

use crate::failure::{Exit, Failure, Place, Result};

/// Where rows come from.
#[derive(Args, Clone, Debug)]
pub(in crate::commands) struct Input {
    /// Files, directories or patterns, such as 'data/*.csv', or `-` for standard input
    ///
    /// CSV, TSV, NDJSON and JSON arrays, also compressed by gzip or zstd. Parquet and spreadsheets need a build with the
    /// features `parquet` and `excel`.
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,

    /// Format of the rows [default: by the extension of the name]
    #[arg(long, value_name = "FORMAT", help_heading = "Input")]
    format: Option<FileFormat>,

    /// Character between the cells of CSV [default: detected]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter, help_heading = "Input")]
    delimiter: Option<u8>,

    /// Infer numbers and booleans in CSV, whose cells are strings otherwise
    #[arg(long, help_heading = "Input")]
    infer_types: bool,

    /// Column of CSV or of a spreadsheet whose cells stay strings (repeatable)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    string_column: Vec<String>,

    /// Sheet of a spreadsheet [default: the first one]
    #[cfg(feature = "excel")]
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    sheet: Option<String>,
}

/// A format of files.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum FileFormat {
    Csv,
    Tsv,
    /// One JSON array of objects
    Json,
    /// One JSON object per line
    Ndjson,
    /// A spreadsheet
    #[cfg(feature = "excel")]
    Excel,
    #[cfg(feature = "parquet")]
    Parquet,
}

/// The action after a record that is not a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(in crate::commands) enum BadRows {
    /// End the input. The rows before it are sent
    Stop,
    /// Leave it out and count it
    Skip,
    /// Write it to the dead-letter file and continue
    DeadLetter,
}

fn delimiter(text: &str) -> std::result::Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(*byte),
        b"\\t" | b"tab" => Ok(b'\t'),
        _ => Err("expected one ASCII character, such as ';', or tab".to_owned()),
    }
}

impl Input {
    /// Returns `true` if the rows come from standard input.
    pub(in crate::commands) fn is_standard_input(&self) -> bool {
        self.files.iter().any(|file| file.as_os_str() == "-")
    }

    /// Returns the input in a few words.
    pub(in crate::commands) fn label(&self) -> String {
        match &self.files[..] {
            [_] if self.is_standard_input() => "standard input".to_owned(),
            [file] => file.display().to_string(),
            files => format!(
                "{} and {} more",
                files.first().map_or(String::new(), |file| file.display().to_string()),
                files.len() - 1
            ),
        }
    }

    /// Checks that no file is given twice, and that none is `written` by the command, such as its journal.
    ///
    /// A pattern or a directory yields each file once, so only files that are given by their paths are compared.
    pub(in crate::commands) async fn check_files(&self, written: &[Option<&Path>]) -> Result {
        let mut known = HashSet::new();
        for file in &self.files {
            // The reader reports a file that does not exist. Devices and pipes have other rows each time.
            if !tokio::fs::metadata(file).await.is_ok_and(|found| found.is_file()) {
                continue;
            }
            if !known.insert(tokio::fs::canonicalize(file).await?) {
                let what = format!("{} is given twice; nothing was sent", file.display());
                return Err(Failure::usage(what)
                    .next("give each file once, because its rows would be stored as often as it is given"));
            }
        }
        for path in written.iter().flatten() {
            if tokio::fs::canonicalize(path).await.is_ok_and(|path| known.contains(&path)) {
                let what =
                    format!("{} is a file of rows, and would be written; nothing was sent", path.display());
                return Err(Failure::usage(what).next("name another file for --journal or --dead-letter"));
            }
        }
        Ok(())
    }

    /// Creates the reader of the rows. Opens nothing.
    pub(in crate::commands) fn reader(&self, bad_rows: BadRows) -> Result<Reader> {
        let mut reader = if self.is_standard_input() {
            if self.files.len() > 1 {
                return Err(Failure::usage("`-` is standard input, which cannot be combined with files"));
            }
            if self.format.is_none() {
                return Err(Failure::usage("standard input has no name that shows its format")
                    .next("add --format, such as --format ndjson"));
            }
            Reader::from_reader(io::stdin(), "standard input")
        } else {
            read::files(&self.files)
        };
        if let Some(format) = self.format {
            reader = reader.format(match format {
                FileFormat::Csv => read::Format::Csv,
                FileFormat::Tsv => read::Format::Tsv,
                FileFormat::Json => read::Format::Json,
                FileFormat::Ndjson => read::Format::Ndjson,
                #[cfg(feature = "excel")]
                FileFormat::Excel => read::Format::Excel,
                #[cfg(feature = "parquet")]
                FileFormat::Parquet => read::Format::Parquet,
            });
        }
        if let Some(delimiter) = self.delimiter {
            reader = reader.delimiter(delimiter);
        }
        if self.infer_types {
            reader = reader.infer_types();
        }
        #[cfg(feature = "excel")]
        if let Some(sheet) = &self.sheet {
            reader = reader.sheet(sheet);
        }
        Ok(reader.string_columns(&self.string_column).on_bad_row(match bad_rows {
            BadRows::Stop => OnBadRow::Stop,
            BadRows::Skip => OnBadRow::Skip,
            BadRows::DeadLetter => OnBadRow::Report,
        }))
    }

    /// Reads the first rows.
    pub(in crate::commands) async fn sample(&self, rows: usize) -> Result<Vec<RawRow>> {
        let mut stream = self.reader(BadRows::Stop)?.into_stream().take(rows);
        let mut sample = Vec::new();
        while let Some(row) = stream.next().await {
            sample.push(row.map_err(input_failure)?);
        }
        if sample.is_empty() {
            return Err(Failure::usage(format!("{} has no rows", self.label())));
        }
        Ok(sample)
    }
}

/// Returns the failure of an input, with its file and line.
pub(in crate::commands) fn input_failure(error: datalinks::Error) -> Failure {
    match BadRow::of(&error) {
        Some(bad) => {
            let place = Place::File { path: bad.file().to_owned(), line: Some(bad.line()) };
            Failure::new(Exit::Failure, error.message()).caused_by(bad).at(place)
        }
        None => Failure::from(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_one_character() {
        assert_eq!(delimiter(";"), Ok(b';'));
        assert_eq!((delimiter("tab"), delimiter("\\t")), (Ok(b'\t'), Ok(b'\t')));
        assert!(delimiter("").is_err() && delimiter("é").is_err() && delimiter(";;").is_err());
    }
}
