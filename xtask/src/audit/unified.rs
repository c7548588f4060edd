//! Features that a build of the whole workspace adds to the command line.
//!
//! Cargo compiles a dependency once per build, with the features that all packages of the build ask for. So the tests of
//! the workspace may run a command line that `cargo install` does not build. Such features must have no effect on it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::Checked;
use crate::metadata::{Metadata, cargo};

/// The package of the command line.
const PACKAGE: &str = "datalinks-cli";

/// Features that add items of which the command line uses none, or that generate the code that is compiled without them.
const WITHOUT_EFFECT: [(&str, &str); 4] = [
    ("datalinks", "blocking"),
    ("datalinks", "generate"),
    ("datalinks", "raw"),
    ("datalinks-gen", "generate"),
];

/// The features of each package.
type Features = BTreeMap<String, BTreeSet<String>>;

/// Compares the crates of the workspace in both builds.
pub(super) fn check(root: &Path, metadata: &Metadata) -> Result<Checked, String> {
    let read = |packages: &[&str]| {
        let mut arguments = vec!["tree"];
        arguments.extend(packages);
        arguments.extend(["-e", "normal", "--prefix", "none", "--format", "{p}|{f}", "--locked"]);
        cargo(root, &arguments).map(|text| features(&text))
    };
    let (alone, workspace) = (read(&["-p", PACKAGE])?, read(&["--workspace"])?);
    let own: BTreeSet<&str> = metadata.published().map(|package| package.name.as_str()).collect();
    Ok(compare(&own, &alone, &workspace))
}

/// Reads the output of cargo: a line for each package, with its features.
fn features(text: &str) -> Features {
    let mut found = Features::new();
    for line in text.lines() {
        let Some((package, features)) = line.trim_end_matches(" (*)").split_once('|') else { continue };
        let name = package.split(' ').next().unwrap_or_default();
        let features = features.trim_end().split(',').filter(|feature| !feature.is_empty());
        found.entry(name.to_owned()).or_default().extend(features.map(str::to_owned));
    }
    found
}

fn compare(own: &BTreeSet<&str>, alone: &Features, workspace: &Features) -> Checked {
    let packages = alone.iter().filter(|(name, _)| own.contains(name.as_str()));
    let mut checked = Checked { count: 0, defects: Vec::new() };
    for (name, features) in packages {
        checked.count += 1;
        for feature in workspace.get(name).into_iter().flatten() {
            let known = WITHOUT_EFFECT.contains(&(name.as_str(), feature.as_str()));
            if !features.contains(feature) && !known {
                checked.defects.push(format!(
                    "only a build of the workspace has the feature {feature} of {name} in the command line: enable it in \
                     {PACKAGE}/Cargo.toml, or enter it in xtask/src/audit/unified.rs if it has no effect there"
                ));
            }
        }
    }
    checked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_of_the_workspace_alone_are_defects() {
        let own = BTreeSet::from(["datalinks", "datalinks-gen"]);
        let alone =
            features("datalinks v0.1.0 (/w)|default,read\ndatalinks-gen v0.1.0 (/w)|\nserde v1.0.0|std\n");
        let more = "datalinks v0.1.0 (/w)|blocking,default,gzip,read (*)\ndatalinks-gen v0.1.0 (/w)|generate\n\
                    serde v1.0.0|derive,std\n";
        let checked = compare(&own, &alone, &features(more));
        assert_eq!((checked.count, checked.defects.len()), (2, 1), "{:?}", checked.defects);
        assert!(checked.defects[0].contains("the feature gzip of datalinks "), "{:?}", checked.defects);
        assert!(compare(&own, &alone, &alone).defects.is_empty());
    }
}
