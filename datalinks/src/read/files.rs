//! Resolution of paths to files.

use std::{
    collections::{HashSet, VecDeque},
    ffi::OsStr,
    io,
    path::{Component, Path, PathBuf},
};

use glob::{MatchOptions, Pattern};

use super::format::Format;
use crate::{
    error::{Error, ErrorKind},
    platform::files::{self as fs, FileType},
};

/// Finds the files for paths.
///
/// A file in a directory or of a pattern is returned once, regardless of how many links lead to it. It is not returned
/// if it is also given by its own path, because it is then read in that position. Files are identified by their
/// canonical paths.
pub(super) struct Search {
    format: Option<Format>,
    /// Canonical paths of the files that were given or found.
    known: HashSet<PathBuf>,
}

/// The kind of a path.
enum PathKind<'a> {
    File,
    Directory,
    Pattern(&'a str),
}

/// A file that was found.
struct Found {
    path: PathBuf,
    /// Set if it is a link, or was found through a link to a directory.
    linked: bool,
}

impl Search {
    /// Creates a search. `paths` are all paths that will be searched.
    pub(super) fn new<'a>(
        paths: impl Iterator<Item = &'a Path>,
        format: Option<Format>,
    ) -> Result<Self, Error> {
        let mut known = HashSet::new();
        for path in paths {
            if let PathKind::File = path_kind(path)? {
                known.insert(canonical(path)?);
            }
        }
        Ok(Self { format, known })
    }

    /// Returns the files for a path: the file itself, those of the directory, or those that match the pattern.
    pub(super) fn files(&mut self, path: PathBuf) -> Result<Vec<PathBuf>, Error> {
        let (mut found, none) = match path_kind(&path)? {
            PathKind::File => return Ok(vec![path]),
            PathKind::Directory => {
                let none = format!("the directory {} contains no files of rows", path.display());
                (in_directory(&path, self.format)?, none)
            }
            PathKind::Pattern(pattern) => (matching(pattern)?, format!("no file matches {pattern}")),
        };
        // A path without any file is an error, because it would look like a file without rows.
        if found.is_empty() {
            return Err(Error::invalid(none).advice("check the path"));
        }
        // A file keeps its own path in preference to the path of a link to it.
        found.sort_by(|a, b| (a.linked, &a.path).cmp(&(b.linked, &b.path)));
        let mut files = Vec::new();
        for Found { path, .. } in found {
            if self.known.insert(canonical(&path)?) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

fn path_kind(path: &Path) -> Result<PathKind<'_>, Error> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(PathKind::Directory),
        Ok(_) => Ok(PathKind::File),
        Err(error) if is_link(path) => Err(broken_link(path, &error)),
        // A file name may contain brackets, so a path is a pattern only if it is not a file.
        Err(error) => match path.to_str().filter(|path| is_pattern(path)) {
            Some(pattern) => Ok(PathKind::Pattern(pattern)),
            None => Err(unreadable(path, error)),
        },
    }
}

fn in_directory(directory: &Path, format: Option<Format>) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    for (path, kind) in entries(directory)? {
        let is_meant = format.is_some() || Format::of_name(&path).is_some();
        if is_meant && !path.file_name().is_some_and(is_left_out) && target(&path, kind)?.is_file() {
            found.push(Found { path, linked: kind.is_symlink() });
        }
    }
    Ok(found)
}

/// Returns `true` for hidden files, and for the lock files of Excel (`~$book.xlsx`).
fn is_left_out(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") || name.starts_with(b"~$")
}

/// A component of a pattern.
enum Step {
    /// A literal name.
    Name(PathBuf),
    /// Names that match. The flag is set if they may begin with `~$`.
    Names(Pattern, bool),
    /// Any number of directories (`**`).
    Directories,
}

/// A directory in which a pattern is matched, beginning with a step.
struct Task {
    directory: PathBuf,
    step: usize,
    linked: bool,
}

/// Returns the matching files. A directory is searched once for the same rest of the pattern, regardless of how many
/// links lead to it. The search therefore ends even if links form a cycle.
fn matching(pattern: &str) -> Result<Vec<Found>, Error> {
    let invalid = |error: glob::PatternError| {
        Error::invalid(format!("{pattern} is not a valid pattern of paths: {error}")).caused_by(error)
    };
    Pattern::new(pattern).map_err(invalid)?;
    let (mut start, mut steps) = (PathBuf::new(), Vec::new());
    for component in Path::new(pattern).components() {
        match (component, component.as_os_str().to_str()) {
            (Component::Normal(_), Some("**")) => steps.push(Step::Directories),
            (Component::Normal(_), Some(name)) if is_pattern(name) => {
                steps.push(Step::Names(Pattern::new(name).map_err(invalid)?, name.starts_with("~$")));
            }
            (Component::Normal(name), _) => steps.push(Step::Name(name.into())),
            (component, _) if steps.is_empty() => start.push(component),
            (component, _) => steps.push(Step::Name(component.as_os_str().into())),
        }
    }
    let mut walk = Walk { found: Vec::new(), own: VecDeque::new(), linked: VecDeque::new() };
    let mut seen = HashSet::new();
    walk.own.push_back(Task { directory: start, step: 0, linked: false });
    // Links are followed last, so that a file that is also found without links keeps its own path.
    while let Some(task) = walk.own.pop_front().or_else(|| walk.linked.pop_front()) {
        if seen.insert((canonical(readable(&task.directory))?, task.step)) {
            walk.step(&task, &steps)?;
        }
    }
    Ok(walk.found)
}

struct Walk {
    found: Vec<Found>,
    own: VecDeque<Task>,
    linked: VecDeque<Task>,
}

impl Walk {
    fn step(&mut self, task: &Task, steps: &[Step]) -> Result<(), Error> {
        let is_final = task.step + 1 == steps.len();
        match &steps[task.step] {
            Step::Name(name) => {
                let path = task.directory.join(name);
                match fs::symlink_metadata(&path) {
                    Ok(found) => self.follow(task, path, found.file_type(), is_final),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(()),
                    Err(error) => Err(unreadable(&path, error)),
                }
            }
            Step::Names(pattern, lock_files) => {
                // Hidden files are skipped, as in a directory.
                let options = MatchOptions {
                    case_sensitive: true,
                    require_literal_separator: true,
                    require_literal_leading_dot: true,
                };
                for (path, kind) in entries(&task.directory)? {
                    let Some(name) = path.file_name().map(OsStr::to_string_lossy) else { continue };
                    if pattern.matches_with(&name, options) && (*lock_files || !name.starts_with("~$")) {
                        self.follow(task, path, kind, is_final)?;
                    }
                }
                Ok(())
            }
            // A final `**` matches directories only.
            Step::Directories if is_final => Ok(()),
            Step::Directories => {
                for (path, kind) in entries(&task.directory)? {
                    if !path.file_name().is_some_and(is_left_out) && target(&path, kind)?.is_dir() {
                        self.push(Task { directory: path, step: task.step, ..*task }, kind);
                    }
                }
                let directory = task.directory.clone();
                self.push(Task { directory, step: task.step + 1, ..*task }, None);
                Ok(())
            }
        }
    }

    /// Handles a path that matches the step of a task.
    fn follow(&mut self, task: &Task, path: PathBuf, kind: FileType, is_final: bool) -> Result<(), Error> {
        let target = target(&path, kind)?;
        if is_final && target.is_file() {
            self.found.push(Found { path, linked: task.linked || kind.is_symlink() });
        } else if !is_final && target.is_dir() {
            self.push(Task { directory: path, step: task.step + 1, ..*task }, kind);
        }
        Ok(())
    }

    fn push(&mut self, task: Task, kind: impl Into<Option<FileType>>) {
        let linked = task.linked || kind.into().is_some_and(|kind| kind.is_symlink());
        let queue = if linked { &mut self.linked } else { &mut self.own };
        queue.push_back(Task { linked, ..task });
    }
}

fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// Returns the entries of a directory, with the file type of each entry itself.
fn entries(directory: &Path) -> Result<Vec<(PathBuf, FileType)>, Error> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(readable(directory)).map_err(|error| unreadable(directory, error))? {
        let entry = entry.map_err(|error| unreadable(directory, error))?;
        let path = directory.join(entry.file_name());
        let kind = entry.file_type().map_err(|error| unreadable(&path, error))?;
        entries.push((path, kind));
    }
    Ok(entries)
}

/// An empty path stands for the working directory.
fn readable(directory: &Path) -> &Path {
    if directory.as_os_str().is_empty() { Path::new(".") } else { directory }
}

/// Returns the file type of the target. A broken link is an error, because its rows would be missing unnoticed.
fn target(path: &Path, kind: FileType) -> Result<FileType, Error> {
    if !kind.is_symlink() {
        return Ok(kind);
    }
    fs::metadata(path).map(|found| found.file_type()).map_err(|error| broken_link(path, &error))
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

fn canonical(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(|error| unreadable(path, error))
}

fn broken_link(path: &Path, error: &io::Error) -> Error {
    let target = fs::read_link(path).unwrap_or_default();
    let message =
        format!("{} is a link to {}, which cannot be opened: {error}", path.display(), target.display());
    Error::new(ErrorKind::Io, message).advice("correct or remove the link")
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Io, format!("{} cannot be opened: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::read::{self, Reader, bad_row::OnBadRow, tests::rows};

    /// Creates a directory with files of various kinds.
    fn directory() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("more.csv")).unwrap();
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
            fs::write(directory.path().join(name), text).unwrap();
        }
        directory
    }

    fn values(reader: Reader) -> String {
        let rows = reader.infer_types().rows().map(|row| row.unwrap().to_row().unwrap()["a"].to_string());
        rows.collect()
    }

    #[test]
    fn files_are_read_in_order() {
        let directory = directory();
        let path = |name: &str| directory.path().join(name);
        assert_eq!(values(read::files([path("c.json"), path("b.csv"), path("c.json")])), "313");
        assert_eq!(values(read::files([path("")])), "42135");
        assert_eq!(values(read::files([path("*.csv")])), "415");
        assert_eq!(values(read::files([path("**/*.csv")])), "4158");
        assert_eq!(values(read::files([path("?.??*"), path("d[1].csv")])), "42135");
        assert_eq!(values(read::files([path("more.csv"), path("notes.*")]).format(read::Format::Csv)), "86");
        assert_eq!(values(read::file(path("d[1].csv"))), "5");
    }

    #[test]
    fn files_have_separate_headers_and_bad_records() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("1.csv"), "a,b\n1,2\n3\n").unwrap();
        fs::write(directory.path().join("2.csv"), "b;a\n1;2\n3\n").unwrap();
        let reader = || read::files([directory.path()]);
        let mut rows = reader().on_bad_row(OnBadRow::Skip).rows();
        let found: Vec<_> = rows.by_ref().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(found, [r#"{"a":"1","b":"2"}"#, r#"{"b":"1","a":"2"}"#]);
        assert_eq!(rows.skipped(), 2);
        let error = reader().rows().find_map(Result::err).unwrap();
        assert!(error.to_string().contains("1.csv, line 3"), "{error}");
    }

    #[test]
    fn path_without_files_is_an_error_before_the_first_row() {
        let directory = directory();
        let path = |name: &str| directory.path().join(name);
        fs::create_dir(path("empty")).unwrap();
        for (wrong, said) in [
            ("no.csv", "no.csv cannot be opened"),
            ("*.tsv", "no file matches"),
            ("[", "is not a valid pattern"),
            ("empty", "contains no files of rows"),
            ("**", "no file matches"),
            ("*/\0.csv", ".csv cannot be opened"),
        ] {
            let error = rows(read::files([path("b.csv"), path(wrong)])).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        assert!(rows(read::files(Vec::<PathBuf>::new())).unwrap().is_empty());
        let error = rows(read::file(path(""))).unwrap_err();
        assert!(error.to_string().contains("is a directory; read the files in it"), "{error}");
    }

    #[test]
    fn lock_files_and_hidden_files_are_skipped_unless_given() {
        let directory = directory();
        let path = |name: &str| directory.path().join(name);
        fs::create_dir(path("~$sub")).unwrap();
        for name in ["~$b.csv", "~$sub/x.csv", "more.csv/~$e.csv", "x~$.csv"] {
            fs::write(path(name), "a\n9\n").unwrap();
        }
        assert_eq!(values(read::files([path("")])), "421359");
        assert_eq!(values(read::files([path("*.csv")])), "4159");
        assert_eq!(values(read::files([path("**/*.csv")])), "41589");
        assert_eq!(values(read::files([path("~$*.csv")])), "9");
        assert_eq!(values(read::files([path(".*.csv")])), "7");
        assert_eq!(values(read::files([path("~$b.csv"), path(".hidden.csv")])), "97");
    }

    #[test]
    fn file_given_by_path_is_read_in_its_position() {
        let directory = directory();
        let path = |name: &str| directory.path().join(name);
        assert_eq!(values(read::files([path("*.csv"), path("b.csv")])), "451");
        assert_eq!(values(read::files([path("b.csv"), path("*.csv")])), "145");
        assert_eq!(values(read::files([path("*.csv"), path("")])), "41523");
        assert_eq!(values(read::files([path("*.csv"), path("*.csv"), path("more.csv/../B*.csv")])), "415");
        assert_eq!(values(read::files([path("more.csv/../b.csv"), path("more.csv/../*.csv")])), "145");
    }

    #[cfg(unix)]
    #[test]
    fn files_are_read_once_despite_links() {
        use std::os::unix::fs::symlink;

        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::create_dir_all(path("z/deep")).unwrap();
        fs::create_dir_all(path("a")).unwrap();
        fs::write(path("z/1.csv"), "a\n1\n").unwrap();
        fs::write(path("z/deep/2.csv"), "a\n2\n").unwrap();
        // Cycles in several directories, and two more paths to the same files.
        symlink(".", path("z/self")).unwrap();
        symlink("..", path("z/deep/up")).unwrap();
        symlink(directory.path(), path("z/deep/root")).unwrap();
        symlink("../z", path("a/other")).unwrap();
        symlink("../z/1.csv", path("a/0.csv")).unwrap();

        let names = |pattern: &str| {
            let found = Search::new(std::iter::empty(), None).unwrap().files(path(pattern)).unwrap();
            let names = found
                .iter()
                .map(|found| found.strip_prefix(directory.path()).unwrap().to_str().unwrap().to_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names("**/*.csv"), ["z/1.csv", "z/deep/2.csv"]);
        assert_eq!(names("**/**/*.csv"), ["z/1.csv", "z/deep/2.csv"]);
        assert_eq!(names("**/deep/**/*.csv"), ["z/deep/2.csv", "z/deep/root/a/0.csv"]);
        assert_eq!(names("*/*.csv"), ["z/1.csv"]);
        // A file that is found only through links keeps the path of the link.
        assert_eq!(names("a/**/*.csv"), ["a/0.csv", "a/other/deep/2.csv"]);
        assert_eq!(names("a"), ["a/0.csv"]);
        assert_eq!(values(read::files([path("a/0.csv"), path("**/*.csv"), path("z")])), "12");
        assert_eq!(values(read::files([path("a/0.csv"), path("z/1.csv")])), "11");
    }

    #[cfg(unix)]
    #[test]
    fn broken_link_is_an_error_before_the_first_row() {
        use std::os::unix::fs::symlink;

        for (link, target) in [("c.csv", "gone.csv"), ("[1].csv", "gone.csv"), ("loop.csv", "loop.csv")] {
            let directory = tempfile::tempdir().unwrap();
            let path = |name: &str| directory.path().join(name);
            fs::write(path("b.csv"), "a\n1\n").unwrap();
            symlink(target, path(link)).unwrap();
            for wrong in ["", "*.csv", "**/*.csv", "*", link] {
                let error = rows(read::files([path("b.csv"), path(wrong)])).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Io);
                let said = format!("{link} is a link to {target}, which cannot be opened");
                assert!(error.to_string().contains(&said), "{wrong}: {error}");
            }
            // A broken link does not matter if the pattern does not match it.
            assert_eq!(values(read::files([path("b*")])), "1");
        }
        // A link to a directory that does not exist, and links that are skipped.
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        fs::write(path("b.csv"), "a\n1\n").unwrap();
        for name in [".hidden.csv", "~$b.csv", "2023"] {
            symlink("/no/such/disk", path(name)).unwrap();
        }
        assert_eq!(values(read::files([path("")])), "1");
        assert_eq!(values(read::files([path("*.csv")])), "1");
        for pattern in ["*/*.csv", "**/*.csv", "2023/*.csv", "2023"] {
            let error = rows(read::files([path(pattern)])).unwrap_err();
            assert!(error.to_string().contains("2023 is a link to /no/such/disk"), "{pattern}: {error}");
        }
    }

    /// Without links, patterns match like those of the `glob` crate. With these options, the crate never finds hidden
    /// files, not even by a pattern that begins with a dot.
    #[test]
    fn patterns_match_as_in_the_glob_crate() {
        let directory = tempfile::tempdir().unwrap();
        for name in [
            "a.csv",
            "ab.csv",
            ".c.csv",
            "x/a.csv",
            "x/y/a.csv",
            "x/y/b.json",
            ".h/a.csv",
            "x/.g/a.csv",
            "y/a/a.csv",
        ] {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let root = directory.path().to_str().unwrap();
        for pattern in [
            "*.csv",
            "*",
            "?.csv",
            "[ab].csv",
            "[!b]*.csv",
            "*/*",
            "**/*",
            "**/a.csv",
            "**/x/**/*.csv",
            "x/**/*.csv",
            "**/y/*",
            "x/*/a.csv",
            "x/../*/a.csv",
            ".h/*",
            "*/**/a/*",
            "**/**/b.*",
            "A.csv",
            "nothing/*",
            "a.csv/*",
            "*.csv/*",
            "x/y/[ab].*",
        ] {
            let pattern = format!("{root}/{pattern}");
            let mut theirs: Vec<_> =
                glob::glob_with(&pattern, options).unwrap().map(Result::unwrap).collect();
            theirs.retain(|path| path.is_file());
            let unique: HashSet<_> = theirs.iter().map(|path| path.canonicalize().unwrap()).collect();
            let ours: Vec<_> = matching(&pattern)
                .unwrap()
                .into_iter()
                .map(|found| found.path.canonicalize().unwrap())
                .collect();
            assert_eq!(ours.iter().cloned().collect::<HashSet<_>>(), unique, "{pattern}");
        }
    }
}
