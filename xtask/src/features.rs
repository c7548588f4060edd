//! Combinations of features, each of which has to compile without a warning.
//!
//! For each published package: no feature, the default ones, each feature alone, each pair, and all together. A pair of
//! which one feature switches on the other is that feature alone. Code in this workspace asks for two features at most.
//! The features are those of the manifests, so a new one is tried without being entered here. Checks only, so one
//! target directory serves all of them.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output},
    time::Instant,
};

use crate::metadata::{Metadata, Package};

/// Features without code in the library beyond their dependencies and their build script. They are compiled alone and with
/// all others, and not in pairs.
const WITHOUT_PAIRS: [&str; 1] = ["generate"];

/// Compiles all combinations, and fails if one does not compile or has a warning.
pub(crate) fn run(root: &Path, list: bool, only: &[String], out: &mut dyn Write) -> Result<(), String> {
    let metadata = Metadata::read(root)?;
    let packages = metadata.published().filter(|package| only.is_empty() || only.contains(&package.name));
    let (mut count, mut failed) = (0, Vec::new());
    let start = Instant::now();
    for package in packages {
        for features in combinations(package) {
            count += 1;
            let name = format!("{} [{}]", package.name, features.join(","));
            let mut line = name.clone();
            if !list {
                let begin = Instant::now();
                let output = check(root, &package.name, &features)?;
                let message = String::from_utf8_lossy(&output.stderr);
                let passed = output.status.success() && !message.contains("warning: ");
                let result = if passed { "ok" } else { "FAILED" };
                line = format!("{result:6} {:5.1} s  {name}", begin.elapsed().as_secs_f64());
                if !passed {
                    line = format!("{line}\n{message}");
                    failed.push(name);
                }
            }
            say(out, &line)?;
        }
    }
    say(out, &format!("{count} combinations, {:.0} s", start.elapsed().as_secs_f64()))?;
    match (count, failed.is_empty()) {
        (0, _) => Err(format!("no published package is named {}", only.join(" or "))),
        (_, true) => Ok(()),
        (_, false) => Err(format!("these do not compile without warnings: {}", failed.join(", "))),
    }
}

/// Returns the sets of features to compile.
fn combinations(package: &Package) -> Vec<Vec<&str>> {
    let all: Vec<&str> = package.named_features().collect();
    let mut sets = vec![Vec::new()];
    if package.features.contains_key("default") {
        sets.push(vec!["default"]);
    }
    sets.extend(all.iter().map(|name| vec![*name]));
    let paired: Vec<&str> = all.iter().copied().filter(|name| !WITHOUT_PAIRS.contains(name)).collect();
    for (at, one) in paired.iter().enumerate() {
        for other in &paired[at + 1..] {
            let implies = |one: &str, other: &str| package.with_implied(one).contains(other);
            if !implies(one, other) && !implies(other, one) {
                sets.push(vec![one, other]);
            }
        }
    }
    if all.len() > 1 {
        sets.push(all);
    }
    sets.dedup();
    sets
}

fn check(root: &Path, package: &str, features: &[&str]) -> Result<Output, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        .current_dir(root)
        .args(["check", "--quiet", "--locked", "-p", package, "--no-default-features", "--features"])
        .arg(features.join(","))
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))
}

fn say(out: &mut dyn Write, line: &str) -> Result<(), String> {
    writeln!(out, "{line}").map_err(|error| format!("cannot write the report: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn features_are_compiled_alone_in_pairs_and_together() {
        let features = [
            ("default", vec!["read"]),
            ("excel", vec!["read", "dep:zip"]),
            ("generate", vec!["gen/generate"]),
            ("raw", vec![]),
            ("read", vec!["dep:csv"]),
        ];
        let owned = |(name, implied): (&str, Vec<&str>)| {
            (name.to_owned(), implied.into_iter().map(str::to_owned).collect())
        };
        let package = Package {
            features: features.into_iter().map(owned).collect::<BTreeMap<_, _>>(),
            ..Package::default()
        };
        assert_eq!(
            combinations(&package),
            [
                vec![],
                vec!["default"],
                vec!["excel"],
                vec!["generate"],
                vec!["raw"],
                vec!["read"],
                vec!["excel", "raw"],
                vec!["raw", "read"],
                vec!["excel", "generate", "raw", "read"],
            ]
        );
        assert_eq!(combinations(&Package::default()), [Vec::<&str>::new()]);
    }
}
