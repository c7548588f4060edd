//! The calls of the operating system that change a data directory.
//!
//! They are behind a trait so that a test can record them, let the process end at any of them, and find out what a
//! power failure leaves.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::layout::{UNFINISHED_BEGIN, UNFINISHED_END, UNFINISHED_LETTERS};

/// The operating system. Each call does one thing and follows no symbolic link in the last component.
pub(super) trait FileSystem: fmt::Debug + Send + Sync {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir(dir)
    }

    /// Creates a file that does not exist yet.
    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    /// Creates a file that replaces another one later. It is removed when it is dropped before that.
    fn create_unfinished(&self, dir: &Path) -> io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED_BEGIN).suffix(UNFINISHED_END).rand_bytes(UNFINISHED_LETTERS);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // What any other new file gets: the umask applies.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        builder.tempfile_in(dir)
    }

    /// Opens a file to write at its end.
    fn append(&self, path: &Path) -> io::Result<File> {
        no_follow(OpenOptions::new().append(true)).open(path)
    }

    fn truncate(&self, _: &Path, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn write(&self, _: &Path, file: &mut File, content: &[u8]) -> io::Result<()> {
        file.write_all(content)
    }

    /// Waits until the disk has the content of a file.
    fn sync(&self, _: &Path, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    /// Gives an unfinished file its name, in the place of a file that has it.
    fn finish(&self, file: NamedTempFile, to: &Path) -> io::Result<()> {
        file.persist(to).map(drop).map_err(|error| error.error)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Removes a directory that is empty.
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir(dir)
    }

    /// Waits until the disk has the names in a directory.
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        if cfg!(windows) {
            // Windows keeps names together with files, and opens no directories.
            return Ok(());
        }
        File::open(dir)?.sync_all()
    }
}

/// The operating system as it is.
#[derive(Debug)]
pub(super) struct OsFileSystem;

impl FileSystem for OsFileSystem {}

/// Lets opening fail if the last component is a symbolic link, where the operating system can.
pub(super) fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}
