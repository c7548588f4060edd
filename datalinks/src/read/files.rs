//! Which files are meant.

use std::{
    collections::{HashSet, VecDeque},
    ffi::OsStr,
    fs::{self, FileType},
    io,
    path::{Component, Path, PathBuf},
};

use glob::{MatchOptions, Pattern};

use super::format::Format;
use crate::error::{Error, ErrorKind};

/// Finds the files that paths stand for.
///
/// A file that a directory or a pattern finds is returned once, whichever links lead to it, and not at all if it is also
/// named itself: it is then read where it is named. A file is identified by its canonical path.
pub(super) struct Search {
    format: Option<Format>,
    /// Canonical paths of the files that are named or were found.
    known: HashSet<PathBuf>,
}

/// What a path stands for.
enum Meant<'a> {
    File,
    Directory,
    Pattern(&'a str),
}

/// A file that was found.
struct Found {
    path: PathBuf,
    /// It is a link, or was found through a link to a directory.
    linked: bool,
}

impl Search {
    /// Takes all paths that are searched later.
    pub(super) fn new<'a>(
        paths: impl Iterator<Item = &'a Path>,
        format: Option<Format>,
    ) -> Result<Self, Error> {
        let mut known = HashSet::new();
        for path in paths {
            if let Meant::File = meant(path)? {
                known.insert(canonical(path)?);
            }
        }
        Ok(Self { format, known })
    }

    /// The files that a path stands for: itself, those of a directory, or those that match it.
    pub(super) fn files(&mut self, path: PathBuf) -> Result<Vec<PathBuf>, Error> {
        let (mut found, none) = match meant(&path)? {
            Meant::File => return Ok(vec![path]),
            Meant::Directory => {
                let none = format!("the directory {} holds no files of rows", path.display());
                (in_directory(&path, self.format)?, none)
            }
            Meant::Pattern(pattern) => (matching(pattern)?, format!("no file matches {pattern}")),
        };
        // No file at all is an error: it would look like files without rows.
        if found.is_empty() {
            return Err(Error::invalid(none).advice("check the path"));
        }
        // A file is known by its own path rather than by that of a link to it.
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

fn meant(path: &Path) -> Result<Meant<'_>, Error> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(Meant::Directory),
        Ok(_) => Ok(Meant::File),
        Err(error) if is_link(path) => Err(broken_link(path, &error)),
        // A file may well have brackets in its name: a pattern is only what is no file.
        Err(error) => match path.to_str().filter(|path| is_pattern(path)) {
            Some(pattern) => Ok(Meant::Pattern(pattern)),
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

/// Hidden files, and the lock files that Excel puts beside a workbook (`~$book.xlsx`).
fn is_left_out(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") || name.starts_with(b"~$")
}

/// A component of a pattern.
enum Step {
    /// The name itself.
    Name(PathBuf),
    /// Names that match. The flag says that names which begin with `~$` may do so.
    Names(Pattern, bool),
    /// `**`: any directories, or none.
    Directories,
}

/// A directory in which a pattern is to be matched from a step on.
struct Task {
    directory: PathBuf,
    step: usize,
    linked: bool,
}

/// The files that match. A directory is searched once for the same rest of the pattern, whichever links lead to it, so the
/// search ends even if links form a cycle.
fn matching(pattern: &str) -> Result<Vec<Found>, Error> {
    let invalid = |error: glob::PatternError| {
        Error::invalid(format!("{pattern} is no pattern of paths: {error}")).caused_by(error)
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
    // Links come last: what is also found without them keeps its own path.
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
                // Hidden files are left out as in a directory.
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
            // Directories are no files.
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

    /// Takes a path that matches the step of a task.
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

/// The entries of a directory, with what each is itself.
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

/// The working directory has no name in a relative path.
fn readable(directory: &Path) -> &Path {
    if directory.as_os_str().is_empty() { Path::new(".") } else { directory }
}

/// What a path leads to. A link that leads nowhere is an error: the file behind it would be missing among the rows.
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
    use super::*;
    use crate::read::{self, Reader, bad_row::OnBadRow, tests::rows};

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
            ("**", "no file matches"),
        ] {
            let error = rows(read::files([path("b.csv"), path(wrong)])).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        assert!(rows(read::files(Vec::<PathBuf>::new())).unwrap().is_empty());
        let error = rows(read::file(path(""))).unwrap_err();
        assert!(error.to_string().contains("is a directory; read the files in it"), "{error}");
    }

    #[test]
    fn lock_files_and_hidden_files_are_left_out_unless_named() {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
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
    fn a_file_that_is_named_is_read_where_it_is_named() {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        assert_eq!(values(read::files([path("*.csv"), path("b.csv")])), "451");
        assert_eq!(values(read::files([path("b.csv"), path("*.csv")])), "145");
        assert_eq!(values(read::files([path("*.csv"), path("")])), "41523");
        assert_eq!(values(read::files([path("*.csv"), path("*.csv"), path("more.csv/../B*.csv")])), "415");
        assert_eq!(values(read::files([path("more.csv/../b.csv"), path("more.csv/../*.csv")])), "145");
    }

    #[cfg(unix)]
    #[test]
    fn each_file_is_read_once_whichever_links_lead_to_it() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("z/deep")).unwrap();
        fs::create_dir_all(path("a")).unwrap();
        fs::write(path("z/1.csv"), "a\n1\n").unwrap();
        fs::write(path("z/deep/2.csv"), "a\n2\n").unwrap();
        // Cycles, at several places, and two more ways to the same files.
        symlink(".", path("z/self")).unwrap();
        symlink("..", path("z/deep/up")).unwrap();
        symlink(folder.path(), path("z/deep/root")).unwrap();
        symlink("../z", path("a/other")).unwrap();
        symlink("../z/1.csv", path("a/0.csv")).unwrap();

        let names = |pattern: &str| {
            let found = Search::new(std::iter::empty(), None).unwrap().files(path(pattern)).unwrap();
            let names = found
                .iter()
                .map(|found| found.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names("**/*.csv"), ["z/1.csv", "z/deep/2.csv"]);
        assert_eq!(names("**/**/*.csv"), ["z/1.csv", "z/deep/2.csv"]);
        assert_eq!(names("**/deep/**/*.csv"), ["z/deep/2.csv", "z/deep/root/a/0.csv"]);
        assert_eq!(names("*/*.csv"), ["z/1.csv"]);
        // What is found through links alone is found by their paths.
        assert_eq!(names("a/**/*.csv"), ["a/0.csv", "a/other/deep/2.csv"]);
        assert_eq!(names("a"), ["a/0.csv"]);
        assert_eq!(values(read::files([path("a/0.csv"), path("**/*.csv"), path("z")])), "12");
        assert_eq!(values(read::files([path("a/0.csv"), path("z/1.csv")])), "11");
    }

    #[cfg(unix)]
    #[test]
    fn a_broken_link_is_an_error_that_names_it_before_any_row() {
        use std::os::unix::fs::symlink;

        for (link, target) in [("c.csv", "gone.csv"), ("[1].csv", "gone.csv"), ("loop.csv", "loop.csv")] {
            let folder = tempfile::tempdir().unwrap();
            let path = |name: &str| folder.path().join(name);
            fs::write(path("b.csv"), "a\n1\n").unwrap();
            symlink(target, path(link)).unwrap();
            for wrong in ["", "*.csv", "**/*.csv", "*", link] {
                let error = rows(read::files([path("b.csv"), path(wrong)])).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Io);
                let said = format!("{link} is a link to {target}, which cannot be opened");
                assert!(error.to_string().contains(&said), "{wrong}: {error}");
            }
            // What does not lead there does not matter.
            assert_eq!(values(read::files([path("b*")])), "1");
        }
        // A link to a directory that is gone, and links that are left out anyway.
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
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

    /// Patterns mean what they mean to the `glob` crate where there are no links. With these options, the crate never finds
    /// hidden files, not even by a pattern that begins with a dot.
    #[test]
    fn patterns_match_as_in_the_glob_crate() {
        let folder = tempfile::tempdir().unwrap();
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
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let root = folder.path().to_str().unwrap();
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
