//! Field names and texts, in order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};

/// An object whose values are texts, in the order given. A value of null is an empty text.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct OrderedTexts(Vec<(String, String)>);

impl OrderedTexts {
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, text)| text.as_str())
    }
}

impl FromIterator<(String, String)> for OrderedTexts {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

impl Serialize for OrderedTexts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

impl<'de> Deserialize<'de> for OrderedTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextsVisitor;
        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = OrderedTexts;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object whose values are texts")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut texts: Vec<(String, String)> = Vec::new();
                while let Some((name, text)) = map.next_entry::<String, Option<String>>()? {
                    texts.retain(|(own, _)| *own != name);
                    texts.push((name, text.unwrap_or_default()));
                }
                Ok(OrderedTexts(texts))
            }
        }
        deserializer.deserialize_map(TextsVisitor)
    }
}
