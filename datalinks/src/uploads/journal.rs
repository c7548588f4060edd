//! The journal of an upload, which lets a later run continue.
//!
//! The first line contains the files and the URLs of their parts. Each later line records one event. A line counts
//! once its line break is written.
//!
//! A path that is valid Unicode is stored as a string. Any other path has the form that serde gives an `OsString`:
//! `{"Unix":[47,100,255]}` with its bytes, or `{"Windows":[92,55296]}` with its UTF-16 units.

use std::{
    ffi::OsString,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use datalinks_gen::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{
    lifetime::Issued,
    local::{LocalFile, Stamp, unreadable},
    work::{Item, PartUrl, Work},
};
use crate::{
    client::DataLinks,
    datasets::Dataset,
    error::{Error, ErrorKind},
    journal::{
        lines::{Content, Lines, blocking},
        lock::{FileLock, InUse},
    },
    platform::files::{self, File},
};

/// Version of the format.
const VERSION: u32 = 2;
/// The first bytes of every journal.
const BEGIN: &[u8] = b"{\"datalinks_upload\":";

/// A journal that is open for writing.
pub(super) struct Journal {
    lines: Lines,
    /// Set once the first line is written, so that another run can continue.
    begun: bool,
}

/// The host and dataset of an upload.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Target {
    host: String,
    /// Owner, namespace and name, or `None` for a session.
    dataset: Option<[String; 3]>,
}

/// An event of the file with this index.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Part {
        file: usize,
        number: usize,
        etag: String,
    },
    /// The finish request is about to be sent.
    Finishing {
        file: usize,
    },
    /// The finish request was certainly not executed, nor one that an earlier run sent.
    Rejected {
        file: usize,
    },
    Finished {
        file: usize,
        answer: Value,
    },
}

/// The journal at a path.
pub(super) enum Found {
    /// The file is missing, empty, or contains only a torn first line. The path is locked for this run.
    Nothing(Locked),
    /// The state of an earlier run.
    Work(Journal, Work),
    /// The state of an earlier run whose files have changed.
    Changed(Journal, Work, Error),
}

/// The exclusive right to use the journal at a path.
pub(super) struct Locked {
    path: PathBuf,
    lock: (FileLock, InUse),
}

/// The first line. Does not implement `Debug` because the URLs are secrets.
#[derive(Deserialize, Serialize)]
struct Header {
    /// The version. The first member, so that all journals start with the same bytes.
    datalinks_upload: u32,
    target: Target,
    session: Option<Uuid>,
    /// Time at which the URLs were created, in seconds since 1970. Missing in older versions.
    #[serde(default)]
    issued: Option<u64>,
    files: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    path: WrittenPath,
    name: String,
    stamp: Stamp,
    id: Option<Uuid>,
    upload_id: String,
    key: String,
    /// URL and size of each part.
    parts: Vec<(String, u64)>,
}

/// A path that is read back unchanged, even if it is not Unicode.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
enum WrittenPath {
    Unicode(String),
    Other(OsString),
}

impl WrittenPath {
    fn of(path: &Path) -> Self {
        match path.to_str() {
            Some(path) => Self::Unicode(path.to_owned()),
            None => Self::Other(path.as_os_str().to_owned()),
        }
    }
}

impl From<WrittenPath> for PathBuf {
    fn from(path: WrittenPath) -> Self {
        match path {
            WrittenPath::Unicode(path) => path.into(),
            WrittenPath::Other(path) => path.into(),
        }
    }
}

impl Target {
    pub(super) fn dataset(dataset: &Dataset) -> Self {
        let namespace = dataset.namespace();
        let names = [namespace.owner(), namespace.name(), dataset.name()].map(str::to_owned);
        Self { dataset: Some(names), ..Self::session(dataset.client()) }
    }

    pub(super) fn session(client: &DataLinks) -> Self {
        Self { host: client.connection().address.as_str().to_owned(), dataset: None }
    }
}

impl Journal {
    /// Locks the journal at this path and reads the state of an earlier run for the same files and target.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing and releases the lock.
    pub(super) async fn find(
        path: &Path,
        target: &Target,
        files: &[LocalFile],
        plain_http: bool,
    ) -> Result<Found, Error> {
        let locked = Locked::new(path).await?;
        let content = match read(path).await {
            Ok(Some(content)) => content,
            Ok(None) => return Ok(Found::Nothing(locked)),
            Err(error) => return Err(locked.release(unreadable(path, error)).await),
        };
        let found = Content::of(&content, BEGIN);
        let work = match &found {
            Content::Nothing => return Ok(Found::Nothing(locked)),
            Content::Lines(lines) => parse(path, lines, target, files, plain_http),
            Content::Foreign => Err(invalid_journal(path, "is not the journal of an upload")),
        };
        let work = match work {
            Ok(work) => work,
            Err(error) => return Err(locked.release(error).await),
        };
        let changed = work.items.iter().zip(files).find(|(item, file)| item.file.stamp != file.stamp);
        let changed = changed.map(|(_, file)| file.changed());
        let journal = locked.open(found.length(), true).await?;
        Ok(match changed {
            Some(error) => Found::Changed(journal, work, error),
            None => Found::Work(journal, work),
        })
    }

    /// Creates an empty journal, so that a path that cannot be written is reported before any request.
    pub(super) async fn create(locked: Locked) -> Result<Self, Error> {
        locked.open(0, false).await
    }

    /// Removes all lines for a new upload.
    pub(super) async fn clear(mut self) -> Result<Self, Error> {
        self.lines.clear().await.map_err(|error| unreadable(self.lines.path(), error))?;
        self.begun = false;
        Ok(self)
    }

    /// Writes the first line.
    pub(super) async fn begin(&mut self, target: Target, work: &Work) -> Result<(), Error> {
        self.write(&Header::of(target, work)).await?;
        self.begun = true;
        Ok(())
    }

    /// Returns `true` if another run can continue.
    pub(super) fn begun(&self) -> bool {
        self.begun
    }

    /// Appends and syncs a line.
    ///
    /// # Cancel safety
    ///
    /// See [`Lines::append`].
    pub(super) async fn note(&mut self, line: &Line) -> Result<(), Error> {
        self.write(line).await
    }

    async fn write(&mut self, line: &impl Serialize) -> Result<(), Error> {
        self.lines.append_entry(line).await.map_err(|error| unreadable(self.lines.path(), error))
    }

    /// Removes the journal. A failure is logged and does not fail the upload.
    pub(super) async fn remove(self) {
        let path = self.lines.path().to_owned();
        if let Err(error) = self.lines.remove().await {
            tracing::warn!(path = %path.display(), %error, "removing the journal of an upload failed");
        }
    }
}

impl Locked {
    async fn new(path: &Path) -> Result<Self, Error> {
        let path = path.to_owned();
        let task =
            tokio::task::spawn_blocking(move || FileLock::acquire(&path).map(|lock| Self { path, lock }));
        task.await.unwrap_or_else(|error| {
            let what = "the journal could not be locked, because the runtime ends";
            Err(Error::new(ErrorKind::Io, what).caused_by(error))
        })
    }

    /// Releases the lock, removes the lock file, and returns the error.
    async fn release(self, error: Error) -> Error {
        // A lock file that cannot be removed has no effect.
        let _ = blocking(move || {
            self.lock.0.remove();
            Ok(())
        })
        .await;
        error
    }

    /// Opens the journal and keeps its first `length` bytes.
    async fn open(self, length: u64, begun: bool) -> Result<Journal, Error> {
        let Self { path, lock } = self;
        let opened = path.clone();
        // Only its owner can read it because it contains secrets.
        let open = move || Lines::after(length, files::open_for_owner(&opened)?, &opened, lock);
        let lines = blocking(open).await;
        lines.map(|lines| Journal { lines, begun }).map_err(|error| unreadable(&path, error))
    }
}

/// Returns the content of a file, or `None` if it does not exist.
async fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let path = path.to_owned();
    let content = blocking(move || {
        let mut content = Vec::new();
        File::open(path)?.read_to_end(&mut content).map(|_| content)
    });
    match content.await {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Decodes the complete lines of a journal.
fn parse(
    path: &Path,
    lines: &[u8],
    target: &Target,
    files: &[LocalFile],
    plain_http: bool,
) -> Result<Work, Error> {
    let mut lines = lines.strip_suffix(b"\n").unwrap_or(lines).split(|byte| *byte == b'\n');
    let header = lines.next().and_then(|line| serde_json::from_slice::<Header>(line).ok());
    let header = header
        .filter(|header| header.datalinks_upload == VERSION)
        .ok_or_else(|| invalid_journal(path, "is a journal of another version"))?;
    if header.target != *target {
        return Err(invalid_journal(path, "is the journal of an upload to another host or dataset"));
    }
    if !header.is_of(files) {
        return Err(invalid_journal(path, "is the journal of another file"));
    }
    let mut work = header.work(plain_http)?;
    for (index, line) in lines.enumerate() {
        let happened = serde_json::from_slice(line).ok().and_then(|line| work.apply(line));
        happened.ok_or_else(|| invalid_journal(path, &format!("is damaged in line {}", index + 2)))?;
    }
    Ok(work)
}

impl Header {
    fn of(target: Target, work: &Work) -> Self {
        let entry = |item: &Item| Entry {
            path: WrittenPath::of(&item.file.path),
            name: item.file.name.clone(),
            stamp: item.file.stamp,
            id: item.id,
            upload_id: item.upload_id.clone(),
            key: item.key.clone(),
            parts: item.parts.iter().map(|part| (part.url.as_str().to_owned(), part.size)).collect(),
        };
        let files = work.items.iter().map(entry).collect();
        let issued = work.issued.at.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs());
        Self { datalinks_upload: VERSION, target, session: work.session, issued, files }
    }

    /// Returns `true` if the paths and names are those of these files. Their content may differ.
    fn is_of(&self, files: &[LocalFile]) -> bool {
        let same = |(entry, file): (&Entry, &LocalFile)| {
            entry.path == WrittenPath::of(&file.path) && entry.name == file.name
        };
        self.files.len() == files.len() && self.files.iter().zip(files).all(same)
    }

    fn work(self, plain_http: bool) -> Result<Work, Error> {
        let item = |(at, entry): (usize, Entry)| {
            let file = LocalFile { path: entry.path.into(), name: entry.name, stamp: entry.stamp };
            let part_url =
                |(url, size): (String, u64)| (Secret::from(url), i64::try_from(size).unwrap_or(-1));
            let part_urls: Vec<PartUrl> = entry.parts.into_iter().map(part_url).collect();
            Item::new(at, entry.id, file, (entry.upload_id, entry.key), &part_urls, plain_http)
        };
        let items = self.files.into_iter().enumerate().map(item).collect::<Result<_, _>>()?;
        let issued = self
            .issued
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
            .map_or_else(Issued::now, Issued::earlier);
        Ok(Work { session: self.session, issued, items })
    }
}

impl Work {
    /// Applies an event. Returns `None` if it refers to a file or part that does not exist.
    fn apply(&mut self, line: Line) -> Option<()> {
        match line {
            Line::Part { file, number, etag } => {
                let item = self.items.get_mut(file)?;
                item.parts.get(number.checked_sub(1)?)?;
                item.tags.insert(number, etag);
            }
            Line::Finishing { file } => self.items.get_mut(file)?.finishing = true,
            Line::Rejected { file } => self.items.get_mut(file)?.finishing = false,
            Line::Finished { file, answer } => self.items.get_mut(file)?.finished = Some(answer),
        }
        Some(())
    }
}

fn invalid_journal(path: &Path, what: &str) -> Error {
    Error::invalid(format!("{} {what}", path.display()))
        .advice("nothing was sent or changed; use another journal, or delete this one to start a new upload")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        Target {
            host: "http://localhost/api/v1".into(),
            dataset: Some(["self", "a", "b"].map(str::to_owned)),
        }
    }

    fn work(file: &LocalFile) -> Work {
        let part_urls = [("http://localhost/1", 3), ("http://localhost/2", 1)]
            .map(|(url, size)| (Secret::from(url.to_owned()), size));
        let keys = ("u".to_owned(), "k".to_owned());
        Work {
            session: None,
            issued: Issued::now(),
            items: vec![Item::new(0, None, file.clone(), keys, &part_urls, false).unwrap()],
        }
    }

    async fn find(path: &Path, file: &LocalFile) -> Result<Option<Vec<usize>>, ErrorKind> {
        let files = [file.clone()];
        match Journal::find(path, &target(), &files, false).await.map_err(|error| error.kind())? {
            Found::Nothing(_) => Ok(None),
            Found::Work(_, work) => Ok(Some(work.items[0].tags.keys().copied().collect())),
            Found::Changed(_, _, error) => Err(error.kind()),
        }
    }

    async fn create(path: &Path) -> Journal {
        Journal::create(Locked::new(path).await.unwrap()).await.unwrap()
    }

    fn part(number: usize) -> Line {
        Line::Part { file: 0, number, etag: "e".into() }
    }

    #[tokio::test]
    async fn torn_journal_is_read_up_to_its_last_complete_line() {
        let directory = tempfile::tempdir().unwrap();
        let (path, data) = (directory.path().join("j"), directory.path().join("d.csv"));
        std::fs::write(&data, "abcd").unwrap();
        let file = LocalFile::inspect(data.clone(), None).await.unwrap();
        assert_eq!(find(&path, &file).await, Ok(None));
        drop(create(&path).await);
        assert_eq!(find(&path, &file).await, Ok(None));
        let mut journal = create(&path).await;
        journal.begin(target(), &work(&file)).await.unwrap();
        let mut lengths = vec![std::fs::metadata(&path).unwrap().len() as usize];
        for number in [2, 1] {
            journal.note(&part(number)).await.unwrap();
            lengths.push(std::fs::metadata(&path).unwrap().len() as usize);
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let expected = match lengths.iter().filter(|line| **line <= length).count() {
                0 => None,
                1 => Some(vec![]),
                2 => Some(vec![2]),
                _ => Some(vec![1, 2]),
            };
            assert_eq!(find(&path, &file).await, Ok(expected.clone()), "{length} bytes");
            if expected.is_some() {
                // The torn line is removed, so the next line starts on its own.
                let kept = std::fs::metadata(&path).unwrap().len() as usize;
                assert!(lengths.contains(&kept), "{kept}");
            }
        }
        std::fs::write(&data, "abcde").unwrap();
        let file = LocalFile::inspect(data, None).await.unwrap();
        assert_eq!(find(&path, &file).await, Err(ErrorKind::Changed));
    }

    #[tokio::test]
    async fn file_of_another_upload_is_rejected_unchanged() {
        let directory = tempfile::tempdir().unwrap();
        let (path, data) = (directory.path().join("j"), directory.path().join("d.csv"));
        std::fs::write(&data, "abcd").unwrap();
        let file = LocalFile::inspect(data.clone(), None).await.unwrap();
        for other in ["a", "{}\n", "{\"datalinks_upload\":2}\n", "{\"datalinks_upload\":1}\n"] {
            std::fs::write(&path, other).unwrap();
            assert_eq!(find(&path, &file).await, Err(ErrorKind::InvalidInput), "{other}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), other);
            assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "no lock file is left there");
        }
        let mut journal = create(&path).await;
        journal.begin(target(), &work(&file)).await.unwrap();
        journal.note(&part(3)).await.unwrap();
        drop(journal);
        let renamed = LocalFile::inspect(data, Some("e.csv".into())).await.unwrap();
        assert_eq!(find(&path, &renamed).await, Err(ErrorKind::InvalidInput));
        let elsewhere = Target { dataset: None, ..target() };
        assert!(Journal::find(&path, &elsewhere, std::slice::from_ref(&file), false).await.is_err());
        assert_eq!(find(&path, &file).await, Err(ErrorKind::InvalidInput), "there is no part 3");
    }

    /// Regression 5.
    #[tokio::test]
    async fn journal_in_use_is_rejected() {
        let directory = tempfile::tempdir().unwrap();
        let (path, data) = (directory.path().join("j"), directory.path().join("d.csv"));
        std::fs::write(&data, "abcd").unwrap();
        let file = LocalFile::inspect(data.clone(), None).await.unwrap();
        let Found::Nothing(locked) = Journal::find(&path, &target(), &[], false).await.unwrap() else {
            panic!()
        };
        for _ in 0..2 {
            let Err(error) = Journal::find(&path, &target(), std::slice::from_ref(&file), false).await else {
                panic!()
            };
            assert!(error.to_string().contains("in use by process "), "{error}");
        }
        let mut journal = Journal::create(locked).await.unwrap();
        journal.begin(target(), &work(&file)).await.unwrap();
        assert_eq!(find(&path, &file).await, Err(ErrorKind::InUse));
        drop(journal);
        assert_eq!(find(&path, &file).await, Ok(Some(vec![])));
        let Ok(Found::Work(journal, _)) = Journal::find(&path, &target(), &[file], false).await else {
            panic!()
        };
        journal.remove().await;
        assert_eq!(
            std::fs::read_dir(directory.path()).unwrap().count(),
            1,
            "the journal and its lock file are gone"
        );
    }

    /// Regression: two paths that differ in bytes outside of Unicode shared one journal and were opened by a third name.
    ///
    /// Regression 8.
    #[cfg(unix)]
    #[tokio::test]
    async fn non_unicode_paths_are_read_back_unchanged() {
        use std::os::unix::ffi::OsStrExt as _;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("j");
        let mut files = Vec::new();
        for name in [&b"a\xff"[..], b"a\xfe"] {
            let parent = directory.path().join(std::ffi::OsStr::from_bytes(name));
            std::fs::create_dir(&parent).unwrap();
            std::fs::write(parent.join("d.csv"), "abcd").unwrap();
            files.push(LocalFile::inspect(parent.join("d.csv"), None).await.unwrap());
        }
        let mut journal = create(&path).await;
        journal.begin(target(), &work(&files[0])).await.unwrap();
        drop(journal);
        let found = Journal::find(&path, &target(), &files[..1], false).await;
        let Ok(Found::Work(journal, work)) = found else { panic!() };
        assert_eq!(work.items[0].file.path, files[0].path);
        work.items[0].file.check().await.unwrap();
        drop(journal);
        assert_eq!(find(&path, &files[1]).await, Err(ErrorKind::InvalidInput));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn journal_is_readable_only_by_its_owner() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = directory.path().join("new");
        drop(create(&path).await);
        assert_eq!(mode(&path), 0o600);
        let path = directory.path().join("old");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        drop(create(&path).await);
        assert_eq!(mode(&path), 0o600);
    }
}
