//! Values as JSON, and values that JSON cannot hold.

use serde::Serialize;

/// A value that JSON cannot hold.
pub(super) struct Problem {
    /// The index of its column in the batch.
    pub(super) column: usize,
    pub(super) at: String,
    pub(super) reason: &'static str,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, at {}", self.reason, self.at.trim_start_matches('.'))
    }
}

/// How arrays are written.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Whether bytes are strings in UTF-8. Otherwise they are written in hexadecimal.
    pub(super) binary_as_string: bool,
}

/// Writes the value at an index, and reports it if JSON cannot hold it.
pub(super) type Write = Box<dyn Fn(usize, &mut Vec<u8>, &mut Option<Problem>) + Send>;

pub(super) fn report(problem: &mut Option<Problem>, reason: &'static str) {
    problem.get_or_insert(Problem { column: 0, at: String::new(), reason });
}

/// Appends a value as JSON.
pub(super) fn json<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // A Vec takes all that is written, and numbers and strings can always be serialized.
    let _ = serde_json::to_writer(out, value);
}
