//! A file system for tests, which records every call, ends the process at any of them and simulates a power failure.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::NamedTempFile;

use super::file_system::{FileSystem, OsFileSystem};
use crate::concurrency::lock::lock;

/// A call that was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum FsCall {
    CreateDir(PathBuf),
    Create(PathBuf),
    Append(PathBuf),
    Truncate(PathBuf, u64),
    Write(PathBuf, Vec<u8>),
    Sync(PathBuf),
    Rename(PathBuf, PathBuf),
    RemoveFile(PathBuf),
    RemoveDir(PathBuf),
    SyncDir(PathBuf),
    /// Not a call: this number of changes was answered.
    Answered(usize),
}

/// A file system that makes each call on the real disk until a configured number of calls is reached.
#[derive(Debug)]
pub(super) struct TestFileSystem {
    /// Number of calls before the process ends.
    left: AtomicUsize,
    /// Returns `true` for calls that fail without being made.
    failing: Mutex<fn(&FsCall) -> bool>,
    calls: Mutex<Vec<FsCall>>,
}

impl Default for TestFileSystem {
    fn default() -> Self {
        Self { left: AtomicUsize::new(usize::MAX), failing: Mutex::new(|_| false), calls: Mutex::default() }
    }
}

impl TestFileSystem {
    /// Creates a file system on which the process ends after this number of calls.
    pub(super) fn that_dies_after(calls: usize) -> Self {
        Self { left: AtomicUsize::new(calls), ..Self::default() }
    }

    /// Makes calls fail from now on.
    pub(super) fn fail(&self, failing: fn(&FsCall) -> bool) {
        *lock(&self.failing) = failing;
    }

    pub(super) fn answered(&self, changes: usize) {
        lock(&self.calls).push(FsCall::Answered(changes));
    }

    pub(super) fn calls(&self) -> Vec<FsCall> {
        lock(&self.calls).clone()
    }

    fn call<T>(&self, call: FsCall, act: impl FnOnce(&OsFileSystem) -> io::Result<T>) -> io::Result<T> {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map_err(|_| io::Error::other("killed by a test"))?;
        if lock(&self.failing)(&call) {
            return Err(io::Error::other("failed by a test"));
        }
        let done = act(&OsFileSystem)?;
        lock(&self.calls).push(call);
        Ok(done)
    }
}

impl FileSystem for TestFileSystem {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.call(FsCall::CreateDir(dir.to_owned()), |os| os.create_dir(dir))
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        self.call(FsCall::Create(path.to_owned()), |os| os.create(path))
    }

    fn create_unfinished(&self, dir: &Path) -> io::Result<NamedTempFile> {
        // The name is known only after the call.
        let mut file = self.call(FsCall::Answered(0), |os| os.create_unfinished(dir))?;
        // A killed process does not clean up.
        file.disable_cleanup(true);
        if let Some(last) = lock(&self.calls).last_mut() {
            *last = FsCall::Create(file.path().to_owned());
        }
        Ok(file)
    }

    fn append(&self, path: &Path) -> io::Result<File> {
        self.call(FsCall::Append(path.to_owned()), |os| os.append(path))
    }

    fn truncate(&self, path: &Path, file: &File, length: u64) -> io::Result<()> {
        self.call(FsCall::Truncate(path.to_owned(), length), |os| os.truncate(path, file, length))
    }

    fn write(&self, path: &Path, file: &mut File, content: &[u8]) -> io::Result<()> {
        if self.left.load(Ordering::Relaxed) == 1 {
            // The last call before the process ends writes half of the content.
            let half = &content[..content.len() / 2];
            self.call(FsCall::Write(path.to_owned(), half.to_vec()), |_| file.write_all(half))?;
            return Err(io::Error::other("killed by a test"));
        }
        self.call(FsCall::Write(path.to_owned(), content.to_vec()), |os| os.write(path, file, content))
    }

    fn sync(&self, path: &Path, _: &File) -> io::Result<()> {
        // Syncing is only recorded, because [`SimulatedDisk`] interprets it and real syncing would make the tests slow.
        self.call(FsCall::Sync(path.to_owned()), |_| Ok(()))
    }

    fn finish(&self, file: NamedTempFile, to: &Path) -> io::Result<()> {
        self.call(FsCall::Rename(file.path().to_owned(), to.to_owned()), |os| os.finish(file, to))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(FsCall::Rename(from.to_owned(), to.to_owned()), |os| os.rename(from, to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.call(FsCall::RemoveFile(path.to_owned()), |os| os.remove_file(path))
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.call(FsCall::RemoveDir(dir.to_owned()), |os| os.remove_dir(dir))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.call(FsCall::SyncDir(dir.to_owned()), |_| if dir.is_dir() { Ok(()) } else { Err(missing()) })
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

/// The files below a directory on a simulated disk, after some calls.
///
/// Syncing a directory persists its names, and syncing a file persists its content. Each name and content that was not
/// synced may or may not survive a power failure, independently of the others. The two names of a rename are an
/// exception: the old name is not lost before the new one is persisted.
#[derive(Debug)]
pub(super) struct SimulatedDisk {
    base: PathBuf,
    nodes: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    File { now: Vec<u8>, synced: Vec<u8> },
    Dir { now: Names, synced: Names, changes: Vec<Change> },
}

type Names = BTreeMap<String, usize>;

/// A change of names in a directory that the disk may not have stored.
#[derive(Debug)]
struct Change {
    names: Vec<(String, Option<usize>)>,
    /// A directory, and the node that it must contain before this change can survive.
    needs: Option<(usize, usize)>,
}

impl Node {
    fn dir() -> Self {
        Self::Dir { now: Names::new(), synced: Names::new(), changes: Vec::new() }
    }
}

impl SimulatedDisk {
    /// Replays the calls below a directory that was empty.
    pub(super) fn after(base: &Path, calls: &[FsCall]) -> Self {
        let mut disk = Self { base: base.to_owned(), nodes: vec![Node::dir()] };
        calls.iter().for_each(|call| disk.call(call));
        disk
    }

    /// Writes the files that remain after a power failure into an empty directory. `keeps` decides for each change that was
    /// not synced whether it survives.
    pub(super) fn fail(&self, into: &Path, keeps: &mut dyn FnMut() -> bool) {
        let mut left: BTreeMap<usize, Names> = BTreeMap::new();
        for (number, node) in self.nodes.iter().enumerate() {
            if let Node::Dir { synced, .. } = node {
                left.insert(number, synced.clone());
            }
        }
        for with_needs in [false, true] {
            for (number, node) in self.nodes.iter().enumerate() {
                let Node::Dir { changes, .. } = node else { continue };
                for change in changes.iter().filter(|change| change.needs.is_some() == with_needs) {
                    let possible =
                        change.needs.is_none_or(|(dir, node)| left[&dir].values().any(|own| *own == node));
                    if keeps() && possible {
                        let names = left.get_mut(&number).unwrap();
                        for (name, node) in &change.names {
                            match node {
                                Some(node) => drop(names.insert(name.clone(), *node)),
                                None => drop(names.remove(name)),
                            }
                        }
                    }
                }
            }
        }
        self.write(0, &left, into, keeps);
    }

    fn write(&self, dir: usize, left: &BTreeMap<usize, Names>, into: &Path, keeps: &mut dyn FnMut() -> bool) {
        for (name, node) in &left[&dir] {
            let path = into.join(name);
            match &self.nodes[*node] {
                Node::File { now, synced } => {
                    std::fs::write(path, if keeps() { now } else { synced }).unwrap()
                }
                Node::Dir { .. } => {
                    std::fs::create_dir(&path).unwrap();
                    self.write(*node, left, &path, keeps);
                }
            }
        }
    }

    fn call(&mut self, call: &FsCall) {
        match call {
            FsCall::CreateDir(path) => self.add(path, Node::dir()),
            FsCall::Create(path) => self.add(path, Node::File { now: Vec::new(), synced: Vec::new() }),
            FsCall::Truncate(path, length) => self.file(path).0.truncate(usize::try_from(*length).unwrap()),
            FsCall::Write(path, content) => self.file(path).0.extend_from_slice(content),
            FsCall::Sync(path) => {
                let (now, synced) = self.file(path);
                synced.clone_from(now);
            }
            FsCall::Rename(from, to) => {
                let node = self.find(from);
                let (old, new) = (self.parent(from), self.parent(to));
                if old == new {
                    self.change(old, vec![(name(from), None), (name(to), Some(node))], None);
                } else {
                    self.change(new, vec![(name(to), Some(node))], None);
                    self.change(old, vec![(name(from), None)], Some((new, node)));
                }
            }
            FsCall::RemoveFile(path) | FsCall::RemoveDir(path) => {
                self.change(self.parent(path), vec![(name(path), None)], None);
            }
            FsCall::SyncDir(path) => {
                let dir = self.find(path);
                if let Node::Dir { now, synced, changes } = &mut self.nodes[dir] {
                    synced.clone_from(now);
                    changes.clear();
                }
            }
            FsCall::Append(_) | FsCall::Answered(_) => {}
        }
    }

    fn add(&mut self, path: &Path, node: Node) {
        self.nodes.push(node);
        self.change(self.parent(path), vec![(name(path), Some(self.nodes.len() - 1))], None);
    }

    fn change(&mut self, dir: usize, names: Vec<(String, Option<usize>)>, needs: Option<(usize, usize)>) {
        let Node::Dir { now, changes, .. } = &mut self.nodes[dir] else { panic!("a directory") };
        for (name, node) in &names {
            match node {
                Some(node) => drop(now.insert(name.clone(), *node)),
                None => drop(now.remove(name)),
            }
        }
        changes.push(Change { names, needs });
    }

    fn file(&mut self, path: &Path) -> (&mut Vec<u8>, &mut Vec<u8>) {
        let node = self.find(path);
        match &mut self.nodes[node] {
            Node::File { now, synced } => (now, synced),
            Node::Dir { .. } => panic!("{} is a directory", path.display()),
        }
    }

    fn parent(&self, path: &Path) -> usize {
        self.find(path.parent().unwrap())
    }

    /// Returns the node of a path. Directories above the base count as the base, because they do not change.
    fn find(&self, path: &Path) -> usize {
        let Ok(below) = path.strip_prefix(&self.base) else { return 0 };
        below.iter().fold(0, |dir, name| match &self.nodes[dir] {
            Node::Dir { now, .. } => now[name.to_str().unwrap()],
            Node::File { .. } => panic!("{} leads through a file", path.display()),
        })
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
