//! Failures of a run.

use super::levels::PlanError;
use crate::models::ModelError;
use crate::response::Problem;
use crate::store::StoreError;

/// The reason of a failure, and whether starting the run again may succeed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(super) message: String,
    /// Set if the network, a rate limit or the model's server caused the failure. All other failures are fatal.
    pub(super) retryable: bool,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { message: problem.message, retryable: false }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self { retryable: error.is_transient(), message: error.to_string() }
    }
}

/// A size above a limit is an error of the request. Anything else is an error of the emulator.
impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Choice(mismatch) => mismatch.into(),
            PlanError::TooLarge(message) => Problem::unprocessable(message).into(),
        }
    }
}

/// A plan that was valid when it was made no longer matches the rows.
impl From<String> for Failure {
    fn from(mismatch: String) -> Self {
        Problem::internal(format!("the plan of the run does not match its rows: {mismatch}")).into()
    }
}
