//! `REGRESSIONS.md` lists existing tests, whose documentation contains their number.

use std::{collections::BTreeSet, fs, path::Path};

/// Returns the tests of a row: their names and their files, each in backquotes.
fn tests_of(row: &str) -> Vec<(&str, &str)> {
    let marked: Vec<&str> = row.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect();
    assert!(!marked.is_empty() && marked.len().is_multiple_of(2), "{row}");
    marked.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

#[test]
fn every_regression_has_a_test_with_its_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let list = fs::read_to_string(root.join("tests/REGRESSIONS.md")).unwrap();
    let rows: Vec<&str> = list.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let mut numbers = BTreeSet::new();
    for row in &rows {
        let number = row.split('|').nth(1).unwrap().trim();
        assert!(numbers.insert(number), "{number} is listed twice");
        for (name, file) in tests_of(row) {
            let source =
                fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            let (before, _) = source
                .split_once(&format!("fn {name}("))
                .unwrap_or_else(|| panic!("{number}: {file} has no test {name}"));
            let tag = format!("/// Regression {number}.");
            let documentation = before.rsplit("\n\n").next().unwrap();
            assert!(
                documentation.contains(&tag),
                "{number}: the documentation of {name} in {file} lacks {tag:?}"
            );
            assert!(documentation.contains("test"), "{number}: {name} in {file} is not a test");
        }
    }
    let expected =
        (1..=40).map(|number| number.to_string()).chain(["8a", "8b", "8c", "8d", "8e"].map(str::to_owned));
    let missing: Vec<String> = expected.filter(|number| !numbers.contains(number.as_str())).collect();
    assert!(missing.is_empty(), "not listed: {missing:?}");
}
