//! `docs/examples/own-tests`, copied to an empty directory and tested there, as a program outside the workspace.
//!
//! The copy names the crates by their absolute path. Everything else is as it is in the example: its own manifest, its own lock
//! file, and no workspace above it. With `--fresh`, the downloads and the build results start from nothing as well,
//! and the table of `docs/OWN_TESTS.md` is printed with the time of each step.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

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
    let mut times = Vec::new();
    let mut step = |arguments: &[&str], environment: &[(&str, PathBuf)]| -> Result<String, String> {
        let begin = Instant::now();
        let output = cargo(&program, arguments, environment)?;
        times.push(begin.elapsed());
        let line = format!("{:6.1} s  cargo {}", begin.elapsed().as_secs_f64(), arguments.join(" "));
        writeln!(out, "{line}").map_err(|error| format!("cannot write the report: {error}"))?;
        Ok(output)
    };
    if fresh {
        environment =
            vec![("CARGO_TARGET_DIR", program.join("target")), ("CARGO_HOME", empty.0.join("cargo-home"))];
        step(&["fetch", "--locked"], &environment)?;
    }
    let built =
        step(&["test", "--locked", "--no-run", "--message-format", "json-render-diagnostics"], &environment)?;
    let passed = passed(&step(&["test", "--locked"], &environment)?);
    let said = step(&["run", "--locked", "--quiet", "--example", "local"], &environment)?;
    let total = start.elapsed();
    let mut text = format!("{said}{passed} tests passed, {} in all\n", in_minutes(total));
    if fresh {
        let downloaded = size(&empty.0.join("cargo-home"))?;
        text += &table(&times, downloaded / 1_000_000, crates(&built), passed);
    }
    write!(out, "{text}").map_err(|error| format!("cannot write the report: {error}"))?;
    if passed < TESTS {
        return Err(format!("{passed} tests of {EXAMPLE} ran, and it has {TESTS}: is a file not compiled?"));
    }
    Ok(())
}

/// Returns the table of `docs/OWN_TESTS.md`.
fn table(times: &[Duration], megabytes: u64, crates: usize, tests: usize) -> String {
    let steps = [
        format!("downloads into an empty directory of cargo ({megabytes} MB, for all platforms)"),
        format!("build of the program, its tests and {crates} crates, from nothing, with debug information"),
        format!("{tests} tests"),
        "the program: it ingests, queries and asks".to_owned(),
    ];
    let rows = steps.iter().zip(times).map(|(step, time)| format!("| {step} | {} |\n", in_minutes(*time)));
    format!("\n| step | time |\n|---|---|\n{}", rows.collect::<String>())
}

/// Returns a time in minutes and seconds. A short one counts as one second.
fn in_minutes(time: Duration) -> String {
    let seconds = time.as_secs_f64().round().max(1.0);
    let (minutes, rest) = ((seconds / 60.0).floor(), seconds % 60.0);
    if minutes > 0.0 { format!("{minutes} min {rest} s") } else { format!("{rest} s") }
}

/// Returns the number of crates of others that cargo has compiled, from its messages in JSON.
fn crates(messages: &str) -> usize {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let compiled =
        messages.filter(|message| message["reason"] == "compiler-artifact" && message["fresh"] == false);
    let ids = compiled.filter_map(|message| message["package_id"].as_str().map(str::to_owned));
    ids.filter(|id| id.starts_with("registry+")).collect::<BTreeSet<String>>().len()
}

/// Returns the number of bytes of all files in a directory.
fn size(directory: &Path) -> Result<u64, String> {
    let named = |error: std::io::Error| format!("{}: {error}", directory.display());
    let mut bytes = 0;
    for entry in fs::read_dir(directory).map_err(named)? {
        let entry = entry.map_err(named)?;
        let data = entry.metadata().map_err(named)?;
        bytes += if data.is_dir() { size(&entry.path())? } else { data.len() };
    }
    Ok(bytes)
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
    fn table_has_the_steps_and_their_times() {
        let times = [19.4, 1897.0, 0.2, 60.0].map(Duration::from_secs_f64);
        let expected = "\n| step | time |\n|---|---|\n\
                        | downloads into an empty directory of cargo (418 MB, for all platforms) | 19 s |\n\
                        | build of the program, its tests and 2 crates, from nothing, with debug information | 31 min 37 s |\n\
                        | 6 tests | 1 s |\n\
                        | the program: it ingests, queries and asks | 1 min 0 s |\n";
        let messages = [
            ("compiler-artifact", false, "registry+https://example.com/index#a@1.0.0"),
            ("compiler-artifact", false, "registry+https://example.com/index#a@1.0.0"),
            ("compiler-artifact", false, "registry+https://example.com/index#b@1.0.0"),
            ("compiler-artifact", true, "registry+https://example.com/index#c@1.0.0"),
            ("build-script-executed", false, "registry+https://example.com/index#d@1.0.0"),
            ("compiler-artifact", false, "path+file:///own-tests#0.1.0"),
        ];
        let messages = messages.map(|(reason, fresh, id)| {
            serde_json::json!({ "reason": reason, "fresh": fresh, "package_id": id }).to_string()
        });
        assert_eq!(table(&times, 418, crates(&messages.join("\n")), 6), expected);
    }

    #[test]
    fn passed_tests_are_counted_over_all_programs() {
        let output =
            "running 2 tests\ntest result: ok. 2 passed; 0 failed\n\ntest result: ok. 4 passed; 0 failed\n";
        assert_eq!(passed(output), 6);
        assert_eq!(passed("test result: FAILED. 1 passed; 1 failed\n"), 0);
    }
}
