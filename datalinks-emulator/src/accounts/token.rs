//! One token.

use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::runtime::Ids;
use crate::store::GrantScope;

/// What speaks for a user.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) id: Uuid,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(super) secret: Secret,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
    pub(crate) restricted_to: Option<Vec<GrantScope>>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("id", &self.id).field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// The value that a token is borne by.
#[derive(Clone)]
pub(super) enum Secret {
    /// Chosen by whoever starts the emulator, and kept nowhere. Nothing: it was not given this time, and nobody can
    /// bear the token.
    Given(Option<String>),
    /// Follows from the id of the token and the seed.
    Made,
}

impl Token {
    /// The token with the moment of its last use.
    pub(super) fn used(&self, used: &HashMap<Uuid, DateTime<Utc>>) -> Self {
        let last_used_at = used.get(&self.id).copied().or(self.last_used_at);
        Self { last_used_at, ..self.clone() }
    }

    /// Whether its end has come. A key that was chosen has none: the end that it shows is the last moment that can be
    /// written.
    pub(super) fn has_expired(&self, now: DateTime<Utc>) -> bool {
        matches!(self.secret, Secret::Made) && self.expires_at <= now
    }

    pub(super) fn is_borne_by(&self, given: &str, ids: &Ids) -> bool {
        match &self.secret {
            Secret::Given(secret) => secret.as_deref() == Some(given),
            Secret::Made => read(given) == Some(ids.derive(self.id.as_u128())),
        }
    }
}

const BEGIN: &str = "dl-emulator-";

/// The value of a token, made from its id and the seed, see [`Ids::derive`]: it need not be kept anywhere. Who knows the
/// seed can work it out, unless other machines can reach the emulator.
pub(super) fn made(ids: &Ids, id: Uuid) -> String {
    format!("{BEGIN}{:032x}", ids.derive(id.as_u128()))
}

fn read(given: &str) -> Option<u128> {
    let digits = given.strip_prefix(BEGIN)?;
    let plain = digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    plain.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}
