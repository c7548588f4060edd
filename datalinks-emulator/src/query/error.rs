//! Errors of queries that can be parsed but not run.

/// A query that could be parsed and cannot be run.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum EvalError {
    #[error("there is no dataset {name:?}; {}", known_datasets(.known))]
    UnknownDataset { name: String, known: Vec<String> },
    #[error("the name {name:?} fits several datasets ({}); write the namespace before it", .candidates.join(", "))]
    Ambiguous { name: String, candidates: Vec<String> },
    #[error(
        "no active link leads from {from} to {to}{}; add one with addLink between a column of each, or activate a \
         suggested one with saveConnections",
        bounds(*.depth, .columns)
    )]
    NoLink { from: String, to: String, depth: u32, columns: Vec<String> },
}

fn known_datasets(known: &[String]) -> String {
    match known {
        [] => "the emulator holds none yet, create one first".to_owned(),
        known if known.len() > 10 => format!("look among the {} that exist with getDatasets", known.len()),
        known => format!("it holds {}", known.join(", ")),
    }
}

/// The depth and the columns that a step is bound to.
fn bounds(depth: u32, columns: &[String]) -> String {
    let depth = if depth > 1 { format!(" over at most {depth} links") } else { String::new() };
    match columns {
        [] => depth,
        columns => format!("{depth}, beginning at {}", columns.join(" or ")),
    }
}
