//! A look at the members of a JSON object while a type reads them, in one pass over the text.

use std::fmt;

use serde::{
    Deserializer, de,
    de::{
        DeserializeSeed, Error as _, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};

/// A wrapper around the members of an object.
pub(crate) trait WrapMembers {
    /// The wrapped members.
    type Members<'de, A: MapAccess<'de>>: MapAccess<'de, Error = A::Error>;

    /// Wraps the members of the object that is read.
    fn wrap<'de, A: MapAccess<'de>>(self, members: A) -> Self::Members<'de, A>;
}

/// A deserializer of an object whose members pass through a wrapper.
///
/// Only types that read an object as a map or a struct can be deserialized. All other types fail, also those that
/// `serde_json` can read from an object, such as enums and raw JSON. The caller reads these in another way.
pub(crate) struct ObjectDeserializer<D, W> {
    pub(crate) inner: D,
    pub(crate) wrapper: W,
}

/// Defines methods that fail.
macro_rules! reject {
    ($($function:ident($($name:ident: $argument:ty),*)),+ $(,)?) => {$(
        fn $function<V: Visitor<'de>>(self, $($name: $argument,)* _: V) -> Result<V::Value, D::Error> {
            Err(D::Error::custom("the type is neither a map nor a struct"))
        }
    )+};
}

impl<'de, D: Deserializer<'de>, W: WrapMembers> Deserializer<'de> for ObjectDeserializer<D, W> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        // With `deserialize_any`, a number could arrive as a map, by a feature of `serde_json`.
        self.inner.deserialize_map(ObjectVisitor { visitor, wrapper: self.wrapper })
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! { map ignored_any }

    reject! {
        deserialize_bool(), deserialize_i8(), deserialize_i16(), deserialize_i32(), deserialize_i64(),
        deserialize_i128(), deserialize_u8(), deserialize_u16(), deserialize_u32(), deserialize_u64(),
        deserialize_u128(), deserialize_f32(), deserialize_f64(), deserialize_char(), deserialize_str(),
        deserialize_string(), deserialize_bytes(), deserialize_byte_buf(), deserialize_option(), deserialize_unit(),
        deserialize_seq(), deserialize_identifier(), deserialize_unit_struct(_name: &'static str),
        deserialize_newtype_struct(_name: &'static str), deserialize_tuple(_length: usize),
        deserialize_tuple_struct(_name: &'static str, _length: usize),
        deserialize_enum(_name: &'static str, _variants: &'static [&'static str]),
    }
}

struct ObjectVisitor<V, W> {
    visitor: V,
    wrapper: W,
}

impl<'de, V: Visitor<'de>, W: WrapMembers> Visitor<'de> for ObjectVisitor<V, W> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(self.wrapper.wrap(members))
    }
}

/// A seed that reads a name with another seed, unless `is_special` holds for the name. It then returns that seed unused.
pub(crate) struct NameSeed<K, F> {
    pub(crate) seed: K,
    pub(crate) is_special: F,
}

impl<'de, K: DeserializeSeed<'de>, F: Fn(&str) -> bool> DeserializeSeed<'de> for NameSeed<K, F> {
    type Value = Result<K::Value, K>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, K: DeserializeSeed<'de>, F: Fn(&str) -> bool> Visitor<'de> for NameSeed<K, F> {
    type Value = Result<K::Value, K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        if (self.is_special)(name) {
            return Ok(Err(self.seed));
        }
        self.seed.deserialize(BorrowedStrDeserializer::new(name)).map(Ok)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        if (self.is_special)(name) {
            return Ok(Err(self.seed));
        }
        self.seed.deserialize(StrDeserializer::new(name)).map(Ok)
    }
}
