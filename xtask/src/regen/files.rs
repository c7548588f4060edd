//! Derived files: written, or compared with what stands there.

use std::{fs, path::Path};

use similar::TextDiff;

/// Lines of a diff that are shown; the rest is counted.
const SHOWN: usize = 80;

/// A file below the top of the workspace, and what it should hold.
pub(super) struct Derived {
    path: String,
    text: String,
}

impl Derived {
    pub(super) fn new(path: impl Into<String>, text: String) -> Self {
        Self { path: path.into(), text }
    }
}

/// Writes what differs and says so.
pub(super) fn write(root: &Path, derived: &[Derived]) -> Result<(), String> {
    for file in derived {
        let path = root.join(&file.path);
        if fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        fs::write(&path, &file.text).map_err(|error| format!("{}: {error}", file.path))?;
        println!("wrote {}", file.path);
    }
    Ok(())
}

/// Fails with a diff when anything differs.
pub(super) fn check(root: &Path, derived: &[Derived]) -> Result<(), String> {
    let mut stale = String::new();
    for file in derived {
        let found = fs::read_to_string(root.join(&file.path)).unwrap_or_default();
        if found != file.text {
            stale.push_str(&diff(&file.path, &found, &file.text));
        }
    }
    if stale.is_empty() {
        println!("{} derived files are up to date", derived.len());
        return Ok(());
    }
    Err(format!("{stale}\nderived files are stale; run `cargo xtask regen` and review what it writes"))
}

fn diff(path: &str, found: &str, wanted: &str) -> String {
    let diff = TextDiff::from_lines(found, wanted);
    let text = diff.unified_diff().header(path, "as the document says").to_string();
    let more = text.lines().count().saturating_sub(SHOWN);
    let mut shown: String = text.lines().take(SHOWN).map(|line| format!("{line}\n")).collect();
    if more > 0 {
        shown.push_str(&format!("({more} more lines)\n"));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stale_fails_with_a_diff() {
        let root = tempfile::tempdir().unwrap();
        let derived = [Derived::new("made/a.txt", "one\ntwo\n".to_owned())];
        assert!(check(root.path(), &derived).unwrap_err().contains("+two"), "missing");
        write(root.path(), &derived).unwrap();
        check(root.path(), &derived).unwrap();

        fs::write(root.path().join("made/a.txt"), "one\n2\n").unwrap();
        let fault = check(root.path(), &derived).unwrap_err();
        assert!(fault.contains("made/a.txt") && fault.contains("-2") && fault.contains("+two"), "{fault}");
        assert!(fault.contains("cargo xtask regen"), "{fault}");
    }
}
