//! One step of a codec that decompresses.

use std::io;

/// A codec that decompresses, without I/O.
pub(super) trait Decode: Send {
    /// Decompresses a part of `input` into `output`. An empty `input` asks for the rest of what was read before.
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<Step>;

    /// Prepares for another compressed part that follows the end of one.
    fn restart(&mut self) -> io::Result<()>;
}

/// What a codec did in one step.
pub(super) struct Step {
    pub(super) read: usize,
    pub(super) written: usize,
    /// The compressed data has ended.
    pub(super) is_end: bool,
}
