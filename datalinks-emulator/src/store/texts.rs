//! Texts by field name, in order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::concurrency::work::{Map, Set};

/// An object whose values are texts, in the given order. A value of null is an empty text.
///
/// If a name occurs several times, its last text counts, at the position of the last occurrence.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrderedTexts(Map<String, String>);

impl Eq for OrderedTexts {}

impl PartialEq for OrderedTexts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl OrderedTexts {
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl FromIterator<(String, String)> for OrderedTexts {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(texts: I) -> Self {
        let texts: Vec<(String, String)> = texts.into_iter().collect();
        let mut seen: Set<&str> = Set::default();
        let mut is_last: Vec<bool> = texts.iter().rev().map(|(name, _)| seen.insert(name)).collect();
        let texts = texts.into_iter().filter(|_| is_last.pop().unwrap_or_default());
        Self(texts.collect())
    }
}

impl Serialize for OrderedTexts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.0)
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
                    texts.push((name, text.unwrap_or_default()));
                }
                Ok(texts.into_iter().collect())
            }
        }
        deserializer.deserialize_map(TextsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    #[test]
    fn last_text_of_a_name_counts_at_its_position() {
        let texts: OrderedTexts =
            serde_json::from_str(r#"{"b":"1","a":null,"b":"2","c":"3","a":"4"}"#).unwrap();
        assert_eq!(texts.iter().collect::<Vec<_>>(), [("b", "2"), ("c", "3"), ("a", "4")]);
        assert_eq!(serde_json::to_string(&texts).unwrap(), r#"{"b":"2","c":"3","a":"4"}"#);
        let other: OrderedTexts = serde_json::from_str(r#"{"a":"4","b":"2","c":"3"}"#).unwrap();
        assert_ne!(texts, other, "the order matters");
    }

    #[test]
    fn many_texts_take_steps_in_proportion() {
        assert_proportional(16_000, |size| {
            let texts: Vec<String> = (0..size).map(|number| format!(r#""k{number}":"""#)).collect();
            let text = format!("{{{},{}}}", texts.join(","), texts.join(","));
            let texts: OrderedTexts = serde_json::from_str(&text).unwrap();
            assert!((0..size).all(|number| texts.contains(&format!("k{number}"))));
        });
    }
}
