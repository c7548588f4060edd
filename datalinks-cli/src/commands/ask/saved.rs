//! Saved questions.
//!
//! The file is NDJSON. Its first line names the format, its version and the question. An event follows in each line, of which
//! the last one ends the run, so a file without one is not whole. The last line has digests: of the bytes of all lines before
//! it, and of the rows of each step. A file of version 1 has no such line.

use std::path::{Path, PathBuf};

use datalinks::AskEvent;
use datalinks::ask::{AskStep, AutoRagStep};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};

use super::line::Line;
use crate::failure::{Exit, Failure, Place, Result};
use crate::terminal::json_safe;

const FORMAT: &str = "datalinks-ask";
const VERSION: u32 = 2;

/// The version whose files have no digests.
const WITHOUT_DIGESTS: u32 = 1;

/// The format of the last line.
const END: &str = "datalinks-ask-end";

/// Maximum length of a line, in bytes. An event of the service has at most a quarter of it.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The first line of the file.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    format: String,
    version: u32,
    pub(super) question: String,
    /// The user name of the owner of the namespace, or `self` if it is not known.
    pub(super) owner: String,
    pub(super) namespace: String,
    asked_at: Timestamp,
}

impl Header {
    pub(super) fn new(question: &str, owner: &str, namespace: &str) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            question: question.to_owned(),
            owner: owner.to_owned(),
            namespace: namespace.to_owned(),
            asked_at: Timestamp::now(),
        }
    }
}

/// The last line of the file.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct End {
    format: String,
    /// SHA-256 of the bytes of all lines before this one.
    digest: String,
    steps: Vec<EndOfStep>,
}

/// The rows of a step, as [`AutoRagStep::rows_digest`] describes them.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct EndOfStep {
    index: i64,
    rows: usize,
    rows_digest: String,
}

/// A question that is being saved. The file appears, or is replaced, by [`finish`](Self::finish) only.
pub(crate) struct Saving {
    file: BufWriter<File>,
    /// Removes the unfinished file when it is dropped.
    temporary: TempPath,
    target: PathBuf,
    /// A file that has the name of the target is replaced.
    replaces: bool,
    digest: Sha256,
    steps: Vec<EndOfStep>,
}

impl Saving {
    /// Creates the unfinished file, so that a directory that cannot be written to is found before the question is asked.
    pub(super) async fn begin(target: &Path, replaces: bool) -> Result<Self> {
        let directory = match target.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory.to_owned(),
            _ => PathBuf::from("."),
        };
        // The file replaces what has its name, which must not be a device or a pipe.
        if let Ok(found) = tokio::fs::metadata(target).await
            && !found.is_file()
        {
            let what = if found.is_dir() { "a directory" } else { "not a regular file" };
            return Err(Failure::usage(format!("cannot save to {}, which is {what}", target.display())));
        }
        // A link that leads nowhere is in the way, too.
        if !replaces && tokio::fs::symlink_metadata(target).await.is_ok() {
            return Err(Failure::usage(format!("{} exists already; nothing was asked", target.display()))
                .next("choose another file, or add --force to replace it"));
        }
        let created = tokio::task::spawn_blocking(move || NamedTempFile::new_in(directory)).await?;
        let (file, temporary) = created
            .map_err(|error| {
                let what = format!("cannot save to {}; nothing was asked", target.display());
                Failure::usage(what).caused_by(&error)
            })?
            .into_parts();
        let file = BufWriter::new(File::from_std(file));
        let (digest, steps) = (Sha256::new(), Vec::new());
        Ok(Self { file, temporary, target: target.to_owned(), replaces, digest, steps })
    }

    /// Writes the first line.
    pub(super) async fn header(&mut self, header: &Header) -> Result {
        self.line(header).await
    }

    pub(super) async fn event(&mut self, event: &AskEvent) -> Result {
        if let AskEvent::Step(AskStep { index, data, .. }) = event {
            let (index, rows, data) = (*index, data.len(), data.clone());
            let step = AutoRagStep::new("", "", "", data);
            let rows_digest = tokio::task::spawn_blocking(move || step.rows_digest()).await?;
            self.steps.push(EndOfStep { index, rows, rows_digest });
        }
        self.line(&Line::of(event)?).await
    }

    async fn line<T: Serialize>(&mut self, item: &T) -> Result {
        let line = format!("{}\n", json_safe(&serde_json::to_string(item)?));
        self.digest.update(&line);
        self.file.write_all(line.as_bytes()).await.map_err(|error| unwritable(&self.target, &error))
    }

    /// Puts the complete file in its place.
    pub(super) async fn finish(mut self) -> Result {
        let steps = std::mem::take(&mut self.steps);
        let digest = written(std::mem::take(&mut self.digest));
        self.line(&End { format: END.to_owned(), digest, steps }).await?;
        let Self { mut file, temporary, target, replaces, .. } = self;
        let place = target.clone();
        let written = async {
            file.flush().await?;
            file.get_ref().sync_all().await?;
            let named = tokio::task::spawn_blocking(move || {
                if replaces { temporary.persist(place) } else { temporary.persist_noclobber(place) }
            });
            named.await??;
            Ok::<_, std::io::Error>(())
        };
        written.await.map_err(|error| unwritable(&target, &error))
    }
}

/// Returns a digest as text.
fn written(digest: Sha256) -> String {
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn unwritable(target: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failure, format!("cannot write {}", target.display())).caused_by(error)
}

/// A saved question that is read line by line.
pub(super) struct Saved {
    lines: BufReader<File>,
    path: PathBuf,
    number: u64,
}

impl Saved {
    /// Opens a file, and reads its first line. The file must be as it was saved, if it has a digest.
    pub(super) async fn open(path: &Path) -> Result<(Self, Header)> {
        let mut saved = Self::at(path).await?;
        let first = saved.line().await?.unwrap_or_default();
        #[derive(Deserialize)]
        struct Version {
            format: String,
            version: u32,
        }
        let has_digest = match serde_json::from_slice(&first) {
            Ok(Version { format, version: VERSION }) if format == FORMAT => true,
            Ok(Version { format, version: WITHOUT_DIGESTS }) if format == FORMAT => false,
            Ok(Version { format, version }) if format == FORMAT => {
                let what = format!("the question was saved in version {version} of the format");
                return Err(saved.wrong(what).next("read it with a newer version of this program"));
            }
            _ => return Err(saved.wrong("this is not a file of `datalinks ask --save`".to_owned())),
        };
        let header = saved.read(&first)?;
        if has_digest {
            saved.check(first).await?;
            saved = Self::at(path).await?;
            saved.line().await?;
        }
        Ok((saved, header))
    }

    /// Opens a regular file, which can be read twice. A pipe would be empty or wait for ever at the second time.
    async fn at(path: &Path) -> Result<Self> {
        let unreadable = |error: std::io::Error| {
            Failure::usage(format!("cannot read {}", path.display())).caused_by(&error)
        };
        if !tokio::fs::metadata(path).await.map_err(unreadable)?.is_file() {
            let what = format!("cannot read {}, which is not a regular file", path.display());
            return Err(Failure::usage(what).next("write the saved question to a file first"));
        }
        let file = File::open(path).await.map_err(unreadable)?;
        Ok(Self { lines: BufReader::new(file), path: path.to_owned(), number: 0 })
    }

    /// Reads the file to its end, and compares it with its digest.
    async fn check(&mut self, first: Vec<u8>) -> Result {
        let (mut digest, mut last) = (Sha256::new(), first);
        while let Some(line) = self.line().await? {
            digest.update(&last);
            last = line;
        }
        match serde_json::from_slice(&last) {
            Ok(End { format, digest: saved, .. }) if format == END => {
                if saved == written(digest) {
                    return Ok(());
                }
                self.number -= 1;
                let what = "the file is not as it was saved: its digest differs";
                Err(self.wrong(what.to_owned()).next("use a copy of the file that nobody has changed"))
            }
            _ => Err(self.incomplete()),
        }
    }

    /// Returns the next event, or `None` after the last one.
    pub(super) async fn next(&mut self) -> Result<Option<AskEvent>> {
        match self.line().await? {
            Some(line) => self.read(&line).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the failure for a file without a last event.
    pub(super) fn incomplete(&self) -> Failure {
        self.wrong("the file ends before the answer".to_owned())
    }

    async fn line(&mut self) -> Result<Option<Vec<u8>>> {
        self.number += 1;
        let mut line = Vec::new();
        let read = (&mut self.lines).take(LONGEST).read_until(b'\n', &mut line).await;
        match read {
            Ok(0) => Ok(None),
            Ok(_) if line.ends_with(b"\n") => Ok(Some(line)),
            Ok(_) => Err(self.wrong("the line has no end".to_owned())),
            Err(error) => Err(self.wrong("the file cannot be read".to_owned()).caused_by(&error)),
        }
    }

    fn read<T: serde::de::DeserializeOwned>(&self, line: &[u8]) -> Result<T> {
        serde_json::from_slice(line)
            .map_err(|error| self.wrong("the line is not what was saved".to_owned()).caused_by(&error))
    }

    fn wrong(&self, what: String) -> Failure {
        let path = self.path.display().to_string();
        Failure::new(Exit::Failure, what).at(Place::File { path, line: Some(self.number) })
    }
}
