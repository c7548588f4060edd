//! Detection of a proxy that sends a run from its start although a later event was requested.

use std::collections::VecDeque;

/// Maximum number of lines at the start of a run whose hashes are kept.
const HEAD: usize = 8;

/// Minimum number of equal lines that prove a replay if none of them carries an identifier. One equal line proves nothing: a
/// run may send the same progress message twice.
const EVIDENCE: usize = 2;

/// Fields that identify an event within its run, if present. The service documents no fields of events.
const IDENTIFIERS: [&str; 6] = ["id", "eventId", "event_id", "index", "seq", "sequence"];

/// Compares the lines of a later connection with the first lines of the run. A proxy that ignores the requested index sends the
/// run from its start, and those events were yielded before.
///
/// A line with an identifier decides alone: if it equals the first line of the run, the connection is a replay.
/// Lines without identifiers are held back while they equal the first lines of the run, one by one, and are yielded as
/// soon as one differs or the caller [releases](Self::release) them. If all kept lines are equal, and they are at
/// least two, the connection is a replay, and as many lines as were yielded are skipped. A run whose first line occurs again
/// among the first ones, such as a heartbeat, proves nothing, so the proxy is trusted.
#[derive(Debug)]
pub(super) struct Replay<T> {
    /// Hashes of the first lines of the run.
    head: Vec<u64>,
    state: State<T>,
    ready: VecDeque<T>,
}

#[derive(Debug)]
enum State<T> {
    /// Lines are new.
    Trusting,
    /// Lines equal the first ones so far.
    Comparing(VecDeque<T>),
    /// The given number of further lines was yielded before.
    Skipping(u64),
}

impl<T> Default for Replay<T> {
    fn default() -> Self {
        Self { head: Vec::new(), state: State::Trusting, ready: VecDeque::new() }
    }
}

impl<T> Replay<T> {
    /// Records a connection that begins at `cursor`. Without `detect`, all its lines are new.
    pub(super) fn connected(&mut self, cursor: u64, detect: bool) {
        let is_distinctive = match self.head.split_first() {
            Some((first, rest)) => !rest.contains(first),
            None => false,
        };
        // Lines that the last connection held back are sent again, because the cursor did not move past them.
        self.state = if detect && cursor > 0 && is_distinctive {
            State::Comparing(VecDeque::new())
        } else {
            State::Trusting
        };
    }

    /// Returns `true` if lines are held back.
    pub(super) fn is_holding(&self) -> bool {
        matches!(&self.state, State::Comparing(held) if !held.is_empty())
    }

    /// Treats the lines that are held back as new.
    pub(super) fn release(&mut self) {
        if let State::Comparing(held) = &mut self.state {
            self.ready = std::mem::take(held);
            self.state = State::Trusting;
        }
    }

    /// Returns `true` if lines are compared with the first ones.
    pub(super) fn is_comparing(&self) -> bool {
        matches!(self.state, State::Comparing(_))
    }

    /// Returns `true` if the hash of a line after `cursor` lines changes nothing.
    pub(super) fn is_settled(&self, cursor: u64) -> bool {
        matches!(self.state, State::Trusting)
            && self.ready.is_empty()
            && (self.head.len() >= HEAD || cursor != self.head.len() as u64)
    }

    /// Returns `true` for a line with the given hash that is new and can be yielded at once, after `cursor` lines. Any
    /// other line has to be [added](Self::line).
    pub(super) fn trusts(&mut self, hash: u64, cursor: u64) -> bool {
        let trusts = matches!(self.state, State::Trusting) && self.ready.is_empty();
        if trusts && self.head.len() < HEAD && cursor == self.head.len() as u64 {
            self.head.push(hash);
        }
        trusts
    }

    /// Adds a line with the given hash after `cursor` lines were yielded, and returns it if it is new. Held lines that it proves
    /// to be new are returned by [`next`](Self::next). `identified` is `true` if the line carries an identifier.
    pub(super) fn line(&mut self, hash: u64, identified: bool, item: T, cursor: u64) -> Option<T> {
        if self.trusts(hash, cursor) {
            return Some(item);
        }
        match &mut self.state {
            State::Trusting => {
                if self.head.len() < HEAD && cursor + self.ready.len() as u64 == self.head.len() as u64 {
                    self.head.push(hash);
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
                let all = held.len() == self.head.len();
                if all && held.len() < EVIDENCE && !identified {
                    self.release();
                    return self.next();
                }
                if all || identified {
                    let left = cursor.saturating_sub(held.len() as u64);
                    self.state = if left == 0 { State::Trusting } else { State::Skipping(left) };
                }
            }
        }
        None
    }

    /// Returns the next line that is new.
    pub(super) fn next(&mut self) -> Option<T> {
        self.ready.pop_front()
    }
}

/// Returns `true` if the event carries a field that identifies it within its run.
pub(super) fn is_identified(event: &super::PipelineEvent) -> bool {
    let identifies = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => !text.is_empty(),
        value => value.is_number(),
    };
    let has = |name: &&str| event.object().and_then(|fields| fields.get(*name)).is_some_and(identifies);
    IDENTIFIERS.iter().any(has)
}

/// Returns `true` if the line is an event that carries a field that identifies it within its run.
pub(super) fn is_identified_line(line: &[u8]) -> bool {
    serde_json::from_slice(line).is_ok_and(|object| is_identified(&super::PipelineEvent::from_object(object)))
}

/// A hash of a line.
pub(super) fn hash(line: &[u8]) -> u64 {
    twox_hash::XxHash3_64::oneshot(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that a reader sees of these connections. Each begins where the server wants. The cursor counts what was
    /// yielded. Lines that begin with `#` carry an identifier.
    fn read_if(connections: &[&[&str]], detect: bool) -> Vec<String> {
        let mut replay = Replay::default();
        let mut seen: Vec<String> = Vec::new();
        for lines in connections {
            replay.connected(seen.len() as u64, detect);
            for line in *lines {
                let (hash, identified) = (hash(line.as_bytes()), line.starts_with('#'));
                seen.extend(replay.line(hash, identified, (*line).to_owned(), seen.len() as u64));
                while let Some(line) = replay.next() {
                    seen.push(line);
                }
            }
        }
        seen
    }

    fn read(connections: &[&[&str]]) -> String {
        read_if(connections, true).concat()
    }

    #[test]
    fn skips_a_replay() {
        assert_eq!(read(&[&["a", "b"], &["a", "b", "c"]]), "abc");
        // Longer than what is remembered.
        let first = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let all = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "x", "y"];
        assert_eq!(read(&[&first, &all]), "0123456789xy");
        // Cut while it is compared, or skipped.
        assert_eq!(read(&[&first, &all[..3], &all[..9], &all]), "0123456789xy");
    }

    #[test]
    fn yields_what_is_new() {
        assert_eq!(read(&[&["a", "b"], &["c", "d"]]), "abcd");
        assert_eq!(read(&[&["a", "b"], &["a", "d"]]), "abad", "a line may come twice");
        assert_eq!(read(&[&["a", "b"], &[], &["c"]]), "abc");
        let beats = ["h", "h", "h"];
        assert_eq!(read(&[&beats, &beats]), "hhhhhh", "equal lines show nothing");
    }

    /// The event `tick` of the second connection was lost, and the cursor was one behind from then on.
    #[test]
    fn one_equal_line_is_no_replay() {
        assert_eq!(read(&[&["tick"], &["tick", "complete"]]), "ticktickcomplete");
        assert_eq!(read(&[&["a"], &["a", "b"], &["a", "b", "c"]]), "aababc");
    }

    #[test]
    fn one_equal_line_with_an_identifier_is_a_replay() {
        assert_eq!(read(&[&["#1"], &["#1", "b"]]), "#1b");
        assert_eq!(read(&[&["#1", "b", "c"], &["#1", "b", "c", "d"]]), "#1bcd");
        assert_eq!(read(&[&["#1"], &["#2", "#3"]]), "#1#2#3");
        // Two lines with one identifier identify nothing.
        assert_eq!(read(&[&["#1", "#1"], &["#1", "x"]]), "#1#1#1x");
    }

    #[test]
    fn settled_lines_need_no_hash() {
        let mut replay = Replay::<u64>::default();
        for cursor in 0..HEAD as u64 + 3 {
            let (settled, before) = (replay.is_settled(cursor), replay.head.clone());
            assert!(replay.trusts(cursor, cursor));
            assert_eq!(settled, replay.head == before, "after {cursor} lines");
        }
        replay.connected(HEAD as u64, true);
        assert!(!replay.is_settled(HEAD as u64), "lines are compared");
    }

    #[test]
    fn detection_can_be_off() {
        assert_eq!(read_if(&[&["#1", "b"], &["#1", "b", "c"]], false).concat(), "#1b#1bc");
    }

    #[test]
    fn releases_what_is_held() {
        let mut replay = Replay::default();
        replay.connected(0, true);
        for (cursor, line) in ["a", "b"].into_iter().enumerate() {
            assert!(replay.line(hash(line.as_bytes()), false, line, cursor as u64).is_some());
        }
        replay.connected(2, true);
        assert!(!replay.is_holding());
        assert_eq!(replay.line(hash(b"a"), false, "a", 2), None);
        assert!(replay.is_holding());
        replay.release();
        assert_eq!((replay.next(), replay.next(), replay.is_holding()), (Some("a"), None, false));
        // From now on, the lines are new.
        assert_eq!(replay.line(hash(b"b"), false, "b", 3), Some("b"));
    }

    #[test]
    fn identifiers_are_texts_and_numbers_under_usual_names() {
        let event =
            |text: &str| super::super::PipelineEvent::from_object(serde_json::from_str(text).unwrap());
        for text in [r#"{"id":"e1"}"#, r#"{"type":"step","index":0}"#, r#"{"seq":7}"#] {
            assert!(is_identified(&event(text)), "{text}");
        }
        for text in [r#"{}"#, r#"{"type":"tick"}"#, r#"{"id":null}"#, r#"{"id":""}"#, r#"{"index":[1]}"#] {
            assert!(!is_identified(&event(text)), "{text}");
        }
    }
}
