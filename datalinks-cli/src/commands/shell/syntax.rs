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
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match (open.quote, letter) {
            (Some(_), '\\') => drop(letters.next()),
            (Some((quote, _)), letter) if letter == quote => open.quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => open.quote = Some((letter, at + letter.len_utf8())),
            (None, '(') => open.parentheses += 1,
            // One too many is a mistake, which the service reports.
            (None, ')') => open.parentheses = open.parentheses.saturating_sub(1),
            (None, _) => {}
        }
    }
    open
}

/// Returns `true` if a statement ends with this text. Questions and commands have one line.
pub(super) fn is_complete(text: &str) -> bool {
    text.trim_start().starts_with(['.', '?']) || open(text) == Open::default()
}

/// Returns the statements of a text. The last one may be incomplete, which the service reports.
pub(super) fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut statement = String::new();
    for line in text.lines() {
        if !statement.is_empty() {
            statement.push('\n');
        }
        statement.push_str(line);
        if is_complete(&statement) {
            found.push(std::mem::take(&mut statement));
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
}
