//! The build of the fuzz targets, with coverage for libFuzzer and the address sanitizer.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The flags of the compiler, as cargo-fuzz sets them.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Zsanitizer=address";

/// Builds targets. Returns the directory of their programs.
pub(super) fn build(project: &Path, folder: &Path, targets: &[String]) -> Result<PathBuf, String> {
    let host = host()?;
    let lacks = missing(&sanitizers(&host)?, has("c++", "--version"));
    if !lacks.is_empty() {
        return Err(format!("the fuzz targets cannot be built here: {}", lacks.join("; ")));
    }
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // With a target, build scripts and macros are built without the flags.
    command.current_dir(project).args(["build", "--locked", "--release", "--target", &host]);
    for target in targets {
        command.args(["--bin", target]);
    }
    command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", folder);
    println!("fuzz: building {} (minutes for the first time)", targets.join(", "));
    let status = command.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err("building the fuzz targets failed; see above".to_owned());
    }
    Ok(folder.join(host).join("release"))
}

/// Returns the name of the platform for which the compiler builds.
fn host() -> Result<String, String> {
    let version = output("rustc", &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "`rustc -vV` names no host".to_owned())
}

/// Returns the names of the libraries of the compiler for a platform.
fn sanitizers(host: &str) -> Result<Vec<String>, String> {
    let root = output("rustc", &["--print", "sysroot"])?;
    let folder = Path::new(root.trim()).join("lib/rustlib").join(host).join("lib");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

/// Returns what the build lacks.
fn missing(libraries: &[String], has_compiler: bool) -> Vec<&'static str> {
    let mut lacks = Vec::new();
    if !libraries.iter().any(|name| name.contains("_rt.asan")) {
        lacks.push(
            "the toolchain has no address sanitizer for this platform (`librustc-…_rt.asan`); use a toolchain of \
             rustup for Linux or macOS",
        );
    }
    if !has_compiler {
        lacks.push("libFuzzer needs a C++ compiler (`c++`)");
    }
    lacks
}

fn has(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}

fn output(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("cannot run {program}: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let whole = ["libstd-1.so".to_owned(), "librustc-stable_rt.asan.a".to_owned()];
        assert!(missing(&whole, true).is_empty());
        assert!(missing(&whole[..1], true)[0].contains("address sanitizer"));
        assert!(missing(&whole, false)[0].contains("C++"));
        assert_eq!(missing(&[], false).len(), 2);
    }
}
