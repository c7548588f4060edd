//! Names of namespaces, with or without their owner.

use std::fmt;
use std::str::FromStr;

/// A namespace, with its owner where it is given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NamespaceName {
    /// The user name of the owner.
    pub(crate) owner: Option<String>,
    pub(crate) name: String,
}

impl FromStr for NamespaceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (owner, name) = match text.split_once('/') {
            Some((owner, name)) => (Some(owner), name),
            None => (None, text),
        };
        if name.is_empty() || name.contains('/') || owner.is_some_and(str::is_empty) {
            return Err("expected NAMESPACE or USER/NAMESPACE, such as cinema".to_owned());
        }
        Ok(Self { owner: owner.map(str::to_owned), name: name.to_owned() })
    }
}

impl fmt::Display for NamespaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Some(owner) => write!(f, "{owner}/{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_or_two_parts() {
        for text in ["cinema", "ana/cinema"] {
            let name: NamespaceName = text.parse().unwrap();
            assert_eq!(name.to_string(), text);
            assert_eq!(name.name, "cinema");
        }
        for text in ["", "/cinema", "ana/", "a/b/c"] {
            assert!(text.parse::<NamespaceName>().is_err(), "{text}");
        }
    }
}
