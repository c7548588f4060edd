//! One token.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::ids::Ids;
use crate::store::Place;

/// What speaks for a user.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) id: Uuid,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
    pub(crate) restricted_to: Option<Vec<Place>>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("id", &self.id).field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// The value of a token, made from its id and the seed: it need not be kept anywhere. Who knows the seed can
/// work it out, which is good enough for an emulator and for nothing else.
pub(crate) fn secret(ids: &Ids, id: Uuid) -> String {
    format!("dl-emulator-{:032x}", ids.derive(id.as_u128()))
}
