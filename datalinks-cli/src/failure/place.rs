//! Where a failure is.

use console::{measure_text_width, truncate_str};

use crate::terminal::{escape, shorten};

/// The place of a failure.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// A character of a text, such as a query. Contains the index in bytes.
    Text { text: String, at: usize },
    /// A line of a file.
    File { path: String, line: Option<u64> },
}

impl Place {
    /// Returns the lines that show the place. If a line of text has more than `width` columns, the part around the place
    /// is shown.
    pub(super) fn lines(&self, width: Option<usize>) -> Vec<String> {
        match self {
            Self::Text { text, at } => {
                let mut at = (*at).min(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
                let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
                let before = escape(&text[begin..at]).into_owned();
                let after = escape(&text[at..end]).into_owned();
                let (before, after) = match width {
                    Some(width) => around(before, after, width),
                    None => (before, after),
                };
                let caret = " ".repeat(measure_text_width(&before)) + "^";
                vec![before + &after, caret]
            }
            Self::File { path, line: Some(line) } => vec![format!("{path}:{line}")],
            Self::File { path, line: None } => vec![path.clone()],
        }
    }
}

/// Shortens the text before and after a place to `width` columns.
fn around(before: String, after: String, width: usize) -> (String, String) {
    if measure_text_width(&before) + measure_text_width(&after) <= width {
        return (before, after);
    }
    // What follows the place explains it more often than what precedes it.
    let least = (width / 2).min(measure_text_width(&after));
    let before = shorten(&before, width - least);
    let room = width.saturating_sub(measure_text_width(&before));
    if measure_text_width(&after) <= room {
        return (before, after);
    }
    (before, truncate_str(&after, room, "…").into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caret_is_below_the_character() {
        let lines = |text: &str, at| Place::Text { text: text.to_owned(), at }.lines(None);
        assert_eq!(lines("Ontology(films)!", 15), ["Ontology(films)!", "               ^"]);
        assert_eq!(lines("first\nsecond\nthird", 8), ["second", "  ^"]);
        assert_eq!(lines("ab", 99), ["ab", "  ^"]);
        assert_eq!(lines("é!", 1), ["é!", "^"]);
        assert_eq!(lines("a\tb", 2), ["a\\tb", "   ^"]);
    }

    #[test]
    fn long_lines_are_shown_around_the_place() {
        let text = "0123456789".repeat(10);
        let lines = |at| Place::Text { text: text.clone(), at }.lines(Some(20));
        assert_eq!(lines(0), ["0123456789012345678…", "^"]);
        assert_eq!(lines(50), ["…123456789012345678…", "          ^"]);
        assert_eq!(lines(98), ["…1234567890123456789".to_owned(), " ".repeat(18) + "^"]);
    }
}
