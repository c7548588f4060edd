//! The mutants of the sources, as cargo-mutants finds them, and the sample of them.

use std::{path::Path, process::Command};

use serde::Deserialize;

use super::suites;

/// A change of the sources that tests should notice.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Mutant {
    /// The file, the position, and the change.
    pub(super) name: String,
    pub(super) package: String,
    /// Below the root of the workspace.
    pub(super) file: String,
    pub(super) span: Span,
    pub(super) replacement: String,
    pub(super) genre: Genre,
}

/// The text that a mutant replaces. The end is exclusive.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Span {
    pub(super) start: Position,
    pub(super) end: Position,
}

/// A position. Lines and columns count from 1, and columns count characters.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The kinds of changes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
pub(super) enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    #[serde(other)]
    Other,
}

impl Mutant {
    /// Returns the name without the position, which other changes of the file move.
    pub(super) fn lasting_name(&self) -> String {
        let rest = self.name.strip_prefix(&self.file).unwrap_or(&self.name);
        let change = rest.split_once(": ").map_or(rest, |(_, change)| change);
        format!("{}: {change}", self.file)
    }

    /// Returns the text of the file with the change.
    pub(super) fn apply(&self, source: &str) -> Result<String, String> {
        let at =
            |position| offset(source, position).ok_or_else(|| format!("{}: no such position", self.name));
        let (start, end) = (at(self.span.start)?, at(self.span.end)?);
        let (before, after) = (&source[..start], &source[end.max(start)..]);
        Ok(format!("{before}{}{after}", self.replacement))
    }
}

/// Returns the number of bytes before a position.
fn offset(source: &str, Position { line, column }: Position) -> Option<usize> {
    let begin = if line == 1 { 0 } else { source.match_indices('\n').nth(line.checked_sub(2)?)?.0 + 1 };
    let characters =
        source.get(begin..)?.char_indices().map(|(index, _)| index).chain([source.len() - begin]);
    characters.into_iter().nth(column.checked_sub(1)?).map(|index| begin + index)
}

/// Lists the mutants in the measured directories of `tree` that begin with one of `only`.
pub(super) fn all(tree: &Path, only: &[String]) -> Result<Vec<Mutant>, String> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["mutants", "--list", "--json", "--no-config", "--workspace", "--dir"]).arg(tree);
    let wanted = |file: &str| only.is_empty() || only.iter().any(|prefix| file.starts_with(prefix.as_str()));
    for suites::Area { directory, .. } in suites::AREAS {
        // Reading the sources of other directories takes time.
        if wanted(directory) || only.iter().any(|prefix| prefix.starts_with(directory)) {
            command.arg("--file").arg(format!("{directory}/**"));
        }
    }
    // The text of `Debug` is for people. Tests hold that it shows no secrets, not how it reads.
    command.args(["--exclude-re", r"<impl (fmt::)?Debug for"]);
    let output = command.output().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "`cargo mutants --list` failed; is cargo-mutants installed (`cargo install cargo-mutants --locked`)?\n{}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let mut all: Vec<Mutant> = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("the output of `cargo mutants --list --json` cannot be read: {error}"))?;
    all.retain(|mutant| wanted(&mutant.file) && suites::area(&mutant.file).is_some());
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// Picks `count` mutants with `seed`, in the order of the list.
pub(super) fn sample(all: Vec<Mutant>, count: usize, seed: u64) -> Vec<Mutant> {
    let mut picked = fastrand::Rng::with_seed(seed).choose_multiple(0..all.len(), count);
    picked.sort_unstable();
    let mut picked = picked.into_iter().peekable();
    let chosen = all.into_iter().enumerate().filter(|(index, _)| picked.next_if_eq(index).is_some());
    chosen.map(|(_, mutant)| mutant).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns a mutant that replaces the first `text` in `source`.
    pub(in super::super) fn mutant(source: &str, text: &str, genre: Genre, replacement: &str) -> Mutant {
        let start = source.find(text).unwrap();
        let position = |offset: usize| {
            let before = &source[..offset];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
            Position { line, column }
        };
        let span = Span { start: position(start), end: position(start + text.len()) };
        let file = "datalinks/src/ask/mod.rs".to_owned();
        let name = format!("{file}:{}:{}: replace {text}", span.start.line, span.start.column);
        Mutant {
            name,
            package: "datalinks".to_owned(),
            file,
            span,
            replacement: replacement.to_owned(),
            genre,
        }
    }

    #[test]
    fn list_of_cargo_mutants_is_read_and_applied() {
        let listed = r#"{"name": "a/src/b.rs:2:9: replace == with != in f", "package": "a", "file": "a/src/b.rs",
            "function": {"function_name": "f", "return_type": "-> bool", "span": {}},
            "span": {"start": {"line": 2, "column": 9}, "end": {"line": 2, "column": 11}},
            "replacement": "!=", "genre": "BinaryOperator", "diff": "..."}"#;
        let mutant: Mutant = serde_json::from_str(listed).unwrap();
        assert_eq!(mutant.genre, Genre::BinaryOperator);
        assert_eq!(mutant.lasting_name(), "a/src/b.rs: replace == with != in f");
        let source = "fn f(ü: u8) -> bool {\n    ü * == 1 // ==\n}\n";
        assert_eq!(mutant.apply(source).unwrap(), "fn f(ü: u8) -> bool {\n    ü * != 1 // ==\n}\n");
        assert!(mutant.apply("short").is_err());
    }

    #[test]
    fn sample_depends_on_the_seed_alone() {
        let source = "abcdefghijklmnopqrstuvwxyz";
        let all: Vec<Mutant> = (0..source.len())
            .map(|index| mutant(source, &source[index..=index], Genre::FnValue, ""))
            .collect();
        let names = |seed| -> Vec<String> {
            sample(all.clone(), 5, seed).into_iter().map(|mutant| mutant.name).collect()
        };
        assert_eq!(names(1).len(), 5);
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        assert_eq!(sample(all.clone(), 100, 1).len(), all.len());
    }
}
