//! A directory, and the steps of commits in it: each is done, or repeated until it is.
//!
//! Nothing here follows a symbolic link below the root. Each call looks at the components of its path before it acts,
//! and opens the last one without following a link. Another program that puts a link in the place of a directory
//! between the two could still lead a call elsewhere: the lock keeps other emulators out, not other programs.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::error::unconfirmed;
use super::file_system::{FileSystem, no_follow};
use super::layout::{SCRIPTED_PREFIX, is_beside_the_state, is_unfinished};
use super::path::RelativePath;

/// The files of a state on disk.
#[derive(Clone, Debug)]
pub(super) struct DirWriter {
    root: Arc<Path>,
    /// Whether each step waits until the disk has it.
    sync: bool,
    fs: Arc<dyn FileSystem>,
}

/// One step. Doing it twice is like doing it once, also after later ones of the same commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum CommitStep {
    /// Lines after the first `at` bytes. Whatever followed these is none of ours.
    Append {
        path: RelativePath,
        at: u64,
        content: Bytes,
    },
    /// A file as a whole, in the place of the one before.
    Replace {
        path: RelativePath,
        content: Bytes,
    },
    /// A file under another name, which no other file of the state has or had.
    Rename {
        from: RelativePath,
        to: RelativePath,
    },
    Remove {
        path: RelativePath,
    },
}

/// What is in a directory, see [`DirWriter::entries`].
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) files: Vec<RelativePath>,
    /// Files that were to replace others when an emulator ended.
    unfinished: Vec<PathBuf>,
    directories: Vec<PathBuf>,
}

impl DirWriter {
    /// The directory at a path that does not change with the working directory. It is created if it is missing.
    pub(super) fn open(root: &Path, sync: bool, fs: Arc<dyn FileSystem>) -> io::Result<Self> {
        let folder = Self { root: std::path::absolute(root)?.into(), sync, fs };
        folder.create_dirs(&folder.root)?;
        Ok(folder)
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
        .map_err(|error| told(error, step.path()))
    }

    fn append(&self, path: &RelativePath, at: u64, content: &[u8]) -> io::Result<()> {
        let place = self.place(path)?;
        let mut file = self.fs.append(&place)?;
        let length = file.metadata()?.len();
        if length < at {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it has {length} bytes and had {at}: somebody else changed it"),
            ));
        }
        if length > at {
            self.fs.truncate(&place, &file, at)?;
        }
        self.write(&place, &mut file, content)?;
        self.sync(&place, &file)
    }

    pub(super) fn replace(&self, path: &RelativePath, content: &[u8]) -> io::Result<()> {
        let place = self.place(path)?;
        let parent = parent(&place)?;
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
        self.fs.finish(file, &place)?;
        self.sync_dir(parent).map_err(unconfirmed)
    }

    fn rename(&self, from: &RelativePath, to: &RelativePath) -> io::Result<()> {
        let (from, to) = (self.place(from)?, self.place(to)?);
        // Otherwise it was done before.
        if exists(&from)? {
            self.create_dirs(parent(&to)?)?;
            self.fs.rename(&from, &to)?;
        }
        // In this order, so that the file always has a name.
        self.sync_dir(parent(&to)?)?;
        self.forgotten(&from)
    }

    fn remove(&self, path: &RelativePath) -> io::Result<()> {
        let place = self.place(path)?;
        match self.fs.remove_file(&place) {
            // It was done before.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
        self.forgotten(&place)
    }

    /// Removes a file of the top that may be missing.
    pub(super) fn delete(&self, path: &RelativePath) -> io::Result<()> {
        self.remove(path).map_err(|error| told(error, path))
    }

    /// Removes the directories above a name that is gone, as far as they are empty, and lets the disk know.
    fn forgotten(&self, place: &Path) -> io::Result<()> {
        for dir in place.ancestors().skip(1) {
            // The first one that is not empty ends this. One that is gone already does not.
            let gone = *dir != *self.root && (self.fs.remove_dir(dir).is_ok() || !exists(dir)?);
            if !gone {
                return self.sync_dir(dir);
            }
        }
        Ok(())
    }

    /// Creates a file anew, in the place of one that has the name.
    pub(super) fn create(&self, path: &RelativePath) -> io::Result<(PathBuf, File)> {
        let place = self.place(path)?;
        match self.fs.remove_file(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
        let file = self.fs.create(&place)?;
        Ok((place, file))
    }

    /// Opens a file to lock it, and creates it if it is missing.
    pub(super) fn open_lock(&self, path: &RelativePath) -> io::Result<File> {
        let place = self.place(path)?;
        no_follow(OpenOptions::new().create(true).truncate(false).write(true)).open(place)
    }

    /// Returns `true` if the name of a file is still that of the file that is open.
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
        // An open file cannot be removed there, nor can the directories above it.
        #[cfg(not(unix))]
        {
            let _ = open;
            Ok(found.is_file())
        }
    }

    /// The content of a file; `None` if it does not exist.
    pub(super) fn read(&self, path: &RelativePath) -> io::Result<Option<Bytes>> {
        use io::Read as _;
        let place = self.place(path)?;
        let mut file = match no_follow(OpenOptions::new().read(true)).open(place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        Ok(Some(content.into()))
    }

    /// Returns `true` if something has the name of a file.
    pub(super) fn exists(&self, path: &RelativePath) -> io::Result<bool> {
        exists(&self.root.join(path.as_str()))
    }

    /// The names of the files in a directory, which may be missing.
    pub(super) fn list(&self, dir: &RelativePath) -> io::Result<Vec<String>> {
        let dir = self.dir(dir)?;
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

    pub(super) fn write(&self, place: &Path, file: &mut File, content: &[u8]) -> io::Result<()> {
        self.fs.write(place, file, content)
    }

    /// Waits until the disk has the content of a file, if that is wanted.
    pub(super) fn sync(&self, place: &Path, file: &File) -> io::Result<()> {
        if self.sync { self.fs.sync(place, file) } else { Ok(()) }
    }

    /// Waits until the disk has the names in a directory, if that is wanted. A directory that is gone has none.
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        if !self.sync {
            return Ok(());
        }
        match self.fs.sync_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            synced => synced,
        }
    }

    /// Waits until the disk has the names at the top, if that is wanted.
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

    /// The place of a file. What is there now is a file, and all that is above it are directories.
    fn place(&self, path: &RelativePath) -> io::Result<PathBuf> {
        self.walk_to(path, |kind| kind.is_file(), "is not a file")
    }

    /// The place of a directory. What is there now is one.
    fn dir(&self, path: &RelativePath) -> io::Result<PathBuf> {
        self.walk_to(path, |kind| kind.is_dir(), "is not a directory")
    }

    fn walk_to(
        &self,
        path: &RelativePath,
        fits: fn(fs::FileType) -> bool,
        otherwise: &str,
    ) -> io::Result<PathBuf> {
        let mut place = self.root.to_path_buf();
        let mut components = path.components().peekable();
        while let Some(name) = components.next() {
            place.push(name);
            let kind = match place.symlink_metadata() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    place.extend(components);
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
                let message = format!("{} {what}; take it away", place.display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
        }
        Ok(place)
    }

    /// All that is below the root and belongs to the state or to the emulator. What is hidden belongs to others, and so
    /// does a description (`*.md`) at the top.
    ///
    /// # Errors
    ///
    /// Also for anything that is neither a file nor a directory: a symbolic link could lead elsewhere.
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
                    let what = "is neither a file nor a directory, and links are not followed; take it away";
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

    /// Removes the files that an earlier emulator did not finish.
    pub(super) fn clean(&self, entries: &Entries) -> io::Result<()> {
        entries.unfinished.iter().try_for_each(|place| self.fs.remove_file(place))
    }

    /// Waits until the disk has everything that is there, if that is wanted: an earlier emulator may not have waited,
    /// or may have ended between a step and its end.
    pub(super) fn sync_all(&self, entries: &Entries) -> io::Result<()> {
        if !self.sync || cfg!(windows) {
            return Ok(());
        }
        for path in entries.files.iter().chain([&SCRIPTED_PREFIX]) {
            let place = self.place(path)?;
            self.fs.sync(&place, &no_follow(OpenOptions::new().read(true)).open(&place)?)?;
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

fn told(error: io::Error, path: &RelativePath) -> io::Error {
    super::error::about(error, path.as_str())
}

/// Whether something has this name, be it a link that leads nowhere.
fn exists(place: &Path) -> io::Result<bool> {
    match place.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        found => found.map(|_| true),
    }
}

fn parent(place: &Path) -> io::Result<&Path> {
    place.parent().ok_or_else(|| io::Error::from(io::ErrorKind::NotADirectory))
}
