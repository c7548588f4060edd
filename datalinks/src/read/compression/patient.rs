//! Reads that signals interrupt.

use std::io::{self, Read};

/// A source whose reads are repeated when a signal interrupts them. Decoders take an interrupted read for a failure.
pub(super) struct Patient<R>(pub(super) R);

impl<R: Read> Read for Patient<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}
