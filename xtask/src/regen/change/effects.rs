//! The effects of changes on the workspace.

use std::{collections::BTreeSet, fs, path::Path};

use heck::ToSnakeCase as _;

use crate::regen::effect::{self, Effect, Place, Workspace};

/// Maximum number of listed lines per file and field. Further lines are counted.
const LISTED: usize = 6;

/// An operation that changes affect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::regen) struct Target<'a> {
    /// The id, in the document that has the operation.
    pub(in crate::regen) operation: &'a str,
    pub(in crate::regen) state: State<'a>,
}

/// The state of an operation in the later document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::regen) enum State<'a> {
    /// The operation is in the later document.
    Present,
    /// The operation is in the later document, and had this id before.
    RenamedFrom(&'a str),
    /// The operation has this id in the later document.
    RenamedTo(&'a str),
    /// The later document does not have the operation.
    Removed,
}

/// A field or a parameter that changed, with its name on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::regen) struct Field<'a> {
    pub(in crate::regen) name: &'a str,
    /// Operations with the change.
    pub(in crate::regen) operations: BTreeSet<&'a str>,
    /// Earlier ids of these operations, which the code may still contain.
    pub(in crate::regen) earlier_ids: BTreeSet<&'a str>,
    /// Clients may send the field and could not send it before.
    pub(in crate::regen) is_new_to_requests: bool,
}

/// The parts of the workspace that changes affect.
///
/// Both methods return one effect per line, without indentation and without Markdown except code spans. Lines
/// about remaining work come last and begin with `missing: ` or `to do: `.
pub(in crate::regen) trait Effects {
    /// Returns the code and the tests of an operation.
    fn of(&self, target: Target<'_>) -> Vec<String>;

    /// Returns the lines of code and tests that name a field.
    fn uses(&self, field: &Field<'_>) -> Vec<String>;
}

/// The sources of the workspace.
pub(in crate::regen) struct Sources<'r> {
    root: &'r Path,
    /// The sources before derived files were written, which contain removed operations.
    before: Workspace,
    after: Option<Workspace>,
}

impl<'r> Sources<'r> {
    /// Reads the sources before derived files are written.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read or parsed.
    pub(in crate::regen) fn read(root: &'r Path) -> Result<Self, String> {
        Ok(Self { root, before: Workspace::read(root)?, after: None })
    }

    /// Reads the sources again after derived files were written.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read or parsed.
    pub(in crate::regen) fn again(self) -> Result<Self, String> {
        Ok(Self { after: Some(Workspace::read(self.root)?), ..self })
    }

    /// Returns the workspace with the derived files of the later document, if they were written.
    fn latest(&self) -> &Workspace {
        self.after.as_ref().unwrap_or(&self.before)
    }

    /// Returns the line about replacing the id of an operation by the later one.
    fn renaming(&self, effect: &Effect, later: &str) -> String {
        let Effect { operation: earlier, facade, emulator, commands, tests, .. } = effect;
        let listed = [facade, emulator, commands, tests];
        let is_listed =
            |file: &str| listed.iter().any(|places| places.iter().any(|place| place.file == file));
        // Tables have an entry for each operation, so they are not listed as its code.
        let missing = effect::of(self.latest(), later).missing;
        let files: BTreeSet<&str> = missing.iter().map(|one| one.file.as_str()).collect();
        let files: Vec<&str> = files.into_iter().filter(|file| !is_listed(file)).collect();
        let others = if files.is_empty() { String::new() } else { format!(", and in {}", files.join(", ")) };
        format!(
            "to do: change the id `{earlier}` to `{later}`, and `{}` to `{}` in calls of the generated function, in what \
             is listed above, except generated code{others}",
            earlier.to_snake_case(),
            later.to_snake_case()
        )
    }

    /// Returns the lines below a directory that name the field, one string per file.
    fn below(&self, directory: &str, field: &str) -> Vec<String> {
        let files = effect::rust_files(self.root, directory).unwrap_or_default();
        let mut lines: Vec<String> = files.iter().filter_map(|file| self.lines(file, field)).collect();
        let more = lines.len().saturating_sub(LISTED);
        if more > 0 {
            lines.truncate(LISTED);
            lines.push(format!("{more} more files below {directory}"));
        }
        lines
    }

    /// Returns the lines of a file that name the field, and the number of further ones. Returns `None` if there
    /// are none, or if the file cannot be read.
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
        let is_gone = matches!(target.state, State::RenamedTo(_) | State::Removed);
        let mut effect = effect::of(if is_gone { &self.before } else { self.latest() }, target.operation);
        let to_do = match target.state {
            State::Present => None,
            State::RenamedFrom(earlier) => {
                // The code exists under the earlier id, and the report says how to change it.
                if has_own_code(&effect::of(&self.before, earlier)) {
                    effect.missing.clear();
                }
                None
            }
            State::RenamedTo(later) => has_own_code(&effect).then(|| self.renaming(&effect, later)),
            State::Removed => has_own_code(&effect)
                .then(|| "to do: remove what is listed above, except generated code".to_owned()),
        };
        if is_gone {
            effect.missing.clear();
        }
        let mut lines = effect.lines();
        lines.extend(to_do);
        lines
    }

    fn uses(&self, field: &Field<'_>) -> Vec<String> {
        let operations = field.operations.union(&field.earlier_ids);
        let effects = operations.map(|operation| effect::of(&self.before, operation));
        let effects: Vec<Effect> = effects.collect();
        let layers: [Layer; 4] = [
            ("façade", Some("datalinks/src"), |effect| &effect.facade),
            ("emulator", Some("datalinks-emulator/src"), |effect| &effect.emulator),
            ("command line", None, |effect| &effect.commands),
            ("tests", None, |effect| &effect.tests),
        ];
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (layer, directory, places) in layers {
            let files: BTreeSet<&str> =
                effects.iter().flat_map(places).map(|place| place.file.as_str()).collect();
            let sources = files.iter().filter(|file| file.ends_with(".rs"));
            let mut lines: Vec<String> = sources.filter_map(|file| self.lines(file, field.name)).collect();
            // Without any code, the operation itself is missing.
            if let Some(directory) = directory.filter(|_| lines.is_empty() && !files.is_empty()) {
                // Types of requests are often in other files than the methods that send them.
                lines = self.below(directory, field.name);
                if lines.is_empty() && field.is_new_to_requests {
                    missing
                        .push(format!("missing: {layer}: `{}` is not named below {directory}", field.name));
                }
            }
            found.extend(lines.into_iter().map(|line| format!("{layer}: {line}")));
        }
        found.append(&mut missing);
        found
    }
}

/// The name of a layer, the directory that must name each field that clients may send, and its part of an
/// effect.
type Layer = (&'static str, Option<&'static str>, fn(&Effect) -> &Vec<Place>);

/// Returns `true` if the operation has code that was not generated.
fn has_own_code(effect: &Effect) -> bool {
    let Effect { facade, emulator, commands, tests, .. } = effect;
    let layers: [&Vec<Place>; 4] = [facade, emulator, commands, tests];
    layers.iter().any(|places| !places.is_empty())
}

/// Returns the lines of a text with their numbers, without documentation comments.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_prose = |line: &str| line.trim_start().starts_with("//");
    text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(move |(_, line)| !is_prose(line))
}

/// Returns `true` if a line contains the word as a whole.
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
            let operations = BTreeSet::from(["addLink"]);
            sources.uses(&Field { name, operations, is_new_to_requests, ..Field::default() })
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
            "missing: façade: `matchTypf` is not named below datalinks/src",
            "missing: emulator: `matchTypf` is not named below datalinks-emulator/src",
        ];
        assert_eq!(lines, starts);
    }

    /// `distanceUnit` is a setter of a type that several methods take, and none of their files names it.
    #[test]
    fn fields_of_shared_types_are_found_outside_of_the_files_of_the_operation() {
        let sources = Sources::read(root()).unwrap();
        let uses = |operations, earlier_ids| {
            let field = Field { name: "distanceUnit", operations, earlier_ids, is_new_to_requests: true };
            sources.uses(&field)
        };
        let lines = uses(BTreeSet::from(["rebuildLinks"]), BTreeSet::new());
        for start in [
            "façade: datalinks/src/datasets/match_types.rs:",
            "emulator: datalinks-emulator/src/linking/selection.rs:",
        ] {
            assert!(lines.iter().any(|line| line.starts_with(start)), "{start} {lines:?}");
        }
        assert!(!lines.iter().any(|line| line.starts_with("missing: ")), "{lines:?}");
        // Code of an operation that has another id now is searched by the earlier id.
        assert_eq!(uses(BTreeSet::from(["neverWas"]), BTreeSet::from(["rebuildLinks"])), lines);
    }

    #[test]
    fn code_of_a_renamed_operation_is_kept_and_gets_the_later_id() {
        let sources = Sources::read(root()).unwrap();
        let lines = |operation, state| sources.of(Target { operation, state });
        let earlier = lines("rebuildLinks", State::RenamedTo("rebuildLinksAnew"));
        let to_do = earlier.last().unwrap();
        let start = "to do: change the id `rebuildLinks` to `rebuildLinksAnew`, and `rebuild_links` to \
                     `rebuild_links_anew` in calls";
        assert!(to_do.starts_with(start), "{to_do}");
        for file in ["datalinks/src/transport/retry_safety.rs", "datalinks-emulator/src/api/table.rs"] {
            assert!(to_do.contains(file), "{file} {to_do}");
        }
        assert!(!earlier.iter().any(|line| line.contains("remove") || line.starts_with("missing: ")));
        let missing = |lines: &[String]| lines.iter().filter(|line| line.starts_with("missing: ")).count();
        assert_eq!(missing(&lines("rebuildLinksAnew", State::RenamedFrom("rebuildLinks"))), 0);
        // Without code under the earlier id, nothing has to be renamed.
        assert_eq!(lines("neverWas", State::RenamedTo("rebuildLinksAnew")), Vec::<String>::new());
        assert!(missing(&lines("rebuildLinksAnew", State::RenamedFrom("neverWas"))) > 1);
    }

    #[test]
    fn removed_operation_lists_code_to_remove_and_nothing_to_add() {
        let sources = Sources::read(root()).unwrap();
        let lines = |operation, state| sources.of(Target { operation, state });
        let missing = |lines: &[String]| lines.iter().filter(|line| line.starts_with("missing: ")).count();
        let removed = lines("addLink", State::Removed);
        assert_eq!(removed.last().unwrap(), "to do: remove what is listed above, except generated code");
        assert_eq!(missing(&removed), 0);
        assert_eq!(lines("neverWas", State::Removed), Vec::<String>::new());
        assert!(missing(&lines("neverWas", State::Present)) > 1);
    }
}
