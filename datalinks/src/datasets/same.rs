//! Equality, hashing and display of handles.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use crate::datasets::{Dataset, Namespace};

/// Two handles are equal if they have the same name, owner, host and API key. Options of calls and shared connections do not
/// matter.
impl PartialEq for Namespace {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
            && self.owner() == other.owner()
            && self.client().is_of_same_account(other.client())
    }
}

impl Eq for Namespace {}

impl Hash for Namespace {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.client().host().hash(state);
        self.owner().hash(state);
        self.name().hash(state);
    }
}

/// Writes the name, such as `cinema`, or the owner and the name for a namespace of another user: `ana/cinema`.
impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.owner() {
            "self" => f.write_str(self.name()),
            owner => write!(f, "{owner}/{}", self.name()),
        }
    }
}

/// Two handles are equal if they have the same name and their namespaces are equal.
///
/// Clippy reports maps with these keys (`mutable_key_type`), because a client has locks. Equality and hash do not depend on
/// the locks.
impl PartialEq for Dataset {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.namespace() == other.namespace()
    }
}

impl Eq for Dataset {}

impl Hash for Dataset {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.namespace().hash(state);
        self.name().hash(state);
    }
}

/// Writes the namespace and the name, such as `cinema/films`.
impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace(), self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::{client::DataLinks, transport::CallOptions};

    fn client(host: &str, key: &str) -> DataLinks {
        DataLinks::builder(host, key).no_proxy().build().unwrap()
    }

    #[test]
    #[expect(
        clippy::mutable_key_type,
        reason = "neither equality nor hash depends on what changes in a client"
    )]
    fn handles_are_equal_by_address_account_and_name() {
        let host = "https://datalinks.test/api/v1";
        let films = client(host, "k").dataset("cinema", "films").unwrap();
        let slashed = client(&format!("{host}/"), "k").dataset("cinema", "films").unwrap();
        assert_eq!(films, slashed);
        assert_eq!(films, films.with_options(CallOptions::new().max_attempts(1)));
        let ana = films.client().namespace("cinema").unwrap().with_owner("ana").unwrap();
        let others = [
            client(host, "k2").dataset("cinema", "films").unwrap(),
            client("https://elsewhere.test/api/v1", "k").dataset("cinema", "films").unwrap(),
            films.namespace().dataset("people").unwrap(),
            films.client().dataset("plants", "films").unwrap(),
            ana.dataset("films").unwrap(),
        ];
        assert!(others.iter().all(|other| *other != films));
        let all: HashSet<_> = others.into_iter().chain([films.clone(), slashed]).collect();
        assert_eq!(all.len(), 6);
        assert_eq!(films.to_string(), "cinema/films");
        assert_eq!(ana.dataset("films").unwrap().to_string(), "ana/cinema/films");
        assert!(!format!("{films:?}").contains("\"k\""));
    }
}
