//! A check and its result.

use serde::Serialize;

use crate::failure::{Exit, Failure};
use crate::terminal::{Style, escape};

/// The result of a check.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Status {
    Ok,
    Warning,
    Failed,
    /// Something else has to work first.
    Skipped,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A check with its result.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Check {
    check: &'static str,
    status: Status,
    detail: String,
    /// What to do next, or `null` if there is nothing to do.
    next: Option<String>,
    #[serde(skip)]
    exit: Exit,
}

impl Check {
    fn new(check: &'static str, status: Status, detail: impl Into<String>, exit: Exit) -> Self {
        Self { check, status, detail: detail.into(), next: None, exit }
    }

    pub(super) fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, Status::Ok, detail, Exit::Success)
    }

    pub(super) fn warning(check: &'static str, detail: impl Into<String>, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..Self::new(check, Status::Warning, detail, Exit::Success) }
    }

    pub(super) fn failed(
        check: &'static str,
        exit: Exit,
        detail: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self { next: Some(next.into()), ..Self::new(check, Status::Failed, detail, exit) }
    }

    pub(super) fn skipped(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, Status::Skipped, detail, Exit::Success)
    }

    /// Creates a check that failed, with the place and the advice of the failure.
    pub(super) fn failure(check: &'static str, failure: &Failure) -> Self {
        let mut detail = failure.message().to_owned();
        if let Some(place) = failure.file() {
            detail = format!("{detail} ({place})");
        }
        let next = failure.advice().join("; ");
        let next = Some(next).filter(|next| !next.is_empty());
        Self { next, ..Self::new(check, Status::Failed, detail, failure.exit()) }
    }

    /// Returns the check for people: a line, and one with what to do next.
    pub(super) fn lines(&self, style: Style) -> Vec<String> {
        // Padded before it is colored.
        let status = format!("{:7}", self.status.word());
        let status = match self.status {
            Status::Ok => status,
            Status::Warning => style.magenta(status),
            Status::Failed => style.red(status),
            Status::Skipped => style.dim(status),
        };
        let mut lines = vec![format!("{status}  {:10}  {}", self.check, escape(&self.detail))];
        if let Some(next) = &self.next {
            lines.push(format!("{:21}{} {}", "", style.bold("next:"), escape(next)));
        }
        lines
    }

    pub(super) fn name(&self) -> &'static str {
        self.check
    }

    /// Returns the exit code that the check asks for.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }
}
