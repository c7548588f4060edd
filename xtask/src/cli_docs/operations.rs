//! The table of operations, methods of the façade, and commands.

use std::{collections::BTreeSet, path::Path};

use crate::regen::effect::{self, Workspace};

/// The operations without a command that stay so, with the reason.
const REASONS: &[(&str, &str)] = &[
    ("getDatasets", "the service deprecated this listing; `datalinks dataset list` calls `listAllDatasets`"),
    (
        "getDatasetsInNamespace",
        "the service deprecated this listing; `datalinks dataset list` calls `listDatasetsWithinNamespace`",
    ),
];

/// The operations whose command is still to be written.
const PLANNED: &[&str] = &[
    "a2aJsonRpc",
    "abortFileUpload",
    "abortMultipartUpload",
    "autorag",
    "autoragStream",
    "finishFileUpload",
    "finishMultipartUpload",
    "getA2aAgentCard",
    "getCleaningTaskCode",
    "getConversation",
    "getPipelineTrace",
    "inferDescription",
    "inferSchema",
    "ingestData",
    "listA2aAgents",
    "listConversations",
    "listIngestions",
    "listSessionFiles",
    "markIngestionSeen",
    "prepareFileUpload",
    "prepareMultipartUpload",
    "requestCleaning",
    "resumeAgentRun",
    "resumePipelineHook",
    "retryIngestion",
    "runPipeline",
    "submitAgentRunFeedback",
];

/// Commands that the search does not find, because an enum stands between them and the method.
const BY_HAND: &[(&str, &str)] = &[
    ("listDatasetShares", "datalinks share list"),
    ("listNamespaceShares", "datalinks share list"),
    ("shareDatasetAccess", "datalinks share add"),
    ("shareNamespaceAccess", "datalinks share add"),
    ("revokeDatasetAccess", "datalinks share remove"),
    ("revokeNamespaceAccess", "datalinks share remove"),
];

/// Directory of the commands. Calls elsewhere, such as those of the demo, are no command for an operation.
const COMMANDS: &str = "datalinks-cli/src/commands/";

/// An operation with its methods and commands.
struct Row {
    operation: String,
    methods: BTreeSet<String>,
    commands: BTreeSet<String>,
}

/// Returns the table as Markdown.
///
/// # Errors
///
/// Fails if the sources cannot be read, if an operation has neither a command nor an entry in a list, and if an entry
/// is not needed.
pub(super) fn table(root: &Path) -> Result<String, String> {
    let rows = rows(root)?;
    let problems = problems(&rows);
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    let mut text = "# Operations and their commands\n\nEvery operation of the API has a command, or a reason why it has \
                    none. `datalinks api` sends any request.\n\n| operation | method of the client | command |\n\
                    |---|---|---|\n"
        .to_owned();
    let code = |names: &BTreeSet<String>| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    for row in &rows {
        let id = row.operation.as_str();
        let reason = REASONS.iter().find(|(own, _)| *own == id).map(|(_, reason)| format!("none: {reason}"));
        let planned = PLANNED.contains(&id).then(|| "not yet".to_owned());
        let command = reason.or(planned).unwrap_or_else(|| code(&row.commands));
        text.push_str(&format!("| `{id}` | {} | {command} |\n", code(&row.methods)));
    }
    Ok(text)
}

fn rows(root: &Path) -> Result<Vec<Row>, String> {
    let workspace = Workspace::read(root)?;
    let row = |operation: &str| {
        let effect = effect::of(&workspace, operation);
        let commands = effect.commands.into_iter().filter(|place| place.file.starts_with(COMMANDS));
        let by_hand = BY_HAND.iter().filter(|(id, _)| *id == operation).map(|(_, name)| (*name).to_owned());
        Row {
            operation: operation.to_owned(),
            methods: effect.facade.into_iter().map(|place| place.name).collect(),
            commands: commands.map(|place| place.name).chain(by_hand).collect(),
        }
    };
    Ok(workspace.operations().map(row).collect())
}

/// Returns what is wrong with the lists above, a line each.
fn problems(rows: &[Row]) -> Vec<String> {
    let mut problems = Vec::new();
    let listed = REASONS.iter().map(|(id, _)| *id).chain(PLANNED.iter().copied());
    for id in listed.clone() {
        match rows.iter().find(|row| row.operation == id) {
            None => problems.push(format!("{id} is no operation: remove it from {}", file!())),
            Some(row) if !row.commands.is_empty() => {
                let commands: Vec<&str> = row.commands.iter().map(String::as_str).collect();
                problems.push(format!("{id} has {}: remove it from {}", commands.join(", "), file!()));
            }
            Some(_) => {}
        }
    }
    let listed: Vec<&str> = listed.collect();
    for row in rows.iter().filter(|row| row.commands.is_empty() && !listed.contains(&row.operation.as_str()))
    {
        let what = "has no command: write one in datalinks-cli/src/commands, or enter a reason in";
        problems.push(format!("{} {what} {}", row.operation, file!()));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_command_or_a_reason() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let rows = rows(&root).unwrap();
        assert!(rows.len() > 50);
        let problems = problems(&rows);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        let commands = |id: &str| rows.iter().find(|row| row.operation == id).unwrap().commands.clone();
        assert_eq!(commands("addLink"), ["datalinks link create".to_owned()].into());
        assert_eq!(commands("renameNamespace"), ["datalinks namespace rename".to_owned()].into());
        assert!(commands("getCurrentUser").contains("datalinks whoami"));
    }
}
