//! The lines that show a failure.

use super::Failure;
use super::exit::Exit;
use super::words::of_command_line;
use crate::terminal::{Style, escape};

impl Failure {
    /// Returns the lines for standard error. There are none if the reader of the output has closed it.
    pub(crate) fn lines(&self, style: Style) -> Vec<String> {
        let facts = &self.0;
        if facts.exit == Exit::OutputClosed || facts.message.is_empty() {
            return Vec::new();
        }
        let words = |text: &str| escape(&of_command_line(text)).into_owned();
        let mut lines = vec![format!("{} {}", style.red("error:"), words(&facts.message))];
        lines.extend(facts.causes.iter().map(|cause| format!("  {} {}", style.dim("cause:"), words(cause))));
        if let Some(place) = &facts.place {
            lines.extend(place.lines().into_iter().map(|line| format!("    {line}")));
        }
        lines.extend(facts.next.iter().map(|next| {
            // A command has the arguments of the user.
            let next = if next.starts_with("datalinks ") { escape(next).into_owned() } else { words(next) };
            format!("  {} {next}", style.cyan("next:"))
        }));
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::failure::Place;
    use crate::terminal::WriteError;

    #[test]
    fn failure_shows_cause_place_and_next_command() {
        let place = Place::Text { text: "Ontology(".to_owned(), at: 9 };
        let failure = Failure::new(Exit::Failure, "the query is\ninvalid")
            .caused_by(&io::Error::other("a \u{1b}[2J"))
            .at(place)
            .next("datalinks query --help");
        assert_eq!(
            failure.lines(Style::plain()),
            [
                "error: the query is\\ninvalid",
                "  cause: a \\x1b[2J",
                "    Ontology(",
                "             ^",
                "  next: datalinks query --help",
            ]
        );
    }

    #[test]
    fn closed_output_is_silent() {
        let closed = WriteError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        let failure = Failure::from(closed);
        assert_eq!(failure.exit().code(), 141);
        assert!(failure.lines(Style::plain()).is_empty());
        let full = WriteError::from(io::Error::other("no space"));
        let failure = Failure::from(full);
        assert_eq!(failure.exit(), Exit::Failure);
        assert_eq!(failure.lines(Style::plain()), ["error: cannot write the output", "  cause: no space"]);
    }
}
