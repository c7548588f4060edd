//! Where a failure is.

/// The place of a failure.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// A character of a text, such as a query. Contains the index in bytes.
    Text { text: String, at: usize },
    /// A line of a file.
    File { path: String, line: Option<u64> },
}

impl Place {
    /// Returns the lines that show the place.
    pub(super) fn lines(&self) -> Vec<String> {
        match self {
            Self::Text { text, at } => {
                let mut at = (*at).min(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
                let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
                let line = crate::terminal::escape(&text[begin..end]).into_owned();
                let before = crate::terminal::escape(&text[begin..at]);
                vec![line, format!("{}^", " ".repeat(console::measure_text_width(&before)))]
            }
            Self::File { path, line: Some(line) } => vec![format!("{path}:{line}")],
            Self::File { path, line: None } => vec![path.clone()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caret_is_below_the_character() {
        let lines = |text: &str, at| Place::Text { text: text.to_owned(), at }.lines();
        assert_eq!(lines("Ontology(films)!", 15), ["Ontology(films)!", "               ^"]);
        assert_eq!(lines("first\nsecond\nthird", 8), ["second", "  ^"]);
        assert_eq!(lines("ab", 99), ["ab", "  ^"]);
        assert_eq!(lines("é!", 1), ["é!", "^"]);
        assert_eq!(lines("a\tb", 2), ["a\\tb", "   ^"]);
    }
}
