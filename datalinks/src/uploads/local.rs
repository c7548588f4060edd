//! Local files, and the detection of changes to them.

use std::{
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, ErrorKind},
    platform::files::{self, Metadata},
};

/// A file to be uploaded, with its state when the upload started.
#[derive(Clone, Debug)]
pub(super) struct LocalFile {
    pub(super) path: PathBuf,
    /// File name that is sent to the service.
    pub(super) name: String,
    pub(super) stamp: Stamp,
}

/// Size and modification time, which show whether a file has changed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Stamp {
    /// Size in bytes.
    pub(super) length: u64,
    /// Modification time in nanoseconds since 1970, or `None` if the system does not provide it.
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
    /// Reads the state of a file. Without a `name`, the file name of the path is used.
    pub(super) async fn inspect(path: PathBuf, name: Option<String>) -> Result<Self, Error> {
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
        // A journal must recognize the file from another working directory.
        let path = std::path::absolute(&path).unwrap_or(path);
        Ok(Self { path, name, stamp: Stamp::of(&metadata) })
    }

    /// Returns an error if the file has changed since the upload started.
    pub(super) async fn check(&self) -> Result<(), Error> {
        let now = metadata(&self.path).await?;
        if now.is_file() && Stamp::of(&now) == self.stamp { Ok(()) } else { Err(self.changed()) }
    }

    /// Returns the error of a file that has changed.
    pub(super) fn changed(&self) -> Error {
        let what = format!("{} changed after its upload started", self.path.display());
        Error::new(ErrorKind::Changed, what)
    }
}

async fn metadata(path: &Path) -> Result<Metadata, Error> {
    files::metadata_async(path).await.map_err(|error| unreadable(path, error))
}

/// Returns the error of a file that cannot be read or written.
pub(super) fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{}: {error}", path.display())).caused_by(error)
}
