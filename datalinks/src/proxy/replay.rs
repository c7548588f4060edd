//! Noticing a proxy that begins anew although it was asked to go on.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

/// Lines of the start of a run that are remembered.
const HEAD: usize = 8;

/// Compares what a later connection brings with how the run began. A proxy that ignores the index it was
/// asked to go on from sends the run from its start; those events were handed out before.
///
/// The lines of a connection are held back while they are the same as the first lines of the run, one by one,
/// and handed on as soon as one differs. When all that are remembered are the same, the connection is taken
/// for a replay, and what was handed out is skipped. A run whose first line occurs again among the first ones
/// (a heartbeat, say) proves nothing, so that the proxy is trusted.
#[derive(Debug)]
pub(super) struct Replay<T> {
    /// How the run began, as hashes.
    head: Vec<u64>,
    state: State<T>,
    ready: VecDeque<T>,
}

#[derive(Debug)]
enum State<T> {
    /// Lines are new.
    Trusting,
    /// Lines are the same as the first ones, so far.
    Comparing(VecDeque<T>),
    /// As many lines more were handed out before.
    Skipping(u64),
}

impl<T> Default for Replay<T> {
    fn default() -> Self {
        Self { head: Vec::new(), state: State::Trusting, ready: VecDeque::new() }
    }
}

impl<T> Replay<T> {
    /// A connection begins, at `cursor`.
    pub(super) fn connected(&mut self, cursor: u64) {
        let telling = match self.head.split_first() {
            Some((first, rest)) => !rest.contains(first),
            None => false,
        };
        // What was held back of the last connection comes again: the cursor did not move for it.
        self.state = if cursor > 0 && telling { State::Comparing(VecDeque::new()) } else { State::Trusting };
    }

    /// A line comes, with this hash; `cursor` lines were handed out. Answers it if it is new; others that turn out
    /// to be new by it follow ([`next`](Self::next)).
    pub(super) fn line(&mut self, hash: u64, item: T, cursor: u64) -> Option<T> {
        match &mut self.state {
            State::Trusting => {
                if self.head.len() < HEAD && cursor + self.ready.len() as u64 == self.head.len() as u64 {
                    self.head.push(hash);
                }
                if self.ready.is_empty() {
                    return Some(item);
                }
                self.ready.push_back(item);
                return self.next();
            }
            State::Skipping(left) => {
                *left -= 1;
                if *left == 0 {
                    self.state = State::Trusting;
                }
            }
            State::Comparing(held) => {
                if self.head.get(held.len()) != Some(&hash) {
                    self.ready = std::mem::take(held);
                    self.ready.push_back(item);
                    self.state = State::Trusting;
                    return self.next();
                }
                held.push_back(item);
                if held.len() == self.head.len() {
                    let left = cursor.saturating_sub(held.len() as u64);
                    self.state = if left == 0 { State::Trusting } else { State::Skipping(left) };
                }
            }
        }
        None
    }

    /// The next line that is new.
    pub(super) fn next(&mut self) -> Option<T> {
        self.ready.pop_front()
    }
}

/// A hash of a line.
pub(super) fn hash(line: &[u8]) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader sees of these connections. Each begins where the server wants; the cursor counts what
    /// was handed out.
    fn read(connections: &[&[&str]]) -> Vec<String> {
        let mut replay = Replay::default();
        let mut seen: Vec<String> = Vec::new();
        for lines in connections {
            replay.connected(seen.len() as u64);
            for line in *lines {
                seen.extend(replay.line(hash(line.as_bytes()), (*line).to_owned(), seen.len() as u64));
                while let Some(line) = replay.next() {
                    seen.push(line);
                }
            }
        }
        seen
    }

    #[test]
    fn a_replay_is_skipped() {
        assert_eq!(read(&[&["a", "b"], &["a", "b", "c"]]).concat(), "abc");
        assert_eq!(read(&[&["a"], &["a", "b"], &["a", "b", "c"]]).concat(), "abc");
        // Longer than what is remembered.
        let first = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let all = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "x", "y"];
        assert_eq!(read(&[&first, &all]).concat(), "0123456789xy");
        // Cut while it is compared, or skipped.
        assert_eq!(read(&[&first, &all[..3], &all[..9], &all]).concat(), "0123456789xy");
    }

    #[test]
    fn what_is_new_is_handed_on() {
        assert_eq!(read(&[&["a", "b"], &["c", "d"]]).concat(), "abcd");
        assert_eq!(read(&[&["a", "b"], &["a", "d"]]).concat(), "abad", "a line may come twice");
        assert_eq!(read(&[&["a", "b"], &[], &["c"]]).concat(), "abc");
        let beats = ["h", "h", "h"];
        assert_eq!(read(&[&beats, &beats]).concat(), "hhhhhh", "all the same proves nothing");
    }
}
