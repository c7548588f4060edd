//! Decoding of events into types, in one pass over the line.
//!
//! The type of an event decides whether the run ends with it, so it is recorded while the line is deserialized.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserializer, de,
    de::{
        DeserializeOwned, DeserializeSeed, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::value::RawValue;

use crate::json::{
    name::Name,
    object::{NameSeed, ObjectDeserializer, WrapMembers},
};

/// The name of the member that holds the type of an event.
pub(super) const TYPE: &str = "type";

/// The type of an event, as far as it decides about the end of the run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Complete,
    Error,
    Other,
}

impl Kind {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "complete" => Self::Complete,
            "error" => Self::Error,
            _ => Self::Other,
        }
    }
}

/// Decodes a line that is a JSON object, and sets `kind` if it ends the run. Fails if it does not fit, if `T` is not read as a
/// map or a struct, or if `T` reads the type of the event as something else than a string.
pub(super) fn decode<T: DeserializeOwned>(line: &[u8], kind: &mut Kind) -> Result<T, serde_json::Error> {
    // One check of the whole text costs less than one for each string.
    let text = std::str::from_utf8(line).map_err(de::Error::custom)?;
    let mut inner = serde_json::Deserializer::from_str(text);
    // The event stays where it was written: a move costs as much as reading a short string.
    let mut event = T::deserialize(ObjectDeserializer { inner: &mut inner, wrapper: RecordKind(kind) });
    if event.is_ok()
        && let Err(error) = inner.end()
    {
        event = Err(error);
    }
    event
}

/// Returns the type of an event, or `None` if the text is not a JSON object. The object may contain what JSON values cannot hold.
pub(super) fn kind(text: &str) -> Option<Kind> {
    let members: BTreeMap<Name, &RawValue> = serde_json::from_str(text).ok()?;
    let name = members.get(TYPE).and_then(|value| serde_json::from_str::<String>(value.get()).ok());
    Some(name.map_or(Kind::Other, |name| Kind::of(&name)))
}

struct RecordKind<'a>(&'a mut Kind);

impl<'a> WrapMembers for RecordKind<'a> {
    type Members<'de, A: MapAccess<'de>> = Members<'a, A>;

    fn wrap<'de, A: MapAccess<'de>>(self, members: A) -> Members<'a, A> {
        Members { members, kind: self.0, at_type: false }
    }
}

/// The members of an event. Of several types, the last one counts, as in a map.
struct Members<'a, A> {
    members: A,
    kind: &'a mut Kind,
    /// Set if the next value is that of the member `type`.
    at_type: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.members.next_key_seed(NameSeed { seed, is_special: |name: &str| name == TYPE })? {
            None => Ok(None),
            Some(Ok(name)) => Ok(Some(name)),
            Some(Err(seed)) => {
                self.at_type = true;
                seed.deserialize(BorrowedStrDeserializer::new(TYPE)).map(Some)
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        if std::mem::take(&mut self.at_type) {
            return self.members.next_value_seed(TypeSeed { seed, kind: self.kind });
        }
        self.members.next_value_seed(seed)
    }
}

/// A seed that records the type of an event and passes it on to another seed.
struct TypeSeed<'a, V> {
    seed: V,
    kind: &'a mut Kind,
}

impl<'de, V: DeserializeSeed<'de>> DeserializeSeed<'de> for TypeSeed<'_, V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, V: DeserializeSeed<'de>> Visitor<'de> for TypeSeed<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the type of an event")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<V::Value, E> {
        *self.kind = Kind::of(name);
        self.seed.deserialize(Text(StrDeserializer::new(name)))
    }
}

/// A deserializer of a string that also fits an option and a newtype, as in JSON.
struct Text<'a, E>(StrDeserializer<'a, E>);

impl<'de, E: de::Error> Deserializer<'de> for Text<'_, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Map, Value, json};

    use super::*;

    fn decode<T: DeserializeOwned>(line: &[u8]) -> Option<(Kind, T)> {
        let mut kind = Kind::Other;
        super::decode(line, &mut kind).ok().map(|event| (kind, event))
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Progress {
        #[serde(rename = "type")]
        kind: Option<String>,
        n: u128,
    }

    #[test]
    fn type_is_recorded_wherever_it_is() {
        for (line, kind) in [
            (r#"{"type":"complete","n":1}"#, Kind::Complete),
            (r#" {"n":1,"nested":{"type":"complete"},"t\u0079pe":"\u0065rror"} "#, Kind::Error),
            (r#"{"n":1,"nested":[{"type":"complete"}]}"#, Kind::Other),
            (r#"{"type":"error","n":1,"type":"step"}"#, Kind::Other),
        ] {
            let values = decode::<Map<String, Value>>(line.as_bytes()).unwrap();
            assert_eq!(values, (kind, serde_json::from_str(line).unwrap()), "{line}");
            #[derive(Deserialize)]
            struct Count {
                n: u8,
            }
            let (found, count) = decode::<Count>(line.as_bytes()).unwrap();
            assert_eq!((found, count.n), (kind, 1), "{line}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let line = r#"{"n":340282366920938463463374607431768211455,"type":"step"}"#;
        let expected = Progress { kind: Some("step".into()), n: u128::MAX };
        assert_eq!(decode(line.as_bytes()), Some((Kind::Other, expected)));
    }

    #[test]
    fn type_can_be_a_name_an_enum_or_a_tag() {
        #[derive(Debug, Deserialize, PartialEq)]
        struct Name(String);
        #[derive(Debug, Deserialize, PartialEq)]
        struct Named {
            r#type: Option<Name>,
        }
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(rename_all = "lowercase")]
        enum Phase {
            Model,
            Ingest,
        }
        #[derive(Debug, Deserialize, PartialEq)]
        struct Phased {
            r#type: Phase,
        }
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(tag = "type", rename_all = "lowercase")]
        enum Tagged {
            Model {
                n: u8,
            },
            #[serde(other)]
            Unknown,
        }
        let line = br#"{"type":"model","n":7}"#;
        let named = Named { r#type: Some(Name("model".into())) };
        assert_eq!(decode(line), Some((Kind::Other, named)));
        assert_eq!(decode(line), Some((Kind::Other, Phased { r#type: Phase::Model })));
        assert_eq!(decode(line), Some((Kind::Other, Tagged::Model { n: 7 })));
        assert_eq!(decode(br#"{"type":"x"}"#), Some((Kind::Other, Tagged::Unknown)));
        assert_eq!(decode::<Phased>(br#"{"type":"x"}"#), None);
    }

    #[test]
    fn other_lines_and_types_are_left_to_the_caller() {
        for line in ["", "7", "[]", "\"complete\"", "null", r#"{"n":1"#, r#"{"n":1} {"n":1}"#, r#"{"n":-1}"#]
        {
            assert_eq!(decode::<Progress>(line.as_bytes()), None, "{line}");
        }
        assert_eq!(decode::<Progress>(b"{\"n\":1,\"x\":\"\xff\"}"), None);
        assert!(decode::<Box<RawValue>>(br#"{"n":1}"#).is_none());
        // The type is not a string.
        assert!(decode::<Value>(br#"{"type":7}"#).is_none());
        assert_eq!(decode::<Value>(br#"{"n":7}"#), Some((Kind::Other, json!({ "n": 7 }))));
    }
}
