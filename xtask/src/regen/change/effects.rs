//! The effects of changes on the workspace.

use std::{collections::BTreeSet, fs, path::Path};

use heck::ToSnakeCase as _;

use crate::regen::effect::{self, Effect, Place, Workspace};

/// Lines that are listed per file and field. Others are counted.
const LISTED: usize = 6;

/// An operation that changes reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::regen) struct Target<'a> {
    /// The id, in the document that has the operation.
    pub(in crate::regen) operation: &'a str,
    /// The later document does not have the operation.
    pub(in crate::regen) is_removed: bool,
    /// The changed fields and parameters, by their names on the wire.
    pub(in crate::regen) fields: BTreeSet<&'a str>,
}

/// The parts of the workspace that changes reach.
pub(in crate::regen) trait Effects {
    /// Returns the effects of changes of one operation, one per line, without indentation and without Markdown other
    /// than code spans. Lines about what is still to do come last and begin with `missing: `.
    fn of(&self, target: &Target<'_>) -> Vec<String>;
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

    /// Lines that name a field in the files that belong to the operation.
    fn uses(&self, effect: &Effect, field: &str) -> Vec<String> {
        let layers = [&effect.facade, &effect.emulator, &effect.commands, &effect.tests];
        let files: BTreeSet<&str> = layers.into_iter().flatten().map(|place| place.file.as_str()).collect();
        let names = [field.to_owned(), field.to_snake_case()];
        let mut found = Vec::new();
        for file in files.into_iter().filter(|file| file.ends_with(".rs")) {
            // A file that cannot be read has no uses to list.
            let Ok(text) = fs::read_to_string(self.root.join(file)) else { continue };
            let lines: Vec<usize> = numbered(&text)
                .filter(|(_, line)| names.iter().any(|name| has_word(line, name)))
                .map(|(number, _)| number)
                .collect();
            if lines.is_empty() {
                continue;
            }
            let listed: Vec<String> = lines.iter().take(LISTED).map(usize::to_string).collect();
            let more = lines.len().saturating_sub(LISTED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            found.push(format!("uses `{field}`: {file}:{}{more}", listed.join(", ")));
        }
        found
    }
}

impl Effects for Sources<'_> {
    fn of(&self, target: &Target<'_>) -> Vec<String> {
        let workspace = self.after.as_ref().filter(|_| !target.is_removed).unwrap_or(&self.before);
        let mut effect = effect::of(workspace, target.operation);
        let uses: Vec<String> = target.fields.iter().flat_map(|field| self.uses(&effect, field)).collect();
        if target.is_removed {
            effect.missing.clear();
        }
        let mut lines = effect.lines();
        let end = lines.iter().position(|line| line.starts_with("missing: ")).unwrap_or(lines.len());
        lines.splice(end..end, uses);
        if target.is_removed && has_own_code(&effect) {
            lines.push("missing: remove what is listed above, except generated code".to_owned());
        }
        lines
    }
}

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

    fn target<'a>(operation: &'a str, is_removed: bool, fields: &[&'a str]) -> Target<'a> {
        Target { operation, is_removed, fields: fields.iter().copied().collect() }
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
    fn fields_are_found_where_the_operation_uses_them() {
        let sources = Sources::read(root()).unwrap();
        let lines = sources.of(&target("addLink", false, &["matchType"]));
        let uses: Vec<_> = lines.iter().filter(|line| line.starts_with("uses `matchType`: ")).collect();
        assert!(uses.iter().any(|line| line.contains("datalinks-emulator/src/")), "{lines:?}");
        assert!(uses.iter().any(|line| line.contains("datalinks/src/")), "{lines:?}");
        let without = sources.of(&target("addLink", false, &["matchTypf"]));
        assert!(!without.iter().any(|line| line.starts_with("uses ")), "{without:?}");
    }

    #[test]
    fn code_of_a_removed_operation_is_to_be_removed_and_nothing_is_to_be_added() {
        let sources = Sources::read(root()).unwrap();
        let missing =
            |lines: Vec<String>| lines.into_iter().filter(|line| line.starts_with("missing: ")).count();
        let lines = sources.of(&target("addLink", true, &[]));
        assert_eq!(lines.last().unwrap(), "missing: remove what is listed above, except generated code");
        assert_eq!(missing(lines), 1);
        assert_eq!(sources.of(&target("neverWas", true, &[])), Vec::<String>::new());
        assert!(missing(sources.of(&target("neverWas", false, &[]))) > 1);
    }
}
