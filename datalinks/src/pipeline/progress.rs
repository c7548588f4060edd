//! The count of reconnects without progress.

/// Counts consecutive connections without a new event: without events, or with the events of the connection before. A proxy that
/// sends the same few events on every connection would otherwise be followed without end.
#[derive(Debug, Default)]
pub(super) struct Progress {
    this: Delivered,
    last: Delivered,
    reconnects: u32,
}

/// The lines of a connection: their number, and a hash over their hashes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Delivered {
    lines: u64,
    hash: u64,
}

/// Number of lines of a connection whose content counts. Of all further lines, only the length counts.
const SAMPLE: u64 = 1_024;

impl Progress {
    /// Returns `true` if only the length of the next line of the connection counts.
    pub(super) fn is_sampled(&self) -> bool {
        self.this.lines >= SAMPLE
    }

    /// Records a line with the given hash, or with its length.
    pub(super) fn line(&mut self, hash: u64) {
        // The order matters: a factor that is not even keeps every bit of the hash so far.
        let hash = self.this.hash.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(hash);
        self.this = Delivered { lines: self.this.lines + 1, hash };
    }

    /// Records the end of a connection. Returns the number of consecutive connections before it without a new event.
    pub(super) fn disconnected(&mut self) -> u32 {
        if self.this.lines > 0 && self.this != self.last {
            self.reconnects = 0;
        }
        if self.this.lines > 0 {
            self.last = self.this;
        }
        self.this = Delivered::default();
        let before = self.reconnects;
        self.reconnects = self.reconnects.saturating_add(1);
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(progress: &mut Progress, lines: &[&str]) -> u32 {
        lines.iter().for_each(|line| progress.line(super::super::replay::hash(line.as_bytes())));
        progress.disconnected()
    }

    #[test]
    fn only_new_events_reset_the_count() {
        let mut progress = Progress::default();
        assert_eq!(connection(&mut progress, &[]), 0);
        assert_eq!(connection(&mut progress, &[]), 1);
        assert_eq!(connection(&mut progress, &["a"]), 0, "an event");
        assert_eq!(connection(&mut progress, &["a"]), 1, "the same again");
        assert_eq!(connection(&mut progress, &[]), 2);
        assert_eq!(connection(&mut progress, &["a"]), 3, "still the same");
        assert_eq!(connection(&mut progress, &["a", "b"]), 0, "more");
        assert_eq!(connection(&mut progress, &["ab"]), 0, "other");
    }
}
