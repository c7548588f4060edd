//! A directory, and the steps of commits in it. A step that failed is applied again until it succeeds.
//!
//! No function follows a symbolic link below the root. Each call checks the components of its path before it acts, and
//! opens the last one without following a link. Another program that replaces a directory by a link between the check
//! and the call could still redirect it. The lock excludes other emulators, not other programs.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::error::unconfirmed;
use super::file_system::{FileSystem, no_follow};
use super::layout::{MARK, is_beside_the_state, is_unfinished};
use super::path::RelativePath;

/// The files of a state on disk.
#[derive(Clone, Debug)]
pub(super) struct DirWriter {
    root: Arc<Path>,
    /// `true` if each step waits until the disk has stored it.
    sync: bool,
    fs: Arc<dyn FileSystem>,
}

/// One step of a commit. Steps are idempotent, also after later steps of the same commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum CommitStep {
    /// Lines after the first `at` bytes. Bytes beyond `at` are left over from an interrupted step and are cut off.
    Append {
        path: RelativePath,
        at: u64,
        content: Bytes,
    },
    /// A complete file that replaces an earlier one.
    Replace {
        path: RelativePath,
        content: Bytes,
    },
    /// A new name for a file. No other file of the state has or had this name.
    Rename {
        from: RelativePath,
        to: RelativePath,
    },
    Remove {
        path: RelativePath,
    },
}

/// The files and directories below the root, see [`DirWriter::entries`].
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) files: Vec<RelativePath>,
    /// Temporary files that an emulator left behind.
    unfinished: Vec<PathBuf>,
    directories: Vec<PathBuf>,
}

impl DirWriter {
    /// Opens a directory by its absolute path, and creates it if it is missing.
    pub(super) fn open(root: &Path, sync: bool, fs: Arc<dyn FileSystem>) -> io::Result<Self> {
        let dir = Self { root: std::path::absolute(root)?.into(), sync, fs };
        dir.create_dirs(&dir.root)?;
        Ok(dir)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn apply(&self, step: &CommitStep) -> io::Result<()> {
        match step {
            CommitStep::Append { path, at, content } => self.append(path, *at, content),
            CommitStep::Replace { path, content } => self.replace(path, content),
            CommitStep::Rename { from, to } => self.rename(from, to),
            CommitStep::Remove { path } => self.remove(path),
        }
        .map_err(|error| with_path(error, step.path()))
    }

    fn append(&self, path: &RelativePath, at: u64, content: &[u8]) -> io::Result<()> {
        let full_path = self.file_path(path)?;
        let mut file = self.fs.append(&full_path)?;
        let length = file.metadata()?.len();
        if length < at {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it has {length} bytes instead of {at}: another program changed it"),
            ));
        }
        if length > at {
            self.fs.truncate(&full_path, &file, at)?;
        }
        self.write(&full_path, &mut file, content)?;
        self.sync(&full_path, &file)
    }

    pub(super) fn replace(&self, path: &RelativePath, content: &[u8]) -> io::Result<()> {
        let full_path = self.file_path(path)?;
        let parent = parent(&full_path)?;
        let mut file = match self.fs.create_unfinished(parent) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.create_dirs(parent)?;
                self.fs.create_unfinished(parent)?
            }
            file => file?,
        };
        let unfinished = file.path().to_owned();
        self.write(&unfinished, file.as_file_mut(), content)?;
        self.sync(&unfinished, file.as_file())?;
        self.fs.finish(file, &full_path)?;
        self.sync_dir(parent).map_err(unconfirmed)
    }

    fn rename(&self, from: &RelativePath, to: &RelativePath) -> io::Result<()> {
        let (from, to) = (self.file_path(from)?, self.file_path(to)?);
        // A missing file was renamed by an earlier attempt.
        if exists(&from)? {
            self.create_dirs(parent(&to)?)?;
            self.fs.rename(&from, &to)?;
        }
        // The new name is synced first, so that the file always has a name on disk.
        self.sync_dir(parent(&to)?)?;
        self.remove_empty_dirs(&from)
    }

    fn remove(&self, path: &RelativePath) -> io::Result<()> {
        let full_path = self.file_path(path)?;
        match self.fs.remove_file(&full_path) {
            // A missing file was removed by an earlier attempt.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
        self.remove_empty_dirs(&full_path)
    }

    /// Removes a file at the top, which may be missing.
    pub(super) fn delete(&self, path: &RelativePath) -> io::Result<()> {
        self.remove(path).map_err(|error| with_path(error, path))
    }

    /// Removes the empty directories above a removed file, and syncs the first one that remains.
    fn remove_empty_dirs(&self, full_path: &Path) -> io::Result<()> {
        for dir in full_path.ancestors().skip(1) {
            // A directory that is already gone is skipped. The first one that is not empty ends the loop.
            let gone = *dir != *self.root && (self.fs.remove_dir(dir).is_ok() || !exists(dir)?);
            if !gone {
                return self.sync_dir(dir);
            }
        }
        Ok(())
    }

    /// Creates an empty file and replaces one of the same name.
    pub(super) fn create(&self, path: &RelativePath) -> io::Result<(PathBuf, File)> {
        let full_path = self.file_path(path)?;
        match self.fs.remove_file(&full_path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
        let file = self.fs.create(&full_path)?;
        Ok((full_path, file))
    }

    /// Opens a file to lock it, and creates it if it is missing.
    pub(super) fn open_lock(&self, path: &RelativePath) -> io::Result<File> {
        let full_path = self.file_path(path)?;
        no_follow(OpenOptions::new().create(true).truncate(false).write(true)).open(full_path)
    }

    /// Returns `true` if the path still leads to the open file.
    pub(super) fn holds(&self, path: &RelativePath, open: &File) -> io::Result<bool> {
        let found = match self.root.join(path.as_str()).symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            found => found?,
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let open = open.metadata()?;
            Ok((found.dev(), found.ino()) == (open.dev(), open.ino()))
        }
        // Windows does not remove an open file or the directories above it.
        #[cfg(not(unix))]
        {
            let _ = open;
            Ok(found.is_file())
        }
    }

    /// Reads a file. Returns `None` if it does not exist.
    pub(super) fn read(&self, path: &RelativePath) -> io::Result<Option<Bytes>> {
        use io::Read as _;
        let full_path = self.file_path(path)?;
        let mut file = match no_follow(OpenOptions::new().read(true)).open(full_path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        Ok(Some(content.into()))
    }

    /// Returns `true` if a file or directory has this path.
    pub(super) fn exists(&self, path: &RelativePath) -> io::Result<bool> {
        exists(&self.root.join(path.as_str()))
    }

    /// Returns the names of the files in a directory, which may be missing.
    pub(super) fn list(&self, dir: &RelativePath) -> io::Result<Vec<String>> {
        let dir = self.dir_path(dir)?;
        let mut names = Vec::new();
        match fs::read_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            entries => {
                for entry in entries? {
                    let entry = entry?;
                    if entry.file_type()?.is_file() {
                        names.extend(entry.file_name().into_string());
                    }
                }
            }
        }
        Ok(names)
    }

    pub(super) fn write(&self, full_path: &Path, file: &mut File, content: &[u8]) -> io::Result<()> {
        self.fs.write(full_path, file, content)
    }

    /// Waits until the disk has stored the content of a file, if syncing is enabled.
    pub(super) fn sync(&self, full_path: &Path, file: &File) -> io::Result<()> {
        if self.sync { self.fs.sync(full_path, file) } else { Ok(()) }
    }

    /// Waits until the disk has stored the names in a directory, if syncing is enabled. A missing directory is skipped.
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        if !self.sync {
            return Ok(());
        }
        match self.fs.sync_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            synced => synced,
        }
    }

    /// Waits until the disk has stored the names at the top, if syncing is enabled.
    pub(super) fn sync_top(&self) -> io::Result<()> {
        self.sync_dir(&self.root)
    }

    fn create_dirs(&self, dir: &Path) -> io::Result<()> {
        if dir.is_dir() {
            return Ok(());
        }
        let parent = parent(dir)?;
        self.create_dirs(parent)?;
        match self.fs.create_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
            created => created?,
        }
        self.sync_dir(parent)
    }

    /// Returns the full path of a file. Fails if another kind of entry has this path, or if a component above is not a
    /// directory.
    fn file_path(&self, path: &RelativePath) -> io::Result<PathBuf> {
        self.walk_to(path, |kind| kind.is_file(), "is not a file")
    }

    /// Returns the full path of a directory. Fails if another kind of entry has this path.
    fn dir_path(&self, path: &RelativePath) -> io::Result<PathBuf> {
        self.walk_to(path, |kind| kind.is_dir(), "is not a directory")
    }

    fn walk_to(
        &self,
        path: &RelativePath,
        fits: fn(fs::FileType) -> bool,
        otherwise: &str,
    ) -> io::Result<PathBuf> {
        let mut full_path = self.root.to_path_buf();
        let mut components = path.components().peekable();
        while let Some(name) = components.next() {
            full_path.push(name);
            let kind = match full_path.symlink_metadata() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    full_path.extend(components);
                    break;
                }
                found => found?.file_type(),
            };
            let last = components.peek().is_none();
            let right = if last { fits(kind) } else { kind.is_dir() };
            if !right {
                let what = match kind {
                    kind if kind.is_symlink() => "is a symbolic link, and links are not followed",
                    _ if last => otherwise,
                    _ => "is not a directory",
                };
                let message = format!("{} {what}; remove it", full_path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
        }
        Ok(full_path)
    }

    /// Returns everything below the root that belongs to the state or to the emulator.
    ///
    /// Hidden files and descriptions (`*.md`) at the top belong to others and are skipped.
    ///
    /// # Errors
    ///
    /// Fails if an entry is neither a file nor a directory. A symbolic link could lead elsewhere.
    pub(super) fn entries(&self) -> io::Result<Entries> {
        let mut found = Entries { directories: vec![self.root.to_path_buf()], ..Entries::default() };
        let mut next = vec![(self.root.to_path_buf(), String::new())];
        while let Some((dir, below)) = next.pop() {
            for entry in fs::read_dir(dir)? {
                let entry = entry?;
                let (name, kind) = (entry.file_name(), entry.file_type()?);
                let shown = name.to_string_lossy();
                if is_unfinished(&shown) && kind.is_file() {
                    found.unfinished.push(entry.path());
                    continue;
                }
                if shown.starts_with('.') || below.is_empty() && shown.ends_with(".md") {
                    continue;
                }
                let path = format!("{below}{shown}");
                if kind.is_dir() {
                    found.directories.push(entry.path());
                    next.push((entry.path(), format!("{path}/")));
                } else if !kind.is_file() {
                    let what = "is neither a file nor a directory, and links are not followed; remove it";
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{path} {what}")));
                } else if !is_beside_the_state(path.split('/').next().unwrap_or_default()) {
                    let path = RelativePath::new(path);
                    let path = path.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
                    found.files.push(path);
                }
            }
        }
        Ok(found)
    }

    /// Removes the temporary files that an earlier emulator left behind.
    pub(super) fn clean(&self, entries: &Entries) -> io::Result<()> {
        entries.unfinished.iter().try_for_each(|full_path| self.fs.remove_file(full_path))
    }

    /// Waits until the disk has stored all files and names, if syncing is enabled.
    ///
    /// An earlier emulator may not have synced, or may have ended in the middle of a step.
    pub(super) fn sync_all(&self, entries: &Entries) -> io::Result<()> {
        if !self.sync || cfg!(windows) {
            return Ok(());
        }
        for path in entries.files.iter().chain([&MARK]) {
            let full_path = self.file_path(path)?;
            self.fs.sync(&full_path, &no_follow(OpenOptions::new().read(true)).open(&full_path)?)?;
        }
        entries.directories.iter().try_for_each(|dir| self.sync_dir(dir))?;
        self.root.parent().map_or(Ok(()), |parent| self.sync_dir(parent))
    }
}

impl CommitStep {
    fn path(&self) -> &RelativePath {
        match self {
            Self::Append { path, .. } | Self::Replace { path, .. } | Self::Remove { path } => path,
            Self::Rename { from, .. } => from,
        }
    }
}

fn with_path(error: io::Error, path: &RelativePath) -> io::Error {
    super::error::about(error, path.as_str())
}

/// Returns `true` if an entry has this path, including a link without a target.
fn exists(full_path: &Path) -> io::Result<bool> {
    match full_path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        found => found.map(|_| true),
    }
}

fn parent(full_path: &Path) -> io::Result<&Path> {
    full_path.parent().ok_or_else(|| io::Error::from(io::ErrorKind::NotADirectory))
}
