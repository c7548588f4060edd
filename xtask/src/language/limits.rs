//! Patterns that read badly, and how often prose may have them.

/// A pattern that reads badly, and the number of lines per 1,000 that may have it.
pub(super) struct Limit {
    pub(super) name: &'static str,
    pub(super) per_thousand: f64,
    pub(super) found: fn(&str) -> usize,
}

pub(super) const LIMITS: &[Limit] = &[
    Limit { name: "semicolons", per_thousand: 8.0, found: |line| line.matches(';').count() },
    Limit {
        name: "lines that begin with What, Whether, How, Its, Who",
        per_thousand: 10.0,
        found: |line| begins_with(line, &["What", "Whether", "How", "Its", "Who"]),
    },
    Limit {
        name: "lines that begin with a bare pronoun, \"The same\" or \"As\"",
        per_thousand: 5.0,
        found: |line| begins_with(line, &["It", "They", "This", "That", "These", "Those", "The same", "As"]),
    },
    Limit {
        name: "\"is no\", \"are no\"",
        per_thousand: 2.0,
        found: |line| line.matches("is no ").count() + line.matches("are no ").count(),
    },
];

fn begins_with(line: &str, words: &[&str]) -> usize {
    let begins =
        |word: &&str| line.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    usize::from(words.iter().any(begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_semicolons_and_beginnings() {
        assert_eq!((LIMITS[0].found)("One; two; three."), 2);
        assert_eq!((LIMITS[1].found)("Its end."), 1);
        assert_eq!(begins_with("Item", &["It"]), 0);
        assert_eq!((LIMITS[3].found)("There are no rows, and this is no row."), 2);
    }
}
