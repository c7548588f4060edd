//! Listings of all public items, as files of the repository.
//!
//! `datalinks/public-api.txt` and `datalinks-emulator/public-api.txt` have a line for each public item, with all features. A
//! change of the interface is a change of these files, which a reviewer sees. A line that disappears or changes breaks
//! applications, and a new line does not. The release compares with the file of the last one.
//!
//! Paths of items are the shortest by which they can be imported. Types of these crates and of the standard library are
//! written by their name, and those of other crates by the path of their definition. Auto traits are written where a
//! type does not have them (`impl !Send for …`).
//!
//! The same run checks which types cannot grow: see [`exhaustive`].

mod exhaustive;
mod listing;
mod write;

use std::{fs, io::Write, path::Path};

use listing::listing;

use crate::signatures;

/// The crates whose listings are kept, with their names in Rust.
const CRATES: [(&str, &str); 2] = [("datalinks", "datalinks"), ("datalinks-emulator", "datalinks_emulator")];

/// The file in the directory of a crate.
const FILE: &str = "public-api.txt";

/// Number of differing lines that a message shows.
const SHOWN: usize = 40;

/// Writes the listings, or compares them with the files.
pub(crate) fn run(root: &Path, check: bool, out: &mut dyn Write) -> Result<(), String> {
    let directory = signatures::write(root)?;
    let (mut stale, mut listings) = (Vec::new(), Vec::new());
    for (package, name) in CRATES {
        let json = directory.join(format!("{name}.json"));
        let text = fs::read_to_string(&json).map_err(|error| format!("{}: {error}", json.display()))?;
        let new = listing(&signatures::parse(&text)?);
        let path = root.join(package).join(FILE);
        let old = fs::read_to_string(&path).unwrap_or_default();
        let differences = differences(&old, &new);
        let lines = new.lines().count();
        let mut say = |line: &str| writeln!(out, "{line}").map_err(|error| format!("cannot write: {error}"));
        say(&format!("{package}: {lines} lines, {} differ from {FILE}", differences.len()))?;
        for line in differences.iter().take(SHOWN) {
            say(line)?;
        }
        if differences.len() > SHOWN {
            say(&format!("and {} more", differences.len() - SHOWN))?;
        }
        if check {
            stale.extend((old != new).then(|| format!("{package}/{FILE}")));
        } else {
            fs::write(&path, &new).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        listings.push(new);
    }
    types_that_cannot_grow(root, &listings, out)?;
    match stale.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{} do not agree with the code. If the change is meant, run cargo xtask public-api, review the lines, and say in \
             CHANGELOG.md what changes for applications",
            stale.join(" and ")
        )),
    }
}

fn types_that_cannot_grow(root: &Path, listings: &[String], out: &mut dyn Write) -> Result<(), String> {
    let checked = exhaustive::check(root, listings)?;
    let mut say = |line: &str| writeln!(out, "{line}").map_err(|error| format!("cannot write: {error}"));
    say(&format!("{} types and variants may grow, {} may not", checked.open, checked.exhaustive))?;
    checked.defects.iter().try_for_each(|line| say(line))?;
    match checked.defects.len() {
        0 => Ok(()),
        count => {
            Err(format!("{count} types that cannot grow, or are listed as such, do not agree with the list"))
        }
    }
}

/// Returns the lines of one text alone, with `-` and `+`.
fn differences(old: &str, new: &str) -> Vec<String> {
    similar::TextDiff::from_lines(old, new)
        .iter_all_changes()
        .filter_map(|change| match change.tag() {
            similar::ChangeTag::Equal => None,
            similar::ChangeTag::Delete => Some(format!("- {}", change.value().trim_end())),
            similar::ChangeTag::Insert => Some(format!("+ {}", change.value().trim_end())),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_lines_of_one_text() {
        assert_eq!(differences("a\nb\nc\n", "a\nc\nd\n"), ["- b", "+ d"]);
        assert!(differences("a\n", "a\n").is_empty());
    }
}
