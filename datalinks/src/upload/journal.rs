//! What has arrived, noted in a file, so that another run can go on.
//!
//! The first line tells what is uploaded and where the parts go; each line after it tells one thing that
//! happened. A line counts once its line break is there.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use datalinks_gen::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    fs::{File, OpenOptions},
    io::AsyncWriteExt as _,
};
use uuid::Uuid;

use super::{
    lifetime::Issued,
    local::{LocalFile, Stamp, unreadable},
    work::{Item, Place, Work},
};
use crate::{DataLinks, Dataset, Error};

/// The version of the format.
const VERSION: u32 = 1;
/// How every journal begins.
const BEGIN: &[u8] = b"{\"datalinks_upload\":";

/// A journal that is open for more lines.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// It tells where the parts go, so that another run can go on with it.
    begun: bool,
}

/// Where an upload goes.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Target {
    host: String,
    /// Owner, namespace and name; nothing for a session.
    dataset: Option<[String; 3]>,
}

/// Something that happened to a file, which is named by its place.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Part {
        file: usize,
        number: usize,
        etag: String,
    },
    /// Its finish is about to be sent.
    Finishing {
        file: usize,
    },
    /// That was certainly not carried out.
    Refused {
        file: usize,
    },
    Finished {
        file: usize,
        answer: Value,
    },
}

/// What stands at a path.
pub(super) enum Found {
    /// No journal, or one that was never begun.
    Nothing,
    /// What an earlier run left.
    Work(Journal, Work),
    /// The same, of files that are no longer what they were.
    Changed(Journal, Work, Error),
}

/// The first line. It has no `Debug`: the URLs are secrets.
#[derive(Deserialize, Serialize)]
struct Header {
    /// First, so that every journal begins alike.
    datalinks_upload: u32,
    target: Target,
    session: Option<Uuid>,
    /// When the URLs were made, in seconds since 1970; older versions do not say.
    #[serde(default)]
    issued: Option<u64>,
    files: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    path: String,
    name: String,
    stamp: Stamp,
    id: Option<Uuid>,
    upload_id: String,
    key: String,
    /// URL and size of each.
    parts: Vec<(String, u64)>,
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
    /// Looks for the journal of an earlier run for the same files and target.
    pub(super) async fn find(
        path: &Path,
        target: &Target,
        files: &[LocalFile],
        plain_http: bool,
    ) -> Result<Found, Error> {
        let content = match tokio::fs::read(path).await {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(unreadable(path, error)),
        };
        if !content.starts_with(BEGIN) && !BEGIN.starts_with(&content) {
            return Err(refused(path, "is no journal of an upload"));
        }
        // What follows the last line break is torn.
        let Some(end) = memchr::memrchr(b'\n', &content) else { return Ok(Found::Nothing) };
        let mut lines = content[..end].split(|byte| *byte == b'\n');
        let header = lines.next().and_then(|line| serde_json::from_slice::<Header>(line).ok());
        let header = header
            .filter(|header| header.datalinks_upload == VERSION)
            .ok_or_else(|| refused(path, "is a journal that this version cannot read"))?;
        if header.target != *target {
            return Err(refused(path, "is the journal of an upload to another place"));
        }
        if !header.is_of(files) {
            return Err(refused(path, "is the journal of another file"));
        }
        let changed = header.files.iter().zip(files).find(|(entry, file)| entry.stamp != file.stamp);
        let changed = changed.map(|(_, file)| file.changed());
        let mut work = header.work(plain_http)?;
        for (index, line) in lines.enumerate() {
            let happened = serde_json::from_slice(line).ok().and_then(|line| work.apply(line));
            happened.ok_or_else(|| refused(path, &format!("is damaged in line {}", index + 2)))?;
        }
        let journal = Self::reopen(path, end + 1).await.map_err(|error| unreadable(path, error))?;
        Ok(match changed {
            Some(error) => Found::Changed(journal, work, error),
            None => Found::Work(journal, work),
        })
    }

    /// Makes an empty journal, so that one that cannot be written is known before anything is sent.
    pub(super) async fn create(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(path).await.map_err(|error| unreadable(path, error))?;
        // It may have been there, empty and open to all.
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .await
            .map_err(|error| unreadable(path, error))?;
        Ok(Self { path: path.to_owned(), file, begun: false })
    }

    async fn reopen(path: &Path, length: usize) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).open(path).await?;
        file.set_len(length as u64).await?;
        Ok(Self { path: path.to_owned(), file, begun: true })
    }

    /// Writes the first line.
    pub(super) async fn begin(&mut self, target: Target, work: &Work) -> Result<(), Error> {
        self.write(&Header::of(target, work)).await?;
        self.begun = true;
        Ok(())
    }

    /// Whether another run can go on with it.
    pub(super) fn begun(&self) -> bool {
        self.begun
    }

    /// Writes a line, through to the disk.
    ///
    /// Dropped in between, the line is there, or torn, or not there.
    pub(super) async fn note(&mut self, line: &Line) -> Result<(), Error> {
        self.write(line).await
    }

    async fn write(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let mut text = serde_json::to_vec(line)
            .map_err(|error| Error::invalid("a line of the journal cannot be written").caused_by(error))?;
        text.push(b'\n');
        let written = async {
            self.file.write_all(&text).await?;
            self.file.flush().await?;
            self.file.sync_data().await
        };
        written.await.map_err(|error| unreadable(&self.path, error))
    }

    /// Removes it. That it stays is no failure of the upload.
    pub(super) async fn remove(self) {
        if let Err(error) = tokio::fs::remove_file(&self.path).await {
            tracing::warn!(path = %self.path.display(), %error, "the journal of an upload cannot be removed");
        }
    }
}

impl Header {
    fn of(target: Target, work: &Work) -> Self {
        let entry = |item: &Item| Entry {
            path: item.file.path.to_string_lossy().into_owned(),
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

    /// Whether it is about these files, whatever is in them by now.
    fn is_of(&self, files: &[LocalFile]) -> bool {
        let same = |(entry, file): (&Entry, &LocalFile)| {
            entry.path == file.path.to_string_lossy() && entry.name == file.name
        };
        self.files.len() == files.len() && self.files.iter().zip(files).all(same)
    }

    fn work(self, plain_http: bool) -> Result<Work, Error> {
        let item = |(at, entry): (usize, Entry)| {
            let file = LocalFile { path: entry.path.into(), name: entry.name, stamp: entry.stamp };
            let place = |(url, size): (String, u64)| (Secret::from(url), i64::try_from(size).unwrap_or(-1));
            let places: Vec<Place> = entry.parts.into_iter().map(place).collect();
            Item::new(at, entry.id, file, (entry.upload_id, entry.key), &places, plain_http)
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
    /// Takes over what a line tells. Nothing when it tells of something that is not there.
    fn apply(&mut self, line: Line) -> Option<()> {
        match line {
            Line::Part { file, number, etag } => {
                let item = self.items.get_mut(file)?;
                item.parts.get(number.checked_sub(1)?)?;
                item.tags.insert(number, etag);
            }
            Line::Finishing { file } => self.items.get_mut(file)?.finishing = true,
            Line::Refused { file } => self.items.get_mut(file)?.finishing = false,
            Line::Finished { file, answer } => self.items.get_mut(file)?.finished = Some(answer),
        }
        Some(())
    }
}

fn refused(path: &Path, what: &str) -> Error {
    Error::invalid(format!("{} {what}", path.display()))
        .advice("nothing was sent or changed; name another journal, or delete this one to begin anew")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn target() -> Target {
        Target {
            host: "http://localhost/api/v1".into(),
            dataset: Some(["self", "a", "b"].map(str::to_owned)),
        }
    }

    fn work(file: &LocalFile) -> Work {
        let places = [("http://localhost/1", 3), ("http://localhost/2", 1)]
            .map(|(url, size)| (Secret::from(url.to_owned()), size));
        let keys = ("u".to_owned(), "k".to_owned());
        Work {
            session: None,
            issued: Issued::now(),
            items: vec![Item::new(0, None, file.clone(), keys, &places, false).unwrap()],
        }
    }

    async fn find(path: &Path, file: &LocalFile) -> Result<Option<Vec<usize>>, ErrorKind> {
        let files = [file.clone()];
        match Journal::find(path, &target(), &files, false).await.map_err(|error| error.kind())? {
            Found::Nothing => Ok(None),
            Found::Work(_, work) => Ok(Some(work.items[0].tags.keys().copied().collect())),
            Found::Changed(_, _, error) => Err(error.kind()),
        }
    }

    fn part(number: usize) -> Line {
        Line::Part { file: 0, number, etag: "e".into() }
    }

    #[tokio::test]
    async fn every_torn_journal_is_read_up_to_its_last_line() {
        let directory = tempfile::tempdir().unwrap();
        let (path, data) = (directory.path().join("j"), directory.path().join("d.csv"));
        std::fs::write(&data, "abcd").unwrap();
        let file = LocalFile::look(data.clone(), None).await.unwrap();
        assert_eq!(find(&path, &file).await, Ok(None));
        let mut journal = Journal::create(&path).await.unwrap();
        assert_eq!(find(&path, &file).await, Ok(None));
        journal.begin(target(), &work(&file)).await.unwrap();
        let mut lengths = vec![std::fs::metadata(&path).unwrap().len() as usize];
        for number in [2, 1] {
            journal.note(&part(number)).await.unwrap();
            lengths.push(std::fs::metadata(&path).unwrap().len() as usize);
        }
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
                // The torn rest is gone, so that the next line stands for itself.
                let kept = std::fs::metadata(&path).unwrap().len() as usize;
                assert!(lengths.contains(&kept), "{kept}");
            }
        }
        std::fs::write(&data, "abcde").unwrap();
        let file = LocalFile::look(data, None).await.unwrap();
        assert_eq!(find(&path, &file).await, Err(ErrorKind::Changed));
    }

    #[tokio::test]
    async fn what_is_not_its_journal_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let (path, data) = (directory.path().join("j"), directory.path().join("d.csv"));
        std::fs::write(&data, "abcd").unwrap();
        let file = LocalFile::look(data.clone(), None).await.unwrap();
        for other in ["a", "{}\n", "{\"datalinks_upload\":2}\n", "{\"datalinks_upload\":1}\n"] {
            std::fs::write(&path, other).unwrap();
            assert_eq!(find(&path, &file).await, Err(ErrorKind::InvalidInput), "{other}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), other);
        }
        let mut journal = Journal::create(&path).await.unwrap();
        journal.begin(target(), &work(&file)).await.unwrap();
        let renamed = LocalFile::look(data, Some("e.csv".into())).await.unwrap();
        assert_eq!(find(&path, &renamed).await, Err(ErrorKind::InvalidInput));
        let elsewhere = Target { dataset: None, ..target() };
        assert!(Journal::find(&path, &elsewhere, std::slice::from_ref(&file), false).await.is_err());
        journal.note(&part(3)).await.unwrap();
        assert_eq!(find(&path, &file).await, Err(ErrorKind::InvalidInput), "there is no part 3");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = directory.path().join("new");
        Journal::create(&path).await.unwrap();
        assert_eq!(mode(&path), 0o600);
        let path = directory.path().join("old");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        Journal::create(&path).await.unwrap();
        assert_eq!(mode(&path), 0o600);
    }
}
