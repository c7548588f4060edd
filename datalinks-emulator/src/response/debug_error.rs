//! `Debug` of errors as a sentence.

use std::{error::Error, fmt};

/// Writes the line of `Display`, and the causes that it does not contain.
pub(crate) fn write(error: &dyn Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        if !text.contains(&reason) {
            text.push_str(": ");
            text.push_str(&reason);
        }
        cause = error.source();
    }
    f.write_str(&text)
}

/// Implements `Debug` for errors by [`write`]. A `main` that returns an error, and `unwrap`, print its `Debug`.
macro_rules! debug_as_sentence {
    ($($error:ty),+ $(,)?) => {$(
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::response::debug_error::write(self, f)
            }
        }
    )+};
}

pub(crate) use debug_as_sentence;
