//! Tokens and their values.

use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::runtime::Ids;
use crate::store::GrantScope;

/// A token of a user.
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

/// The origin of the value of a token.
#[derive(Clone)]
pub(super) enum Secret {
    /// Provided when the emulator starts, and not stored. `None` if it was not provided this time, so that the token cannot
    /// be used.
    Given(Option<String>),
    /// Derived from the id of the token and the seed.
    Made,
}

impl Token {
    /// Returns the token with the time of its last use.
    pub(super) fn used(&self, used: &HashMap<Uuid, DateTime<Utc>>) -> Self {
        let last_used_at = used.get(&self.id).copied().or(self.last_used_at);
        Self { last_used_at, ..self.clone() }
    }

    /// Returns `true` if the token has expired. Keys with which the emulator was started do not expire. Their expiry
    /// time is only the last one that can be written.
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

/// Returns the value of a token, which is derived from its id and the seed (see [`Ids::derive`]) and not stored.
///
/// The seed is sufficient to compute the value, unless other machines can reach the emulator.
pub(super) fn made(ids: &Ids, id: Uuid) -> String {
    format!("{BEGIN}{:032x}", ids.derive(id.as_u128()))
}

fn read(given: &str) -> Option<u128> {
    let digits = given.strip_prefix(BEGIN)?;
    let plain = digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    plain.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}
