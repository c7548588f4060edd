//! What can be wrong with a query that is well written.

/// Why a well-written query found no answer.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum EvalError {
    #[error("there is no dataset {name:?}; {}", known_datasets(.known))]
    UnknownDataset { name: String, known: Vec<String> },
    #[error("the name {name:?} fits several datasets ({}); write the namespace before it", .candidates.join(", "))]
    Ambiguous { name: String, candidates: Vec<String> },
    #[error(
        "no active link leads from {from} to {to}; add one with addLink between a column of each, or activate a suggested one with saveConnections"
    )]
    NoLink { from: String, to: String },
}

fn known_datasets(known: &[String]) -> String {
    match known {
        [] => "the emulator holds none yet, create one first".to_owned(),
        known if known.len() > 10 => format!("look among the {} that exist with getDatasets", known.len()),
        known => format!("it holds {}", known.join(", ")),
    }
}
