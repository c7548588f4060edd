//! The effects of changes on the workspace.

use std::{collections::BTreeSet, fs, path::Path};

use heck::ToSnakeCase as _;

use crate::regen::effect::{self, Effect, Place, Workspace};

/// Lines that are listed per file and field. Others are counted.
const LISTED: usize = 6;

/// An operation that changes reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::regen) struct Target<'a> {
    /// The id, in the document that has the operation.
    pub(in crate::regen) operation: &'a str,
    /// The later document does not have the operation.
    pub(in crate::regen) is_removed: bool,
}

/// A field or a parameter that changed, by its name on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::regen) struct Field<'a> {
    pub(in crate::regen) name: &'a str,
    /// Operations with the change.
    pub(in crate::regen) operations: BTreeSet<&'a str>,
    /// Clients may send the field, and could not before.
    pub(in crate::regen) is_new_to_requests: bool,
}

/// The parts of the workspace that changes reach.
///
/// Both methods return one effect per line, without indentation and without Markdown other than code spans. Lines about
/// what is still to do come last and begin with `missing: `.
pub(in crate::regen) trait Effects {
    /// Returns the code and the tests of an operation.
    fn of(&self, target: Target<'_>) -> Vec<String>;

    /// Returns the lines of code and tests that name a field.
    fn uses(&self, field: &Field<'_>) -> Vec<String>;
}

/// The sources of the workspace.
pub(in crate::regen) struct Sources<'r> {
    root: &'r Path,
    /// As they were before derived files were written, which knows operations that were removed.
    before: Workspace,
    after: Option<Workspace>,
}

impl<'r> Sources<'r> {
    /// Reads the sources before derived files are written.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or parsed.
    pub(in crate::regen) fn read(root: &'r Path) -> Result<Self, String> {
        Ok(Self { root, before: Workspace::read(root)?, after: None })
    }

    /// Reads the sources again, after derived files were written.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or parsed.
    pub(in crate::regen) fn again(self) -> Result<Self, String> {
        Ok(Self { after: Some(Workspace::read(self.root)?), ..self })
    }

    /// The lines of a file that name the field, and how many more there are. `None` if there are none, or the file
    /// cannot be read.
    fn lines(&self, file: &str, field: &str) -> Option<String> {
        let text = fs::read_to_string(self.root.join(file)).ok()?;
        let names = [field.to_owned(), field.to_snake_case()];
        let named = numbered(&text).filter(|(_, line)| names.iter().any(|name| has_word(line, name)));
        let lines: Vec<String> = named.map(|(number, _)| number.to_string()).collect();
        let listed = lines.get(..LISTED).unwrap_or(&lines).join(", ");
        match lines.len().saturating_sub(LISTED) {
            _ if lines.is_empty() => None,
            0 => Some(format!("{file}:{listed}")),
            more => Some(format!("{file}:{listed} and {more} more")),
        }
    }
}

impl Effects for Sources<'_> {
    fn of(&self, target: Target<'_>) -> Vec<String> {
        let workspace = self.after.as_ref().filter(|_| !target.is_removed).unwrap_or(&self.before);
        let mut effect = effect::of(workspace, target.operation);
        if target.is_removed {
            effect.missing.clear();
        }
        let mut lines = effect.lines();
        if target.is_removed && has_own_code(&effect) {
            lines.push("missing: remove what is listed above, except generated code".to_owned());
        }
        lines
    }

    fn uses(&self, field: &Field<'_>) -> Vec<String> {
        let effects = field.operations.iter().map(|operation| effect::of(&self.before, operation));
        let effects: Vec<Effect> = effects.collect();
        let layers: [Layer; 4] = [
            ("façade", true, |effect| &effect.facade),
            ("emulator", true, |effect| &effect.emulator),
            ("command line", false, |effect| &effect.commands),
            ("tests", false, |effect| &effect.tests),
        ];
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (layer, is_needed, places) in layers {
            let files: BTreeSet<&str> =
                effects.iter().flat_map(places).map(|place| place.file.as_str()).collect();
            let sources = files.iter().filter(|file| file.ends_with(".rs"));
            let lines: Vec<String> = sources.filter_map(|file| self.lines(file, field.name)).collect();
            // Without any code, the operation itself is what is missing.
            if lines.is_empty() && is_needed && field.is_new_to_requests && !files.is_empty() {
                let files = files.into_iter().collect::<Vec<_>>().join(", ");
                missing.push(format!("missing: {layer}: `{}` is not named in {files}", field.name));
            }
            found.extend(lines.into_iter().map(|line| format!("{layer}: {line}")));
        }
        found.append(&mut missing);
        found
    }
}

/// The name of a layer, whether it must name a field that clients may send, and what it has of an operation.
type Layer = (&'static str, bool, fn(&Effect) -> &Vec<Place>);

/// Returns `true` if something that was not generated belongs to the operation.
fn has_own_code(effect: &Effect) -> bool {
    let Effect { facade, emulator, commands, tests, .. } = effect;
    let layers: [&Vec<Place>; 4] = [facade, emulator, commands, tests];
    layers.iter().any(|places| !places.is_empty())
}

/// The lines of a text with their numbers, without comments of documentation.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_prose = |line: &str| line.trim_start().starts_with("//");
    text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(move |(_, line)| !is_prose(line))
}

/// Returns `true` if a line has the word, not as a part of another one.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |character: Option<char>| character.is_some_and(|one| one.is_alphanumeric() || one == '_');
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !is_part(before.chars().next_back()) && !is_part(after.chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    #[test]
    fn words_are_not_found_inside_of_others() {
        assert!(has_word("let a = self.page_size;", "page_size"));
        assert!(has_word("\"pageSize\"", "pageSize"));
        for line in ["page_sizes", "my_page_size", "page size", ""] {
            assert!(!has_word(line, "page_size"), "{line}");
        }
        let lines: Vec<_> = numbered("/// a\nb\n  // c\nd").collect();
        assert_eq!(lines, [(2, "b"), (4, "d")]);
    }

    #[test]
    fn fields_are_found_where_their_operations_use_them() {
        let sources = Sources::read(root()).unwrap();
        let field = |name, is_new_to_requests| {
            sources.uses(&Field { name, operations: BTreeSet::from(["addLink"]), is_new_to_requests })
        };
        for is_new in [true, false] {
            let lines = field("matchType", is_new);
            for start in ["façade: datalinks/src/", "emulator: datalinks-emulator/src/", "tests: "] {
                assert!(lines.iter().any(|line| line.starts_with(start)), "{start} {lines:?}");
            }
            assert!(!lines.iter().any(|line| line.starts_with("missing: ")), "{lines:?}");
        }
        assert_eq!(field("matchTypf", false), Vec::<String>::new());
        let lines = field("matchTypf", true);
        let starts = [
            "missing: façade: `matchTypf` is not named in ",
            "missing: emulator: `matchTypf` is not named in ",
        ];
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().zip(starts).all(|(line, start)| line.starts_with(start)), "{lines:?}");
    }

    #[test]
    fn code_of_a_removed_operation_is_to_be_removed_and_nothing_is_to_be_added() {
        let sources = Sources::read(root()).unwrap();
        let lines = |operation, is_removed| sources.of(Target { operation, is_removed });
        let missing = |lines: &[String]| lines.iter().filter(|line| line.starts_with("missing: ")).count();
        let removed = lines("addLink", true);
        assert_eq!(removed.last().unwrap(), "missing: remove what is listed above, except generated code");
        assert_eq!(missing(&removed), 1);
        assert_eq!(lines("neverWas", true), Vec::<String>::new());
        assert!(missing(&lines("neverWas", false)) > 1);
    }
}
