//! Retries of interrupted reads.

use std::io::{self, Read};

/// A source that retries reads interrupted by a signal. Decoders treat an interrupted read as a failure.
pub(super) struct RetryInterrupted<R>(pub(super) R);

impl<R: Read> Read for RetryInterrupted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}
