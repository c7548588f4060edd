//! The manifests of published crates.

use std::path::Path;

use super::Checked;
use crate::metadata::{Metadata, Package};

/// Checks all published crates.
pub(super) fn check(root: &Path, metadata: &Metadata) -> Checked {
    let mut checked = Checked { count: 0, defects: Vec::new() };
    for package in metadata.published() {
        checked.count += 1;
        let directory = root.join(&package.name);
        let defects = defects(package, &|file| directory.join(file).is_file());
        checked.defects.extend(defects.into_iter().map(|defect| format!("{}: {defect}", package.name)));
    }
    checked
}

fn defects(package: &Package, is_file: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut defects = Vec::new();
    let mut need = |is_there: bool, what: &str| {
        if !is_there {
            defects.push(what.to_owned());
        }
    };
    need(package.description.is_some(), "no description");
    need(package.license.is_some(), "no license");
    need(package.rust_version.is_some(), "no rust-version");
    need(!package.authors.is_empty(), "no authors");
    need((1..=5).contains(&package.keywords.len()), "no keywords, or more than five");
    need((1..=5).contains(&package.categories.len()), "no categories, or more than five");
    let all_features = package.metadata.pointer("/docs/rs/all-features");
    need(
        all_features.and_then(serde_json::Value::as_bool) == Some(true),
        "docs.rs does not document all features",
    );
    if let Some(readme) = &package.readme {
        need(is_file(readme), "the readme does not exist");
    }
    // No address of the repository is known, and a wrong one would be worse than none.
    if let Some(repository) = &package.repository {
        need(repository.starts_with("https://"), "the repository is not an https address");
    }
    defects
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn missing_members_are_defects() {
        let mut package = Package {
            description: Some("d".to_owned()),
            license: Some("MIT".to_owned()),
            rust_version: Some("1.88".to_owned()),
            readme: Some("README.md".to_owned()),
            authors: vec!["a".to_owned()],
            keywords: vec!["k".to_owned()],
            categories: vec!["c".to_owned()],
            metadata: json!({ "docs": { "rs": { "all-features": true } } }),
            ..Package::default()
        };
        assert!(defects(&package, &|_| true).is_empty());
        assert_eq!(defects(&package, &|_| false), ["the readme does not exist"]);
        package.keywords = vec!["k".to_owned(); 6];
        package.metadata = json!({});
        package.repository = Some("file:///r".to_owned());
        assert_eq!(defects(&package, &|_| true).len(), 3);
        assert_eq!(defects(&Package::default(), &|_| true).len(), 7);
    }
}
