//! The outcome of each mutant, and the table of a run.

use std::fmt::Write as _;

use super::suites;

/// The outcome of a mutant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// With the test that failed.
    Caught(String),
    /// All suites of the area pass.
    Missed,
    /// With the suite that did not end.
    Timeout(String),
    /// The compiler rejects it.
    Unviable,
    /// No test can notice it, for the listed reason.
    Equivalent(String),
    /// The time ended before.
    Undecided,
}

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Self::Caught(_) => "caught",
            Self::Missed => "missed",
            Self::Timeout(_) => "timeout",
            Self::Unviable => "unviable",
            Self::Equivalent(_) => "equivalent",
            Self::Undecided => "undecided",
        }
    }

    fn detail(&self) -> &str {
        match self {
            Self::Caught(detail) | Self::Timeout(detail) | Self::Equivalent(detail) => detail,
            Self::Missed | Self::Unviable | Self::Undecided => "",
        }
    }
}

/// The columns of the table.
const COLUMNS: [&str; 6] = ["caught", "missed", "timeout", "unviable", "equivalent", "undecided"];

/// A mutant by its file and name, with its outcome.
pub(super) type Entry = (String, String, Outcome);

/// Returns the line of a mutant, as it is printed during the run.
pub(super) fn line(name: &str, outcome: &Outcome) -> String {
    match outcome.detail() {
        "" => format!("{} {name}", outcome.name()),
        detail => format!("{} {name} ({detail})", outcome.name()),
    }
}

/// Returns the report in Markdown: a table by directory, and the mutants.
pub(super) fn markdown(entries: &[Entry]) -> String {
    let mut text =
        format!("| directory | {} |\n|---|{}\n", COLUMNS.join(" | "), "---:|".repeat(COLUMNS.len()));
    let mut row = |name: &str, entries: &[&Entry]| {
        let counts = COLUMNS.map(|column| {
            entries.iter().filter(|(.., outcome)| outcome.name() == column).count().to_string()
        });
        let _ = writeln!(text, "| {name} | {} |", counts.join(" | "));
    };
    for area in suites::AREAS {
        let below = |file: &str| suites::area(file).is_some_and(|found| found.directory == area.directory);
        let own: Vec<&Entry> = entries.iter().filter(|(file, ..)| below(file)).collect();
        if !own.is_empty() {
            row(&format!("`{}`", area.directory), &own);
        }
    }
    row("all", &entries.iter().collect::<Vec<_>>());
    text.push_str("\n| mutant | outcome | by |\n|---|---|---|\n");
    for (_, name, outcome) in entries {
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(text, "| {} | {} | {} |", cell(name), outcome.name(), cell(outcome.detail()));
    }
    text
}

/// Returns how many of how many viable mutants the tests noticed. A test that does not end is noticed, too.
pub(super) fn caught(entries: &[Entry]) -> (usize, usize) {
    let count =
        |wanted: &[&str]| entries.iter().filter(|(.., outcome)| wanted.contains(&outcome.name())).count();
    (count(&["caught", "timeout"]), count(&["caught", "timeout", "missed"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_counts_by_directory() {
        let entry = |directory: &str, change: &str, outcome| {
            (format!("{directory}/a.rs"), format!("{directory}/a.rs:1:2: {change}"), outcome)
        };
        let entries = [
            entry("datalinks/src/ask", "replace || with &&", Outcome::Caught("ask::tests::x".to_owned())),
            entry("datalinks/src/ask", "replace f with ()", Outcome::Missed),
            entry(
                "datalinks-emulator/src/query",
                "delete !",
                Outcome::Timeout("datalinks-emulator it".to_owned()),
            ),
            entry("datalinks-emulator/src/query", "delete -", Outcome::Unviable),
        ];
        assert_eq!(
            markdown(&entries),
            "| directory | caught | missed | timeout | unviable | equivalent | undecided |\n\
             |---|---:|---:|---:|---:|---:|---:|\n\
             | `datalinks/src/ask` | 1 | 1 | 0 | 0 | 0 | 0 |\n\
             | `datalinks-emulator/src/query` | 0 | 0 | 1 | 1 | 0 | 0 |\n\
             | all | 1 | 1 | 1 | 1 | 0 | 0 |\n\
             \n\
             | mutant | outcome | by |\n\
             |---|---|---|\n\
             | datalinks/src/ask/a.rs:1:2: replace \\|\\| with && | caught | ask::tests::x |\n\
             | datalinks/src/ask/a.rs:1:2: replace f with () | missed |  |\n\
             | datalinks-emulator/src/query/a.rs:1:2: delete ! | timeout | datalinks-emulator it |\n\
             | datalinks-emulator/src/query/a.rs:1:2: delete - | unviable |  |\n"
        );
        assert_eq!(caught(&entries), (2, 3));
        assert_eq!(line("a", &Outcome::Missed), "missed a");
        assert_eq!(line("a", &Outcome::Caught("t".to_owned())), "caught a (t)");
    }
}
