//! The tests that `SECURITY.md` names.

use std::{fs, path::Path};

use super::Checked;

/// The list of threats.
const FILE: &str = "SECURITY.md";

/// Checks that each named test exists, and that each threat names one.
pub(super) fn check(root: &Path) -> Result<Checked, String> {
    let path = root.join(FILE);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let read = |file: &str| fs::read_to_string(root.join(file)).ok();
    Ok(compare(&text, &read))
}

fn compare(text: &str, read: &dyn Fn(&str) -> Option<String>) -> Checked {
    let mut checked = Checked { count: 0, defects: Vec::new() };
    // Rows of tables, without headers and rules.
    for row in text.lines().filter(|line| line.starts_with("| ") && !line.contains("| shown by |")) {
        let mut named = 0;
        for (file, test) in tests(row) {
            named += 1;
            checked.count += 1;
            match read(file) {
                None => checked.defects.push(format!("{FILE} names {file}, which does not exist")),
                Some(code) if !has_test(&code, test) => {
                    checked
                        .defects
                        .push(format!("{FILE} names {file}::{test}, which is not a test of that file"));
                }
                Some(_) => {}
            }
        }
        if named == 0 && !row.contains("cargo xtask ") {
            checked.defects.push(format!("{FILE}: no test in the row {row}"));
        }
    }
    checked
}

/// Returns the tests in a row: `path/of/file.rs::name`, in backticks.
fn tests(row: &str) -> impl Iterator<Item = (&str, &str)> {
    let quoted = row.split('`').skip(1).step_by(2);
    quoted.filter_map(|text| {
        let (file, test) = text.split_once("::")?;
        file.ends_with(".rs").then(|| (file, test.rsplit("::").next().unwrap_or(test)))
    })
}

/// Returns `true` if the code has a function of this name below an attribute of a test, or in `proptest!`.
fn has_test(code: &str, name: &str) -> bool {
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    let is_function = |line: &str| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        let rest = line.strip_prefix("fn ").and_then(|line| line.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with('('))
    };
    lines.iter().enumerate().filter(|(_, line)| is_function(line)).any(|(at, _)| {
        let mut above =
            lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        above.any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_do_not_exist_are_defects() {
        let code = "#[test]\nfn one() {}\n\n/// A test.\n#[tokio::test]\n// Why.\nasync fn two() {}\nfn three() {}\n";
        let read = |file: &str| (file == "a/b.rs").then(|| code.to_owned());
        let table = |cells: &str| {
            format!("| threat | defense | shown by |\n|---|---|---|\n| t | d `E::f` | {cells} |\n")
        };
        let found = |cells: &str| compare(&table(cells), &read);
        let fine = found("`a/b.rs::one`, `a/b.rs::tests::two`");
        assert_eq!((fine.count, fine.defects), (2, Vec::new()));
        assert!(found("`cargo xtask hostile`").defects.is_empty());
        assert!(found("").defects[0].contains("no test"));
        assert!(found("`a/b.rs::three`").defects[0].contains("not a test"));
        assert!(found("`a/b.rs::on`").defects[0].contains("not a test"));
        assert!(found("`a/c.rs::one`").defects[0].contains("does not exist"));
    }
}
