//! Rules of the JSON form of protocol buffers, in which A2A 1.0 is defined.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{Listing, Rejected};

/// Reads a member that may be missing or `null` where it has the default value of its type.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads a list. Invalid items are set aside and do not discard the others.
pub(super) fn listing<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Listing<T>, D::Error> {
    let raw: Vec<Box<RawValue>> = or_default(deserializer)?;
    let mut listing = empty();
    for (index, raw) in raw.into_iter().enumerate() {
        match serde_json::from_str(raw.get()) {
            Ok(item) => listing.items.push(item),
            Err(error) => listing.rejected.push(Rejected::new(index, raw.get(), error)),
        }
    }
    Ok(listing)
}

/// Returns a list without items.
pub(super) fn empty<T>() -> Listing<T> {
    Listing { items: Vec::new(), rejected: Vec::new() }
}

/// An enum of the protocol. A value that this version does not know is kept by its name.
macro_rules! open_enum {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident => $wire:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value that this version does not know.
            Other(String),
        }

        impl $name {
            /// Returns the value on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)+
                    Self::Other(value) => value,
                }
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $($wire => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer).map(|value| value.as_ref().into())
            }
        }
    };
}
pub(super) use open_enum;
