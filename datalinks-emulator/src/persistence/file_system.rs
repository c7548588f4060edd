//! The calls of the operating system that change a data directory.
//!
//! The calls are behind a trait so that a test can record them, end the process at any of them, and simulate a power
//! failure.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::layout::{UNFINISHED_BEGIN, UNFINISHED_END, UNFINISHED_LETTERS};

/// The operating system. Each method makes one change and does not follow a symbolic link in the last component.
pub(super) trait FileSystem: fmt::Debug + Send + Sync {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir(dir)
    }

    /// Creates a file that does not exist yet.
    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    /// Creates a temporary file that will replace another one. Dropping it removes the file.
    fn create_unfinished(&self, dir: &Path) -> io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED_BEGIN).suffix(UNFINISHED_END).rand_bytes(UNFINISHED_LETTERS);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // The mode of any new file: the umask applies.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(dir)
    }

    /// Opens a file to append to it.
    fn append(&self, path: &Path) -> io::Result<File> {
        no_follow(OpenOptions::new().append(true)).open(path)
    }

    fn truncate(&self, _: &Path, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn write(&self, _: &Path, file: &mut File, content: &[u8]) -> io::Result<()> {
        file.write_all(content)
    }

    /// Waits until the disk has stored the content of a file.
    fn sync(&self, _: &Path, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    /// Renames a temporary file and replaces a file of the new name.
    fn finish(&self, file: NamedTempFile, to: &Path) -> io::Result<()> {
        file.persist(to).map(drop).map_err(|error| error.error)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Removes an empty directory.
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir(dir)
    }

    /// Waits until the disk has stored the names in a directory.
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        if cfg!(windows) {
            // Windows stores names together with files, and cannot open directories.
            return Ok(());
        }
        File::open(dir)?.sync_all()
    }
}

/// The real operating system.
#[derive(Debug)]
pub(super) struct OsFileSystem;

impl FileSystem for OsFileSystem {}

/// Replaces a file outside data directories atomically, and creates it if it is missing. The content is on disk before the
/// file has its name.
pub(crate) fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file = OsFileSystem.create_unfinished(dir)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    OsFileSystem.finish(file, path)
}

/// Makes opening fail if the last component is a symbolic link, on systems that support it.
pub(super) fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}
