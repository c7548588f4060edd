//! Names of datasets, as the web application shows them.

use std::fmt;
use std::str::FromStr;

/// A dataset, with its namespace and its owner where they are given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct DatasetName {
    /// The user name of the owner.
    pub(crate) owner: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

impl FromStr for DatasetName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let (owner, namespace, name) = match parts[..] {
            [name] => (None, None, name),
            [namespace, name] => (None, Some(namespace), name),
            [owner, namespace, name] => (Some(owner), Some(namespace), name),
            _ => return Err(EXPECTED.to_owned()),
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err(EXPECTED.to_owned());
        }
        let owned = |part: Option<&str>| part.map(str::to_owned);
        Ok(Self { owner: owned(owner), namespace: owned(namespace), name: name.to_owned() })
    }
}

const EXPECTED: &str = "expected DATASET, NAMESPACE/DATASET or USER/NAMESPACE/DATASET, such as cinema/films";

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.owner, &self.namespace].into_iter().flatten() {
            write!(f, "{part}/")?;
        }
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_to_three_parts() {
        for text in ["films", "cinema/films", "ana/cinema/films"] {
            let name: DatasetName = text.parse().unwrap();
            assert_eq!(name.to_string(), text);
            assert_eq!(name.name, "films");
        }
        for text in ["", "/films", "cinema/", "a//b", "a/b/c/d"] {
            assert!(text.parse::<DatasetName>().is_err(), "{text}");
        }
    }
}
