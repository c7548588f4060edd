//! Links as commands show them.

use serde::Serialize;

/// A link.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Link {
    /// Column at which the link starts, as USER/NAMESPACE/DATASET:COLUMN.
    ///
    /// The service does not document how dots inside names are written. If a name has dots, this is the identifier of the
    /// service.
    pub(crate) origin: String,
    /// Column at which the link ends.
    pub(crate) destination: String,
    pub(crate) match_type: String,
    /// Number of matching records.
    pub(crate) hits: i64,
}

/// The columns of a table of links.
pub(super) const COLUMNS: &[&str] = &["origin", "destination", "matchType", "hits"];

impl Link {
    pub(crate) fn of(link: &datalinks::datasets::Link) -> Self {
        Self {
            origin: column_of(&link.origin)
                .map_or_else(|| link.origin.clone(), |(dataset, column)| format!("{dataset}:{column}")),
            destination: column_of(&link.destination)
                .map_or_else(|| link.destination.clone(), |(dataset, column)| format!("{dataset}:{column}")),
            match_type: link.match_type.to_string(),
            hits: link.hits,
        }
    }
}

/// Returns the dataset, as USER/NAMESPACE/DATASET, and the column of an identifier of the service, such as
/// `ri.ana.cinema.films.director`. `None` if dots inside names make it ambiguous.
pub(crate) fn column_of(identifier: &str) -> Option<(String, &str)> {
    let parts: Vec<&str> = identifier.strip_prefix("ri.")?.split('.').collect();
    match parts[..] {
        [owner, namespace, dataset, column] => Some((format!("{owner}/{namespace}/{dataset}"), column)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_without_further_dots_are_names() {
        let films = Some(("ana/cinema/films".to_owned(), "director"));
        assert_eq!(column_of("ri.ana.cinema.films.director"), films);
        assert_eq!(column_of("ri.ana.cinema.films.a.b"), None);
        assert_eq!(column_of("cinema.films"), None);
    }
}
