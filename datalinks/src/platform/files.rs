//! Files: what the crate uses of the standard library, of fs4 for locks, and of tokio.

use std::{io, path::Path};

pub(crate) use std::fs::{
    File, Metadata, OpenOptions, canonicalize, create_dir, metadata, read, read_dir, read_link, remove_file,
    rename,
};
#[cfg(feature = "read")]
pub(crate) use std::fs::{FileType, symlink_metadata};

pub(crate) use fs4::{FileExt, TryLockError};
pub(crate) use tokio::fs::{File as AsyncFile, metadata as metadata_async};

/// Opens a file for writing, or creates it. Only its owner can read it.
pub(crate) fn open_for_owner(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // The file may have existed before, with other permissions.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// Syncs the directory of a file or directory that was created or renamed. Without that, it may be lost in a power loss, although
/// its content is synced.
///
/// Does nothing if the file system does not sync directories, or if this one may not be read.
#[cfg(unix)]
pub(crate) fn sync_name(path: &Path) -> io::Result<()> {
    // A link may lead to another directory, which has the name then.
    let path = canonicalize(path)?;
    let Some(directory) = path.parent() else { return Ok(()) };
    let directory = match File::open(directory) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
        opened => opened?,
    };
    match directory.sync_all() {
        Err(error) if is_of_device(&error) => Err(error),
        // File systems that do not sync directories have different errors for it.
        _ => Ok(()),
    }
}

/// Returns `true` if the device failed or is full.
#[cfg(unix)]
fn is_of_device(error: &io::Error) -> bool {
    /// The number of EIO in every system, which has no kind.
    const EIO: i32 = 5;
    error.raw_os_error() == Some(EIO)
        || matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(not(unix))]
pub(crate) fn sync_name(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_and_directories_are_synced() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("journals");
        create_dir(&directory).unwrap();
        std::fs::write(directory.join("a"), "").unwrap();
        sync_name(&directory.join("a")).unwrap();
        sync_name(&directory).unwrap();
        // A path without a directory, and one without a parent.
        sync_name(Path::new("Cargo.toml")).unwrap();
        sync_name(Path::new("/")).unwrap();
        #[cfg(unix)]
        {
            assert_eq!(sync_name(&directory.join("b")).unwrap_err().kind(), io::ErrorKind::NotFound);
            assert!(is_of_device(&io::Error::from_raw_os_error(5)));
            assert!(!is_of_device(&io::ErrorKind::Unsupported.into()));
        }
    }
}
