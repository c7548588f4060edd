//! TLS crates in the dependency tree, by feature.

use std::{collections::BTreeSet, path::Path};

use super::Checked;
use crate::metadata::cargo;

/// Crates of rustls, whatever its provider.
const RUSTLS: &[&str] =
    &["rustls", "rustls-webpki", "hyper-rustls", "tokio-rustls", "rustls-platform-verifier"];
/// Providers of cryptography for rustls.
const PROVIDERS: &[&str] = &["aws-lc-rs", "aws-lc-sys", "ring"];
/// Crates of the native library.
const NATIVE: &[&str] = &["native-tls", "tokio-native-tls", "hyper-tls", "openssl", "openssl-sys"];

/// What belongs to a build: package, features, crates that have to be there, and crates that must not.
type Build =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static [&'static str]]);

const BUILDS: [Build; 8] = [
    ("datalinks-gen", &[], &[], &[RUSTLS, PROVIDERS, NATIVE]),
    ("datalinks-emulator", &[], &[], &[RUSTLS, PROVIDERS, NATIVE]),
    ("datalinks-emulator", &["rustls"], &["rustls"], &[NATIVE]),
    ("datalinks", &[], &[], &[RUSTLS, PROVIDERS, NATIVE]),
    ("datalinks", &["excel", "parquet", "raw", "read"], &[], &[RUSTLS, PROVIDERS, NATIVE]),
    ("datalinks", &["rustls"], &["rustls", "aws-lc-rs"], &[NATIVE]),
    ("datalinks", &["rustls-no-provider"], &["rustls"], &[PROVIDERS, NATIVE]),
    ("datalinks", &["native-tls"], &["native-tls"], &[RUSTLS, PROVIDERS]),
];

/// Checks the trees of all builds, for all platforms.
pub(super) fn check(root: &Path) -> Result<Checked, String> {
    let mut defects = Vec::new();
    for (package, features, needed, forbidden) in BUILDS {
        let features = features.join(",");
        let arguments = [
            "tree",
            "-p",
            package,
            "-e",
            "normal",
            "--no-default-features",
            "--features",
            &features,
            "--target",
            "all",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--locked",
        ];
        let text = cargo(root, &arguments)?;
        let crates: BTreeSet<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
        let build = format!("{package} with the features [{features}]");
        defects.extend(compare(&build, &crates, needed, forbidden));
    }
    Ok(Checked { count: BUILDS.len(), defects })
}

fn compare(build: &str, crates: &BTreeSet<&str>, needed: &[&str], forbidden: &[&[&str]]) -> Vec<String> {
    let missing = needed.iter().filter(|name| !crates.contains(*name));
    let missing = missing.map(|name| format!("{build} does not contain {name}: does its feature work?"));
    let leaked = forbidden.iter().copied().flatten().filter(|name| crates.contains(*name));
    let leaked =
        leaked.map(|name| format!("{build} contains {name}: find the feature with cargo tree -i {name}"));
    missing.chain(leaked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_that_leak_or_are_missing_are_defects() {
        let crates = BTreeSet::from(["datalinks", "reqwest", "rustls", "ring"]);
        assert!(compare("b", &crates, &["rustls"], &[NATIVE]).is_empty());
        let defects = compare("b", &crates, &["native-tls"], &[PROVIDERS, NATIVE]);
        assert_eq!(defects.len(), 2);
        assert!(defects[0].contains("does not contain native-tls") && defects[1].contains("contains ring"));
    }
}
