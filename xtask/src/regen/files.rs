//! Derived files, which are written or compared with the existing ones.

use std::{fs, io::Write, path::Path};

use similar::TextDiff;

use super::say;

/// A file of the workspace with its expected content.
pub(crate) struct Derived {
    path: String,
    text: String,
}

impl Derived {
    pub(crate) fn new(path: impl Into<String>, text: String) -> Self {
        Self { path: path.into(), text }
    }
}

/// Writes the files that differ and reports each. `diff` prints the changes.
pub(crate) fn write(root: &Path, derived: &[Derived], diff: bool, out: &mut dyn Write) -> Result<(), String> {
    for file in derived {
        let path = root.join(&file.path);
        let found = fs::read_to_string(&path).unwrap_or_default();
        if found == file.text && path.exists() {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        fs::write(&path, &file.text).map_err(|error| format!("{}: {error}", file.path))?;
        if diff {
            say(out, &self::diff(&file.path, &found, &file.text))?;
        }
        say(out, &format!("wrote {}", file.path))?;
    }
    Ok(())
}

/// Returns the paths of the files that differ. `diff` prints the difference of each.
pub(crate) fn check(
    root: &Path,
    derived: &[Derived],
    diff: bool,
    out: &mut dyn Write,
) -> Result<Vec<String>, String> {
    let mut stale = Vec::new();
    for file in derived {
        let found = fs::read_to_string(root.join(&file.path)).unwrap_or_default();
        if found != file.text {
            if diff {
                say(out, &self::diff(&file.path, &found, &file.text))?;
            }
            stale.push(file.path.clone());
        }
    }
    if stale.is_empty() {
        say(out, &format!("{} derived files are up to date", derived.len()))?;
    }
    Ok(stale)
}

fn diff(path: &str, found: &str, wanted: &str) -> String {
    let diff = TextDiff::from_lines(found, wanted);
    diff.unified_diff().header(path, "as the document says").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the stale files and the output.
    fn checked(root: &Path, derived: &[Derived], diff: bool) -> (Vec<String>, String) {
        let mut out = Vec::new();
        let stale = check(root, derived, diff, &mut out).unwrap();
        (stale, String::from_utf8(out).unwrap())
    }

    #[test]
    fn stale_files_are_named_and_the_diff_is_printed_on_request() {
        let root = tempfile::tempdir().unwrap();
        let derived = [Derived::new("made/a.txt", "one\ntwo\n".to_owned())];
        let (stale, text) = checked(root.path(), &derived, true);
        assert_eq!(stale, ["made/a.txt"]);
        assert!(text.contains("+two"), "{text}");
        write(root.path(), &derived, false, &mut Vec::new()).unwrap();
        let (stale, text) = checked(root.path(), &derived, false);
        assert_eq!((stale.len(), text.as_str()), (0, "1 derived files are up to date\n"));

        fs::write(root.path().join("made/a.txt"), "one\n2\n").unwrap();
        let (stale, text) = checked(root.path(), &derived, true);
        assert_eq!(stale, ["made/a.txt"]);
        assert!(text.contains("made/a.txt") && text.contains("-2") && text.contains("+two"), "{text}");
        let (stale, text) = checked(root.path(), &derived, false);
        assert_eq!((stale.len(), text.as_str()), (1, ""));

        let mut out = Vec::new();
        write(root.path(), &derived, true, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("+two") && text.ends_with("wrote made/a.txt\n"), "{text}");
    }
}
