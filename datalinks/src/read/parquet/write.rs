//! What writing a value as JSON needs.

use std::fmt;

use serde::Serialize;

/// How arrays are written.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Whether bytes are strings in UTF-8. Otherwise they are written in hexadecimal.
    pub(super) binary_as_string: bool,
}

/// Writes the value at an index, and reports it if JSON cannot hold it.
pub(super) type Write = Box<dyn Fn(usize, &mut Vec<u8>, &mut Option<Problem>) + Send>;

/// A value that JSON cannot hold.
pub(super) struct Problem {
    /// The index of its column in the batch.
    pub(super) column: usize,
    pub(super) at: String,
    pub(super) reason: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at {}", self.reason, self.at.trim_start_matches('.'))
    }
}

/// Adds to the place of a problem where the value stands that it was found in.
pub(super) fn within(
    problem: &mut Option<Problem>,
    at: impl FnOnce() -> String,
    write: impl FnOnce(&mut Option<Problem>),
) {
    let mut found = None;
    write(&mut found);
    if let (None, Some(mut found)) = (&problem, found) {
        found.at.insert_str(0, &at());
        *problem = Some(found);
    }
}

pub(super) fn report(problem: &mut Option<Problem>, reason: &'static str) {
    problem.get_or_insert(Problem { column: 0, at: String::new(), reason });
}

/// Appends a value as JSON.
pub(super) fn json<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // A Vec takes all that is written, and numbers and strings can always be serialized.
    let _ = serde_json::to_writer(out, value);
}
