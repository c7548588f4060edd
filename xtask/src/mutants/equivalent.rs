//! The list of mutants that no test can notice.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

/// The list, below the root of the workspace.
const LIST: &str = "xtask/src/mutants/equivalent.yaml";

/// Mutants that are equivalent for one reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    reason: String,
    mutants: Vec<String>,
}

/// Reads the list. Returns the reason for each mutant, by its key.
pub(super) fn read(root: &Path) -> Result<BTreeMap<String, String>, String> {
    let text =
        fs::read_to_string(root.join(LIST)).map_err(|error| format!("reading {LIST} failed: {error}"))?;
    parse(&text).map_err(|error| format!("{LIST}: {error}"))
}

fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let groups: Vec<Group> = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
    let mut reasons = BTreeMap::new();
    for Group { reason, mutants } in groups {
        if reason.trim().is_empty() {
            return Err(format!("the group of {} has no reason; give one", mutants.join(", ")));
        }
        for mutant in mutants {
            if let Some((twice, _)) = reasons.remove_entry(&mutant) {
                return Err(format!("{twice} is listed twice; remove one entry"));
            }
            reasons.insert(mutant, reason.trim().to_owned());
        }
    }
    Ok(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_is_read_and_names_files_that_exist() {
        let root = crate::root();
        for name in read(&root).unwrap().keys() {
            let file = name.split(": ").next().unwrap();
            assert!(root.join(file).is_file(), "{name}: the file does not exist; remove the entry");
        }
    }

    #[test]
    fn entry_has_a_reason_and_stands_once() {
        let read = parse("- reason: none differs\n  mutants: [\"a.rs: delete !\"]\n").unwrap();
        assert_eq!(read["a.rs: delete !"], "none differs");
        assert!(parse("- reason: ''\n  mutants: [a]\n").unwrap_err().contains("has no reason"));
        assert!(parse("- reason: b\n  mutants: [a, a]\n").unwrap_err().contains("twice"));
    }
}
