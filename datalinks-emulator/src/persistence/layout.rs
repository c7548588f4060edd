//! Names at the top of a data directory that are not part of the state.

use super::path::RelativePath;

/// The file that marks a directory as a data directory.
pub(super) static MARK: RelativePath = RelativePath::constant("emulator.json");
/// The file that the emulator locks while it uses the directory.
pub(super) static LOCK: RelativePath = RelativePath::constant("lock");
/// The file of the commit in progress.
pub(super) static JOURNAL: RelativePath = RelativePath::constant("journal");
/// The file that excludes temporary files from version control.
pub(super) static IGNORE: RelativePath = RelativePath::constant(".gitignore");
/// The directory of snapshots.
pub(super) static SNAPSHOTS: RelativePath = RelativePath::constant("snapshots");

/// Prefix of the name of a temporary file that will replace another one.
pub(super) const UNFINISHED_BEGIN: &str = ".datalinks-emulator-";
/// Suffix of the name of a temporary file.
pub(super) const UNFINISHED_END: &str = ".tmp";
/// Number of letters and digits between prefix and suffix.
pub(super) const UNFINISHED_LETTERS: usize = 12;

/// Returns `true` if the name is that of a temporary file that an emulator left behind.
pub(super) fn is_unfinished(name: &str) -> bool {
    let letters = name.strip_prefix(UNFINISHED_BEGIN).and_then(|rest| rest.strip_suffix(UNFINISHED_END));
    letters.is_some_and(|letters| {
        letters.len() == UNFINISHED_LETTERS && letters.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Returns `true` if a name at the top belongs to the emulator itself or to people, not to the state.
pub(super) fn is_beside_the_state(name: &str) -> bool {
    let own = [&MARK, &LOCK, &JOURNAL, &SNAPSHOTS];
    name.starts_with('.') || name.ends_with(".md") || own.iter().any(|path| path.as_str() == name)
}

/// Returns `true` if a commit may change the file.
pub(super) fn is_state(path: &RelativePath) -> bool {
    !path.components().next().is_some_and(is_beside_the_state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_unfinished_files_are_recognized() {
        assert!(is_unfinished(".datalinks-emulator-0aZ9bcdefghi.tmp"));
        for name in [
            "x.tmp",
            ".tmp",
            ".datalinks-emulator-.tmp",
            ".datalinks-emulator-0aZ9bcdefgh.tmp",
            ".datalinks-emulator-0aZ9bcdef-hi.tmp",
            "a.datalinks-emulator-0aZ9bcdefghi.tmp",
            ".datalinks-emulator-0aZ9bcdefghi.tmp2",
        ] {
            assert!(!is_unfinished(name), "{name}");
        }
    }

    #[test]
    fn commits_change_files_of_the_state_only() {
        let state = |path: &'static str| is_state(&RelativePath::constant(path));
        assert!(state("ids.json") && state("datasets/a/b/readme.md") && state("datasets/lock"));
        for path in ["emulator.json", "lock", "journal", ".gitignore", "README.md", "snapshots/a.ndjson"] {
            assert!(!state(path), "{path}");
        }
    }
}
