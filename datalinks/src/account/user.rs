//! The user of an API key.

use datalinks_gen::{Row, api::types};
use serde::Serialize;

use crate::types::from_wire;

/// The user of an API key.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct User {
    /// Id of the user.
    pub id: String,
    /// Name of the user in paths.
    pub username: String,
    /// Full name of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Email address of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl User {
    /// Creates a user without a full name and an email address.
    pub fn new(id: impl Into<String>, username: impl Into<String>) -> Self {
        Self { id: id.into(), username: username.into(), name: None, email: None, extra: Row::new() }
    }
}

from_wire! { User = types::CurrentUserResponse { id, username, name, email, extra } }
