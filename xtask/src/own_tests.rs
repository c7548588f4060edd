//! `docs/examples/own-tests`, copied to an empty directory and tested there, as a program outside the workspace.
//!
//! The copy names the crates by their absolute path. Everything else is as it is in the example: its own manifest, its own lock
//! file, and no workspace above it. With `--fresh`, the downloads and the build results start from nothing as well,
//! and the time of each step is printed.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use crate::emulator::target;

/// The example, below the root of the workspace.
const EXAMPLE: &str = "docs/examples/own-tests";

/// Number of tests in the example. Fewer would mean that a file is not compiled.
const TESTS: usize = 6;

/// Copies and tests the example.
pub(crate) fn run(root: &Path, fresh: bool, out: &mut dyn Write) -> Result<(), String> {
    let empty = Empty::create()?;
    let program = empty.0.join("own-tests");
    copy(&root.join(EXAMPLE), &program)?;
    let manifest = program.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    fs::write(&manifest, with_paths(&text, root)?)
        .map_err(|error| format!("{}: {error}", manifest.display()))?;
    let mut environment = vec![("CARGO_TARGET_DIR", target(root).join("own-tests"))];
    let start = Instant::now();
    let mut step = |arguments: &[&str], environment: &[(&str, PathBuf)]| -> Result<String, String> {
        let begin = Instant::now();
        let output = cargo(&program, arguments, environment)?;
        let line = format!("{:6.1} s  cargo {}", begin.elapsed().as_secs_f64(), arguments.join(" "));
        writeln!(out, "{line}").map_err(|error| format!("cannot write the report: {error}"))?;
        Ok(output)
    };
    if fresh {
        environment =
            vec![("CARGO_TARGET_DIR", program.join("target")), ("CARGO_HOME", empty.0.join("cargo-home"))];
        step(&["fetch", "--locked"], &environment)?;
    }
    step(&["test", "--locked", "--no-run"], &environment)?;
    let passed = passed(&step(&["test", "--locked"], &environment)?);
    let said = step(&["run", "--locked", "--quiet", "--example", "local"], &environment)?;
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        out,
        "{said}{passed} tests passed, {:.0} min {:.0} s in all",
        (seconds / 60.0).floor(),
        seconds % 60.0
    )
    .map_err(|error| format!("cannot write the report: {error}"))?;
    if passed < TESTS {
        return Err(format!("{passed} tests of {EXAMPLE} ran, and it has {TESTS}: is a file not compiled?"));
    }
    Ok(())
}

/// A directory that is removed in the end.
struct Empty(PathBuf);

impl Empty {
    fn create() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("datalinks-own-tests-{}", std::process::id()));
        fs::create_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let named = |error: std::io::Error| format!("{}: {error}", from.display());
    fs::create_dir_all(to).map_err(named)?;
    for entry in fs::read_dir(from).map_err(named)? {
        let entry = entry.map_err(named)?;
        let (path, name) = (entry.path(), entry.file_name());
        if !entry.file_type().map_err(named)?.is_dir() {
            fs::copy(&path, to.join(name)).map_err(named)?;
        } else if name != "target" {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

/// Returns the manifest with absolute paths of the crates.
fn with_paths(manifest: &str, root: &Path) -> Result<String, String> {
    let (relative, absolute) = ("path = \"../../../", format!("path = \"{}/", root.display()));
    match manifest.matches(relative).count() {
        2 => Ok(manifest.replace(relative, &absolute)),
        count => Err(format!("{EXAMPLE}/Cargo.toml names {count} crates by path, and not two")),
    }
}

/// Runs cargo in the copy and returns its standard output. Variables of a service do not reach the program.
fn cargo(directory: &Path, arguments: &[&str], environment: &[(&str, PathBuf)]) -> Result<String, String> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(directory).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DL_") {
            command.env_remove(name);
        }
    }
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let output = command.output().map_err(|error| format!("cannot run cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!(
            "cargo {} failed in a copy of {EXAMPLE}. If its lock file is stale, run cargo update --workspace there\n{text}",
            arguments.join(" ")
        ))
    }
}

/// Returns the number of tests that passed.
fn passed(output: &str) -> usize {
    let results = output.lines().filter_map(|line| line.strip_prefix("test result: ok. "));
    results.filter_map(|line| line.split(' ').next()?.parse::<usize>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifest_of_the_example_names_both_crates_by_path() {
        let text =
            fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/own-tests/Cargo.toml"));
        let text = with_paths(&text.unwrap(), Path::new("/checkout")).unwrap();
        let manifest: toml::Table = toml::from_str(&text).unwrap();
        let path = |table: &str, name: &str| manifest[table][name]["path"].as_str().unwrap().to_owned();
        assert_eq!(path("dependencies", "datalinks"), "/checkout/datalinks");
        assert_eq!(path("dev-dependencies", "datalinks-emulator"), "/checkout/datalinks-emulator");
        assert!(with_paths("[dependencies]\n", Path::new("/checkout")).is_err());
    }

    #[test]
    fn passed_tests_are_counted_over_all_programs() {
        let output =
            "running 2 tests\ntest result: ok. 2 passed; 0 failed\n\ntest result: ok. 4 passed; 0 failed\n";
        assert_eq!(passed(output), 6);
        assert_eq!(passed("test result: FAILED. 1 passed; 1 failed\n"), 0);
    }
}
