//! Files that only their owner may read.

use std::io::{self, Write};
use std::path::Path;

/// Replaces a file by one that only the owner may read. A crash leaves the earlier file or the new one.
pub(crate) fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    let directory = file.parent().ok_or_else(|| io::Error::other("the file has no directory"))?;
    create_directory(directory)?;
    // Temporary files are created with permissions for the owner only.
    let mut temporary = tempfile::NamedTempFile::new_in(directory)?;
    temporary.write_all(content)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}

/// Creates a directory that only the owner may use, and those above it.
#[cfg(unix)]
pub(crate) fn create_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

/// Creates a directory, and those above it.
#[cfg(not(unix))]
pub(crate) fn create_directory(directory: &Path) -> io::Result<()> {
    std::fs::create_dir_all(directory)
}

/// Returns `true` if other users may read a file. Elsewhere than on Unix, the directory of the user protects its files.
pub(super) fn is_readable_by_others(file: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Ok(false)
    }
}
