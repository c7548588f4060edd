//! Uploads of files: the sessions, and the storage that takes the parts.

pub(crate) mod sessions;
pub(crate) mod storage;

pub(crate) use sessions::Sessions;
