//! Dates, times, timestamps, durations and intervals as text in ISO 8601.

use std::fmt::Write as _;

use datafusion::arrow::{
    array::Array,
    error::ArrowError,
    util::display::{ArrayFormatter, FormatOptions},
};

/// What the formatter writes for a duration that is too long, instead of an error.
const TOO_LONG: &str = "<invalid>";

/// The values of an array as text.
pub(crate) struct Times<'a>(ArrayFormatter<'a>);

impl<'a> Times<'a> {
    /// # Errors
    ///
    /// Returns an error if the time zone of the array does not exist.
    pub(crate) fn new(array: &'a dyn Array) -> Result<Self, ArrowError> {
        let options = FormatOptions::default().with_display_error(false);
        ArrayFormatter::try_new(array, &options).map(Self)
    }

    /// Returns the text of a value, or `None` if it has none, such as a date that is not in the calendar.
    pub(crate) fn text(&self, at: usize) -> Option<String> {
        let mut text = String::new();
        write!(text, "{}", self.0.value(at)).ok()?;
        (text != TOO_LONG).then_some(text)
    }
}
