//! Rules of the JSON form of protocol buffers, in which A2A 1.0 is defined.

use std::collections::BTreeMap;

use datalinks_gen::Row;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned},
};
use serde_json::{Value, value::RawValue};

use crate::{
    json::name::Name,
    types::{Listing, Rejected},
};

/// Reads a member that may be missing or `null` where it has the default value of its type.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Returns `true` for the default value of a type, which is left out.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Returns `true` for a list without an item that could be read, which is left out.
pub(super) fn no_items<T>(list: &Listing<T>) -> bool {
    list.items.is_empty()
}

/// Writes the items of a list that could be read, as the protocol does.
pub(super) fn items<T: Serialize, S: Serializer>(
    list: &Listing<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    list.items.serialize(serializer)
}

/// The members of a JSON object, each as its JSON text.
///
/// A member that cannot be read does not make the others unreadable: an answer of an agent was paid for.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Members(BTreeMap<Name, Box<RawValue>>);

impl Members {
    /// Takes a member that has the default value of its type if it is missing, `null` or of another type. A member of
    /// another type stays, and is in [`rest`](Self::rest).
    pub(super) fn optional<T: Default + DeserializeOwned>(&mut self, name: &str) -> T {
        let Some(raw) = self.0.get(name) else { return T::default() };
        let Ok(value) = serde_json::from_str::<Option<T>>(raw.get()) else { return T::default() };
        self.0.remove(name);
        value.unwrap_or_default()
    }

    /// Takes a member that has to be there.
    pub(super) fn required<T: DeserializeOwned, E: de::Error>(&mut self, name: &'static str) -> Result<T, E> {
        let raw = self.0.remove(name).ok_or_else(|| E::missing_field(name))?;
        serde_json::from_str(raw.get()).map_err(|error| E::custom(format_args!("{name}: {error}")))
    }

    /// Takes an optional member that is an object, with those of its members that a [`Value`] can hold.
    pub(super) fn row(&mut self, name: &str) -> Row {
        self.optional::<Option<Self>>(name).map(Self::rest).unwrap_or_default()
    }

    /// Takes an optional member that is a list. Invalid items are set aside and do not discard the others.
    pub(super) fn listing<T: DeserializeOwned>(&mut self, name: &str) -> Listing<T> {
        let mut listing = empty();
        for (index, raw) in self.optional::<Vec<Box<RawValue>>>(name).into_iter().enumerate() {
            match serde_json::from_str(raw.get()) {
                Ok(item) => listing.items.push(item),
                Err(error) => listing.rejected.push(Rejected::new(index, raw.get(), error)),
            }
        }
        listing
    }

    /// Takes a member as its JSON text.
    pub(super) fn take(&mut self, name: &str) -> Option<Box<RawValue>> {
        self.0.remove(name)
    }

    /// Returns the other members. Those that a [`Value`] cannot hold are left out: numbers out of range, strings with lone
    /// surrogates, and values that are nested too deeply.
    pub(super) fn rest(self) -> Row {
        let held = |(name, raw): (Name, Box<RawValue>)| {
            let value: Value = serde_json::from_str(raw.get()).ok()?;
            Some((name.into_string(), value))
        };
        self.0.into_iter().filter_map(held).collect()
    }
}

/// Returns a list without items.
pub(super) fn empty<T>() -> Listing<T> {
    Listing { items: Vec::new(), rejected: Vec::new() }
}

/// An enum of the protocol. A value that this version does not know is kept by its name, or by its JSON text if it is not a
/// string.
macro_rules! open_enum {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident => $wire:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value that this version does not know: its name, or its JSON text if it is not a string.
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

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
                Ok(match serde_json::from_str::<String>(raw.get()) {
                    Ok(name) => name.as_str().into(),
                    Err(_) => Self::Other(raw.get().to_owned()),
                })
            }
        }
    };
}
pub(super) use open_enum;
