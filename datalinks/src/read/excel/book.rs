//! The bytes of a workbook.

use std::io::{Read, Seek};

/// Maximum size of a file that is not read in place: 1 GiB, this crate's choice.
pub(super) const IN_MEMORY: u64 = 1024 * 1024 * 1024;

/// Bytes that can be read from any position.
pub(super) trait Seekable: Read + Seek + Send {}

impl<T: Read + Seek + Send> Seekable for T {}

/// The bytes of a workbook.
pub(super) type Book = Box<dyn Seekable>;
