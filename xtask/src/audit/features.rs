//! The features of the published crates, as the README describes them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::Checked;
use crate::metadata::{Metadata, Package};

/// The document with the table.
const FILE: &str = "README.md";

/// The header of the table.
const HEADER: &str = "| crate | feature | on by default | effect |";

/// Checks that the table has a row for each feature, which says correctly whether it is on by default.
pub(super) fn check(root: &Path, metadata: &Metadata) -> Result<Checked, String> {
    let path = root.join(FILE);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let packages: Vec<&Package> = metadata.published().collect();
    Ok(compare(&text, &packages))
}

fn compare(text: &str, packages: &[&Package]) -> Checked {
    let mut declared = BTreeMap::new();
    for package in packages {
        let default = package.with_implied("default");
        for feature in package.named_features() {
            declared.insert((package.name.as_str(), feature), default.contains(feature));
        }
    }
    let mut defects = Vec::new();
    let mut described = BTreeSet::new();
    let rows =
        text.lines().skip_while(|line| *line != HEADER).skip(2).take_while(|line| line.starts_with('|'));
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [package, feature, default, effect] = cells.as_slice() else {
            defects.push(format!("{FILE}: a row of the features has {} cells, and not four", cells.len()));
            continue;
        };
        let key = (package.trim_matches('`'), feature.trim_matches('`'));
        match declared.get(&key) {
            None => defects
                .push(format!("{FILE} describes the feature {} of {}, which does not exist", key.1, key.0)),
            Some(is_default) if (*default == "yes") != *is_default => {
                defects
                    .push(format!("{FILE} is wrong about the default of the feature {} of {}", key.1, key.0));
            }
            Some(_) if effect.is_empty() => {
                defects.push(format!("{FILE} says nothing about {} of {}", key.1, key.0))
            }
            Some(_) if !described.insert(key) => {
                defects.push(format!("{FILE} describes {} of {} twice", key.1, key.0))
            }
            Some(_) => {}
        }
    }
    let missing = declared.keys().filter(|key| !described.contains(*key));
    defects.extend(
        missing.map(|(package, feature)| format!("{FILE} has no row for the feature {feature} of {package}")),
    );
    Checked { count: declared.len(), defects }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_stale_and_wrong_rows_are_defects() {
        let features = [("default", vec!["a"]), ("a", vec!["b"]), ("b", vec![]), ("c", vec![])];
        let features = features.map(|(name, implied): (&str, Vec<&str>)| {
            (name.to_owned(), implied.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        let package = Package { name: "p".to_owned(), features: features.into(), ..Package::default() };
        let found =
            |rows: &str| compare(&format!("text\n{HEADER}\n|---|---|---|---|\n{rows}\nmore\n"), &[&package]);
        let right = "| `p` | `a` | yes | e |\n| `p` | `b` | yes | e |\n| `p` | `c` | no | e |";
        assert_eq!((found(right).count, found(right).defects), (3, Vec::new()));
        assert_eq!(found("").defects.len(), 3);
        for (from, to, defect) in [
            ("| `p` | `c` | no |", "| `p` | `c` | yes |", "wrong about the default of the feature c"),
            ("| `c` |", "| `d` |", "describes the feature d of p, which does not exist"),
            ("| no | e |", "| no | |", "says nothing about c"),
            ("| no | e |", "| no |", "has 3 cells"),
        ] {
            let found = found(&right.replace(from, to)).defects;
            assert!(found[0].contains(defect), "{found:?}");
        }
        let twice = format!("{right}\n| `p` | `c` | no | e |");
        assert!(found(&twice).defects[0].contains("twice"));
    }
}
