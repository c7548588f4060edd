//! A new file for a secret, which only its owner may read.

use std::io::Write;
use std::path::{Path, PathBuf};

use datalinks::Secret;
use tempfile::NamedTempFile;

use crate::failure::{Failure, Result};

/// A file that will hold a secret. Until the secret is saved, nothing has the name of the file.
pub(super) struct SecretFile {
    path: PathBuf,
    /// Created with permissions for the owner only.
    temporary: NamedTempFile,
}

impl SecretFile {
    /// Makes sure that the file can be created, before there is a secret that could be lost.
    pub(super) fn prepare(path: &Path) -> Result<Self> {
        // A link that leads nowhere is in the way, too.
        if path.symlink_metadata().is_ok() {
            return Err(Failure::usage(format!("{} exists already; nothing was created", path.display())));
        }
        let directory = match path.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory,
            _ => Path::new("."),
        };
        let temporary = NamedTempFile::new_in(directory).map_err(|error| {
            let what = format!("cannot create a file in {}; nothing was created", directory.display());
            Failure::usage(what).caused_by(&error)
        })?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// Writes the secret and a line break, and gives the file its name.
    pub(super) fn save(mut self, secret: &Secret) -> std::io::Result<()> {
        writeln!(self.temporary, "{}", secret.expose())?;
        self.temporary.as_file().sync_all()?;
        self.temporary.persist_noclobber(&self.path)?;
        Ok(())
    }
}
