//! The lines that show a failure.

use super::Failure;
use super::exit::Exit;
use super::words::of_command_line;
use crate::terminal::{Style, escape, wrap};

/// Indent of the place.
const INDENT: usize = 4;

impl Failure {
    /// Returns the lines for standard error without a terminal. See [`wrapped_lines`](Self::wrapped_lines).
    #[cfg(test)]
    pub(crate) fn lines(&self, style: Style) -> Vec<String> {
        self.wrapped_lines(style, None)
    }

    /// Returns the lines for standard error, which has `width` columns if it is a terminal. There are none if the reader of
    /// the output has closed it.
    pub(crate) fn wrapped_lines(&self, style: Style, width: Option<usize>) -> Vec<String> {
        let facts = &self.0;
        if facts.exit == Exit::OutputClosed || facts.message.is_empty() {
            return Vec::new();
        }
        let wrapped = |line: String, indent| width.map_or(line.clone(), |width| wrap(&line, width, indent));
        let words = |text: &str| escape(&of_command_line(text)).into_owned();
        let mut lines = vec![wrapped(format!("{} {}", style.red("error:"), words(&facts.message)), 2)];
        let causes = facts.causes.iter();
        lines.extend(causes.map(|cause| wrapped(format!("  {} {}", style.dim("cause:"), words(cause)), 4)));
        if let Some(place) = &facts.place {
            let room = width.map(|width| width.saturating_sub(INDENT));
            lines.extend(place.lines(room).into_iter().map(|line| format!("{:INDENT$}{line}", "")));
        }
        lines.extend(facts.next.iter().map(|next| {
            // A command has the arguments of the user, and stays in one line, so that it can be copied.
            if next.starts_with("datalinks ") {
                format!("  {} {}", style.bold("next:"), escape(next))
            } else {
                wrapped(format!("  {} {}", style.bold("next:"), words(next)), 4)
            }
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
    fn failure_fits_the_terminal() {
        let query = format!("Ontology(films).filter(title == \"{}\").limt(3)", "long ".repeat(40));
        let at = query.find("limt").unwrap();
        let command = format!("datalinks query {}", "word ".repeat(30));
        let failure = Failure::new(Exit::Failure, "many words in one line ".repeat(10))
            .caused_by(&io::Error::other("the cause has many words, too ".repeat(10)))
            .at(Place::Text { text: query, at })
            .next("correct the query ".repeat(10))
            .next(command.clone());
        let lines = failure.wrapped_lines(Style::plain(), Some(80));
        let (last, others) = lines.split_last().unwrap();
        for line in others.iter().flat_map(|lines| lines.split('\n')) {
            assert!(console::measure_text_width(line) <= 80, "{line}");
        }
        assert_eq!(last, &format!("  next: {command}"), "a command can be copied");
        let caret = lines.iter().position(|line| line.trim() == "^").unwrap();
        let column = lines[caret].chars().position(|letter| letter == '^').unwrap();
        let below: String = lines[caret - 1].chars().skip(column).collect();
        assert!(below.starts_with("limt(3)"), "{lines:#?}");
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
