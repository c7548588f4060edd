//! Checks of what an application gets with this workspace: its dependencies, its manifests and its list of threats.
//!
//! - No locked dependency declares a higher `rust-version` than the workspace.
//! - Without a TLS feature, no TLS crate is in the dependency tree, and each feature brings only its own.
//! - A build of the whole workspace compiles the command line with no feature that its package alone does not have.
//! - `README.md` has a row for each feature of each published crate.
//! - Licenses and sources of all dependencies are those of `deny.toml`, and no version is a wildcard. The tool cargo-deny
//!   reads the same file, and checks the same more thoroughly, also the text of license files.
//! - The manifest of each published crate has what registries and docs.rs show.
//! - Each test that `SECURITY.md` names exists.
//!
//! Everything is read from cargo and from files, so the check takes seconds and needs no network.

mod deny;
mod features;
mod license;
mod manifests;
mod rust_version;
mod threats;
mod tls;
mod unified;

use std::{io::Write, path::Path, process::Command};

use crate::metadata::Metadata;

/// Runs all checks. With `advisories`, the database of known vulnerabilities is asked, too.
pub(crate) fn run(root: &Path, advisories: bool, out: &mut dyn Write) -> Result<(), String> {
    let metadata = Metadata::read(root)?;
    let mut failed = 0;
    let checks = [
        ("rust-version", rust_version::check(&metadata)?),
        ("licenses, sources and wildcards", deny::check(root, &metadata)?),
        ("TLS crates", tls::check(root, &metadata)?),
        ("features of the command line", unified::check(root, &metadata)?),
        ("features in README.md", features::check(root, &metadata)?),
        ("manifests", manifests::check(root, &metadata)),
        ("tests of SECURITY.md", threats::check(root)?),
    ];
    for (name, Checked { count, defects }) in checks {
        let result = if defects.is_empty() { "ok" } else { "FAILED" };
        say(out, &format!("{result:6} {name} ({count} checked)"))?;
        for defect in &defects {
            say(out, &format!("       {defect}"))?;
        }
        failed += defects.len();
    }
    failed += usize::from(!cargo_deny(root, advisories, out)?);
    match failed {
        0 => Ok(()),
        count => Err(format!("{count} defects; see above")),
    }
}

/// The outcome of a check.
struct Checked {
    /// Number of things that were checked. None would mean that the check reads the wrong place.
    count: usize,
    defects: Vec<String>,
}

/// Runs cargo-deny, if it is installed. Returns `false` if it found something.
fn cargo_deny(root: &Path, advisories: bool, out: &mut dyn Write) -> Result<bool, String> {
    let deny = |arguments: &[&str]| {
        Command::new("cargo-deny").current_dir(root).arg("--locked").args(arguments).output()
    };
    let Ok(output) = deny(&["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]) else {
        say(
            out,
            "       cargo-deny is not installed (cargo install cargo-deny --locked): advisories are not checked",
        )?;
        return Ok(true);
    };
    let mut passed = output.status.success();
    say(out, &format!("{:6} cargo-deny: licenses, bans and sources", if passed { "ok" } else { "FAILED" }))?;
    if !passed {
        say(out, &String::from_utf8_lossy(&output.stderr))?;
    }
    if !advisories {
        say(out, "       advisories are not checked, because that needs a network: --advisories")?;
        return Ok(passed);
    }
    let output = deny(&["check", "advisories"]).map_err(|error| format!("cannot run cargo-deny: {error}"))?;
    let message = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        say(out, "ok     cargo-deny: advisories")?;
    } else if message.contains("failed to fetch advisory database") {
        say(out, "       advisories are NOT CHECKED: the database cannot be reached from here")?;
    } else {
        passed = false;
        say(out, &format!("FAILED cargo-deny: advisories\n{message}"))?;
    }
    Ok(passed)
}

fn say(out: &mut dyn Write, line: &str) -> Result<(), String> {
    writeln!(out, "{line}").map_err(|error| format!("cannot write the report: {error}"))
}
