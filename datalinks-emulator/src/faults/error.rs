//! Errors of invalid faults.

use super::names::{EVENTUAL, operations};
use super::setting;
use crate::response::debug_error::debug_as_sentence;
use crate::response::did_you_mean::did_you_mean;

/// The error of a fault that is invalid.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// The operation does not exist.
    #[error(
        "there is no operation {0:?}; {did_you_mean}use the id of an operation such as \"ingestData\", or putPart, ingestFile or \
         agentRun",
        did_you_mean = did_you_mean(.0, operations())
    )]
    UnknownOperation(String),
    /// The status is not an error status.
    #[error("{0} is not an error status; use one from 400 to 599")]
    NotAnErrorStatus(u16),
    /// The effect requires a stream, and the operation does not stream.
    #[error("{0} does not stream; use `status`, `lose-response`, `cut-bytes`, `garbage` or `truncate-body`")]
    NoStream(&'static str),
    /// The effect requires a response, and the work happens in the background.
    #[error("{0} has no response of its own; use `status` or `delay`, or `end-after` with agentRun")]
    NoResponse(&'static str),
    /// The operation is not called by a presigned URL, which could expire.
    #[error("{0} is not called by a presigned URL; use `expired-url` with putPart")]
    NoUrl(&'static str),
    /// The operation does not change a share, so its effect cannot be delayed.
    #[error("{0} takes effect immediately; use `effective-after` with {all}", all = EVENTUAL.join(", "))]
    NotEventual(&'static str),
    /// The string is not a valid name or value of a header.
    #[error("{0:?} cannot be sent in a header; use visible ASCII")]
    NotAHeader(String),
    /// `retry-after` is set without `status` or `html`.
    #[error("`retry-after` requires `status` or `html`; set one of them")]
    RetryAfterNeedsStatus,
    /// The probability is not between 0 and 1.
    #[error("{0} is not a probability; use a number from 0 to 1")]
    NotAProbability(f64),
    /// The setting does not exist.
    #[error(
        "a fault has no setting {0:?}; {did_you_mean}the settings are {all}",
        did_you_mean = did_you_mean(.0, setting::names()),
        all = setting::names().collect::<Vec<_>>().join(", ")
    )]
    UnknownSetting(String),
    /// The value is invalid for the setting.
    #[error("the value of {name} must be {expected}")]
    #[non_exhaustive]
    WrongValue {
        /// The name of the setting.
        name: &'static str,
        /// A description of valid values.
        expected: &'static str,
    },
    /// A fault can have only one effect.
    #[error("{0} and {1} cannot be combined; inject two faults")]
    ConflictingEffects(&'static str, &'static str),
    /// The fault has neither an effect nor a delay.
    #[error("the fault of {0:?} has no effect; add a setting, as in ingestData:status=503,times=2")]
    NoEffect(String),
    /// The JSON value is neither an object with an operation nor a string.
    #[error(
        "invalid fault; use an object such as {{\"operation\": \"ingestData\", \"status\": 503}}, or a string such as \
         \"ingestData:status=503\""
    )]
    NotAFault,
}

debug_as_sentence!(FaultError);
