//! A user who has access, and the role of that user.

use datalinks_gen::{Row, api::types};
use serde::Serialize;

use crate::types::from_wire;

/// The rights of a user: a viewer lists, reads and queries, and an editor also ingests, updates and modifies.
///
/// The enum is open: an unknown role in a response is kept. The service rejects an unknown role in a request (422).
pub use datalinks_gen::enums::AccessRole as Role;

/// A user who has access, and the role of that user.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Share {
    /// Name of the user.
    pub username: String,
    /// Role of the user.
    pub role: Role,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl Share {
    /// Creates a share.
    pub fn new(username: impl Into<String>, role: Role) -> Self {
        Self { username: username.into(), role, extra: Row::new() }
    }
}

from_wire! { Share = types::AccessGrant { username, role, extra } }
