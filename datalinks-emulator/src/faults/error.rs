//! Why a fault was refused.

use super::names::{EVENTUAL, operations};
use super::setting;
use crate::response::did_you_mean::did_you_mean;

/// Why a fault was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// There is no operation of this id.
    #[error(
        "there is no operation {0:?}; {did_you_mean}use the id of an operation such as \"ingestData\", or putPart, ingestFile or \
         agentRun",
        did_you_mean = did_you_mean(.0, operations())
    )]
    UnknownOperation(String),
    /// The status is not one that refuses a call.
    #[error("{0} is no error status; use one from 400 to 599")]
    NotAnErrorStatus(u16),
    /// The operation answers at once, so there is no stream to spoil.
    #[error("{0} does not stream; use `status`, `lose-response`, `cut-bytes`, `garbage` or `truncate-body`")]
    NoStream(&'static str),
    /// It happens in the background, so there is no response to spoil.
    #[error("{0} has no response of its own; use `status` or `delay`, or `end-after` with agentRun")]
    NoResponse(&'static str),
    /// It is not called by a URL that expires.
    #[error("{0} is not called by a presigned URL; use `expired-url` with putPart")]
    NoUrl(&'static str),
    /// The operation changes no share, so nothing of it takes effect later.
    #[error("{0} takes effect at once; use `effective-after` with {all}", all = EVENTUAL.join(", "))]
    NotEventual(&'static str),
    /// Not a name or value that a header can have.
    #[error("{0:?} cannot stand in a header; use visible ASCII")]
    NotAHeader(String),
    /// `Retry-After` was asked for without a status to go with it.
    #[error("`retry-after` goes with `status` or `html`; name one of them")]
    RetryAfterNeedsStatus,
    /// More than always or less than never.
    #[error("{0} is no probability; use a number from 0 to 1")]
    NotAProbability(f64),
    /// Nothing of this name can be set.
    #[error(
        "a fault has no {0:?}; {did_you_mean}there are {all}",
        did_you_mean = did_you_mean(.0, setting::names()),
        all = setting::names().collect::<Vec<_>>().join(", ")
    )]
    UnknownSetting(String),
    /// The value is not one that the setting can have.
    #[error("the value of {name} must be {wanted}")]
    WrongValue {
        /// The setting.
        name: &'static str,
        /// What its values look like.
        wanted: &'static str,
    },
    /// A call goes wrong in one way at a time.
    #[error("{0} and {1} do not go together; inject two faults")]
    ConflictingEffects(&'static str, &'static str),
    /// The text says nothing but the operation.
    #[error("nothing goes wrong with {0:?} as it is written; write it like ingestData:status=503,times=2")]
    NoEffect(String),
    /// The JSON is something else.
    #[error(
        "a fault is an object such as {{\"operation\": \"ingestData\", \"status\": 503}}, or a text such as \
         \"ingestData:status=503\""
    )]
    NotAFault,
}
