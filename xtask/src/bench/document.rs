//! The measured sections of `docs/PERFORMANCE.md`. The text between them is written by hand.

use std::{fs, path::Path};

const DOCUMENT: &str = "docs/PERFORMANCE.md";

/// Replaces the section `name` with `text`.
pub(super) fn replace(root: &Path, name: &str, text: &str) -> Result<(), String> {
    let file = root.join(DOCUMENT);
    let old = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let new = replaced(&old, name, text)
        .ok_or_else(|| format!("{DOCUMENT} has no section between {} and {}", begin(name), end(name)))?;
    fs::write(&file, new).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("wrote the section {name} of {DOCUMENT}");
    Ok(())
}

fn begin(name: &str) -> String {
    format!("<!-- measured: {name} -->")
}

fn end(name: &str) -> String {
    format!("<!-- end of {name} -->")
}

fn replaced(old: &str, name: &str, text: &str) -> Option<String> {
    let (begin, end) = (begin(name), end(name));
    let (before, rest) = old.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{}\n\n{end}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_is_replaced_and_the_rest_is_kept() {
        let old = "a\n<!-- measured: times -->\nold\n<!-- end of times -->\nb\n";
        let new = "a\n<!-- measured: times -->\n\nnew\n\n<!-- end of times -->\nb\n";
        assert_eq!(replaced(old, "times", "new\n").as_deref(), Some(new));
        assert_eq!(replaced(new, "times", "new\n").as_deref(), Some(new));
        assert_eq!(replaced(old, "growth", "new"), None);
    }

    #[test]
    fn document_has_the_sections() {
        let text = include_str!("../../../docs/PERFORMANCE.md");
        for name in ["times", "growth"] {
            assert!(replaced(text, name, "").is_some(), "{name}");
        }
    }
}
