//! Writing to the standard streams.
//!
//! `println!` panics if the reader has closed the pipe. Everything in this crate is written by these functions instead.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};

/// Standard output could not be written.
#[derive(Debug)]
pub(crate) struct WriteError(io::Error);

impl WriteError {
    /// Returns `true` if the reader of the output has closed it. That is the end of the command, and no error.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot write the output")
    }
}

impl Error for WriteError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

/// Writes to standard output.
pub(crate) fn print(bytes: &[u8]) -> Result<(), WriteError> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// Writes a line to standard output.
pub(crate) fn line(text: &str) -> Result<(), WriteError> {
    print(format!("{text}\n").as_bytes())
}

/// Writes a line to standard error. If nobody reads it, there is nobody to tell.
pub(crate) fn diagnostic(text: &str) {
    let _ = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}
