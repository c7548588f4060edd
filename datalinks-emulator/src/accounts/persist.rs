//! Persistence of users and tokens.
//!
//! The keys with which the emulator is started are not stored. The values of other tokens are derived from their ids and
//! the seed, so the files must be protected like a secret.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Accounts, People, Secret, Token, user_name};
use crate::concurrency::lock::lock;
use crate::persistence::{Change, Files, Persist, Sink, Unreadable, Versioned, save_lines};
use crate::store::GrantScope;

const USERS: &str = "users.ndjson";
const TOKENS: &str = "tokens.ndjson";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredUser {
    name: String,
    id: Uuid,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct StoredToken {
    id: Uuid,
    owner: String,
    name: String,
    /// `true` if the value is provided when the emulator starts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    given: bool,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restricted_to: Option<Vec<GrantScope>>,
}

impl From<Token> for StoredToken {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            owner: token.owner,
            name: token.name,
            given: matches!(token.secret, Secret::Given(_)),
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            restricted_to: token.restricted_to,
        }
    }
}

impl From<StoredToken> for Token {
    fn from(stored: StoredToken) -> Self {
        Self {
            id: stored.id,
            owner: stored.owner,
            name: stored.name,
            secret: if stored.given { Secret::Given(None) } else { Secret::Made },
            created_at: stored.created_at,
            expires_at: stored.expires_at,
            last_used_at: stored.last_used_at,
            restricted_to: stored.restricted_to,
        }
    }
}

impl Persist for Accounts {
    fn changed(&self) -> u64 {
        Versioned::changed(&lock(&self.people))
    }

    fn save(&self, sink: &mut dyn Sink) {
        let people = lock(&self.people);
        let used = lock(&self.used);
        let users = people.users.iter().map(|(name, id)| StoredUser { name: name.clone(), id: *id });
        save_lines(sink, USERS, users);
        save_lines(sink, TOKENS, people.tokens.iter().map(|token| StoredToken::from(token.used(&used))));
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let users = files.take_lines::<StoredUser>(USERS)?;
        if let Some(user) = users.iter().find(|user| user.name != user_name(&user.name)) {
            let reason =
                format!("has the user {:?}; write user names in lower case, in all files", user.name);
            return Err(Unreadable::new(USERS, reason));
        }
        let users: BTreeMap<String, Uuid> = users.into_iter().map(|user| (user.name, user.id)).collect();
        let tokens: Vec<Token> =
            files.take_lines::<StoredToken>(TOKENS)?.into_iter().map(Token::from).collect();
        if let Some(token) = tokens.iter().find(|token| !users.contains_key(&token.owner)) {
            let reason = format!("has a token of {:?}, who is not in {USERS}", token.owner);
            return Err(Unreadable::new(TOKENS, reason));
        }
        Ok(Box::new(move || {
            **lock(&self.people) = People { users, tokens };
            lock(&self.used).clear();
        }))
    }
}
