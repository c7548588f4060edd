//! Why a run fails.

use super::levels::Unfit;
use crate::models::ModelError;
use crate::response::Problem;
use crate::store::StoreError;

/// A failure of a run: what failed, and whether starting the run again may help.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(super) message: String,
    /// The network, a rate limit or the model's server failed. Anything else is fatal.
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

/// What is too large is the request's fault, and the rest ours.
impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Choice(objection) => objection.into(),
            Unfit::TooLarge(message) => Problem::unprocessable(message).into(),
        }
    }
}

/// Rows that no longer fit what was decided about them, although they did when it was.
impl From<String> for Failure {
    fn from(objection: String) -> Self {
        Problem::internal(format!("the run's own plan does not fit its rows: {objection}")).into()
    }
}
