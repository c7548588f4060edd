//! Failures of commands: what failed, where, and what to do next, with an exit code.

mod exit;
mod nearest;
mod phrases;
mod place;
mod report;
mod service;
mod words;

pub(crate) use exit::Exit;
pub(crate) use nearest::nearest;
pub(crate) use place::Place;

use std::error::Error;

use crate::terminal::WriteError;

/// The result of a command.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// The failure of a command.
///
/// Every error converts into one by `?`. The exit code follows from its type: errors of the client have the codes that
/// [`Exit`] documents, and all others are [`Exit::Failure`]. The type does not implement [`Error`], because a blanket
/// conversion from errors excludes that.
#[derive(Clone, Debug)]
pub(crate) struct Failure(Box<Facts>);

#[derive(Clone, Debug)]
struct Facts {
    exit: Exit,
    /// One line. Empty if there is nothing to say.
    message: String,
    causes: Vec<String>,
    place: Option<Place>,
    /// Commands to try, or advice.
    next: Vec<String>,
}

impl Failure {
    /// Creates a failure with an exit code and a line that says what failed.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        let facts =
            Facts { exit, message: message.into(), causes: Vec::new(), place: None, next: Vec::new() };
        Self(Box::new(facts))
    }

    /// Creates a failure of the usage: a wrong argument or setting.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Creates the end of a command that a signal stopped. `code` is 128 plus the number of the signal.
    pub(crate) fn interrupted(code: u8) -> Self {
        Self::new(Exit::Interrupted(code), "interrupted")
    }

    /// Adds a command to try, or advice.
    pub(crate) fn next(mut self, what: impl Into<String>) -> Self {
        self.0.next.push(what.into());
        self
    }

    /// Adds a command to try, or advice, if something was not found.
    pub(crate) fn next_if_missing(self, what: &str) -> Self {
        if self.exit() == Exit::NotFound { self.next(what) } else { self }
    }

    /// Adds an option, maybe with a value, to the commands to try that lack it.
    pub(crate) fn with_option(mut self, option: &str) -> Self {
        let name = option.split(' ').next().unwrap_or_default();
        let is_option = |word: &str| word.split('=').next() == Some(name);
        for next in &mut self.0.next {
            if next.starts_with("datalinks ") && !next.split(' ').any(is_option) {
                // An explanation may follow.
                let end = next.find(", ").unwrap_or(next.len());
                next.insert_str(end, &format!(" {option}"));
            }
        }
        self
    }

    /// Sets where the failure is.
    pub(crate) fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    /// Adds the error behind this failure, with its causes.
    pub(crate) fn caused_by(mut self, error: &(dyn Error + 'static)) -> Self {
        self.0.causes = causes(&self.0.message, Some(error));
        self
    }

    /// Puts what was being done before the message.
    pub(crate) fn context(mut self, what: &str) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    /// Returns the exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.0.exit
    }

    /// Removes a part of the message.
    pub(crate) fn without(mut self, part: &str) -> Self {
        self.0.message = self.0.message.replacen(part, "", 1);
        self
    }

    /// Returns the commands to try, and advice.
    pub(crate) fn advice(&self) -> &[String] {
        &self.0.next
    }

    /// Returns the file that the failure is about, with the line.
    pub(crate) fn file(&self) -> Option<String> {
        match &self.0.place {
            Some(Place::File { path, line: Some(line) }) => Some(format!("{path}:{line}")),
            Some(Place::File { path, line: None }) => Some(path.clone()),
            Some(Place::Text { .. }) | None => None,
        }
    }

    /// Returns the message.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Sets the exit code.
    pub(crate) fn with_exit(mut self, exit: Exit) -> Self {
        self.0.exit = exit;
        self
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let any: &(dyn Error + 'static) = &error;
        let exit = if let Some(error) = any.downcast_ref::<datalinks::Error>() {
            let mut failure =
                Self::new(service::exit(error), error.to_string()).caused_by_chain(service::cause(error));
            failure.0.next.extend(service::next(error).iter().map(|next| (*next).to_owned()));
            return failure;
        } else if any.downcast_ref::<WriteError>().is_some_and(WriteError::is_closed) {
            Exit::OutputClosed
        } else {
            Exit::Failure
        };
        Self::new(exit, error.to_string()).caused_by_chain(error.source())
    }
}

impl Failure {
    fn caused_by_chain(mut self, cause: Option<&(dyn Error + 'static)>) -> Self {
        self.0.causes = causes(&self.0.message, cause);
        self
    }
}

/// Returns the texts of an error and its causes, without those that an earlier text contains.
fn causes(message: &str, mut cause: Option<&(dyn Error + 'static)>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) && !found.iter().any(|earlier| earlier.contains(&text)) {
            found.push(text);
        }
        cause = error.source();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Style;

    #[test]
    fn commands_to_try_get_the_option_that_they_lack() {
        let failure = Failure::usage("x")
            .next("datalinks dataset list, which lists the datasets")
            .next("datalinks config")
            .next("datalinks ingest a.csv --emulator --resume")
            .next("datalinks ingest a.csv --emulator=shared --resume")
            .next("add --yes NAME");
        let lines = failure.with_option("--emulator").lines(Style::plain());
        assert_eq!(
            lines[1..],
            [
                "  next: datalinks dataset list --emulator, which lists the datasets",
                "  next: datalinks config --emulator",
                "  next: datalinks ingest a.csv --emulator --resume",
                "  next: datalinks ingest a.csv --emulator=shared --resume",
                "  next: add --yes NAME",
            ]
        );
        let failure = Failure::usage("x")
            .next("datalinks auth login --host https://x --profile NAME")
            .next("datalinks auth status")
            .with_option("--profile work");
        assert_eq!(failure.advice()[0], "datalinks auth login --host https://x --profile NAME");
        assert_eq!(failure.advice()[1], "datalinks auth status --profile work");
    }
}
