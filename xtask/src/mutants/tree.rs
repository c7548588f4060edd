//! A copy of the checkout, whose files are changed without risk.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The copy. Its build results are kept for the next run.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    /// The checkout.
    original: PathBuf,
}

impl Tree {
    /// Brings the copy in `directory` to the state of the checkout, changes that are not committed included. Files that are
    /// equal keep their times, so that cargo does not build them again.
    pub(crate) fn update(original: &Path, directory: PathBuf) -> Result<Self, String> {
        let output = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(original)
            .output()
            .map_err(|error| format!("cannot run git: {error}"))?;
        if !output.status.success() {
            return Err(format!("`git ls-files` failed\n{}", String::from_utf8_lossy(&output.stderr)));
        }
        let names = String::from_utf8_lossy(&output.stdout);
        let tree = Self { root: directory, original: original.to_owned() };
        let mut kept = BTreeSet::new();
        for name in names.split('\0').filter(|name| !name.is_empty() && original.join(name).is_file()) {
            tree.restore(name)?;
            kept.insert(tree.root.join(name));
        }
        remove_others(&tree.root, &kept)?;
        Ok(tree)
    }

    /// Returns the text of a file of the checkout.
    pub(crate) fn original(&self, name: &str) -> Result<String, String> {
        let path = self.original.join(name);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Writes a file of the copy.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), String> {
        put(&self.root.join(name), text.as_bytes())
    }

    fn restore(&self, name: &str) -> Result<(), String> {
        let from = self.original.join(name);
        let content = fs::read(&from).map_err(|error| format!("{}: {error}", from.display()))?;
        let to = self.root.join(name);
        put(&to, &content)?;
        let permissions = fs::metadata(&from).map(|found| found.permissions());
        permissions
            .and_then(|permissions| fs::set_permissions(&to, permissions))
            .map_err(|error| format!("{}: {error}", to.display()))
    }
}

/// Writes a file unless it has this content.
fn put(path: &Path, content: &[u8]) -> Result<(), String> {
    if fs::read(path).is_ok_and(|found| found == content) {
        return Ok(());
    }
    let parent = path.parent().map_or(Ok(()), fs::create_dir_all);
    parent.and_then(|()| fs::write(path, content)).map_err(|error| format!("{}: {error}", path.display()))
}

/// Removes the files below a directory that are not in `kept`.
fn remove_others(directory: &Path, kept: &BTreeSet<PathBuf>) -> Result<(), String> {
    let named = |error: std::io::Error| format!("{}: {error}", directory.display());
    for entry in fs::read_dir(directory).map_err(named)? {
        let entry = entry.map_err(named)?;
        let path = entry.path();
        if entry.file_type().map_err(named)?.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path).map_err(named)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_follows_the_checkout_and_keeps_the_times_of_equal_files() {
        let directory = tempfile::tempdir().unwrap();
        let (original, copy) = (directory.path().join("original"), directory.path().join("copy"));
        fs::create_dir_all(original.join("a")).unwrap();
        fs::write(original.join("a/one.rs"), "1").unwrap();
        fs::write(original.join("two.rs"), "2").unwrap();
        assert!(Command::new("git").args(["init", "-q"]).current_dir(&original).status().unwrap().success());
        let update = || Tree::update(&original, copy.clone()).unwrap();
        let tree = update();
        let time = || fs::metadata(copy.join("a/one.rs")).unwrap().modified().unwrap();
        let before = time();
        tree.write("two.rs", "changed").unwrap();
        fs::write(copy.join("three.rs"), "3").unwrap();
        update();
        assert_eq!(fs::read_to_string(copy.join("two.rs")).unwrap(), "2");
        assert!(!copy.join("three.rs").exists());
        assert_eq!(time(), before);
        fs::remove_file(original.join("two.rs")).unwrap();
        update();
        assert!(!copy.join("two.rs").exists());
    }
}
