//! Who is calling, and how far the token reaches.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::{DatasetName, GrantScope, Namespace};

/// The bearer of a token.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Caller {
    pub(crate) user: String,
    /// The token.
    pub(crate) token: Uuid,
    /// What the token is restricted to; `None`: nothing is kept from it.
    pub(crate) restricted_to: Option<Vec<GrantScope>>,
}

impl Caller {
    /// Somebody without a token, who reaches nothing.
    pub(crate) fn anonymous() -> Self {
        Self { user: String::new(), token: Uuid::nil(), restricted_to: Some(Vec::new()) }
    }

    /// The bearer of an unrestricted token.
    #[cfg(test)]
    pub(crate) fn of(user: &str) -> Self {
        Self { user: user.to_owned(), token: Uuid::nil(), restricted_to: None }
    }

    /// Whether the token reaches a dataset.
    pub(crate) fn reaches(&self, name: &DatasetName) -> bool {
        self.restricted_to.as_ref().is_none_or(|places| places.iter().any(|place| place.covers(name)))
    }

    /// Whether the token reaches all of a namespace.
    pub(crate) fn reaches_all(&self, namespace: &Namespace) -> bool {
        let whole = |place: &GrantScope| place.dataset.is_none() && place.namespace == *namespace;
        self.restricted_to.as_ref().is_none_or(|places| places.iter().any(whole))
    }
}
