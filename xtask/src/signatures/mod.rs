//! The types of other crates in the public signatures of the façade, from the JSON of rustdoc.
//!
//! A type of another crate in a public signature belongs to our interface: a new version of that crate, or a change of
//! the OpenAPI document where the type is generated, breaks our users. The list in `foreign-types.yaml` names each such
//! type with a reason. A type that is not listed fails the check, and so does an entry that is not found.
//!
//! Signatures are parameters, returned types, public fields, bounds of generics, aliases, constants, re-exports,
//! implemented traits, and the associated types of these. Types of the standard library are not counted.

mod collect;
mod document;
mod list;

use std::{collections::BTreeMap, fmt::Write as _, fs, io::Write, path::Path};

use collect::{Interface, collect};
pub(crate) use document::{is_rustdoc, parse, rustdoc, write};
use list::List;

/// The list, below the root of the workspace.
const LIST: &str = "xtask/src/signatures/foreign-types.yaml";

/// The crate that is generated.
const GENERATED: &str = "datalinks_gen";

/// Compares the public signatures with the list. `json` is the output of rustdoc, if it was written before. `show` prints
/// all places of every type.
pub(crate) fn run(root: &Path, json: Option<&Path>, show: bool, out: &mut dyn Write) -> Result<(), String> {
    let path = match json {
        Some(path) => path.to_owned(),
        None => write(root)?.join("datalinks.json"),
    };
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let interface = collect(&parse(&text)?);
    let list = List::read(&root.join(LIST))?;
    let defects = list.compare(&interface.foreign);
    let report = report(&interface, &defects, show);
    out.write_all(report.as_bytes()).map_err(|error| format!("cannot write the report: {error}"))?;
    match defects.len() {
        0 => Ok(()),
        count => Err(format!("{count} types of other crates do not agree with {LIST}")),
    }
}

fn report(interface: &Interface, defects: &[String], show: bool) -> String {
    let mut report = String::new();
    let _ = writeln!(
        report,
        "{:4} names and {} modules at the root of the documentation",
        interface.root_names.len(),
        interface.root_modules.len()
    );
    let (mut generated, mut foreign) = ((0, 0), (0, 0));
    let mut crates: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, places) in &interface.foreign {
        let owner = path.split("::").next().unwrap_or(path);
        *crates.entry(owner).or_default() += 1;
        let count = if owner == GENERATED { &mut generated } else { &mut foreign };
        count.0 += 1;
        count.1 += places.len();
    }
    let _ = writeln!(report, "{:4} generated types in {} public signatures", generated.0, generated.1);
    let _ = writeln!(report, "{:4} types of other crates in {} public signatures", foreign.0, foreign.1);
    for (name, count) in crates {
        let _ = writeln!(report, "     {count:3} of {name}");
    }
    if show {
        for (path, places) in &interface.foreign {
            let _ = writeln!(report, "{path}");
            for place in places {
                let _ = writeln!(report, "    {place}");
            }
        }
    }
    for defect in defects {
        let _ = writeln!(report, "{defect}");
    }
    report
}
