//! Conversion of generated types into the types of this crate.

use super::Listing;

/// A type of this crate that stands for a generated type.
///
/// Implementations destructure the generated type without `..`. A field that the OpenAPI document adds then stops the build,
/// instead of being lost.
pub(crate) trait FromWire {
    /// The generated type.
    type Wire;

    /// Converts a decoded value.
    fn from_wire(wire: Self::Wire) -> Self;
}

impl<T: FromWire> FromWire for Vec<T> {
    type Wire = Vec<T::Wire>;

    fn from_wire(wire: Self::Wire) -> Self {
        wire.into_iter().map(T::from_wire).collect()
    }
}

impl<T: FromWire> FromWire for Listing<T> {
    type Wire = Listing<T::Wire>;

    fn from_wire(Listing { items, rejected }: Self::Wire) -> Self {
        Self { items: FromWire::from_wire(items), rejected }
    }
}

/// Implements `Deserialize` through the generated type, so that both accept the same JSON.
macro_rules! deserialize_from_wire {
    ($($own:ty),+ $(,)?) => {$(
        impl<'de> serde::Deserialize<'de> for $own {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let wire = <<Self as $crate::types::FromWire>::Wire as serde::Deserialize>::deserialize(deserializer)?;
                Ok($crate::types::FromWire::from_wire(wire))
            }
        }
    )+};
}

/// Implements [`FromWire`] and `Deserialize` for a type whose fields have the names of the generated type.
///
/// All fields are listed. A field of another type has an expression that converts it.
macro_rules! from_wire {
    ($own:ident = $wire:path { $($field:ident $(: $converted:expr)?),+ $(,)? }) => {
        impl $crate::types::FromWire for $own {
            type Wire = $wire;

            fn from_wire(wire: Self::Wire) -> Self {
                let $wire { $($field),+ } = wire;
                Self { $($field $(: $converted)?),+ }
            }
        }

        $crate::types::deserialize_from_wire!($own);
    };
}

pub(crate) use {deserialize_from_wire, from_wire};
