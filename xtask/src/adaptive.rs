//! The figures of adaptive ingestion, in `docs/performance/adaptive-ingest.md`.

use std::{fs, path::Path, process::Command};

const DOCUMENT: &str = "docs/performance/adaptive-ingest.md";

/// Runs the simulation with its long tests, and writes the tables that they print.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["test", "--package", "datalinks-tests", "--test", "adaptive", "--"]);
    // One test after the other, so that the measurement has the machine for itself.
    cargo.args(["--include-ignored", "--nocapture", "--test-threads", "1"]).current_dir(root);
    let output = cargo.output().map_err(|error| format!("cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    }
    let file = root.join(DOCUMENT);
    let mut document = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    for (name, first) in [("simulation", "| Server |"), ("quotas", "| Quota |"), ("emulator", "| Setting |")]
    {
        let table = table(&text, first).ok_or_else(|| format!("the tests printed no table {first}"))?;
        document = replaced(&document, name, &table).ok_or_else(|| format!("{DOCUMENT} has no {name}"))?;
    }
    fs::write(&file, document).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("wrote {DOCUMENT}");
    Ok(())
}

/// Returns the table whose first line begins with `first`. A test harness may print before it in the same line.
fn table(text: &str, first: &str) -> Option<String> {
    let lines = text.get(text.find(first)?..)?.lines();
    Some(lines.take_while(|line| line.starts_with('|')).collect::<Vec<_>>().join("\n"))
}

/// Replaces the section `name`.
fn replaced(document: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- measured: {name} -->"), format!("<!-- end of {name} -->"));
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{text}\n\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_found_and_put_into_its_section() {
        let text = "test table ... | Server | x |\n|---|---|\n| a | 1 |\nok\n";
        let table = table(text, "| Server |").unwrap();
        assert_eq!(table, "| Server | x |\n|---|---|\n| a | 1 |");
        let document = "a\n<!-- measured: x -->\nold\n<!-- end of x -->\n";
        let new = format!("a\n<!-- measured: x -->\n\n{table}\n\n<!-- end of x -->\n");
        assert_eq!(replaced(document, "x", &table), Some(new));
        assert_eq!(replaced(document, "y", &table), None);
    }

    #[test]
    fn document_has_the_sections() {
        let text = include_str!("../../docs/performance/adaptive-ingest.md");
        assert!(["simulation", "quotas", "emulator"].iter().all(|name| replaced(text, name, "").is_some()));
    }
}
