//! The caller of a request and the restrictions of the token.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::{DatasetName, GrantScope, Namespace};

/// The bearer of a token.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Caller {
    pub(crate) user: String,
    /// Id of the token.
    pub(crate) token: Uuid,
    /// Scopes to which the token is restricted, or `None` if it is unrestricted.
    pub(crate) restricted_to: Option<Vec<GrantScope>>,
}

impl Caller {
    /// Returns a caller without a token, who can reach nothing.
    pub(crate) fn anonymous() -> Self {
        Self { user: String::new(), token: Uuid::nil(), restricted_to: Some(Vec::new()) }
    }

    /// Returns the bearer of an unrestricted token.
    #[cfg(test)]
    pub(crate) fn of(user: &str) -> Self {
        Self { user: user.to_owned(), token: Uuid::nil(), restricted_to: None }
    }

    /// Returns `true` if the restrictions of the token include a dataset.
    pub(crate) fn reaches(&self, name: &DatasetName) -> bool {
        self.restricted_to.as_ref().is_none_or(|scopes| scopes.iter().any(|scope| scope.covers(name)))
    }

    /// Returns `true` if the restrictions of the token include a whole namespace.
    pub(crate) fn reaches_all(&self, namespace: &Namespace) -> bool {
        let whole = |scope: &GrantScope| scope.dataset.is_none() && scope.namespace == *namespace;
        self.restricted_to.as_ref().is_none_or(|scopes| scopes.iter().any(whole))
    }
}
