//! The permissions that an operation requires, checked before its handler runs.

use super::call::OperationCall;
use crate::accounts::CallerView;
use crate::concurrency::lock::read;
use crate::response::Problem;
use crate::store::Right;

/// The permission that an operation requires.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AccessRule {
    /// No permission and no token: the contract declares the operation public.
    Nothing,
    /// A valid token. The handler checks the resources named by the body or by an id.
    Token,
    /// A valid token without restrictions.
    FullToken,
    /// The given right to the dataset in the path.
    Dataset(Right),
    /// The given right to the whole namespace in the path.
    Namespace(Right),
}

impl AccessRule {
    pub(crate) fn check(self, call: &OperationCall<'_>) -> Result<(), Problem> {
        match self {
            Self::Nothing | Self::Token => Ok(()),
            Self::FullToken if call.caller.restricted_to.is_none() => Ok(()),
            Self::FullToken => Err(Problem::forbidden(
                "the token is restricted and cannot manage tokens; use an unrestricted token",
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
