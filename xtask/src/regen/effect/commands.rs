//! The commands that send an operation, from the list in `datalinks-cli/tests/operations.txt`.
//!
//! A test of `datalinks-cli` runs the lines of the list against the emulator, which records the operations.

use std::{fs, path::Path};

use super::Place;

/// The list of operations and commands.
pub(crate) const LIST: &str = "datalinks-cli/tests/operations.txt";

/// The lines of the list.
pub(super) struct Commands {
    entries: Vec<Entry>,
}

/// A line of the list.
struct Entry {
    operation: String,
    /// The command, or the reason why there is none.
    command: Result<String, String>,
    line: usize,
}

impl Commands {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(root.join(LIST)).map_err(|error| format!("{LIST}: {error}"))?;
        Self::parse(&text)
    }

    /// Parses the list.
    ///
    /// # Errors
    ///
    /// Fails if a line does not have three columns, if it has neither a command nor a reason, and if an operation has
    /// both.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut entries: Vec<Entry> = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let columns: Vec<&str> = text.splitn(3, '|').map(str::trim).collect();
            let command = match columns[..] {
                [_, "none", reason] if !reason.is_empty() => Err(reason.to_owned()),
                [_, command, _] if command.starts_with("datalinks ") => Ok(command.to_owned()),
                _ => {
                    return Err(format!("{LIST}:{line}: expected OPERATION | datalinks COMMAND | ARGUMENTS"));
                }
            };
            let operation = columns[0].to_owned();
            let contradicts =
                |entry: &Entry| entry.operation == operation && (entry.command.is_err() || command.is_err());
            if entries.iter().any(contradicts) {
                return Err(format!(
                    "{LIST}:{line}: {operation} has a reason for no command, and another line"
                ));
            }
            entries.push(Entry { operation, command, line });
        }
        Ok(Self { entries })
    }

    /// Returns the commands of an operation, once each.
    pub(super) fn of(&self, operation: &str) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.operation == operation) {
            if let Ok(command) = &entry.command
                && places.iter().all(|place| place.name != *command)
            {
                places.push(Place { name: command.clone(), file: LIST.to_owned(), line: Some(entry.line) });
            }
        }
        places
    }

    /// Returns the reason why no command sends an operation.
    pub(super) fn reason(&self, operation: &str) -> Option<&str> {
        let mut entries = self.entries.iter().filter(|entry| entry.operation == operation);
        entries.find_map(|entry| entry.command.as_ref().err()).map(String::as_str)
    }

    /// Returns the operations of all lines.
    pub(super) fn operations(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.operation.as_str())
    }
}
