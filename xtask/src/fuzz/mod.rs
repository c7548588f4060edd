//! `cargo xtask fuzz`: the fuzz targets of `datalinks/fuzz`, each for a bounded time.
//!
//! The targets are built with the flags that cargo-fuzz sets, so it does not have to be installed. The compiler of the
//! workspace is used, with `RUSTC_BOOTSTRAP=1` for its address sanitizer. What the fuzzer finds stays in the directory of
//! build results, and the next run continues with it.

mod build;
mod figures;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::emulator;
use figures::{Figures, table};

/// Maximum number of seconds for one input, and of megabytes for a process.
const INPUT_SECONDS: u32 = 25;
const MEGABYTES: u32 = 3_000;

/// Number of executions to make a crashing input smaller.
const SMALLER: u32 = 20_000;

/// The options of `cargo xtask fuzz`.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Targets [default: all]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Seconds for each target
    #[arg(long, value_name = "NUMBER", default_value_t = 60)]
    seconds: u64,
    /// Seed of the fuzzer
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u32,
    /// Maximum length of an input in bytes
    #[arg(long, value_name = "NUMBER", default_value_t = 1_024)]
    length: u32,
    /// List the targets
    #[arg(long)]
    list: bool,
    /// Crashing input of the only target to make smaller, instead of fuzzing
    #[arg(long, value_name = "FILE")]
    minimize: Option<PathBuf>,
}

/// Runs the targets and prints the figures.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), String> {
    let project = root.join("datalinks/fuzz");
    let manifest = project.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let targets = chosen(&targets(&manifest)?, &options.targets)?;
    if options.list {
        println!("{}", targets.join("\n"));
        return Ok(());
    }
    let folder = emulator::target(root).join("fuzz");
    let programs = build::build(&project, &folder, &targets)?;
    if let Some(input) = &options.minimize {
        let [target] = targets.as_slice() else { return Err("--minimize needs one target".to_owned()) };
        return minimize(&programs.join(target), input);
    }
    let mut all = Vec::new();
    for target in &targets {
        println!("fuzz: {target} for {} s", options.seconds);
        let figures = fuzz(&project, &folder, &programs.join(target), target, options)?;
        println!("{}", table(&[(target.as_str(), &figures)]));
        all.push((target.as_str(), figures));
    }
    let rows: Vec<(&str, &Figures)> = all.iter().map(|(target, figures)| (*target, figures)).collect();
    println!("\n{}", table(&rows));
    let crashes: Vec<String> = all.iter().flat_map(|(_, figures)| figures.crashes.iter().cloned()).collect();
    if crashes.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} inputs fail; make each smaller by `cargo xtask fuzz TARGET --minimize FILE`, and add it to \
         datalinks/fuzz/corpus with the correction:\n{}",
        crashes.len(),
        crashes.join("\n")
    ))
}

/// Returns the names of the targets in the manifest.
fn targets(manifest: &str) -> Result<Vec<String>, String> {
    let manifest: toml::Table =
        manifest.parse().map_err(|error| format!("datalinks/fuzz/Cargo.toml: {error}"))?;
    let programs = manifest.get("bin").and_then(toml::Value::as_array).into_iter().flatten();
    Ok(programs.filter_map(|program| Some(program.get("name")?.as_str()?.to_owned())).collect())
}

/// Returns the targets that were asked for, or all.
fn chosen(all: &[String], wanted: &[String]) -> Result<Vec<String>, String> {
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(name)) {
        return Err(format!("{unknown} is not a target; the targets are {}", all.join(", ")));
    }
    Ok(if wanted.is_empty() { all.to_vec() } else { wanted.to_vec() })
}

/// Runs one target, with the inputs of earlier runs and those of the repository.
fn fuzz(
    project: &Path,
    folder: &Path,
    program: &Path,
    target: &str,
    options: &Options,
) -> Result<Figures, String> {
    let (found, failed) = (folder.join("corpus").join(target), folder.join("artifacts").join(target));
    for folder in [&found, &failed] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let (inputs, artifacts) = (names(&found), names(&failed));
    let output = Command::new(program)
        .arg(&found)
        .arg(project.join("corpus").join(target))
        .arg(format!("-max_total_time={}", options.seconds))
        .arg(format!("-timeout={INPUT_SECONDS}"))
        .arg(format!("-rss_limit_mb={MEGABYTES}"))
        .arg(format!("-max_len={}", options.length))
        .arg(format!("-seed={}", options.seed))
        .arg(format!("-artifact_prefix={}/", failed.display()))
        .args(["-print_final_stats=1", "-detect_leaks=0"])
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut figures = Figures::read(&text);
    figures.new_inputs = names(&found).len().saturating_sub(inputs.len());
    figures.crashes = names(&failed)
        .into_iter()
        .filter(|name| !artifacts.contains(name))
        .map(|name| failed.join(name).display().to_string())
        .collect();
    if !output.status.success() {
        let log = folder.join(format!("{target}.log"));
        fs::write(&log, &text).map_err(|error| format!("{}: {error}", log.display()))?;
        println!("fuzz: {target} failed: {}; the output is {}", reason(&text), log.display());
        if figures.crashes.is_empty() {
            return Err(format!("{target} ended with {} without an input that fails", output.status));
        }
    }
    Ok(figures)
}

/// Makes a crashing input smaller, beside the original.
fn minimize(program: &Path, input: &Path) -> Result<(), String> {
    let smaller = input.with_extension("smaller");
    let status = Command::new(program)
        .arg("-minimize_crash=1")
        .arg(format!("-runs={SMALLER}"))
        .arg(format!("-exact_artifact_path={}", smaller.display()))
        .arg(input)
        .status()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    println!("fuzz: {} ({status})", smaller.display());
    Ok(())
}

/// Returns the first message of a panic or of the sanitizer.
fn reason(output: &str) -> String {
    let mut lines = output.lines();
    let found = lines.find(|line| line.contains("panicked at") || line.contains("ERROR: "));
    let next = lines.next().unwrap_or_default();
    found.map_or_else(
        || "no reason in the output".to_owned(),
        |line| format!("{line} {next}").chars().take(500).collect(),
    )
}

/// Returns the names of the files in a directory.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_source_and_a_corpus() {
        let project = crate::root().join("datalinks/fuzz");
        let targets = targets(&fs::read_to_string(project.join("Cargo.toml")).unwrap()).unwrap();
        assert!(targets.len() >= 10, "{targets:?}");
        for target in &targets {
            assert!(project.join(format!("fuzz_targets/{target}.rs")).is_file(), "{target}");
            assert!(names(&project.join("corpus").join(target)).len() >= 12, "{target}");
        }
        let replayed = fs::read_to_string(crate::root().join("datalinks/tests/fuzz_smoke.rs")).unwrap();
        for target in &targets {
            assert!(replayed.contains(&format!("\"{target}\"")), "no test replays the corpus of {target}");
        }
    }

    #[test]
    fn unknown_target_is_an_error() {
        let all = ["a".to_owned(), "b".to_owned()];
        assert_eq!(chosen(&all, &[]).unwrap(), all);
        assert_eq!(chosen(&all, &all[1..]).unwrap(), ["b"]);
        assert!(chosen(&all, &["c".to_owned()]).unwrap_err().ends_with("the targets are a, b"));
    }

    #[test]
    fn reason_is_the_first_panic() {
        let output =
            "INFO: x\nthread '<unnamed>' panicked at a.rs:1:2:\nindex out of bounds\n==1== ERROR: y\n";
        assert_eq!(reason(output), "thread '<unnamed>' panicked at a.rs:1:2: index out of bounds");
        assert_eq!(reason(""), "no reason in the output");
    }
}
