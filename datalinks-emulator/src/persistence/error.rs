//! Errors of persistence.

use std::fmt;
use std::io;
use std::path::PathBuf;

use http::StatusCode;

use crate::response::{Problem, debug_error::debug_as_sentence};

/// The reason why a file cannot be read as a part of the state.
#[derive(Debug, thiserror::Error)]
#[error("{path}{}: {reason}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub(crate) struct Unreadable {
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
    pub(crate) reason: String,
}

impl Unreadable {
    pub(crate) fn new(path: impl Into<String>, reason: impl ToString) -> Self {
        Self { path: path.into(), line: None, reason: reason.to_string() }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::new("the data directory", error)
    }
}

/// The reason why a data directory cannot be used.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum DataDirError {
    /// Another emulator uses the directory.
    #[error("{0} is in use by another emulator; stop that one or choose another directory")]
    InUse(PathBuf),
    /// The directory contains other files.
    #[error(
        "{0} is not empty and does not contain a state of an emulator; choose an empty directory or one that an emulator created"
    )]
    NotADataDir(PathBuf),
    /// Another version of the emulator wrote the directory.
    #[error("{0} {1}")]
    UnsupportedFormat(PathBuf, String),
    /// A file in the directory cannot be read as a part of the state.
    #[error(
        "the state in {directory} cannot be read: {reason}; correct the file, or choose another directory"
    )]
    #[non_exhaustive]
    Unreadable {
        /// The data directory.
        directory: PathBuf,
        /// The file and the reason why it is invalid.
        reason: String,
    },
    /// An operation of the operating system failed.
    #[error(
        "cannot write the state to {directory}; it must be a directory that can be read and written, on a disk with free space"
    )]
    #[non_exhaustive]
    Io {
        /// The data directory.
        directory: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// The reason why the state was not changed, or why a snapshot was not found.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The imported document is not a complete state. The state has not changed.
    #[error("the state was not changed, because the document cannot be read: {0}")]
    Unreadable(String),
    /// A snapshot with this name does not exist.
    #[error("snapshot {0:?} does not exist; list the snapshots and use one of their names")]
    NoSnapshot(String),
    /// The name of the snapshot is invalid.
    #[error("a snapshot needs a name of 1 to 50 letters, digits, dots, `-` and `_`; choose another name")]
    InvalidName,
    /// The data directory cannot be written or read. The state has not changed.
    #[error(
        "the state could not be persisted, so nothing was changed: {0}; check the data directory and try again"
    )]
    NotPersisted(io::Error),
    /// The change was written, but the disk did not confirm it. The change may or may not be persisted.
    #[error(
        "the change was written, but the disk did not confirm it, so it may or may not be persisted: {0}; check the disk, \
         and read the state before you retry the change"
    )]
    Unconfirmed(io::Error),
}

debug_as_sentence!(DataDirError, StateError);

/// The cause of an [`io::Error`] that occurred after everything was written: the disk did not confirm the write.
#[derive(Debug)]
struct NotConfirmed(io::Error);

impl fmt::Display for NotConfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for NotConfirmed {}

/// Marks an error that occurred after everything was written.
pub(super) fn unconfirmed(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), NotConfirmed(error))
}

/// Returns `true` if the error occurred after everything was written.
pub(super) fn is_unconfirmed(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<NotConfirmed>())
}

/// Adds the path of the file to an error.
pub(super) fn about(error: io::Error, path: &str) -> io::Error {
    let named = io::Error::new(error.kind(), format!("{path}: {error}"));
    if is_unconfirmed(&error) { unconfirmed(named) } else { named }
}

impl From<Unreadable> for StateError {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<io::Error> for StateError {
    fn from(error: io::Error) -> Self {
        if is_unconfirmed(&error) { Self::Unconfirmed(error) } else { Self::NotPersisted(error) }
    }
}

impl From<StateError> for Problem {
    fn from(error: StateError) -> Self {
        let message = error.to_string();
        match error {
            StateError::Unreadable(_) | StateError::InvalidName => Self::bad_request(message),
            StateError::NoSnapshot(_) => Self::not_found(message),
            StateError::NotPersisted(error) | StateError::Unconfirmed(error) => {
                let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
                let (status, code) = if full {
                    (StatusCode::INSUFFICIENT_STORAGE, "INSUFFICIENT_STORAGE")
                } else {
                    (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL")
                };
                Self::new(status, code, message)
            }
        }
    }
}
