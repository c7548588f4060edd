//! Rows that failed, written to a file as they fail.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{Error, ErrorKind};

/// An NDJSON file that failed rows are appended to.
#[derive(Debug)]
pub(super) struct DeadLetters {
    file: File,
    path: PathBuf,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Letter<'a> {
    index: usize,
    error: String,
    outcome_unknown: bool,
    /// Nothing when the row cannot be written as JSON.
    row: Option<&'a RawValue>,
}

impl DeadLetters {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file =
            OpenOptions::new().append(true).create(true).open(path).map_err(|error| fault(path, error))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Appends one row.
    pub(super) fn write(&mut self, index: usize, error: &Error, row: Option<&[u8]>) -> Result<(), Error> {
        // The bytes were written by this crate as one JSON object.
        let row = row.and_then(|row| serde_json::from_slice::<&RawValue>(row).ok());
        let letter =
            Letter { index, error: error.to_string(), outcome_unknown: error.outcome_unknown(), row };
        let mut line = serde_json::to_vec(&letter).map_err(|error| {
            Error::new(ErrorKind::Io, "the failed row cannot be written").caused_by(error)
        })?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(|error| fault(&self.path, error))
    }
}

fn fault(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the file for failed rows {}: {error}", path.display()))
        .caused_by(error)
}
