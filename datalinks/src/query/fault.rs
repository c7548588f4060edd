//! The reason why a query cannot be written.

use crate::error::Error;

/// A reason why a query or a condition cannot be written, with advice.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    message: String,
    advice: &'static str,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>, advice: &'static str) -> Self {
        Self { message: message.into(), advice }
    }

    pub(super) fn into_error(self) -> Error {
        Error::invalid(self.message).advice(format!("nothing was sent; {}", self.advice))
    }
}
