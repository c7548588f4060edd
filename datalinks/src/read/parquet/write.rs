//! Writing of values as JSON, and problems with them.

use std::fmt;

use serde::Serialize;

/// The options for writing arrays.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Set if bytes are written as strings in UTF-8, and not in hexadecimal.
    pub(super) binary_as_string: bool,
}

/// Writes the value at an index, and reports a value that JSON cannot represent.
pub(super) type Write = Box<dyn Fn(usize, &mut Vec<u8>, &mut Option<Problem>) + Send>;

/// A value that JSON cannot represent.
pub(super) struct Problem {
    /// Index of the column in the batch.
    pub(super) column: usize,
    /// Path of the value in its column.
    pub(super) path: String,
    pub(super) reason: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at {}", self.reason, self.path.trim_start_matches('.'))
    }
}

/// Runs `write` and prefixes the path of the first problem found in it.
pub(super) fn with_path(
    problem: &mut Option<Problem>,
    segment: impl FnOnce() -> String,
    write: impl FnOnce(&mut Option<Problem>),
) {
    let mut found = None;
    write(&mut found);
    if let (None, Some(mut found)) = (&problem, found) {
        found.path.insert_str(0, &segment());
        *problem = Some(found);
    }
}

/// Records a problem unless there is one already.
pub(super) fn report(problem: &mut Option<Problem>, reason: &'static str) {
    problem.get_or_insert(Problem { column: 0, path: String::new(), reason });
}

/// Appends a value as JSON.
pub(super) fn json<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // Writing to a Vec cannot fail, and numbers and strings can always be serialized.
    let _ = serde_json::to_writer(out, value);
}
