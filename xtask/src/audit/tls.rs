//! TLS crates in the dependency tree, by feature.

use std::{collections::BTreeSet, path::Path};

use super::Checked;
use crate::metadata::{Metadata, Package, cargo};

/// Crates of rustls, whatever its provider.
const RUSTLS: &[&str] =
    &["rustls", "rustls-webpki", "hyper-rustls", "tokio-rustls", "rustls-platform-verifier"];
/// Providers of cryptography for rustls.
const PROVIDERS: &[&str] = &["aws-lc-rs", "aws-lc-sys", "ring"];
/// Crates of the native library.
const NATIVE: &[&str] = &["native-tls", "tokio-native-tls", "hyper-tls", "openssl", "openssl-sys"];

/// Features of a build.
enum Features {
    Only(&'static [&'static str]),
    /// All that the manifest declares, except these. A new feature is among them without being entered here.
    AllBut(&'static [&'static str]),
}

/// What belongs to a build: package, features, crates that have to be there, and crates that must not.
type Build = (&'static str, Features, &'static [&'static str], &'static [&'static [&'static str]]);

/// The features of `datalinks` that bring TLS.
const TLS: &[&str] = &["rustls", "rustls-no-provider", "native-tls"];

const BUILDS: [Build; 12] = [
    ("datalinks-gen", Features::Only(&[]), &[], &[RUSTLS, PROVIDERS, NATIVE]),
    ("datalinks-gen", Features::AllBut(&[]), &[], &[RUSTLS, PROVIDERS, NATIVE]),
    ("datalinks-emulator", Features::AllBut(&["rustls"]), &[], &[RUSTLS, PROVIDERS, NATIVE]),
    ("datalinks-emulator", Features::Only(&["rustls"]), &["rustls"], &[NATIVE]),
    ("datalinks", Features::Only(&[]), &[], &[RUSTLS, PROVIDERS, NATIVE]),
    ("datalinks", Features::AllBut(TLS), &[], &[RUSTLS, PROVIDERS, NATIVE]),
    ("datalinks", Features::Only(&["rustls"]), &["rustls", "aws-lc-rs"], &[NATIVE]),
    ("datalinks", Features::Only(&["rustls-no-provider"]), &["rustls"], &[PROVIDERS, NATIVE]),
    ("datalinks", Features::Only(&["native-tls"]), &["native-tls"], &[RUSTLS, PROVIDERS]),
    ("datalinks", Features::AllBut(&["rustls", "rustls-no-provider"]), &["native-tls"], &[RUSTLS, PROVIDERS]),
    // The command line uses the default TLS of the client, whatever its features.
    ("datalinks-cli", Features::Only(&[]), &["rustls", "aws-lc-rs"], &[NATIVE]),
    ("datalinks-cli", Features::AllBut(&[]), &["rustls", "aws-lc-rs"], &[NATIVE]),
];

/// Checks the trees of all builds, for all platforms.
pub(super) fn check(root: &Path, metadata: &Metadata) -> Result<Checked, String> {
    let mut defects = Vec::new();
    for package in metadata.published() {
        if !BUILDS.iter().any(|(name, ..)| *name == package.name) {
            defects.push(format!("{} has no line in xtask/src/audit/tls.rs", package.name));
        }
    }
    for (package, features, needed, forbidden) in BUILDS {
        let declared = metadata.published().find(|declared| declared.name == package);
        let all = declared.into_iter().flat_map(Package::named_features);
        let features: Vec<&str> = match features {
            Features::Only(features) => features.to_vec(),
            Features::AllBut(features) => all.filter(|name| !features.contains(name)).collect(),
        };
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
