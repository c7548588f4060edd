//! Failures: what failed, why, and what to do next, with an exit code.

use std::error::Error;

use datafusion::error::DataFusionError;
use datalinks::ErrorKind;
use datalinks_datafusion::{InsertError, RowError, RowErrorKind};

use crate::{files, report, terminal};

pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// The exit codes, which are those of `datalinks`.
pub(crate) mod exit {
    pub(crate) const FAILURE: u8 = 1;
    pub(crate) const USAGE: u8 = 2;
    pub(crate) const PARTIAL_INGEST: u8 = 3;
    pub(crate) const AUTHENTICATION: u8 = 4;
    pub(crate) const NOT_FOUND: u8 = 5;
    pub(crate) const UNREACHABLE: u8 = 6;
    pub(crate) const AMBIGUOUS: u8 = 7;
    pub(crate) const BUDGET: u8 = 8;
    pub(crate) const OUTPUT_CLOSED: u8 = 141;

    /// The code that takes precedence comes first. A signal comes before all of them.
    const PRECEDENCE: [u8; 7] =
        [AMBIGUOUS, BUDGET, AUTHENTICATION, NOT_FOUND, PARTIAL_INGEST, UNREACHABLE, FAILURE];

    /// Returns the code that takes precedence, or 0 for none.
    pub(crate) fn first(codes: &[u8]) -> u8 {
        let known = PRECEDENCE.into_iter().find(|code| codes.contains(code));
        known.or_else(|| codes.iter().copied().find(|code| *code != 0)).unwrap_or(0)
    }
}

/// A failure.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    message: String,
    causes: Vec<String>,
    next: Vec<String>,
}

impl Failure {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), causes: Vec::new(), next: Vec::new() }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(exit::USAGE, message)
    }

    /// Creates the end of a statement that a signal stopped. `code` is 128 plus the number of the signal.
    pub(crate) fn interrupted(code: u8) -> Self {
        Self::new(code, "interrupted")
    }

    /// The reader of the output has closed it, which is nothing to report.
    pub(crate) fn output_closed() -> Self {
        Self::new(exit::OUTPUT_CLOSED, "")
    }

    /// Adds what to do next.
    pub(crate) fn next(mut self, what: impl Into<String>) -> Self {
        self.next.push(what.into());
        self
    }

    pub(crate) fn caused_by(mut self, error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let text = error.to_string();
            if !self.message.contains(&text) && !self.causes.iter().any(|earlier| earlier.contains(&text)) {
                self.causes.push(text);
            }
            cause = error.source();
        }
        self
    }

    /// Writes the failure to standard error.
    pub(crate) fn report(&self) {
        if self.message.is_empty() {
            return;
        }
        terminal::diagnostic(&format!("error: {}", terminal::escape(&self.message)));
        for cause in &self.causes {
            terminal::diagnostic(&format!("  cause: {}", terminal::escape(cause)));
        }
        for next in &self.next {
            terminal::diagnostic(&format!("  next: {}", terminal::escape(next)));
        }
    }
}

impl From<datalinks::Error> for Failure {
    fn from(error: datalinks::Error) -> Self {
        let failure = Self::new(code(&error), error.to_string());
        match error.kind() {
            ErrorKind::Unauthorized => failure.next("datalinks auth status"),
            ErrorKind::Connect => failure.next("check the host: --host or DL_HOST"),
            _ => failure,
        }
    }
}

/// Returns the exit code of an error of the client.
pub(crate) fn code(error: &datalinks::Error) -> u8 {
    if error.is_ambiguous() {
        return exit::AMBIGUOUS;
    }
    match error.kind() {
        ErrorKind::Config | ErrorKind::InvalidInput | ErrorKind::InUse => exit::USAGE,
        ErrorKind::Budget => exit::BUDGET,
        ErrorKind::Unauthorized | ErrorKind::Forbidden => exit::AUTHENTICATION,
        ErrorKind::NotFound | ErrorKind::Gone => exit::NOT_FOUND,
        ErrorKind::Connect
        | ErrorKind::Timeout
        | ErrorKind::Interrupted
        | ErrorKind::RateLimited
        | ErrorKind::Server
        | ErrorKind::Unsupported
        | ErrorKind::Redirect
        | ErrorKind::UnexpectedResponse
        | ErrorKind::PrematureEnd
        | ErrorKind::Stalled => exit::UNREACHABLE,
        _ => exit::FAILURE,
    }
}

impl From<DataFusionError> for Failure {
    fn from(error: DataFusionError) -> Self {
        // From the outside, because the account of an INSERT says more than the error that ended it.
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(found) = cause {
            if let Some(error) = found.downcast_ref::<InsertError>() {
                return report::failure(&error.account);
            }
            if let Some(error) = found.downcast_ref::<datalinks::Error>() {
                return error.clone().into();
            }
            if let Some(error) = found.downcast_ref::<RowError>() {
                let failure =
                    Self::new(exit::FAILURE, format!("reading {}: {}", error.dataset, error.reason));
                return match error.kind {
                    RowErrorKind::ColumnType => {
                        failure.next("set the type of the column: --column NAMESPACE/DATASET:COLUMN=VARCHAR")
                    }
                    RowErrorKind::AnswerColumns => {
                        failure.next("name the columns of the answer as the third argument of natural_language")
                    }
                    RowErrorKind::PageColumn => failure.next(
                        "give --page-by a column that has a different integer in every row, and run the statement again",
                    ),
                    _ => failure,
                };
            }
            cause = found.source();
        }
        let root = error.find_root();
        // Suggestions of the engine are on lines of their own, and a diagnostic is one line.
        let message = root.strip_backtrace().replace('\n', " ");
        let is_file = missing_table(&message).is_some_and(files::has_file_ending);
        let code = match root {
            DataFusionError::Plan(text) if missing_table(text).is_some() => exit::NOT_FOUND,
            DataFusionError::SQL(..)
            | DataFusionError::Plan(_)
            | DataFusionError::SchemaError(..)
            | DataFusionError::NotImplemented(_) => exit::USAGE,
            _ => exit::FAILURE,
        };
        let failure = Self::new(code, message);
        match code {
            exit::NOT_FOUND if is_file => failure.next(
                "there is no such file or dataset; a path is relative to the working directory, and a dataset is NAMESPACE.DATASET",
            ),
            exit::NOT_FOUND => failure.next(
                "a table is NAMESPACE.DATASET, a name of --table, or a path in quotes; names in upper case are written in double \
                 quotes; SHOW TABLES lists the datasets",
            ),
            _ => failure,
        }
    }
}

/// Returns the name of the table that an error of the engine misses, with or without the kind of the error before it.
fn missing_table(message: &str) -> Option<&str> {
    let text = message.strip_prefix("Error during planning: ").unwrap_or(message);
    text.strip_prefix("table '")?.strip_suffix("' not found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_precedence_of_datalinks() {
        assert_eq!(exit::first(&[]), 0);
        assert_eq!(exit::first(&[1, 3, 6]), 3);
        assert_eq!(exit::first(&[1, 7, 4]), 7);
        assert_eq!(exit::first(&[2]), 2);
    }

    #[test]
    fn errors_of_the_engine_have_codes() {
        let code = |error: DataFusionError| Failure::from(error).code;
        assert_eq!(code(DataFusionError::Plan("table 'a.b.c' not found".to_owned())), 5);
        assert_eq!(code(DataFusionError::Plan("x".to_owned())), 2);
        let next = |name: &str| {
            Failure::from(DataFusionError::Plan(format!("table 'datalinks.public.{name}' not found"))).next
        };
        assert!(next("films.csv").concat().contains("no such file"));
        assert!(next("films").concat().contains("SHOW TABLES"));
        let failure = Failure::from(DataFusionError::Plan("No field x.\nValid fields are y.".to_owned()));
        assert!(failure.message.ends_with("No field x. Valid fields are y."), "{}", failure.message);
        assert_eq!(code(DataFusionError::Execution("x".to_owned())), 1);
        let error = datalinks::Error::new(ErrorKind::Forbidden, "x");
        assert_eq!(code(DataFusionError::External(Box::new(error))), 4);
    }
}
