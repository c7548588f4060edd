//! The packages of the workspace and of all its dependencies, as cargo knows them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;
use serde_json::Value;

/// The output of `cargo metadata`, as far as the tasks read it.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
    pub(crate) resolve: Resolve,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) manifest_path: PathBuf,
    /// Each feature, with those that it switches on.
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) readme: Option<String>,
    pub(crate) rust_version: Option<String>,
    pub(crate) source: Option<String>,
    /// Registries to which the package may be published, or `None` for all.
    pub(crate) publish: Option<Vec<String>>,
    pub(crate) keywords: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) metadata: Value,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) req: String,
    pub(crate) path: Option<String>,
    /// `dev` or `build`, or `None` for an ordinary dependency.
    pub(crate) kind: Option<String>,
}

/// The graph of dependencies, with the versions of `Cargo.lock`.
#[derive(Debug, Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Edge {
    pub(crate) pkg: String,
    pub(crate) dep_kinds: Vec<DependencyKind>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DependencyKind {
    /// `dev` or `build`, or `None` for an ordinary dependency.
    pub(crate) kind: Option<String>,
}

impl Package {
    /// Returns the directory of the package.
    pub(crate) fn directory(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new("."))
    }

    /// Returns the features by name, without `default`.
    pub(crate) fn named_features(&self) -> impl Iterator<Item = &str> {
        self.features.keys().map(String::as_str).filter(|name| *name != "default")
    }

    /// Returns a feature and all features of the same package that it switches on.
    pub(crate) fn with_implied<'a>(&'a self, feature: &'a str) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut open = vec![feature];
        while let Some(name) = open.pop() {
            if let Some((name, implied)) = self.features.get_key_value(name)
                && found.insert(name.as_str())
            {
                open.extend(implied.iter().map(String::as_str));
            }
        }
        found
    }
}

impl Metadata {
    /// Asks cargo, with all features of the workspace and for all platforms.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        let text = cargo(root, &["metadata", "--format-version", "1", "--locked", "--all-features"])?;
        serde_json::from_str(&text)
            .map_err(|error| format!("cannot read the output of cargo metadata: {error}"))
    }

    /// Returns the packages by their id.
    pub(crate) fn by_id(&self) -> BTreeMap<&str, &Package> {
        self.packages.iter().map(|package| (package.id.as_str(), package)).collect()
    }

    /// Returns the packages of this workspace that are published.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        let is_member = |package: &&Package| self.workspace_members.contains(&package.id);
        self.packages.iter().filter(is_member).filter(|package| package.publish.is_none())
    }
}

/// Runs cargo and returns its standard output.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .current_dir(root)
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    Err(format!("cargo {} failed:\n{message}", arguments.join(" ")))
}
