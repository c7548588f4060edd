//! Dying at any step, for tests.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

/// When a folder stops doing what it is told: as if the process had been killed at that step.
#[derive(Debug)]
pub(super) struct Dies(AtomicUsize);

impl Default for Dies {
    fn default() -> Self {
        Self(AtomicUsize::new(usize::MAX))
    }
}

impl Dies {
    /// Lets this many steps be done.
    pub(super) fn after(&self, steps: usize) {
        self.0.store(steps, Ordering::Relaxed);
    }

    /// How many steps are left.
    pub(super) fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn step(&self) -> io::Result<()> {
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| io::Error::other("killed by a test"))
    }

    /// Writes half of what is to be written in the step of death.
    pub(super) fn writing(&self, file: &mut File, content: &[u8]) -> io::Result<()> {
        if self.left() == 1 {
            file.write_all(&content[..content.len() / 2])?;
            self.after(0);
        }
        self.step()
    }
}
