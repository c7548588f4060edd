//! Descriptions of the fields of a dataset.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{error::Error, types::description::DESCRIPTION_LIMIT};

/// Descriptions of the fields of a dataset, by name.
///
/// Inference steps read the descriptions. An upload with a definition saves the service a model call that guesses the fields.
/// With the feature `schemars`, `SchemaDefinition::of` derives the descriptions from the type of the rows.
///
/// # Examples
///
/// ```
/// use datalinks::SchemaDefinition;
///
/// let schema = SchemaDefinition::new()
///     .field("title", "Title as released.")
///     .field("releaseYear", "Year of the first release.");
/// assert_eq!(schema.get("title"), Some("Title as released."));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SchemaDefinition(BTreeMap<String, String>);

impl SchemaDefinition {
    /// Creates a definition without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field with its description, or replaces the description of the field.
    pub fn field(mut self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.0.insert(name.into(), description.into());
        self
    }

    /// Returns the description of a field, or `None` if the field is not defined.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns an iterator over the fields and their descriptions, in the order of the names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Rejects descriptions of more than 10,000 characters. The service's schema states this limit for the description of a
    /// dataset. This crate applies it to fields as well.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.0.iter().find(|(_, text)| text.chars().count() > DESCRIPTION_LIMIT) {
            None => Ok(()),
            Some((name, text)) => Err(Error::invalid(format!(
                "the description of the field {name:?} has {} characters, {DESCRIPTION_LIMIT} are allowed",
                text.chars().count()
            ))),
        }
    }
}

impl IntoIterator for SchemaDefinition {
    type Item = (String, String);
    type IntoIter = std::collections::btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<N: Into<String>, D: Into<String>> Extend<(N, D)> for SchemaDefinition {
    fn extend<I: IntoIterator<Item = (N, D)>>(&mut self, fields: I) {
        self.0.extend(fields.into_iter().map(|(name, text)| (name.into(), text.into())));
    }
}

impl<N: Into<String>, D: Into<String>> FromIterator<(N, D)> for SchemaDefinition {
    fn from_iter<I: IntoIterator<Item = (N, D)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, text)| (name.into(), text.into())).collect())
    }
}
