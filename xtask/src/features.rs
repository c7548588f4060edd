//! Combinations of features of the client, each of which has to compile.
//!
//! All features alone, the pairs whose code meets, and the sets that applications have. Other combinations add no
//! conditional code: `excel` and `parquet` contain `read`, and no code asks for three features. Checks only, so one target
//! directory serves all of them. They take minutes, and CI compiles the largest and the smallest set anyway.

use std::{io::Write, path::Path, process::Command, time::Instant};

/// The package and its features. The first line is the build without any.
const COMBINATIONS: [(&str, &str); 23] = [
    ("datalinks", ""),
    ("datalinks", "read"),
    ("datalinks", "excel"),
    ("datalinks", "parquet"),
    ("datalinks", "brotli"),
    ("datalinks", "gzip"),
    ("datalinks", "zstd"),
    ("datalinks", "brotli,gzip,zstd"),
    ("datalinks", "raw"),
    ("datalinks", "generate"),
    ("datalinks", "rustls"),
    ("datalinks", "rustls-no-provider"),
    ("datalinks", "native-tls"),
    // Both libraries, of which the native one is used.
    ("datalinks", "rustls,native-tls"),
    ("datalinks", "rustls,rustls-no-provider"),
    ("datalinks", "rustls-no-provider,native-tls"),
    ("datalinks", "excel,parquet"),
    ("datalinks", "raw,generate"),
    ("datalinks", "read,rustls"),
    ("datalinks-gen", ""),
    ("datalinks-gen", "schemars"),
    ("datalinks-emulator", ""),
    ("datalinks-emulator", "brotli,zstd"),
];

/// Compiles all combinations, and fails if one does not compile or has a warning.
pub(crate) fn run(root: &Path, list: bool, out: &mut dyn Write) -> Result<(), String> {
    let mut failed = Vec::new();
    for (package, features) in COMBINATIONS {
        let name = format!("{package} [{features}]");
        let mut line = name.clone();
        if !list {
            let begin = Instant::now();
            let passed = check(root, package, features)?;
            let result = if passed { "ok" } else { "FAILED" };
            line = format!("{result:6} {:5.1} s  {name}", begin.elapsed().as_secs_f64());
            failed.extend((!passed).then_some(name));
        }
        writeln!(out, "{line}").map_err(|error| format!("cannot write the report: {error}"))?;
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("these do not compile: {}", failed.join(", "))) }
}

fn check(root: &Path, package: &str, features: &str) -> Result<bool, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args([
            "check",
            "--quiet",
            "--locked",
            "--lib",
            "-p",
            package,
            "--no-default-features",
            "--features",
            features,
        ])
        .env("CARGO_BUILD_WARNINGS", "deny")
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    Ok(status.success())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Returns the features that a manifest declares, except `default`.
    fn declared(manifest: &str) -> BTreeSet<String> {
        let parsed: toml::Table = toml::from_str(manifest).unwrap();
        let features = parsed["features"].as_table().unwrap();
        features.keys().filter(|name| *name != "default").cloned().collect()
    }

    #[test]
    fn every_feature_of_the_client_is_compiled_alone() {
        let alone: BTreeSet<String> = COMBINATIONS
            .iter()
            .filter(|(package, features)| {
                *package == "datalinks" && !features.is_empty() && !features.contains(',')
            })
            .map(|(_, features)| (*features).to_owned())
            .collect();
        assert_eq!(alone, declared(include_str!("../../datalinks/Cargo.toml")));
    }
}
