//! The mutants of the sources, as cargo-mutants finds them, and the sample of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    ops::Range,
    path::Path,
    process::Command,
};

use serde::Deserialize;

use super::{cfg::Configuration, suites};

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
    /// The name without the position, which other changes of the file move. The second of several equal ones ends with
    /// ` (2)`.
    #[serde(default)]
    pub(super) key: String,
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
    fn name_without_position(&self) -> String {
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
    let configuration = Configuration::read()?;
    let mut sources: BTreeMap<String, (String, Vec<Range<usize>>)> = BTreeMap::new();
    for mutant in &all {
        if !sources.contains_key(&mutant.file) {
            let path = tree.join(&mutant.file);
            let source = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let left_out = configuration.left_out(&source);
            sources.insert(mutant.file.clone(), (source, left_out));
        }
    }
    all.retain(|mutant| {
        let (source, left_out) = &sources[&mutant.file];
        let start = offset(source, mutant.span.start).unwrap_or_default();
        !left_out.iter().any(|range| range.contains(&start))
    });
    Ok(keyed(all))
}

/// Sorts the mutants by their positions, and gives them their keys.
fn keyed(mut all: Vec<Mutant>) -> Vec<Mutant> {
    let place = |mutant: &Mutant| {
        let Position { line, column } = mutant.span.start;
        (mutant.file.clone(), line, column, mutant.name.clone())
    };
    all.sort_by_cached_key(place);
    let mut equal: BTreeMap<String, usize> = BTreeMap::new();
    for mutant in &mut all {
        let name = mutant.name_without_position();
        let number = equal.entry(name.clone()).or_default();
        *number += 1;
        mutant.key = if *number == 1 { name } else { format!("{name} ({number})") };
    }
    all
}

/// Picks `count` mutants with `seed`, in the order of the list.
///
/// The seed gives each mutant a rank by its name, so that a change elsewhere in the sources leaves the sample as it is.
pub(super) fn sample(all: &[Mutant], count: usize, seed: u64) -> Vec<&Mutant> {
    let ranks = all.iter().map(|mutant| rank(seed, &mutant.key));
    let mut ranked: Vec<(u64, usize)> = ranks.zip(0..).collect();
    ranked.sort_unstable();
    let picked: BTreeSet<usize> = ranked.into_iter().take(count).map(|(_, index)| index).collect();
    all.iter().enumerate().filter(|(index, _)| picked.contains(index)).map(|(_, mutant)| mutant).collect()
}

/// Returns a random number that depends on the seed and the key of a mutant.
fn rank(seed: u64, key: &str) -> u64 {
    // FNV-1a, whose value is the same in every version of the toolchain, as the seed of a generator.
    let bytes = seed.to_le_bytes().into_iter().chain(key.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    fastrand::Rng::with_seed(hash).u64(..)
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
            key: String::new(),
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
        assert_eq!(mutant.name_without_position(), "a/src/b.rs: replace == with != in f");
        let source = "fn f(ü: u8) -> bool {\n    ü * == 1 // ==\n}\n";
        assert_eq!(mutant.apply(source).unwrap(), "fn f(ü: u8) -> bool {\n    ü * != 1 // ==\n}\n");
        assert!(mutant.apply("short").is_err());
    }

    #[test]
    fn equal_changes_have_keys_of_their_own() {
        let source = "a < b && c < d && e";
        let mut last = mutant(source, "< d", Genre::BinaryOperator, ">");
        last.name = last.name.replace("< d", "<");
        let first = mutant(source, "<", Genre::BinaryOperator, ">");
        let keys: Vec<String> = keyed(vec![last, first]).into_iter().map(|mutant| mutant.key).collect();
        let name = "datalinks/src/ask/mod.rs: replace <";
        assert_eq!(keys, [name.to_owned(), format!("{name} (2)")]);
    }

    #[test]
    fn sample_depends_on_the_seed_and_not_on_other_mutants() {
        let source = "abcdefghijklmnopqrstuvwxyz";
        let all: Vec<Mutant> = (0..source.len())
            .map(|index| mutant(source, &source[index..=index], Genre::FnValue, ""))
            .collect();
        let all = keyed(all);
        let names = |seed| -> Vec<String> {
            sample(&all, 5, seed).into_iter().map(|mutant| mutant.name.clone()).collect()
        };
        assert_eq!(names(1).len(), 5);
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        assert_eq!(sample(&all, 100, 1).len(), all.len());
        // Without a mutant that is not picked, the same ones are picked.
        let picked = names(1);
        let mut fewer = all.clone();
        fewer.retain(|mutant| picked.contains(&mutant.name) || mutant.span.start.column % 2 == 0);
        assert!(fewer.len() < all.len());
        let again: Vec<String> = sample(&fewer, 5, 1).into_iter().map(|mutant| mutant.name.clone()).collect();
        assert_eq!(again, picked);
    }
}
