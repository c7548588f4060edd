//! Users and their tokens.

mod caller;
mod caller_view;
mod persist;
mod token;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use chrono::{DateTime, Days, Utc};
use http::{HeaderMap, header};
use uuid::Uuid;

pub(crate) use caller::Caller;
pub(crate) use caller_view::CallerView;
pub(crate) use token::Token;
use token::{Secret, made};

use crate::concurrency::lock::lock;
use crate::persistence::Versioned;
use crate::response::Problem;
use crate::runtime::{Ids, Kind};
use crate::store::GrantScope;

/// Default lifetime of a token. The emulator chooses one year, so that every token expires.
const DAYS: Days = Days::new(365);

/// Returns the name of a user as it is stored and compared: in lower case.
pub(crate) fn user_name(name: &str) -> Cow<'_, str> {
    if name.chars().any(char::is_uppercase) { Cow::Owned(name.to_lowercase()) } else { Cow::Borrowed(name) }
}

/// All users and their tokens.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    people: Mutex<Versioned<People>>,
    /// Time of the last use of each token. A read-only request does not change the state, so these times are persisted with
    /// the next change.
    used: Mutex<HashMap<Uuid, DateTime<Utc>>>,
}

#[derive(Debug, Default)]
struct People {
    /// Ids of users by name in lower case.
    users: BTreeMap<String, Uuid>,
    /// Tokens, oldest first.
    tokens: Vec<Token>,
}

impl Accounts {
    /// Registers a key for a user. The key has no restrictions and does not expire. A new user is created.
    pub(crate) fn register_user(&self, ids: &Ids, name: &str, key: &str, now: DateTime<Utc>) {
        let mut people = lock(&self.people);
        if !people.users.contains_key(name) {
            people.users.insert(name.to_owned(), ids.next(Kind::User));
        }
        let secret = Secret::Given(Some(key.to_owned()));
        let mut tokens = people.tokens.iter_mut();
        match tokens.find(|token| token.owner == name && matches!(token.secret, Secret::Given(_))) {
            Some(token) => token.secret = secret,
            None => people.tokens.push(Token {
                id: ids.next(Kind::Token),
                owner: name.to_owned(),
                name: "first key".to_owned(),
                secret,
                created_at: now,
                expires_at: never(),
                last_used_at: None,
                restricted_to: None,
            }),
        }
    }

    /// Returns the names of all users, sorted.
    pub(crate) fn users(&self) -> Vec<String> {
        lock(&self.people).users.keys().cloned().collect()
    }

    pub(crate) fn user_id(&self, name: &str) -> Option<Uuid> {
        lock(&self.people).users.get(name).copied()
    }

    /// Returns the bearer of the token in the headers of a request.
    pub(crate) fn authenticate(
        &self,
        ids: &Ids,
        headers: &HeaderMap,
        now: DateTime<Utc>,
    ) -> Result<Caller, Problem> {
        let given = bearer(headers)?;
        let people = lock(&self.people);
        let token = people.tokens.iter().find(|token| token.is_borne_by(given, ids)).ok_or_else(|| {
            Problem::unauthorized(
                "the API key is not valid; use one that the emulator was started with or created",
            )
        })?;
        if token.has_expired(now) {
            return Err(Problem::unauthorized("the API key has expired; create another one"));
        }
        lock(&self.used).insert(token.id, now);
        let (user, restricted_to) = (token.owner.clone(), token.restricted_to.clone());
        Ok(Caller { user, token: token.id, restricted_to })
    }

    /// Returns `true` if the token of a caller still exists and has not expired.
    pub(crate) fn is_valid(&self, caller: &Caller, now: DateTime<Utc>) -> bool {
        lock(&self.people).tokens.iter().any(|token| token.id == caller.token && !token.has_expired(now))
    }

    /// Creates a token and returns it with its value, which is not stored.
    pub(crate) fn create(
        &self,
        ids: &Ids,
        owner: &str,
        name: String,
        expires_at: Option<DateTime<Utc>>,
        restricted_to: Option<Vec<GrantScope>>,
        now: DateTime<Utc>,
    ) -> (Token, String) {
        let id = ids.next(Kind::Token);
        let token = Token {
            id,
            owner: owner.to_owned(),
            name,
            secret: Secret::Made,
            created_at: now,
            expires_at: expires_at.or_else(|| now.checked_add_days(DAYS)).unwrap_or_else(never),
            last_used_at: None,
            restricted_to,
        };
        lock(&self.people).tokens.push(token.clone());
        (token, made(ids, id))
    }

    /// Returns the tokens of a user, oldest first.
    pub(crate) fn tokens_of(&self, owner: &str) -> Vec<Token> {
        let people = lock(&self.people);
        let used = lock(&self.used);
        people.tokens.iter().filter(|token| token.owner == owner).map(|token| token.used(&used)).collect()
    }

    /// Revokes a token immediately. Returns `false` if the user does not have it.
    pub(crate) fn revoke(&self, owner: &str, id: Uuid) -> bool {
        let mut people = lock(&self.people);
        let before = people.tokens.len();
        people.tokens.retain(|token| token.owner != owner || token.id != id);
        people.tokens.len() < before
    }
}

/// Returns the expiry time of tokens that do not expire, because the API requires one.
fn never() -> DateTime<Utc> {
    DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(Problem::unauthorized("no authorization header; send the API key as a bearer token"));
    };
    match value.to_str().ok().and_then(|value| value.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(Problem::unauthorized(
            "the authorization header has no bearer token; send \"Bearer\" and the API key",
        )),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
        headers
    }

    fn accounts() -> (Accounts, Ids, DateTime<Utc>) {
        let (accounts, ids, now) = (Accounts::default(), Ids::new(0), DateTime::UNIX_EPOCH);
        accounts.register_user(&ids, "ana", "k1", now);
        (accounts, ids, now)
    }

    #[test]
    fn invalid_keys_are_rejected() {
        let (accounts, ids, now) = accounts();
        let check = |value| accounts.authenticate(&ids, &headers(value), now);
        assert_eq!(check("Bearer k1").unwrap().user, "ana");
        assert!(check("bearer k1").is_ok());
        for value in ["Bearer k2", "Bearer ", "Bearer", "k1", "Basic k1", "Bearer k1 k1"] {
            let problem = check(value).unwrap_err();
            assert_eq!(problem.status, 401, "{value}");
            assert!(!problem.message.contains("k2"), "the message must not contain the key");
        }
        assert!(accounts.authenticate(&ids, &HeaderMap::new(), now).is_err());
    }

    #[test]
    fn token_ends_when_it_expires_or_is_revoked() {
        let (accounts, ids, now) = accounts();
        let (token, secret) = accounts.create(&ids, "ana", "ci".into(), None, None, now);
        let mut bearer = HeaderMap::new();
        let value = HeaderValue::from_str(&format!("Bearer {secret}")).unwrap();
        bearer.insert(header::AUTHORIZATION, value);
        let end = now.checked_add_days(DAYS).unwrap();
        assert_eq!(token.expires_at, end, "a year");
        let before_the_end = end - chrono::TimeDelta::microseconds(1);
        assert!(accounts.authenticate(&ids, &bearer, before_the_end).is_ok());
        assert!(accounts.authenticate(&ids, &bearer, end).unwrap_err().message.contains("expired"));
        assert_eq!(accounts.tokens_of("ana")[1].last_used_at, Some(before_the_end));
        assert!(!accounts.revoke("bo", token.id), "the token belongs to another user");
        assert!(accounts.revoke("ana", token.id));
        assert!(accounts.authenticate(&ids, &bearer, now).is_err());
        assert!(!accounts.revoke("ana", token.id));
    }
}
