//! The text of a query.

use crate::commands::text;
use crate::failure::Result;

/// Returns the query that is given as an argument, or standard input for `-`.
pub(super) async fn given(argument: &str) -> Result<String> {
    match argument {
        "-" => text(argument.to_owned(), "query").await,
        // The service judges all other queries.
        _ => Ok(argument.to_owned()),
    }
}

/// Returns the namespace of the dataset at which a query starts, if the query names it. Mistakes after the dataset do not
/// matter, because the service reports them.
pub(super) fn namespace(text: &str) -> Option<String> {
    let start = text.split_inclusive(')').next().unwrap_or_default();
    let query =
        datalinks_emulator::query::parse(text).or_else(|_| datalinks_emulator::query::parse(start)).ok()?;
    query.dataset.split_once('/').map(|(namespace, _)| namespace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespace_is_that_of_the_first_dataset() {
        let of = |text| namespace(text);
        assert_eq!(of("Ontology(\"cinema/films\").limit(1)").as_deref(), Some("cinema"));
        assert_eq!(of("Ontology(\"cinema/films\").limit(").as_deref(), Some("cinema"));
        assert_eq!(of("Ontology(films)"), None);
        assert_eq!(of("not a query"), None);
    }
}
