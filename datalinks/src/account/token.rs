//! Tokens and their permissions.

use datalinks_gen::{Row, Secret, api::types};
use serde::Serialize;

use crate::types::{FromWire, deserialize_from_wire, from_wire};

/// A token. Its times are strings, because the service does not document their format.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Token {
    /// Id of the token, which is not its secret.
    pub id: String,
    /// Name of the token.
    pub name: String,
    /// Time of creation, as the service writes it.
    pub created_at: String,
    /// Time at which the token expires, as the service writes it.
    pub expires_at: Option<String>,
    /// Time of the last use, as the service writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
    /// Secret of the token (`token`), in a list. As far as is known, the service sends the secret only when it creates the
    /// token, and that secret is [`CreatedToken::secret`](super::CreatedToken::secret).
    ///
    /// `Debug` does not show the secret. `Serialize` writes it, so unset this field before you save the token.
    #[serde(rename = "token")]
    pub secret: Option<Secret>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// The permissions of a token.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TokenPermissions {
    /// `true` if the token is restricted to [`permissions`](Self::permissions).
    pub restricted: bool,
    /// Namespaces and datasets that a restricted token may use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<TokenPermission>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

/// A namespace or a dataset that a restricted token may use.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TokenPermission {
    /// User name of the owner.
    pub username: String,
    /// Name of the namespace.
    pub namespace: String,
    /// Name of the dataset, or `None` for the whole namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl Token {
    /// Creates a token that was never used and does not expire.
    pub fn new(id: impl Into<String>, name: impl Into<String>, created_at: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            created_at: created_at.into(),
            expires_at: None,
            last_used_at: None,
            secret: None,
            extra: Row::new(),
        }
    }
}

impl TokenPermissions {
    /// Creates permissions without entries.
    pub fn new(restricted: bool) -> Self {
        Self { restricted, permissions: Vec::new(), extra: Row::new() }
    }
}

impl TokenPermission {
    /// Creates the permission to use a whole namespace.
    pub fn new(username: impl Into<String>, namespace: impl Into<String>) -> Self {
        Self { username: username.into(), namespace: namespace.into(), dataset: None, extra: Row::new() }
    }
}

impl FromWire for Token {
    type Wire = types::UserToken;

    fn from_wire(wire: Self::Wire) -> Self {
        let types::UserToken { created_at, expires_at, id, last_used_at, name, token, extra } = wire;
        Self { id, name, created_at, expires_at, last_used_at, secret: token, extra }
    }
}

from_wire! { TokenPermissions = types::TokenPermissionsResponse {
    restricted, permissions: FromWire::from_wire(permissions), extra
} }

from_wire! { TokenPermission = types::TokenPermissionEntry { username, namespace, dataset, extra } }

deserialize_from_wire!(Token);
