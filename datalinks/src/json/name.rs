//! Names of members of JSON objects.

use std::{borrow::Borrow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

/// The name of a member. Lone surrogates in it, which a string cannot hold, are replaced.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Name(String);

impl Name {
    /// Returns the name.
    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lossy;

        impl Visitor<'_> for Lossy {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
                Ok(Name(name.to_owned()))
            }

            fn visit_bytes<E: de::Error>(self, name: &[u8]) -> Result<Name, E> {
                Ok(Name(String::from_utf8_lossy(name).into_owned()))
            }
        }

        // serde_json accepts lone surrogates only where bytes are asked for.
        deserializer.deserialize_bytes(Lossy)
    }
}
