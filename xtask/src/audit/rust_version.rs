//! The lowest version of Rust that dependencies declare.

use super::Checked;
use crate::metadata::{Metadata, Package};

/// Checks that no dependency declares a higher version of Rust than the published crates.
pub(super) fn check(metadata: &Metadata) -> Result<Checked, String> {
    let declared: Vec<&str> =
        metadata.published().filter_map(|package| package.rust_version.as_deref()).collect();
    let own = declared.first().copied().ok_or("no published crate declares a rust-version; add one")?;
    Ok(compare(own, &metadata.packages))
}

fn compare(own: &str, packages: &[Package]) -> Checked {
    let higher = |package: &&Package| {
        package.rust_version.as_deref().is_some_and(|version| numbers(version) > numbers(own))
    };
    let defects = packages.iter().filter(higher).map(|package| {
        let version = package.rust_version.as_deref().unwrap_or_default();
        format!(
            "{} {} needs Rust {version}, and the workspace declares {own}: lock an older version of it",
            package.name, package.version
        )
    });
    Checked { count: packages.len(), defects: defects.collect() }
}

/// Returns the numbers of a version. Missing ones are zero.
fn numbers(version: &str) -> [u64; 3] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or_default());
    [(); 3].map(|()| parts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_versions_are_defects() {
        let package = |name: &str, version: Option<&str>| Package {
            name: name.to_owned(),
            rust_version: version.map(str::to_owned),
            ..Package::default()
        };
        let packages = [
            package("a", None),
            package("b", Some("1.9")),
            package("c", Some("1.88")),
            package("d", Some("1.88.0")),
            package("e", Some("1.88.1")),
            package("f", Some("1.100")),
        ];
        let checked = compare("1.88", &packages);
        let names: Vec<&str> = checked.defects.iter().filter_map(|defect| defect.split(' ').next()).collect();
        assert_eq!((names.as_slice(), checked.count), (["e", "f"].as_slice(), 6));
    }
}
