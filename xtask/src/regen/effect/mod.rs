//! The effect of a change: the code and the tests of an operation, and its missing items.
//!
//! [`Workspace::read`] parses the sources, and [`of`] finds the code of an operation in them. Only the commands are listed by
//! hand, because a search by name cannot tell which of several methods a command calls:
//!
//! - the generated function and the types that it takes and returns ([`low_level`]),
//! - the public methods of the façade that end in that function, or that send the operation by its id ([`facade`]),
//! - the entry and the handler of the emulator ([`emulator`]),
//! - the commands of the list, which a test executes ([`commands`]),
//! - the recorded exchanges and the tests ([`tests_of`]).

mod arms;
mod commands;
mod emulator;
mod facade;
mod low_level;
mod missing;
pub(crate) mod source;
mod tests_of;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
};

use heck::ToSnakeCase as _;

pub(crate) use commands::LIST as COMMANDS;
pub(crate) use missing::Missing;

/// The sources of the workspace, parsed.
pub(crate) struct Workspace {
    low_level: low_level::LowLevel,
    facade: facade::Facade,
    emulator: emulator::Handlers,
    commands: commands::Commands,
    tests: tests_of::Tests,
    reviewed: missing::Reviewed,
    arms: BTreeMap<String, BTreeSet<String>>,
}

impl Workspace {
    /// Reads the sources below `root`. Generated code is read from `datalinks-gen/snapshot`.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read or parsed.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        Ok(Self {
            low_level: low_level::LowLevel::read(root)?,
            facade: facade::Facade::read(root)?,
            emulator: emulator::Handlers::read(root)?,
            commands: commands::Commands::read(root)?,
            tests: tests_of::Tests::read(root)?,
            reviewed: missing::Reviewed::read(root)?,
            arms: arms::read(root)?,
        })
    }

    /// Returns the ids of all operations in the generated table, sorted.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &str> {
        self.low_level.operations()
    }

    /// Returns the public methods that the suite of the façade calls for an operation, such as `DataLinks::add_link`.
    /// The search for an operation finds more: code that may have to follow a change of the operation.
    pub(crate) fn tested_methods(&self, operation: &str) -> BTreeSet<String> {
        let methods = of_facade(self, operation).into_iter().map(|place| place.name);
        let Some(called) = self.arms.get(operation) else { return BTreeSet::new() };
        methods.filter(|name| called.contains(name.rsplit("::").next().unwrap_or_default())).collect()
    }

    /// Returns the ids of the operations that the list of commands contains.
    pub(crate) fn operations_with_commands(&self) -> impl Iterator<Item = &str> {
        self.commands.operations()
    }

    /// Returns the reason why no command sends an operation, if the list of commands has one.
    pub(crate) fn reason_for_no_command(&self, operation: &str) -> Option<&str> {
        self.commands.reason(operation)
    }
}

/// The code and the tests of one operation.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Effect {
    /// The operation's id.
    pub(crate) operation: String,
    /// The generated function and types.
    pub(crate) low_level: Vec<Place>,
    /// Public methods of the façade.
    pub(crate) facade: Vec<Place>,
    /// The handler of the emulator.
    pub(crate) emulator: Vec<Place>,
    /// Commands that send the operation, as lines of their list.
    pub(crate) commands: Vec<Place>,
    /// Recorded exchanges, entries in the tables of deliberate differences, and tests.
    pub(crate) tests: Vec<Place>,
    /// Items that are still to be written.
    pub(crate) missing: Vec<Missing>,
}

/// A named item in a file.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place {
    /// The name, for example `DataLinks::add_link`.
    pub(crate) name: String,
    /// The path below the root of the workspace.
    pub(crate) file: String,
    /// The line, counted from 1, or `None` for the whole file.
    pub(crate) line: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "`{}` ({}:{line})", self.name, self.file),
            None => write!(f, "`{}` ({})", self.name, self.file),
        }
    }
}

/// Returns the effect of an operation. For an operation that the workspace does not contain yet, everything is
/// missing.
pub(crate) fn of(workspace: &Workspace, operation: &str) -> Effect {
    let function = operation.to_snake_case();
    let facade = of_facade(workspace, operation);
    let mut effect = Effect {
        operation: operation.to_owned(),
        low_level: workspace.low_level.items(operation, &function),
        emulator: workspace.emulator.of(operation),
        commands: workspace.commands.of(operation),
        tests: workspace.tests.of(
            operation,
            workspace.low_level.route(operation),
            &facade,
            &workspace.facade,
        ),
        facade,
        missing: Vec::new(),
    };
    effect.missing = missing::of(workspace, &effect);
    effect
}

/// Returns the Rust files below a directory, sorted, as paths below the root of the workspace.
///
/// # Errors
///
/// Fails if a directory cannot be read.
pub(crate) fn rust_files(root: &Path, folder: &str) -> Result<Vec<String>, String> {
    source::files(root, folder)
}

fn of_facade(workspace: &Workspace, operation: &str) -> Vec<Place> {
    workspace.facade.methods(operation, &operation.to_snake_case())
}

impl Effect {
    /// Returns the effect as lines of text, one per item, under the name of its layer.
    pub(crate) fn lines(&self) -> Vec<String> {
        let layers = [
            ("low level", &self.low_level),
            ("façade", &self.facade),
            ("emulator", &self.emulator),
            ("command line", &self.commands),
            ("tests", &self.tests),
        ];
        let mut lines = Vec::new();
        for (layer, places) in layers {
            lines.extend(places.iter().map(|place| format!("{layer}: {place}")));
        }
        lines.extend(self.missing.iter().map(|missing| format!("missing: {missing}")));
        lines
    }
}

#[cfg(test)]
mod tests;
