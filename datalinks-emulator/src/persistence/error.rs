//! Why a state is not kept.

use std::fmt;
use std::io;
use std::path::PathBuf;

use http::StatusCode;

use crate::response::Problem;

/// Why a file cannot be read as a part of the state.
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
        Self::new("the folder", error)
    }
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataDirError {
    /// Another emulator has it.
    #[error("{0} is in use by another emulator; stop that one or choose another folder")]
    InUse(PathBuf),
    /// There is something else in it.
    #[error(
        "{0} is not empty and holds no state of an emulator; choose an empty folder or one that an emulator made"
    )]
    NotADataDir(PathBuf),
    /// It was written by another version.
    #[error("{0} {1}")]
    UnsupportedFormat(PathBuf, String),
    /// What is in it cannot be read as a state.
    #[error("the state in {folder} cannot be read: {reason}; mend the file, or choose another folder")]
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// Which file, and what is wrong with it.
        reason: String,
    },
    /// The operating system refused something.
    #[error(
        "cannot keep the state in {folder}; it must be a directory that can be read and written, on a disk with room"
    )]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Why the state was not changed, or a snapshot not found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// What was given is no state, or not a whole one. Nothing changed.
    #[error("the state was left as it is, because what was given cannot be read: {0}")]
    Unreadable(String),
    /// There is no snapshot of this name.
    #[error("there is no snapshot {0:?}; look at the list of snapshots")]
    NoSnapshot(String),
    /// A snapshot has another sort of name.
    #[error("a snapshot needs a name of 1 to 50 letters, digits, dots, `-` and `_`; choose another one")]
    InvalidName,
    /// The folder of the state cannot be written or read. Nothing changed.
    #[error("the state could not be kept, so nothing was changed: {0}; look at the folder and try again")]
    NotPersisted(io::Error),
    /// The change was written, and the disk did not confirm that it has it. The change may or may not be kept.
    #[error(
        "the change was written, but the disk did not confirm it, so it may or may not be kept: {0}; check the disk, \
         and read the state before you repeat the change"
    )]
    Unconfirmed(io::Error),
}

/// The cause of an [`io::Error`] about something that was written as a whole: only the disk did not confirm it.
#[derive(Debug)]
struct NotConfirmed(io::Error);

impl fmt::Display for NotConfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for NotConfirmed {}

/// Marks an error as one that came after everything was written.
pub(super) fn unconfirmed(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), NotConfirmed(error))
}

/// Returns `true` if the error came after everything was written.
pub(super) fn is_unconfirmed(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<NotConfirmed>())
}

/// Adds the file that an error is about.
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
