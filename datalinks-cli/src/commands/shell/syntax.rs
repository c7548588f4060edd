//! The end of a statement: the line on which parentheses and quotes are closed.

/// What is open at some place of a text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Open {
    /// Number of parentheses.
    pub(super) parentheses: usize,
    /// The quote, with the place after it in bytes.
    pub(super) quote: Option<(char, usize)>,
}

/// Returns what is open at the end of a text.
pub(super) fn open(text: &str) -> Open {
    let mut open = Open::default();
    open.add(text);
    open
}

impl Open {
    /// Adds a line. The place of a quote is within this line.
    fn add(&mut self, line: &str) {
        let mut letters = line.char_indices();
        while let Some((at, letter)) = letters.next() {
            match (self.quote, letter) {
                (Some(_), '\\') => drop(letters.next()),
                (Some((quote, _)), letter) if letter == quote => self.quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => self.quote = Some((letter, at + letter.len_utf8())),
                (None, '(') => self.parentheses += 1,
                // One too many is a mistake, which the service reports.
                (None, ')') => self.parentheses = self.parentheses.saturating_sub(1),
                (None, _) => {}
            }
        }
    }
}

/// Returns `true` if a statement ends with this text. Questions and commands have one line.
pub(super) fn is_complete(text: &str) -> bool {
    has_one_line(text) || open(text) == Open::default()
}

/// Returns `true` if a statement that begins with this text is a question or a command.
fn has_one_line(text: &str) -> bool {
    text.trim_start().starts_with(['.', '?'])
}

/// Returns the statements of a text. The last one may be incomplete, which the service reports.
pub(super) fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut statement = String::new();
    let mut open = Open::default();
    for line in text.lines() {
        // A line that begins a statement has its first letter, unless the line is blank and so complete.
        let has_one_line = statement.is_empty() && has_one_line(line);
        if !statement.is_empty() {
            statement.push('\n');
        }
        statement.push_str(line);
        open.add(line);
        if open == Open::default() || has_one_line {
            found.push(std::mem::take(&mut statement));
            open = Open::default();
        }
    }
    found.push(statement);
    found.retain(|statement| !statement.trim().is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statement_ends_when_parentheses_and_quotes_are_closed() {
        for text in
            ["", "Ontology(\"a\")", "Ontology('(')", "Ontology(\"a\\\"(\")", "? it's (", ".format (", "a)"]
        {
            assert!(is_complete(text), "{text}");
        }
        for text in
            ["Ontology(", "Ontology(\"a", "Ontology('a)", "Ontology(\"a\\\")", "Ontology(a).filter((b)"]
        {
            assert!(!is_complete(text), "{text}");
        }
    }

    #[test]
    fn text_is_split_into_statements() {
        let text = "Ontology(a)\n\n.last\nOntology(\n  b\n)\n? it's\nOntology(";
        assert_eq!(statements(text), ["Ontology(a)", ".last", "Ontology(\n  b\n)", "? it's", "Ontology("]);
    }

    /// A long text was scanned again for each line.
    #[test]
    fn many_lines_are_split_quickly() {
        let text = "Ontology(a)\n".repeat(50_000);
        assert_eq!(statements(&text).len(), 50_000);
    }

    /// Without the end of its first statement, a text was scanned from its begin for each line.
    #[test]
    fn long_statement_is_split_quickly() {
        let text = format!("Ontology(\"a\n{}", "x (\\\n".repeat(100_000));
        assert_eq!(statements(&text).len(), 1);
        assert_eq!(statements("(\"\\\n\")\na"), ["(\"\\\n\")", "a"], "a backslash at the end of a line");
    }
}
