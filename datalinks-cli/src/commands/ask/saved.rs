//! Saved questions.
//!
//! The file is NDJSON. Its first line names the format, its version and the question, and every other line is an event.
//! The last event ends the run, so a file without one is not whole.

use std::path::{Path, PathBuf};

use datalinks::AskEvent;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};

use super::line::Line;
use crate::failure::{Exit, Failure, Place, Result};
use crate::terminal::json_safe;

const FORMAT: &str = "datalinks-ask";
const VERSION: u32 = 1;

/// Maximum length of a line, in bytes. An event of the service has at most a quarter of it.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The first line of the file.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    format: String,
    version: u32,
    pub(super) question: String,
    owner: String,
    namespace: String,
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

/// A question that is being saved. The file appears, or is replaced, by [`finish`](Self::finish) only.
pub(crate) struct Saving {
    file: BufWriter<File>,
    /// Removes the unfinished file when it is dropped.
    temporary: TempPath,
    target: PathBuf,
}

impl Saving {
    /// Creates the unfinished file, so that a directory that cannot be written to is found before the question is asked.
    pub(super) async fn begin(target: &Path, header: &Header) -> Result<Self> {
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
        let created = tokio::task::spawn_blocking(move || NamedTempFile::new_in(directory)).await?;
        let (file, temporary) = created
            .map_err(|error| {
                let what = format!("cannot save to {}; nothing was asked", target.display());
                Failure::usage(what).caused_by(&error)
            })?
            .into_parts();
        let file = BufWriter::new(File::from_std(file));
        let mut saving = Self { file, temporary, target: target.to_owned() };
        saving.line(header).await?;
        Ok(saving)
    }

    pub(super) async fn event(&mut self, event: &AskEvent) -> Result {
        self.line(&Line::of(event)?).await
    }

    async fn line<T: Serialize>(&mut self, item: &T) -> Result {
        let line = format!("{}\n", json_safe(&serde_json::to_string(item)?));
        self.file.write_all(line.as_bytes()).await.map_err(|error| unwritable(&self.target, &error))
    }

    /// Puts the complete file in its place.
    pub(super) async fn finish(self) -> Result {
        let Self { mut file, temporary, target } = self;
        let place = target.clone();
        let written = async {
            file.flush().await?;
            file.get_ref().sync_all().await?;
            tokio::task::spawn_blocking(move || temporary.persist(place)).await??;
            Ok::<_, std::io::Error>(())
        };
        written.await.map_err(|error| unwritable(&target, &error))
    }
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
    /// Opens a file, and reads its first line.
    pub(super) async fn open(path: &Path) -> Result<(Self, Header)> {
        let file = File::open(path)
            .await
            .map_err(|error| Failure::usage(format!("cannot read {}", path.display())).caused_by(&error))?;
        let mut saved = Self { lines: BufReader::new(file), path: path.to_owned(), number: 0 };
        let first = saved.line().await?.unwrap_or_default();
        #[derive(Deserialize)]
        struct Version {
            format: String,
            version: u32,
        }
        match serde_json::from_slice(&first) {
            Ok(Version { format, version: VERSION }) if format == FORMAT => {}
            Ok(Version { format, version }) if format == FORMAT => {
                let what = format!("the question was saved in version {version} of the format");
                return Err(saved.wrong(what).next("read it with a newer version of this program"));
            }
            _ => return Err(saved.wrong("this is not a file of `datalinks ask --save`".to_owned())),
        }
        let header = saved.read(&first)?;
        Ok((saved, header))
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
