//! The lowest versions of dependencies that the manifests allow.
//!
//! `serde = "1.0.200"` promises that version 1.0.200 is enough. Builds use `Cargo.lock`, which has newer versions, so nobody
//! notices when the promise is broken. This chore copies the published crates without their tests, resolves each direct
//! dependency to the lowest version that the manifests allow, and compiles the copy with all features. Dependencies of
//! dependencies have their newest version. `Cargo.lock` of the checkout stays as it is.
//!
//! Cargo resolves this way only with an unstable option (`-Z direct-minimal-versions`), so that command has the variable
//! `RUSTC_BOOTSTRAP`. The build does not.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use serde::Deserialize;
use toml::{Table, Value};

use crate::{emulator::target, metadata::Metadata, mutants::tree::Tree};

/// Resolves and compiles. With `list`, only resolves, and prints each version.
pub(crate) fn run(root: &Path, list: bool, out: &mut dyn Write) -> Result<(), String> {
    let metadata = Metadata::read(root)?;
    let directory = target(root).join("minimal-versions");
    let tree = Tree::update(root, directory.join("tree"))?;
    let members: Vec<String> = metadata.published().map(|package| package.name.clone()).collect();
    tree.write("Cargo.toml", &workspace(&tree.original("Cargo.toml")?, &members)?)?;
    for member in &members {
        let manifest = format!("{member}/Cargo.toml");
        tree.write(&manifest, &without_tests(&tree.original(&manifest)?)?)?;
    }
    let lock = tree.root.join("Cargo.lock");
    fs::remove_file(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let resolve = ["generate-lockfile", "--quiet", "-Z", "direct-minimal-versions"];
    cargo(&tree.root, &resolve, true).map_err(|error| {
        format!("{error}: raise the lowest version in Cargo.toml to the one that is needed, or use a network")
    })?;

    let locked =
        versions(&fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?)?;
    let newest = versions(&tree.original("Cargo.lock")?)?;
    let mut direct: Vec<&str> = metadata
        .published()
        .flat_map(|package| &package.dependencies)
        .filter(|dependency| dependency.path.is_none() && dependency.kind.as_deref() != Some("dev"))
        .map(|dependency| dependency.name.as_str())
        .collect();
    direct.sort_unstable();
    direct.dedup();
    let lower = direct.iter().filter(|name| locked.get(**name) != newest.get(**name));
    say(
        out,
        &format!(
            "{} direct dependencies at their lowest version, {} below Cargo.lock",
            direct.len(),
            lower.count()
        ),
    )?;
    if list {
        for name in direct {
            let of =
                |versions: &BTreeMap<String, Vec<String>>| versions.get(name).map(|all| all.join(" and "));
            let (low, high) = (of(&locked).unwrap_or_default(), of(&newest).unwrap_or_default());
            say(out, &format!("{name:24} {low:24} {high}"))?;
        }
        return Ok(());
    }
    let begin = Instant::now();
    let build = directory.join("build");
    let build = build.to_string_lossy();
    let check = ["check", "--quiet", "--workspace", "--all-features", "--locked", "--target-dir", &*build];
    cargo(&tree.root, &check, false).map_err(|error| {
        format!(
            "{error}: raise the lowest version in Cargo.toml to the first one that has what the code uses"
        )
    })?;
    say(
        out,
        &format!(
            "ok: {} compile with all features, {:.0} s",
            members.join(", "),
            begin.elapsed().as_secs_f64()
        ),
    )
}

/// Returns the manifest of the workspace with these members only.
fn workspace(text: &str, members: &[String]) -> Result<String, String> {
    let mut manifest = parse(text)?;
    let workspace = manifest.get_mut("workspace").and_then(Value::as_table_mut);
    let workspace = workspace.ok_or("Cargo.toml has no [workspace]")?;
    workspace.insert("members".to_owned(), Value::from(members.to_vec()));
    workspace.remove("default-members");
    Ok(manifest.to_string())
}

/// Returns a manifest without the dependencies and targets that only tests need.
fn without_tests(text: &str) -> Result<String, String> {
    let mut manifest = parse(text)?;
    for key in ["dev-dependencies", "test", "bench", "example"] {
        manifest.remove(key);
    }
    for (_, table) in manifest.get_mut("target").and_then(Value::as_table_mut).into_iter().flatten() {
        table.as_table_mut().map(|table| table.remove("dev-dependencies"));
    }
    Ok(manifest.to_string())
}

fn parse(text: &str) -> Result<Table, String> {
    toml::from_str(text).map_err(|error| format!("cannot read a manifest: {error}"))
}

/// Returns the versions of each package in a lock file.
fn versions(lock: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let lock: Lock = toml::from_str(lock).map_err(|error| format!("cannot read the lock file: {error}"))?;
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Package { name, version } in lock.package {
        versions.entry(name).or_default().push(version);
    }
    Ok(versions)
}

/// Runs cargo, whose messages are shown.
fn cargo(directory: &Path, arguments: &[&str], unstable: bool) -> Result<(), String> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(directory).args(arguments).stdin(Stdio::null());
    if unstable {
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("cargo {} failed, see above", arguments.first().unwrap_or(&""))),
        Err(error) => Err(format!("cannot run cargo: {error}")),
    }
}

fn say(out: &mut dyn Write, line: &str) -> Result<(), String> {
    writeln!(out, "{line}").map_err(|error| format!("cannot write the report: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_has_published_members_and_no_dependencies_of_tests() {
        let text = "[workspace]\nmembers = [\"a\", \"tests\"]\ndefault-members = [\"a\"]\n[profile.dev]\ndebug = 0\n";
        let manifest = parse(&workspace(text, &["a".to_owned()]).unwrap()).unwrap();
        assert_eq!(manifest["workspace"]["members"], Value::from(vec!["a"]));
        assert!(manifest["workspace"].get("default-members").is_none() && manifest.contains_key("profile"));

        let text = "[dependencies]\nb = \"1\"\n[dev-dependencies]\nc = \"1\"\n[[test]]\nname = \"t\"\n\
                    [target.'cfg(unix)'.dependencies]\nd = \"1\"\n[target.'cfg(unix)'.dev-dependencies]\ne = \"1\"\n";
        let text = without_tests(text).unwrap();
        for (name, kept) in [("b", true), ("c", false), ("test", false), ("d", true), ("e", false)] {
            assert_eq!(
                text.contains(&format!("{name} =")) || text.contains(&format!("[{name}")),
                kept,
                "{name}: {text}"
            );
        }
    }

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(
            versions(lock).unwrap(),
            BTreeMap::from([("a".to_owned(), vec!["1.0.0".into(), "2.0.0".into()])])
        );
    }
}
