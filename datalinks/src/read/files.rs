//! Which files are meant.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Format;
use crate::{Error, ErrorKind};

/// The files that a path stands for: itself, a folder's, or those that match it.
pub(super) fn expand(path: PathBuf, format: Option<Format>) -> Result<Vec<PathBuf>, Error> {
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => in_folder(&path, format),
        Ok(_) => Ok(vec![path]),
        // A file may well have brackets in its name: a pattern is only what is no file.
        Err(error) => match path.to_str().filter(|path| path.contains(['*', '?', '['])) {
            Some(pattern) => matching(pattern),
            None => Err(unreadable(&path, error)),
        },
    }
}

fn in_folder(folder: &Path, format: Option<Format>) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.is_file() && !hidden && (format.is_some() || Format::of_name(&path).is_some()) {
            files.push(path);
        }
    }
    sorted(files, || format!("the folder {} holds no files of rows", folder.display()))
}

fn matching(pattern: &str) -> Result<Vec<PathBuf>, Error> {
    // Hidden files are left out as in a folder.
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let paths = glob::glob_with(pattern, options).map_err(|error| {
        Error::invalid(format!("{pattern} is no pattern of paths: {error}")).caused_by(error)
    })?;
    let mut files = Vec::new();
    for path in paths {
        let path = path.map_err(|error| unreadable(error.path(), error.error()))?;
        if path.is_file() {
            files.push(path);
        }
    }
    sorted(files, || format!("no file matches {pattern}"))
}

/// No file at all is an error: it would look like files without rows.
fn sorted(mut files: Vec<PathBuf>, none: impl FnOnce() -> String) -> Result<Vec<PathBuf>, Error> {
    if files.is_empty() {
        return Err(Error::invalid(none()).advice("check the path"));
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Io, format!("{} cannot be opened: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{self, OnBadRow, Reader, tests::rows};

    /// A folder with files of all sorts.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("more.csv")).unwrap();
        for (name, text) in [
            ("b.csv", "a\n1\n"),
            ("a.ndjson", "{\"a\":2}"),
            ("c.json", "[{\"a\":3}]"),
            ("B.csv", "a\n4\n"),
            ("d[1].csv", "a\n5\n"),
            ("notes.txt", "a\n6\n"),
            (".hidden.csv", "a\n7\n"),
            ("more.csv/e.csv", "a\n8\n"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn values(reader: Reader) -> String {
        let rows = reader.infer_types().rows().map(|row| row.unwrap().to_row().unwrap()["a"].to_string());
        rows.collect()
    }

    #[test]
    fn files_come_one_after_the_other() {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        assert_eq!(values(read::files([path("c.json"), path("b.csv"), path("c.json")])), "313");
        assert_eq!(values(read::files([path("")])), "42135");
        assert_eq!(values(read::files([path("*.csv")])), "415");
        assert_eq!(values(read::files([path("**/*.csv")])), "4158");
        assert_eq!(values(read::files([path("?.??*"), path("d[1].csv")])), "42135");
        assert_eq!(values(read::files([path("more.csv"), path("notes.*")]).format(read::Format::Csv)), "86");
        assert_eq!(values(read::file(path("d[1].csv"))), "5");
    }

    #[test]
    fn each_file_has_its_own_header_and_its_own_bad_records() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("1.csv"), "a,b\n1,2\n3\n").unwrap();
        fs::write(folder.path().join("2.csv"), "b;a\n1;2\n3\n").unwrap();
        let reader = || read::files([folder.path()]);
        let mut rows = reader().on_bad_row(OnBadRow::Skip).rows();
        let found: Vec<_> = rows.by_ref().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(found, [r#"{"a":"1","b":"2"}"#, r#"{"b":"1","a":"2"}"#]);
        assert_eq!(rows.skipped(), 2);
        let error = reader().rows().find_map(Result::err).unwrap();
        assert!(error.to_string().contains("1.csv, line 3"), "{error}");
    }

    #[test]
    fn what_stands_for_no_file_is_an_error_before_any_row() {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("empty")).unwrap();
        for (wrong, said) in [
            ("no.csv", "no.csv cannot be opened"),
            ("*.tsv", "no file matches"),
            ("[", "is no pattern"),
            ("empty", "holds no files of rows"),
        ] {
            let error = rows(read::files([path("b.csv"), path(wrong)])).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        assert!(rows(read::files(Vec::<PathBuf>::new())).unwrap().is_empty());
        let error = rows(read::file(path(""))).unwrap_err();
        assert!(error.to_string().contains("format of"), "{error}");
    }
}
