//! Columns as ends of links.

use std::fmt;
use std::str::FromStr;

use datalinks::Dataset;
use datalinks::datasets::ColumnRef;

use crate::failure::Result;
use crate::session::{Session, full_name};
use crate::settings::DatasetName;

/// A column, as it is given to commands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct ColumnName {
    dataset: DatasetName,
    column: String,
}

impl FromStr for ColumnName {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let expected = || "expected NAMESPACE/DATASET:COLUMN, such as cinema/films:director".to_owned();
        let (dataset, column) = text.split_once(':').ok_or_else(expected)?;
        let dataset = dataset.parse().map_err(|_| expected())?;
        if column.is_empty() { Err(expected()) } else { Ok(Self { dataset, column: column.to_owned() }) }
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.dataset, self.column)
    }
}

/// A column of a dataset.
pub(super) struct Column {
    pub(super) dataset: Dataset,
    name: String,
}

impl ColumnName {
    pub(super) async fn resolve(&self, session: &Session) -> Result<Column> {
        let dataset = session.dataset(Some(&self.dataset)).await?;
        Ok(Column { dataset, name: self.column.clone() })
    }
}

impl Column {
    pub(super) fn reference(&self) -> ColumnRef {
        self.dataset.column(&self.name)
    }

    /// Returns the name with the namespace.
    pub(super) fn full_name(&self) -> String {
        format!("{}:{}", full_name(&self.dataset), self.name)
    }

    /// Returns `true` if an identifier of the service names this column. Of one's own columns, it names the owner.
    pub(super) fn is_named_by(&self, identifier: &str) -> bool {
        let namespace = self.dataset.namespace();
        let path = format!("{}.{}.{}", namespace.name(), self.dataset.name(), self.name);
        let Some(rest) = identifier.strip_prefix("ri.") else { return false };
        match namespace.owner() {
            // A user name has no dot.
            "self" => rest.split_once('.').is_some_and(|(_, rest)| rest == path),
            owner => rest.strip_prefix(owner).and_then(|rest| rest.strip_prefix('.')) == Some(&path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_follow_a_colon() {
        for text in ["cinema/films:director", "ana/cinema/films:a:b/c", "films:x"] {
            assert_eq!(text.parse::<ColumnName>().unwrap().to_string(), text);
        }
        for text in ["cinema/films", "cinema/films:", ":x", "a//b:x"] {
            assert!(text.parse::<ColumnName>().is_err(), "{text}");
        }
    }

    #[test]
    fn columns_are_found_by_their_identifiers() {
        let client = datalinks::DataLinks::builder("http://127.0.0.1:1", "key").build().unwrap();
        let column = |owner: &str| {
            let namespace = client.namespace("a.b").unwrap().with_owner(owner).unwrap();
            Column { dataset: namespace.dataset("films").unwrap(), name: "x.y".to_owned() }
        };
        assert!(column("self").is_named_by("ri.ana.a.b.films.x.y"));
        assert!(column("ana").is_named_by("ri.ana.a.b.films.x.y"));
        assert!(!column("bo").is_named_by("ri.ana.a.b.films.x.y"));
        assert!(!column("self").is_named_by("ri.ana.z.a.b.films.x.y"));
        assert!(!column("self").is_named_by("ri.ana.a.b.films.x"));
    }
}
