//! A file of this machine, and whether it is still the same.

use std::{
    fs::Metadata,
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// A file that is to be uploaded, as it was when it was looked at.
#[derive(Clone, Debug)]
pub(super) struct LocalFile {
    pub(super) path: PathBuf,
    /// What the service calls it.
    pub(super) name: String,
    pub(super) stamp: Stamp,
}

/// What tells whether a file has changed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Stamp {
    /// In bytes.
    pub(super) length: u64,
    /// When it was last written to, in nanoseconds since 1970; nothing where the system does not tell.
    modified: Option<i64>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok().and_then(nanoseconds) }
    }
}

fn nanoseconds(moment: SystemTime) -> Option<i64> {
    match moment.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).ok(),
        Err(before) => i64::try_from(before.duration().as_nanos()).ok().map(|nanoseconds| -nanoseconds),
    }
}

impl LocalFile {
    /// Looks at a file. Without a `name`, it is called as its path ends.
    pub(super) async fn look(path: PathBuf, name: Option<String>) -> Result<Self, Error> {
        let metadata = metadata(&path).await?;
        if !metadata.is_file() {
            return Err(Error::invalid(format!("{} is not a file", path.display())));
        }
        let name = match name {
            Some(name) => name,
            None => path
                .file_name()
                .and_then(|name| name.to_str())
                .map(str::to_owned)
                .ok_or_else(|| Error::invalid(format!("the name of {} is not UTF-8", path.display())))?,
        };
        // A journal shall know the file again from another working directory.
        let path = std::path::absolute(&path).unwrap_or(path);
        Ok(Self { path, name, stamp: Stamp::of(&metadata) })
    }

    /// Fails when the file is not the one that was looked at.
    pub(super) async fn check(&self) -> Result<(), Error> {
        let now = metadata(&self.path).await?;
        if now.is_file() && Stamp::of(&now) == self.stamp { Ok(()) } else { Err(self.changed()) }
    }

    /// The error of a file that changed.
    pub(super) fn changed(&self) -> Error {
        let what = format!("{} changed since its upload began", self.path.display());
        Error::new(ErrorKind::Changed, what)
    }
}

async fn metadata(path: &Path) -> Result<Metadata, Error> {
    tokio::fs::metadata(path).await.map_err(|error| unreadable(path, error))
}

/// The error of a file that cannot be read or written.
pub(super) fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{}: {error}", path.display())).caused_by(error)
}
