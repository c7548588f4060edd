//! Licenses, sources and wildcard versions, by the rules of `deny.toml`.

use std::{fs, path::Path};

use serde::Deserialize;

use super::{Checked, license::rejected};
use crate::metadata::{Metadata, Package};

/// The registry from which dependencies may come, as cargo writes it.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The part of `deny.toml` that is checked here.
#[derive(Debug, Deserialize)]
struct Rules {
    licenses: Licenses,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

/// Checks all packages.
pub(super) fn check(root: &Path, metadata: &Metadata) -> Result<Checked, String> {
    let path = root.join("deny.toml");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let rules: Rules = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut defects: Vec<String> =
        metadata.packages.iter().flat_map(|package| of_package(package, &rules.licenses.allow)).collect();
    let licenses = metadata.packages.iter().filter_map(|package| package.license.as_deref());
    let named: Vec<&str> = licenses.collect();
    let unused =
        rules.licenses.allow.iter().filter(|allowed| !named.iter().any(|text| text.contains(*allowed)));
    defects.extend(
        unused.map(|license| format!("deny.toml allows {license}, which no dependency has: remove it")),
    );
    Ok(Checked { count: metadata.packages.len(), defects })
}

fn of_package(package: &Package, allowed: &[String]) -> Vec<String> {
    let name = format!("{} {}", package.name, package.version);
    let mut defects = Vec::new();
    let is_allowed = |license: &str| allowed.iter().any(|known| known == license);
    match &package.license {
        None => defects.push(format!("{name} names no license")),
        Some(expression) => defects
            .extend(rejected(expression, &is_allowed).map(|license| {
                format!("{name} needs the license {license}, which deny.toml does not allow")
            })),
    }
    if let Some(source) = package.source.as_deref().filter(|source| *source != REGISTRY) {
        defects.push(format!("{name} comes from {source}"));
    }
    // Dependencies of others were published, which a registry rejects with a wildcard.
    if package.source.is_none() {
        let wild = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.req == "*" && dependency.path.is_none());
        defects.extend(wild.map(|dependency| format!("{name} takes any version of {}", dependency.name)));
    }
    defects
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Dependency;

    #[test]
    fn licenses_sources_and_wildcards_are_defects() {
        let wild = |path: Option<&str>| Dependency {
            name: "d".to_owned(),
            kind: None,
            req: "*".to_owned(),
            path: path.map(str::to_owned),
        };
        let package = |license: Option<&str>, source: Option<&str>, dependencies| Package {
            name: "p".to_owned(),
            license: license.map(str::to_owned),
            source: source.map(str::to_owned),
            dependencies,
            ..Package::default()
        };
        let allowed = ["MIT".to_owned()];
        assert!(of_package(&package(Some("MIT"), Some(REGISTRY), Vec::new()), &allowed).is_empty());
        assert!(of_package(&package(Some("MIT"), None, vec![wild(Some("/d"))]), &allowed).is_empty());
        assert_eq!(of_package(&package(None, Some("git+https://h/p"), Vec::new()), &allowed).len(), 2);
        assert_eq!(of_package(&package(Some("GPL-3.0"), None, vec![wild(None)]), &allowed).len(), 2);
    }
}
