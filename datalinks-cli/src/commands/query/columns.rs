//! A hint if a query without a result compares columns that do not exist.

use datalinks_emulator::query::{Clause, Condition, parse};

use crate::failure::nearest;
use crate::session::Session;

/// Notes the columns of a query that its first dataset does not have. Reads the dataset; if that fails, there is no note.
pub(super) async fn note_unknown(text: &str, session: &Session) {
    let Ok(query) = parse(text) else { return };
    let Ok(name) = query.dataset.parse() else { return };
    let Ok(dataset) = session.dataset(Some(&name)).await else { return };
    let Ok(info) = dataset.info().await else { return };
    let known = &info.metadata.column_names;
    for column in columns(&query.clauses) {
        if known.iter().any(|own| own == column) {
            continue;
        }
        let near = nearest(column, known.iter().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        session.diagnostics().note(&format!("{} has no column {column:?}{near}", query.dataset));
    }
}

/// Returns the columns in the clauses that concern the first dataset.
fn columns(clauses: &[Clause]) -> Vec<&str> {
    let mut found = Vec::new();
    for clause in clauses {
        match clause {
            Clause::Filter(condition) => add(condition, &mut found),
            Clause::Sort(sort) => found.push(sort.column.as_str()),
            Clause::SearchAround(_) => break,
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Adds the fields of a condition. The parser limits how deeply conditions are nested.
fn add<'a>(condition: &'a Condition, found: &mut Vec<&'a str>) {
    match condition {
        Condition::Any(parts) | Condition::All(parts) => parts.iter().for_each(|part| add(part, found)),
        Condition::Compare(comparison) => found.push(&comparison.field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_the_first_dataset_are_found() {
        let text = "Ontology(a).filter(x > 1 && (y == 2 || x < 0)).sortAscending(z).searchAround().find(b).filter(w == 1)";
        assert_eq!(columns(&parse(text).unwrap().clauses), ["x", "y", "z"]);
    }
}
