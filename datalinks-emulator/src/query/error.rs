//! Errors of the evaluation of queries.

/// The reason why a valid query cannot be evaluated.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum EvalError {
    #[error("dataset {name:?} does not exist; {}", known_datasets(.known))]
    UnknownDataset { name: String, known: Vec<String> },
    #[error("the name {name:?} is ambiguous ({}); write the namespace before it", .candidates.join(", "))]
    Ambiguous { name: String, candidates: Vec<String> },
    #[error(
        "no active link leads from {from} to {to}{}; add one between two of their columns with addLink, or activate a \
         suggested one with saveConnections",
        bounds(*.depth, .columns)
    )]
    NoLink { from: String, to: String, depth: u32, columns: Vec<String> },
}

fn known_datasets(known: &[String]) -> String {
    match known {
        [] => "there are no datasets yet, create one first".to_owned(),
        known if known.len() > 10 => format!("list the {} existing ones with getDatasets", known.len()),
        known => format!("the existing ones are {}", known.join(", ")),
    }
}

/// Describes the depth and the columns of a step.
fn bounds(depth: u32, columns: &[String]) -> String {
    let depth = if depth > 1 { format!(" over at most {depth} links") } else { String::new() };
    match columns {
        [] => depth,
        columns => format!("{depth}, starting at {}", columns.join(" or ")),
    }
}
