//! Whether connecting again brings anything.

/// Counts connections in a row that brought nothing new: no event, or just those that the connection before
/// brought. A proxy that sends the same few events for ever would be followed for ever otherwise.
#[derive(Debug, Default)]
pub(super) struct Progress {
    this: Brought,
    last: Brought,
    without_progress: u32,
}

/// What a connection brought: the number of lines and a hash over their hashes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Brought {
    lines: u64,
    hash: u64,
}

impl Progress {
    /// A line came, with this hash.
    pub(super) fn line(&mut self, hash: u64) {
        // The order counts: an odd factor keeps every bit of what came before.
        let hash = self.this.hash.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(hash);
        self.this = Brought { lines: self.this.lines + 1, hash };
    }

    /// The connection ended. Answers how many in a row, this one not counted, brought nothing new.
    pub(super) fn disconnected(&mut self) -> u32 {
        if self.this.lines > 0 && self.this != self.last {
            self.without_progress = 0;
        }
        if self.this.lines > 0 {
            self.last = self.this;
        }
        self.this = Brought::default();
        let before = self.without_progress;
        self.without_progress = self.without_progress.saturating_add(1);
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
    fn only_what_is_new_counts() {
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
