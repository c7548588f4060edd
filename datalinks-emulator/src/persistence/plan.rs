//! The steps that bring the files of a part up to date.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::dir_writer::CommitStep;
use super::path::{PathError, RelativePath};
use super::{AppendOnly, Persist, Sink};
use crate::concurrency::work::count;

/// The files of a part on disk.
pub(super) type Manifest = BTreeMap<String, FileState>;

/// The known content of a file on disk.
#[derive(Clone, Debug)]
pub(super) enum FileState {
    Whole(Bytes),
    /// Version and digest of the content. A new version may have the same content.
    Versioned {
        version: u64,
        digest: [u8; 32],
    },
    AppendOnly {
        identity: u64,
        lines: usize,
        bytes: u64,
    },
}

/// Returns the steps that bring the files of a part up to date, and the files after these steps.
///
/// # Errors
///
/// Fails if a path of the part is outside the data directory.
pub(super) fn plan(part: &dyn Persist, known: &Manifest) -> Result<(Vec<CommitStep>, Manifest), PathError> {
    let mut plan = CommitPlan::new(known, true);
    part.save(&mut plan);
    if plan.collides() {
        // The renames form a cycle, or a new file takes a name still in use. This is rare, so the files are rewritten.
        plan = CommitPlan::new(known, false);
        part.save(&mut plan);
    }
    plan.finish()
}

struct CommitPlan<'a> {
    known: &'a Manifest,
    /// `true` if files may be renamed. Otherwise they are written again under their new name.
    rename: bool,
    /// The known append-only files by identity, computed when first needed.
    growing: OnceCell<HashMap<u64, (&'a String, &'a FileState)>>,
    renamed: Vec<(String, String)>,
    steps: Vec<CommitStep>,
    now: Manifest,
    /// The first path outside the data directory.
    outside: Option<PathError>,
}

impl<'a> CommitPlan<'a> {
    fn new(known: &'a Manifest, rename: bool) -> Self {
        Self {
            known,
            rename,
            growing: OnceCell::new(),
            renamed: Vec::new(),
            steps: Vec::new(),
            now: Manifest::new(),
            outside: None,
        }
    }

    /// Adds a step if its path is valid.
    fn step(&mut self, path: &str, step: impl FnOnce(RelativePath) -> CommitStep) {
        match RelativePath::new(path) {
            Ok(path) => self.steps.push(step(path)),
            Err(error) => drop(self.outside.get_or_insert(error)),
        }
    }

    /// Returns `true` if a file would be renamed to or from a name that another file has or had. Such a rename is not
    /// idempotent.
    fn collides(&self) -> bool {
        self.renamed.iter().any(|(from, to)| self.known.contains_key(to) || self.now.contains_key(from))
    }

    fn finish(self) -> Result<(Vec<CommitStep>, Manifest), PathError> {
        let Self { known, renamed, steps, now, outside, .. } = self;
        if let Some(error) = outside {
            return Err(error);
        }
        let moved: BTreeSet<&String> = renamed.iter().map(|(from, _)| from).collect();
        let gone = known.keys().filter(|path| !now.contains_key(*path) && !moved.contains(path));
        let removed = gone.map(|path| Ok(CommitStep::Remove { path: RelativePath::new(path)? }));
        let removed: Vec<CommitStep> = removed.collect::<Result<_, _>>()?;
        let renamed = renamed.iter().map(|(from, to)| {
            Ok(CommitStep::Rename { from: RelativePath::new(from)?, to: RelativePath::new(to)? })
        });
        let mut all: Vec<CommitStep> = renamed.collect::<Result<_, _>>()?;
        all.extend(steps);
        all.extend(removed);
        Ok((all, now))
    }

    /// Returns the known append-only files by identity. If several share one, the first is returned.
    fn append_only(&self) -> &HashMap<u64, (&'a String, &'a FileState)> {
        self.growing.get_or_init(|| {
            let mut growing = HashMap::new();
            for (path, known) in self.known {
                if let FileState::AppendOnly { identity, .. } = known {
                    growing.entry(*identity).or_insert((path, known));
                }
            }
            growing
        })
    }

    /// Returns a file that contains the first lines of `content`, under any name.
    fn find(&self, path: &str, content: &dyn AppendOnly) -> Option<(&'a String, usize, u64)> {
        let fits = |(path, known): (&'a String, &'a FileState)| match known {
            FileState::AppendOnly { identity, lines, bytes }
                if *identity == content.identity() && *lines <= content.lines() =>
            {
                Some((path, *lines, *bytes))
            }
            _ => None,
        };
        let same = self.known.get_key_value(path).and_then(fits);
        same.or_else(|| {
            let (path, known) = self.append_only().get(&content.identity()).filter(|_| self.rename)?;
            fits((*path, *known))
        })
    }
}

impl Sink for CommitPlan<'_> {
    fn file(&mut self, path: String, content: Bytes) {
        count(1);
        match self.known.get(&path) {
            Some(FileState::Whole(old)) if same(old, &content) => {}
            Some(FileState::Whole(old)) if path.ends_with(".ndjson") && content.starts_with(old) => {
                let (at, content) = (old.len(), content.slice(old.len()..));
                self.step(&path, |path| CommitStep::Append { path, at: at as u64, content });
            }
            _ => self.step(&path, |path| CommitStep::Replace { path, content: content.clone() }),
        }
        self.now.insert(path, FileState::Whole(content));
    }

    fn versioned(&mut self, path: String, version: u64, content: &dyn Fn() -> Bytes) {
        let digest = match self.known.get(&path) {
            Some(FileState::Versioned { version: old, digest }) if *old == version => *digest,
            known => {
                let content = content();
                let digest = Sha256::digest(&content).into();
                let unchanged = match known {
                    Some(FileState::Versioned { digest: old, .. }) => *old == digest,
                    Some(FileState::Whole(old)) => same(old, &content),
                    _ => false,
                };
                if !unchanged {
                    self.step(&path, |path| CommitStep::Replace { path, content });
                }
                digest
            }
        };
        self.now.insert(path, FileState::Versioned { version, digest });
    }

    fn append_only(&mut self, path: String, content: &dyn AppendOnly) {
        let (identity, lines) = (content.identity(), content.lines());
        let mut text = Vec::new();
        let bytes = match self.find(&path, content) {
            Some((old, from, at)) => {
                if *old != path {
                    self.renamed.push((old.clone(), path.clone()));
                }
                if lines > from {
                    content.write(from, &mut text);
                }
                let bytes = at + text.len() as u64;
                if !text.is_empty() {
                    self.step(&path, |path| CommitStep::Append { path, at, content: text.into() });
                }
                bytes
            }
            None => {
                content.write(0, &mut text);
                let bytes = text.len() as u64;
                self.step(&path, |path| CommitStep::Replace { path, content: text.into() });
                bytes
            }
        };
        self.now.insert(path, FileState::AppendOnly { identity, lines, bytes });
    }
}

/// Returns `true` if two contents are equal. Contents that share memory are not compared byte by byte.
fn same(one: &Bytes, other: &Bytes) -> bool {
    one.len() == other.len() && (one.as_ptr() == other.as_ptr() || one == other)
}
