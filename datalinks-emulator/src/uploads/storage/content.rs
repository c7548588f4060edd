//! The content of a file that was uploaded in parts.

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::persistence::{Files, Sink, Unreadable};

/// The content of a file that was uploaded in parts.
///
/// The parts stay separate, in memory and on disk. Finishing an upload therefore copies nothing and only renames the files
/// of the parts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct FileContent(Vec<Bytes>);

/// The number of parts as it is persisted. One part is the default and is not written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct PartCount(usize);

impl Default for PartCount {
    fn default() -> Self {
        Self(1)
    }
}

impl PartCount {
    pub(crate) fn is_one(&self) -> bool {
        self.0 == 1
    }
}

impl FromIterator<Bytes> for FileContent {
    fn from_iter<I: IntoIterator<Item = Bytes>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }
}

impl FileContent {
    pub(crate) fn len(&self) -> u64 {
        self.0.iter().map(|part| part.len() as u64).sum()
    }

    pub(crate) fn parts(&self) -> PartCount {
        PartCount(self.0.len())
    }

    /// Returns the content as one buffer. Several parts are copied, which takes time if they are large.
    pub(crate) fn joined(&self) -> Bytes {
        match &self.0[..] {
            [whole] => whole.clone(),
            parts => {
                let mut joined = BytesMut::with_capacity(parts.iter().map(Bytes::len).sum());
                parts.iter().for_each(|part| joined.extend_from_slice(part));
                joined.freeze()
            }
        }
    }

    /// Writes a file for each part. `path` has no extension.
    pub(crate) fn save(&self, path: &str, sink: &mut dyn Sink) {
        for (number, part) in (1..).zip(&self.0) {
            sink.file(part_path(path, number, self.parts()), part.clone());
        }
    }

    /// Reads the files of all parts.
    pub(crate) fn load(path: &str, parts: PartCount, files: &mut Files) -> Result<Self, Unreadable> {
        (1..=parts.0).map(|number| files.need(&part_path(path, number, parts))).collect()
    }
}

/// Returns the path of a part. The only part of a file has no number.
fn part_path(path: &str, number: usize, parts: PartCount) -> String {
    if parts.is_one() { format!("{path}.file") } else { format!("{path}.{number}.file") }
}
