//! The JSON that rustdoc writes of the façade and of the emulator.
//!
//! `cargo doc` runs with this program as its `rustdoc`. For these two it runs the real one with the options for JSON,
//! and for every other crate it does nothing. Only the real rustdoc gets the variable that permits unstable
//! options (`RUSTC_BOOTSTRAP`). If cargo had it, build scripts that ask for it would run again, and with them all
//! dependencies. The whole workspace is named to cargo because features of dependencies are then those of the other
//! steps, and their metadata is used as it is.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{SystemTime, UNIX_EPOCH},
};

use rustdoc_types::{Crate, FORMAT_VERSION};
use serde::Deserialize;

use crate::emulator::target;

/// Where the JSON goes. If it is set, this program is a `rustdoc`.
const DIRECTORY: &str = "XTASK_RUSTDOC_JSON";
/// The real rustdoc.
const REAL: &str = "XTASK_REAL_RUSTDOC";

/// Crates of which JSON is written, by their names in Rust.
const CRATES: [&str; 2] = ["datalinks", "datalinks_emulator"];

/// Writes the JSON, and returns the directory with a file for each crate.
pub(crate) fn write(root: &Path) -> Result<PathBuf, String> {
    let directory = target(root).join("signatures");
    let this = env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let real = env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    // A flag that changes makes cargo run rustdoc every time. It would otherwise find that nothing has changed since the
    // last `cargo doc`, which wrote no JSON.
    let run = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["doc", "--quiet", "--workspace", "--lib", "--no-deps", "--all-features", "--locked"])
        .env("RUSTDOC", this)
        .env("RUSTDOCFLAGS", format!("--cfg signatures_{run}"))
        .env(REAL, real)
        .env(DIRECTORY, &directory)
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() {
        Ok(directory)
    } else {
        Err("the documentation does not build; see above".to_owned())
    }
}

/// Returns `true` if cargo runs this program as its `rustdoc`.
pub(crate) fn is_rustdoc() -> bool {
    env::var_os(DIRECTORY).is_some()
}

/// Does what cargo asks of its `rustdoc`.
pub(crate) fn rustdoc() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some(arguments) = for_json(&arguments, &env::var(DIRECTORY).unwrap_or_default()) else {
        return ExitCode::SUCCESS;
    };
    let real = env::var_os(REAL).unwrap_or_else(|| "rustdoc".into());
    let status =
        Command::new(real).args(arguments).env_remove(DIRECTORY).env("RUSTC_BOOTSTRAP", "1").status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cannot run rustdoc: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the arguments of the real rustdoc, or `None` for other crates.
fn for_json(arguments: &[String], directory: &str) -> Option<Vec<String>> {
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    if !CRATES.contains(&value("--crate-name")?.as_str()) {
        return None;
    }
    let mut own = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if matches!(argument.as_str(), "-o" | "--out-dir") {
            rest.next();
        } else {
            own.push(argument.clone());
        }
    }
    // As docs.rs does, so that what is written for it is compiled.
    own.extend(["--cfg", "docsrs"].map(str::to_owned));
    own.extend(["-o", directory, "-Z", "unstable-options", "--output-format", "json"].map(str::to_owned));
    Some(own)
}

/// Reads the JSON.
///
/// # Errors
///
/// Fails if the format has another version than the reader.
pub(crate) fn parse(text: &str) -> Result<Crate, String> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    let Version { format_version } =
        serde_json::from_str(text).map_err(|error| format!("not the JSON of rustdoc: {error}"))?;
    if format_version != FORMAT_VERSION {
        return Err(format!(
            "rustdoc writes version {format_version} of its format, and this check reads {FORMAT_VERSION}: pin \
             rustdoc-types to 0.{format_version} in Cargo.toml, or use the toolchain of CI"
        ));
    }
    serde_json::from_str(text).map_err(|error| format!("cannot read the JSON of rustdoc: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn asks_rustdoc_for_the_json_of_two_crates_only() {
        let line = "--edition=2024 --crate-name datalinks src/lib.rs -o target/doc --cfg a";
        assert_eq!(
            for_json(&arguments(line), "d").unwrap().join(" "),
            "--edition=2024 --crate-name datalinks src/lib.rs --cfg a --cfg docsrs -o d -Z unstable-options --output-format json"
        );
        assert!(for_json(&arguments("--crate-name datalinks_emulator src/lib.rs"), "d").is_some());
        assert_eq!(for_json(&arguments("--crate-name datalinks_gen src/lib.rs -o target/doc"), "d"), None);
        assert_eq!(for_json(&arguments("-vV"), "d"), None);
    }

    #[test]
    fn rejects_another_version_of_the_format() {
        let error = parse("{\"format_version\": 3, \"more\": []}").unwrap_err();
        assert!(error.contains("version 3") && error.contains("rustdoc-types to 0.3"), "{error}");
        assert!(parse("[]").unwrap_err().starts_with("not the JSON of rustdoc"));
    }
}
