//! Uploads of files: upload sessions, and the storage for their parts.

pub(crate) mod sessions;
pub(crate) mod storage;

pub(crate) use sessions::Sessions;
