//! A folder, and what is done in it: each step either done or repeated until it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

/// The ending of a file that is being written and is to replace another one.
pub(super) const UNFINISHED: &str = ".tmp";

/// The files of a state on disk.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// Whether each step waits until the disk has it.
    sync: bool,
    #[cfg(test)]
    pub(super) dies: super::crash::Dies,
}

/// One step. Doing it twice is like doing it once, also after later ones of the same commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// Lines after the first `at` bytes. Whatever followed these is none of ours.
    Append {
        path: String,
        at: u64,
        content: Bytes,
    },
    /// A file as a whole, in the place of the one before.
    Replace {
        path: String,
        content: Bytes,
    },
    /// A file under another name, which no other file of the state has or had.
    Rename {
        from: String,
        to: String,
    },
    Remove {
        path: String,
    },
}

impl Folder {
    pub(super) fn new(root: PathBuf, sync: bool) -> Self {
        Self {
            root,
            sync,
            #[cfg(test)]
            dies: super::crash::Dies::default(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The place of a path whose parts are separated by slashes.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        let mut place = self.root.clone();
        place.extend(path.split('/'));
        place
    }

    pub(super) fn carry_out(&self, step: &Step) -> io::Result<()> {
        match step {
            Step::Append { path, at, content } => self.append(path, *at, content),
            Step::Replace { path, content } => self.replace(path, content),
            Step::Rename { from, to } => self.rename(from, to),
            Step::Remove { path } => self.remove(path),
        }
        .map_err(|error| told(error, step.path()))
    }

    fn append(&self, path: &str, at: u64, content: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).open(self.place(path))?;
        let length = file.metadata()?.len();
        if length < at {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it has {length} bytes and had {at}: somebody else changed it"),
            ));
        }
        if length > at {
            file.set_len(at)?;
        }
        self.write(&mut file, content)
    }

    pub(super) fn replace(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let place = self.place(path);
        let unfinished = self.place(&format!("{path}{UNFINISHED}"));
        let mut file = match File::create(&unfinished) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create_parents(&place)?;
                File::create(&unfinished)?
            }
            file => file?,
        };
        self.write(&mut file, content)?;
        drop(file);
        self.step()?;
        fs::rename(&unfinished, &place)?;
        self.sync_parent(&place)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.place(from), self.place(to));
        // Done before.
        if !from.exists() {
            return Ok(());
        }
        create_parents(&to)?;
        self.step()?;
        fs::rename(&from, &to)?;
        self.sync_parent(&to)?;
        self.prune(&from)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let place = self.place(path);
        self.step()?;
        match fs::remove_file(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed?,
        }
        self.sync_parent(&place)?;
        self.prune(&place)
    }

    /// Removes a file of the top that may be missing.
    pub(super) fn forget(&self, path: &str) -> io::Result<()> {
        self.remove(path).map_err(|error| told(error, path))
    }

    /// Removes the folders above a file that are empty now.
    fn prune(&self, place: &Path) -> io::Result<()> {
        for parent in place.ancestors().skip(1).take_while(|parent| *parent != self.root) {
            // The first one that is not empty ends this, and so does one that is gone already.
            if fs::remove_dir(parent).is_err() {
                break;
            }
            self.sync_parent(parent)?;
        }
        Ok(())
    }

    /// Writes all of it, and waits for the disk if that is wanted.
    pub(super) fn write(&self, file: &mut File, content: &[u8]) -> io::Result<()> {
        #[cfg(test)]
        self.dies.writing(file, content)?;
        file.write_all(content)?;
        if self.sync { file.sync_data() } else { Ok(()) }
    }

    /// Waits until the disk has the names in the folder above.
    pub(super) fn sync_parent(&self, place: &Path) -> io::Result<()> {
        if !self.sync || cfg!(windows) {
            // Windows keeps names together with files, and opens no folders.
            return Ok(());
        }
        place.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    }

    #[cfg_attr(not(test), expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "tests die here"))]
    fn step(&self) -> io::Result<()> {
        #[cfg(test)]
        self.dies.step()?;
        Ok(())
    }

    /// All files below the root that belong to the state, by their paths. What was left unfinished is removed.
    pub(super) fn files(&self, skip: &[&str]) -> io::Result<Vec<(String, PathBuf)>> {
        let mut found = Vec::new();
        self.walk(&self.root, "", skip, &mut found)?;
        Ok(found)
    }

    fn walk(
        &self,
        place: &Path,
        below: &str,
        skip: &[&str],
        found: &mut Vec<(String, PathBuf)>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(place)? {
            let entry = entry?;
            // All our names are plain; what is hidden belongs to others, and so does a description.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let others = below.is_empty() && (skip.contains(&name.as_str()) || name.ends_with(".md"));
            if name.starts_with('.') || others {
                continue;
            }
            let path = format!("{below}{name}");
            if entry.file_type()?.is_dir() {
                self.walk(&entry.path(), &format!("{path}/"), &[], found)?;
            } else if name.ends_with(UNFINISHED) {
                fs::remove_file(entry.path())?;
            } else {
                found.push((path, entry.path()));
            }
        }
        Ok(())
    }
}

impl Step {
    fn path(&self) -> &str {
        match self {
            Self::Append { path, .. } | Self::Replace { path, .. } | Self::Remove { path } => path,
            Self::Rename { from, .. } => from,
        }
    }
}

/// An error that says which file it is about.
fn told(error: io::Error, path: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{path}: {error}"))
}

fn create_parents(place: &Path) -> io::Result<()> {
    place.parent().map_or(Ok(()), fs::create_dir_all)
}
