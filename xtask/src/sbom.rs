//! A list of all packages in a program (software bill of materials), in the format CycloneDX 1.5.
//!
//! It has the dependencies that are compiled into the program with all features, on any platform, with version, license
//! and checksum. Packages for tests and build scripts are left out. The same checkout gives the same file: it has no time and no random serial
//! number, both of which the format allows to omit.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::metadata::{Metadata, Package};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    version: u32,
    metadata: About,
    components: Vec<Component>,
    dependencies: Vec<Depends>,
}

#[derive(Debug, Serialize)]
struct About {
    component: Component,
}

#[derive(Debug, Serialize)]
struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    reference: String,
    name: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<License>,
    purl: String,
}

#[derive(Debug, Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Debug, Serialize)]
struct License {
    expression: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Depends {
    #[serde(rename = "ref")]
    reference: String,
    depends_on: Vec<String>,
}

/// Writes the list of a package to a file or to `out`.
pub(crate) fn run(
    root: &Path,
    package: &str,
    file: Option<&Path>,
    out: &mut dyn Write,
) -> Result<(), String> {
    let lock = root.join("Cargo.lock");
    let lock = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let document = document(&Metadata::read(root)?, &checksums(&lock)?, package)?;
    let mut text =
        serde_json::to_string_pretty(&document).map_err(|error| format!("cannot write JSON: {error}"))?;
    text.push('\n');
    match file {
        Some(file) => {
            fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
            writeln!(out, "{}: {} packages", file.display(), document.components.len())
        }
        None => out.write_all(text.as_bytes()),
    }
    .map_err(|error| format!("cannot write: {error}"))
}

/// Returns the checksums of `Cargo.lock` by name and version.
fn checksums(lock: &str) -> Result<BTreeMap<(String, String), String>, String> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let lock: Lock = toml::from_str(lock).map_err(|error| format!("Cargo.lock: {error}"))?;
    let known = lock.package.into_iter();
    Ok(known.filter_map(|locked| Some(((locked.name, locked.version), locked.checksum?))).collect())
}

fn document(
    metadata: &Metadata,
    checksums: &BTreeMap<(String, String), String>,
    package: &str,
) -> Result<Document, String> {
    let packages = metadata.by_id();
    let is_root = |candidate: &&&Package| {
        candidate.name == package && metadata.workspace_members.contains(&candidate.id)
    };
    let root = packages
        .values()
        .find(is_root)
        .ok_or_else(|| format!("{package} is not a package of this workspace"))?;
    // What is compiled into the program: ordinary dependencies, from the root on.
    let edges: BTreeMap<&str, BTreeSet<&str>> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| {
            let ordinary =
                node.deps.iter().filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none()));
            (node.id.as_str(), ordinary.map(|edge| edge.pkg.as_str()).collect())
        })
        .collect();
    let (mut reached, mut open) = (BTreeSet::new(), vec![root.id.as_str()]);
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(edges.get(id).into_iter().flatten());
        }
    }
    let of = |id: &str| packages.get(id).copied().ok_or_else(|| format!("cargo does not describe {id}"));
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for id in reached {
        let package = of(id)?;
        if id != root.id {
            components.push(component(package, "library", checksums));
        }
        let on = edges.get(id).into_iter().flatten().map(|id| of(id).map(purl));
        let mut on: Vec<String> = on.collect::<Result<_, _>>()?;
        on.sort();
        dependencies.push(Depends { reference: purl(package), depends_on: on });
    }
    components.sort_by(|one, other| one.reference.cmp(&other.reference));
    dependencies.sort_by(|one, other| one.reference.cmp(&other.reference));
    Ok(Document {
        schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.5",
        version: 1,
        metadata: About { component: component(root, "application", checksums) },
        components,
        dependencies,
    })
}

fn component(
    package: &Package,
    kind: &'static str,
    checksums: &BTreeMap<(String, String), String>,
) -> Component {
    let checksum = checksums.get(&(package.name.clone(), package.version.clone()));
    let hashes = checksum.map(|content| Hash { alg: "SHA-256", content: content.clone() });
    // Old manifests write `/` for `OR`.
    let license = package.license.as_ref().map(|text| License { expression: text.replace('/', " OR ") });
    Component {
        kind,
        reference: purl(package),
        name: package.name.clone(),
        version: package.version.clone(),
        description: package
            .description
            .as_ref()
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
        hashes: hashes.into_iter().collect(),
        licenses: license.into_iter().collect(),
        purl: purl(package),
    }
}

/// Returns the address of a package in the scheme `pkg`. A `+` in a version is escaped.
fn purl(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata() -> Metadata {
        serde_json::from_value(json!({
            "packages": [
                { "id": "app", "name": "app", "version": "1.0.0", "license": "MIT", "keywords": [] },
                { "id": "lib", "name": "lib", "version": "2.0.0+a", "license": "MIT/ISC", "description": "a\n b" },
                { "id": "deep", "name": "deep", "version": "3.0.0" },
                { "id": "test", "name": "test", "version": "4.0.0" },
            ],
            "workspace_members": ["app"],
            "resolve": { "nodes": [
                { "id": "app", "deps": [
                    { "pkg": "lib", "dep_kinds": [{ "kind": "dev" }, { "kind": null }] },
                    { "pkg": "test", "dep_kinds": [{ "kind": "dev" }] },
                ] },
                { "id": "lib", "deps": [{ "pkg": "deep", "dep_kinds": [{ "kind": null }] }] },
                { "id": "deep", "deps": [{ "pkg": "test", "dep_kinds": [{ "kind": "build" }] }] },
                { "id": "test", "deps": [] },
            ] },
        }))
        .unwrap()
    }

    #[test]
    fn packages_of_the_program_are_listed_with_their_dependencies() {
        let lock = "[[package]]\nname = \"lib\"\nversion = \"2.0.0+a\"\nchecksum = \"c0\"\n\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\n";
        let document = document(&metadata(), &checksums(lock).unwrap(), "app").unwrap();
        let json = serde_json::to_value(&document).unwrap();
        assert_eq!(json["metadata"]["component"]["purl"], "pkg:cargo/app@1.0.0");
        assert_eq!(
            json["components"],
            json!([
                { "type": "library", "bom-ref": "pkg:cargo/deep@3.0.0", "name": "deep", "version": "3.0.0",
                  "purl": "pkg:cargo/deep@3.0.0" },
                { "type": "library", "bom-ref": "pkg:cargo/lib@2.0.0%2Ba", "name": "lib", "version": "2.0.0+a",
                  "description": "a b", "hashes": [{ "alg": "SHA-256", "content": "c0" }],
                  "licenses": [{ "expression": "MIT OR ISC" }], "purl": "pkg:cargo/lib@2.0.0%2Ba" },
            ])
        );
        assert_eq!(
            json["dependencies"],
            json!([
                { "ref": "pkg:cargo/app@1.0.0", "dependsOn": ["pkg:cargo/lib@2.0.0%2Ba"] },
                { "ref": "pkg:cargo/deep@3.0.0", "dependsOn": [] },
                { "ref": "pkg:cargo/lib@2.0.0%2Ba", "dependsOn": ["pkg:cargo/deep@3.0.0"] },
            ])
        );
    }

    #[test]
    fn packages_of_others_are_rejected() {
        assert!(
            document(&metadata(), &BTreeMap::new(), "lib")
                .unwrap_err()
                .contains("not a package of this workspace")
        );
    }
}
