//! Places of the journals of partitions.

use std::{
    collections::BTreeSet,
    fmt,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

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
    /// A coordinator that may read the account before the first run calls it, too.
    ///
    /// # Errors
    ///
    /// Returns an error if the place has journals of another plan. A partition of one plan may have rows that a partition of the
    /// other stored, and would store them again.
    fn bind(&self, plan: &PartitionPlan) -> Result<(), Error>;

    /// Checks that the place was prepared for a plan, and changes nothing. Called before the account is read.
    ///
    /// # Errors
    ///
    /// Returns an error if the place has journals of another plan, or was never prepared. An account of a wrong place would say
    /// that no row was sent.
    fn check(&self, plan: &PartitionPlan) -> Result<(), Error>;

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

/// The end of the name of a journal.
const JOURNAL: &str = ".journal";

/// A directory with the journals of one plan, which is created by the first run.
///
/// | File | Content |
/// |---|---|
/// | `plan.json` | the partitions of the plan, which only the owner of the file can read on Unix |
/// | `<partition>.journal` | the journal of a partition |
/// | `<partition>.dead-letters.ndjson` | its failed rows, with [`with_dead_letters`](Self::with_dead_letters) |
/// | `plan.lock`, `<partition>.journal.lock` | locks, which are held only while a process uses the file beside them |
///
/// The directory can be shared with other machines if its file system locks files among them. The directory is not removed.
/// Remove it when all rows are stored. Without its journal, a partition sends all its rows again, and the account reports none
/// of those that were sent before.
///
/// It is serialized as its path and setting, so that other processes can use the same directory.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
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

    /// Reads the plan that the directory belongs to, or returns `None` if no run has used the directory. Blocks the thread.
    ///
    /// A process that did not make the plan reads the account of its partitions with it.
    ///
    /// # Errors
    ///
    /// Returns [`Io`](ErrorKind::Io) if the plan cannot be read.
    pub fn read_plan(&self) -> Result<Option<PartitionPlan>, Error> {
        let Some(content) = self.found(u64::MAX)? else { return Ok(None) };
        match serde_json::from_slice::<Found>(&content) {
            Ok(found) => Ok(Some(found.plan)),
            Err(error) => Err(self
                .io_error(io::Error::other(format!("{PLAN} does not name a plan: {error}")))
                .advice("restore the file, or remove it: the next run of the same plan writes it again")),
        }
    }

    fn io_error(&self, error: io::Error) -> Error {
        let what = format!("the directory of journals {}: {error}", self.path.display());
        Error::new(ErrorKind::Io, what).caused_by(error)
    }

    /// Returns the name of a journal that no partition of a plan has.
    fn journal_of_another_plan(&self, plan: &PartitionPlan) -> io::Result<Option<String>> {
        let own: BTreeSet<&str> = plan.ids().iter().map(PartitionId::as_str).collect();
        for entry in files::read_dir(&self.path)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.strip_suffix(JOURNAL).is_some_and(|id| !own.contains(id)) {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// Returns the content of the file that names a plan.
    fn content(&self, plan: &PartitionPlan) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(&Bound { plan }).map_err(|error| self.io_error(error.into()))
    }

    /// Returns `true` if the directory was prepared for this plan, and `false` if it was never prepared.
    fn is_bound(&self, content: &[u8]) -> Result<bool, Error> {
        // One byte more shows that the file is longer.
        match self.found(content.len() as u64 + 1)? {
            Some(found) if found == content => Ok(true),
            Some(_) => Err(self.foreign("has the journals of another plan")),
            None => Ok(false),
        }
    }

    /// Returns the first `limit` bytes of the file that names the plan, or `None` if there is none.
    fn found(&self, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path.join(PLAN);
        let read = || {
            // Reading a pipe or a device might never end.
            if !files::metadata(&path)?.is_file() {
                return Err(io::Error::other(format!("{PLAN} is not a regular file")));
            }
            let mut content = Vec::new();
            File::open(&path)?.take(limit).read_to_end(&mut content)?;
            Ok(content)
        };
        match read() {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io_error(error)),
        }
    }

    fn foreign(&self, why: &str) -> Error {
        Error::invalid(format!("the directory {} {why}", self.path.display())).advice(
            "this call sent nothing; use the same partitions in the same order to continue that plan, and a new directory \
             for other rows only, because rows that are stored would be stored again",
        )
    }
}

/// The content of the file that names the plan.
#[derive(Serialize)]
struct Bound<'a> {
    plan: &'a PartitionPlan,
}

/// The same content, when it is read.
#[derive(Deserialize)]
struct Found {
    plan: PartitionPlan,
}

impl PartitionJournals for JournalDirectory {
    fn bind(&self, plan: &PartitionPlan) -> Result<(), Error> {
        let path = self.path.join(PLAN);
        let own = self.content(plan)?;
        let failed = |error| self.io_error(error);
        // The file is renamed as a whole, so it is read without the lock, which a directory for reading only cannot have.
        if self.is_bound(&own)? {
            return Ok(());
        }
        match files::create_dir(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
            _ => {}
        }
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).open(path.with_extension("lock"));
        let lock = lock.map_err(failed)?;
        // Held for the time of two small reads and writes, so this waits for other runs of the plan only shortly.
        FileExt::lock(&lock).map_err(failed)?;
        if self.is_bound(&own)? {
            return Ok(());
        }
        if let Some(name) = self.journal_of_another_plan(plan).map_err(failed)? {
            return Err(
                self.foreign(&format!("has no {PLAN}, and {name}, which no partition of this plan has"))
            );
        }
        // The directory may be new, too. Without it, rows would be sent again after a power loss.
        write(&path, &own).and_then(|()| files::sync_name(&self.path)).map_err(failed)
    }

    fn check(&self, plan: &PartitionPlan) -> Result<(), Error> {
        if self.is_bound(&self.content(plan)?)? {
            return Ok(());
        }
        let what = format!(
            "no run has prepared the directory of journals {}: it has no {PLAN}",
            self.path.display()
        );
        Err(Error::new(ErrorKind::Io, what)
            .advice("check its path; without its journals, what was sent before is not known"))
    }

    fn journal(&self, partition: &PartitionId) -> PathBuf {
        self.path.join(format!("{partition}{JOURNAL}"))
    }

    fn dead_letters(&self, partition: &PartitionId) -> Option<PathBuf> {
        self.dead_letters.then(|| self.path.join(format!("{partition}.dead-letters.ndjson")))
    }
}

/// Writes a file as a whole, so that a process that ends meanwhile leaves no part of it. The caller holds the lock.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    // A source may be a URL with a secret, although it should not.
    let mut file = files::open_for_owner(&temporary)?;
    file.set_len(0)?;
    file.write_all(content)?;
    file.sync_all()?;
    files::rename(&temporary, path)?;
    files::sync_name(path)
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
        assert_eq!(journals.read_plan().unwrap().as_ref(), Some(&plan));
        let other = JournalDirectory::new(parent.path().join("other"));
        assert_eq!(other.read_plan().unwrap(), None);
        let text = serde_json::to_string(&other.with_dead_letters()).unwrap();
        let found: JournalDirectory = serde_json::from_str(&text).unwrap();
        assert!(found.path().ends_with("other") && found.dead_letters, "{text}");
        let id = &plan.ids()[1];
        assert_eq!(journals.journal(id), journals.path().join(format!("{id}.journal")));
        assert_eq!(journals.dead_letters(id), None);
        let letters = journals.with_dead_letters().dead_letters(id).unwrap();
        assert!(letters.ends_with(format!("{id}.dead-letters.ndjson")));
        let missing = JournalDirectory::new(parent.path().join("no/journals"));
        assert_eq!(missing.bind(&plan).unwrap_err().kind(), ErrorKind::Io);
    }

    /// Regression: the account of a directory that had been moved created it again, and said that no row was sent.
    #[test]
    fn check_creates_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let journals = JournalDirectory::new(parent.path().join("journals"));
        let plan = |name| PartitionPlan::new([Partition::new(name)]).unwrap();
        let error = journals.check(&plan("a")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().contains("journals: it has no plan.json"), "{error}");
        assert!(!journals.path().exists());
        journals.bind(&plan("a")).unwrap();
        journals.check(&plan("a")).unwrap();
        assert_eq!(journals.check(&plan("b")).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    /// Regression: the account of a directory that can only be read was an error, because checking the plan took its lock.
    #[test]
    fn plan_is_checked_without_its_lock() {
        let parent = tempfile::tempdir().unwrap();
        let journals = JournalDirectory::new(parent.path());
        let plan = |name| PartitionPlan::new([Partition::new(name)]).unwrap();
        journals.bind(&plan("a")).unwrap();
        // Now the lock file cannot be opened.
        std::fs::remove_file(parent.path().join("plan.lock")).unwrap();
        std::fs::create_dir(parent.path().join("plan.lock")).unwrap();
        journals.bind(&plan("a")).unwrap();
        assert_eq!(journals.bind(&plan("b")).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    /// Regression: a directory that had lost its plan was bound to any other one, which stored its rows again.
    #[test]
    fn directory_without_its_plan_belongs_to_the_plan_of_its_journals() {
        let parent = tempfile::tempdir().unwrap();
        let journals = JournalDirectory::new(parent.path());
        let plan = |rows| PartitionPlan::new([Partition::rows("a", rows)]).unwrap();
        let first = plan(0..5);
        journals.bind(&first).unwrap();
        std::fs::write(journals.journal(&first.ids()[0]), "").unwrap();
        std::fs::write(parent.path().join(PLAN), "{}").unwrap();
        assert_eq!(journals.read_plan().unwrap_err().kind(), ErrorKind::Io);
        std::fs::remove_file(parent.path().join(PLAN)).unwrap();
        let error = journals.bind(&plan(0..6)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("has no plan.json, and 000000-"), "{error}");
        journals.bind(&first).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn plan_can_be_read_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let journals = JournalDirectory::new(parent.path());
        // A file that a process left which ended before it renamed it.
        std::fs::write(parent.path().join("plan.new"), "{").unwrap();
        std::fs::set_permissions(parent.path().join("plan.new"), std::fs::Permissions::from_mode(0o644))
            .unwrap();
        journals.bind(&PartitionPlan::new([Partition::new("a")]).unwrap()).unwrap();
        let mode = std::fs::metadata(parent.path().join(PLAN)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    /// Regression: a plan that is a device or a pipe was read without an end.
    #[cfg(unix)]
    #[test]
    fn plan_has_to_be_a_regular_file() {
        let parent = tempfile::tempdir().unwrap();
        let journals = JournalDirectory::new(parent.path());
        let plan = PartitionPlan::new([Partition::new("a")]).unwrap();
        // The device ends at once, so that the test fails and does not hang.
        std::os::unix::fs::symlink("/dev/null", parent.path().join(PLAN)).unwrap();
        for error in [
            journals.read_plan().unwrap_err(),
            journals.check(&plan).unwrap_err(),
            journals.bind(&plan).unwrap_err(),
        ] {
            assert!(error.to_string().contains("plan.json is not a regular file"), "{error}");
        }
    }
}
