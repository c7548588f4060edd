//! Files: what the crate uses of the standard library, of fs4 for locks, and of tokio.

pub(crate) use std::fs::{
    File, Metadata, OpenOptions, canonicalize, create_dir, metadata, read, read_dir, read_link, remove_file,
    rename,
};
#[cfg(feature = "read")]
pub(crate) use std::fs::{FileType, symlink_metadata};

pub(crate) use fs4::{FileExt, TryLockError};
pub(crate) use tokio::fs::{File as AsyncFile, metadata as metadata_async};
