//! Places of the journals of partitions.

use std::{
    fmt,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::plan::{PartitionId, PartitionPlan};
use crate::{
    error::{Error, ErrorKind},
    platform::files::{self, File, FileExt, OpenOptions},
};

/// The place of the journals of a plan.
///
/// Methods are called on threads for blocking work. A journal is a file that a run appends to and syncs before and after each
/// request. It must survive the process, and its file system must lock files among all processes that may run the partition.
/// A copy that is saved after a run is not sufficient, because it does not record the requests of a run that was killed.
pub trait PartitionJournals: fmt::Debug + Send + Sync {
    /// Prepares the place for a plan, or checks that it was prepared for the same plan. Called before each run.
    ///
    /// # Errors
    ///
    /// Returns an error if the place has journals of another plan. A partition of one plan may have rows that a partition of the
    /// other stored, and would store them again.
    fn bind(&self, plan: &PartitionPlan) -> Result<(), Error>;

    /// Returns the path of the journal of a partition. The file is created by the first run.
    fn journal(&self, partition: &PartitionId) -> PathBuf;

    /// Returns the path of the [dead letters](crate::ingest::Ingest::dead_letters) of a partition. By default, `None`, which
    /// leaves the setting of the ingestion unchanged.
    fn dead_letters(&self, _partition: &PartitionId) -> Option<PathBuf> {
        None
    }
}

/// The name of the file that names the plan.
const PLAN: &str = "plan.json";

/// A directory with the journals of one plan, which is created by the first run.
///
/// | File | Content |
/// |---|---|
/// | `plan.json` | the partitions of the plan |
/// | `<partition>.journal` | the journal of a partition |
/// | `<partition>.dead-letters.ndjson` | its failed rows, with [`with_dead_letters`](Self::with_dead_letters) |
///
/// The directory can be shared with other machines if its file system locks files among them. The directory is not removed.
/// Remove it when all rows are stored.
#[derive(Clone, Debug)]
#[must_use]
pub struct JournalDirectory {
    path: PathBuf,
    dead_letters: bool,
}

impl JournalDirectory {
    /// Names a directory. Its parent must exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), dead_letters: false }
    }

    /// Writes failed rows to a file for each partition. Off by default.
    pub fn with_dead_letters(mut self) -> Self {
        self.dead_letters = true;
        self
    }

    /// Returns the path of the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The content of the file that names the plan.
#[derive(Serialize)]
struct Bound<'a> {
    plan: &'a PartitionPlan,
}

impl PartitionJournals for JournalDirectory {
    fn bind(&self, plan: &PartitionPlan) -> Result<(), Error> {
        let path = self.path.join(PLAN);
        let failed = |error: io::Error| {
            let what = format!("the directory of journals {}: {error}", self.path.display());
            Error::new(ErrorKind::Io, what).caused_by(error)
        };
        let own = serde_json::to_vec(&Bound { plan }).map_err(|error| failed(error.into()))?;
        match files::create_dir(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
            _ => {}
        }
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).open(path.with_extension("lock"));
        let lock = lock.map_err(failed)?;
        // Held for the time of two small reads and writes, so this waits for other runs of the plan only shortly.
        FileExt::lock(&lock).map_err(failed)?;
        let found = match files::read(&path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        match found {
            Some(found) if found == own => Ok(()),
            Some(_) => {
                let what = format!("the directory {} has the journals of another plan", self.path.display());
                Err(Error::invalid(what).advice(
                    "nothing was sent; use the same partitions in the same order, or a new directory for this plan",
                ))
            }
            None => write(&path, &own).map_err(failed),
        }
    }

    fn journal(&self, partition: &PartitionId) -> PathBuf {
        self.path.join(format!("{partition}.journal"))
    }

    fn dead_letters(&self, partition: &PartitionId) -> Option<PathBuf> {
        self.dead_letters.then(|| self.path.join(format!("{partition}.dead-letters.ndjson")))
    }
}

/// Writes a file as a whole, so that a process that ends meanwhile leaves no part of it. The caller holds the lock.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = File::create(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    files::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::partitions::plan::Partition;

    #[test]
    fn directory_belongs_to_one_plan() {
        let parent = tempfile::tempdir().unwrap();
        let journals = JournalDirectory::new(parent.path().join("journals"));
        let plan =
            |names: &[&str]| PartitionPlan::new(names.iter().map(|name| Partition::new(*name))).unwrap();
        // Several runs begin at once.
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| journals.bind(&plan(&["a", "b"])))).collect();
            runs.into_iter().for_each(|run| run.join().unwrap().unwrap());
        });
        for other in [&["b", "a"][..], &["a"], &["a", "b", "c"]] {
            let error = journals.bind(&plan(other)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("journals of another plan"), "{error}");
        }
        let plan = plan(&["a", "b"]);
        let id = &plan.ids()[1];
        assert_eq!(journals.journal(id), journals.path().join(format!("{id}.journal")));
        assert_eq!(journals.dead_letters(id), None);
        let letters = journals.with_dead_letters().dead_letters(id).unwrap();
        assert!(letters.ends_with(format!("{id}.dead-letters.ndjson")));
        let missing = JournalDirectory::new(parent.path().join("no/journals"));
        assert_eq!(missing.bind(&plan).unwrap_err().kind(), ErrorKind::Io);
    }
}
