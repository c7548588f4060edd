//! The outcomes of earlier runs, so that a run that was ended goes on where it was.
//!
//! A test that noticed a mutant runs with it first of all, and notices it again. Nothing else is taken over, apart from
//! what the compiler said about a file that has not changed.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// The file with the outcomes, one JSON object per line, of which the last one of a mutant counts.
#[derive(Debug)]
pub(super) struct Memory {
    file: PathBuf,
    known: BTreeMap<String, Line>,
}

/// An outcome of an earlier run.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Known {
    /// A test failed.
    Noticed { suite: String, test: String },
    /// The compiler rejects the mutant.
    Unviable,
    /// The mutant has no switch.
    Alone,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Line {
    key: String,
    /// The number of the source file by its content.
    source: u64,
    #[serde(flatten)]
    known: Known,
}

impl Memory {
    /// Reads the outcomes. A file that does not exist has none, and lines of another version are skipped.
    pub(super) fn read(file: PathBuf) -> Self {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let known = lines.map(|line| (line.key.clone(), line)).collect();
        Self { file, known }
    }

    /// Returns what an earlier run found out about a mutant. What the compiler said depends on the source.
    pub(super) fn of(&self, key: &str, source: &str) -> Option<&Known> {
        let line = self.known.get(key)?;
        let is_valid = matches!(line.known, Known::Noticed { .. }) || line.source == number(source);
        is_valid.then_some(&line.known)
    }

    /// Adds an outcome to the file.
    pub(super) fn add(&mut self, key: &str, source: &str, known: Known) -> Result<(), String> {
        let line = Line { key: key.to_owned(), source: number(source), known };
        let text =
            serde_json::to_string(&line).map_err(|error| format!("an outcome cannot be encoded: {error}"))?;
        append(&self.file, &text).map_err(|error| format!("{}: {error}", self.file.display()))?;
        self.known.insert(line.key.clone(), line);
        Ok(())
    }
}

fn append(file: &Path, line: &str) -> std::io::Result<()> {
    writeln!(OpenOptions::new().create(true).append(true).open(file)?, "{line}")
}

/// Returns a number by the content of a file: FNV-1a.
fn number(source: &str) -> u64 {
    source.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_kept_and_those_of_the_compiler_only_for_one_source() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("outcomes");
        let mut memory = Memory::read(file.clone());
        let noticed = || Known::Noticed { suite: "datalinks inputs".to_owned(), test: "tests::a".to_owned() };
        memory.add("a: x", "source", Known::Unviable).unwrap();
        memory.add("a: x", "source", noticed()).unwrap();
        memory.add("a: y", "source", Known::Unviable).unwrap();
        memory.add("a: z", "source", Known::Alone).unwrap();
        append(&file, "of another version").unwrap();
        let again = Memory::read(file);
        for memory in [memory, again] {
            assert_eq!(memory.of("a: x", "changed"), Some(&noticed()));
            assert_eq!(memory.of("a: y", "source"), Some(&Known::Unviable));
            assert_eq!(memory.of("a: z", "source"), Some(&Known::Alone));
            assert_eq!(memory.of("a: y", "changed"), None);
            assert_eq!(memory.of("a: n", "source"), None);
        }
    }
}
