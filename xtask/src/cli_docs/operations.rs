//! The table of operations, methods of the façade, and commands.
//!
//! The commands are those of `datalinks-cli/tests/operations.txt`. This module checks that the list has every operation
//! of the document and only those, and that its commands exist. The test `every_command_sends_its_operations` of
//! `datalinks-cli` checks that each command sends its operation. The list need not have every command that sends an
//! operation. The methods are those that the suite of the façade calls for the operation. Other methods may send it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::regen::effect::{self, Workspace};

/// Returns the table as Markdown. `pages` are those that the program prints, by name.
///
/// # Errors
///
/// Fails if the sources cannot be read, if an operation has neither a command nor a reason, and if the list names an
/// operation or a command that does not exist.
pub(super) fn table(root: &Path, pages: &BTreeMap<String, String>) -> Result<String, String> {
    let workspace = Workspace::read(root)?;
    let mut problems = problems(&workspace);
    problems.extend(unknown(&workspace, &commands(pages)));
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    let mut text = "# Operations and their commands\n\nEvery operation of the API has a command, or a reason why it has \
                    none. Tests call these methods and execute these commands, and see the operations arrive. Other \
                    methods and commands may send them, too. `datalinks api` sends any request.\n\n\
                    | operation | method of the client | command |\n|---|---|---|\n"
        .to_owned();
    let code =
        |names: BTreeSet<String>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    for id in workspace.operations() {
        let methods = code(workspace.tested_methods(id));
        let command = match workspace.reason_for_no_command(id) {
            Some(reason) => format!("none: {reason}"),
            None => code(effect::of(&workspace, id).commands.into_iter().map(|place| place.name).collect()),
        };
        text.push_str(&format!("| `{id}` | {methods} | {command} |\n"));
    }
    Ok(text)
}

/// Returns the commands that have a page or a section of one, such as `datalinks link create`.
fn commands(pages: &BTreeMap<String, String>) -> BTreeSet<&str> {
    let heading = |line: &'_ str| line.starts_with('#') && line.contains("# datalinks ");
    let lines = pages.values().flat_map(|page| page.lines()).filter(|line| heading(line));
    lines.map(|line| line.trim_start_matches('#').trim()).collect()
}

/// Returns the operations that the list and the document do not share, a line each.
fn problems(workspace: &Workspace) -> Vec<String> {
    let known: BTreeSet<&str> = workspace.operations().collect();
    let listed: BTreeSet<&str> = workspace.operations_with_commands().collect();
    let missing = known.difference(&listed).map(|id| {
        format!("{id} has no line in {}: enter its command, or `none` and the reason", effect::COMMANDS)
    });
    let extra = listed
        .difference(&known)
        .map(|id| format!("{id} is no operation: remove it from {}", effect::COMMANDS));
    missing.chain(extra).collect()
}

/// Returns the entries of the list whose command is not one of these, a line each.
fn unknown(workspace: &Workspace, commands: &BTreeSet<&str>) -> Vec<String> {
    let places = workspace.operations().flat_map(|id| effect::of(workspace, id).commands);
    let places = places.filter(|place| !commands.contains(place.name.as_str()));
    places.map(|place| format!("{place} is no command of the program")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        Workspace::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
    }

    #[test]
    fn every_operation_has_a_command_or_a_reason() {
        let workspace = workspace();
        assert!(workspace.operations().count() > 50);
        let problems = problems(&workspace);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn commands_of_the_list_have_to_exist() {
        let workspace = workspace();
        let listed: Vec<String> = workspace
            .operations()
            .flat_map(|id| effect::of(&workspace, id).commands)
            .map(|place| place.name)
            .collect();
        let pages: BTreeMap<String, String> =
            listed.iter().map(|name| (name.clone(), format!("## {name}\n\n{name}\n"))).collect();
        assert_eq!(unknown(&workspace, &commands(&pages)), [""; 0]);
        let page = BTreeMap::from([(
            "link".to_owned(),
            "# datalinks link\n\n## datalinks link create\n".to_owned(),
        )]);
        assert_eq!(commands(&page), ["datalinks link", "datalinks link create"].into());
        let unknown = unknown(&workspace, &commands(&page));
        assert!(unknown.iter().any(|line| line.starts_with("`datalinks whoami` (datalinks-cli/tests/")));
        assert!(!unknown.iter().any(|line| line.contains("`datalinks link create`")));
    }
}
