//! The content of a file that came in parts.

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::persistence::{Files, Sink, Unreadable};

/// The content of a file that came in parts. It stays in these parts, in memory and on disk, so that finishing an upload
/// copies nothing: the files of the parts get other names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct FileContent(Vec<Bytes>);

/// The number of parts, as it is kept. One is not written.
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

    /// The content in one piece. Several parts are copied, which takes time if they are large.
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

    /// Writes a file for each part. `path` is that of the file without its ending.
    pub(crate) fn save(&self, path: &str, sink: &mut dyn Sink) {
        for (number, part) in (1..).zip(&self.0) {
            sink.file(place(path, number, self.parts()), part.clone());
        }
    }

    /// Reads the files of all parts.
    pub(crate) fn load(path: &str, parts: PartCount, files: &mut Files) -> Result<Self, Unreadable> {
        (1..=parts.0).map(|number| files.need(&place(path, number, parts))).collect()
    }
}

/// The path of a part. The only part of a file has no number.
fn place(path: &str, number: usize, parts: PartCount) -> String {
    if parts.is_one() { format!("{path}.file") } else { format!("{path}.{number}.file") }
}
