//! What an operation needs of its caller, before it is looked at any closer.

use super::call::OperationCall;
use crate::accounts::CallerView;
use crate::concurrency::lock::read;
use crate::response::Problem;
use crate::store::Right;

/// What an operation needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AccessRule {
    /// Nothing, not even a token: the contract declares the operation public.
    Nothing,
    /// A valid token. What the body or an id names is checked by the operation itself.
    Token,
    /// A valid token that is not restricted.
    FullToken,
    /// This right to the dataset in the path.
    Dataset(Right),
    /// This right to all of the namespace in the path.
    Namespace(Right),
}

impl AccessRule {
    pub(crate) fn check(self, call: &OperationCall<'_>) -> Result<(), Problem> {
        match self {
            Self::Nothing | Self::Token => Ok(()),
            Self::FullToken if call.caller.restricted_to.is_none() => Ok(()),
            Self::FullToken => Err(Problem::forbidden(
                "the token is restricted, and a restricted one manages no tokens; use an unrestricted token",
            )),
            Self::Dataset(right) => {
                CallerView::new(&read(&call.state.store), &call.caller).check(&call.dataset_name(), right)
            }
            Self::Namespace(right) => {
                CallerView::new(&read(&call.state.store), &call.caller).check_all(&call.space(), right)
            }
        }
    }
}
