//! Which dataset a name in a query means. Letter case does not count.

use super::EvalError;
use crate::access::Sight;
use crate::store::{DatasetName, Namespace};

/// Looks for `namespace/dataset` first, then for a bare name in `near`, then for a bare name
/// anywhere with its owner. Where names differ in letter case only, the one spelt alike wins. What the caller
/// may not read does not exist.
pub(crate) fn resolve(sight: Sight<'_>, text: &str, near: &Namespace) -> Result<DatasetName, EvalError> {
    look(sight, text, near, |name| name.owner == near.owner).unwrap_or_else(|| unknown(sight, text, near))
}

/// The same for the end of a hop, which may lead to another owner's dataset.
pub(crate) fn resolve_hop(sight: Sight<'_>, text: &str, near: &Namespace) -> Result<DatasetName, EvalError> {
    look(sight, text, near, |name| name.owner == near.owner)
        .or_else(|| look(sight, text, near, |_| true))
        .unwrap_or_else(|| unknown(sight, text, near))
}

fn unknown(sight: Sight<'_>, text: &str, near: &Namespace) -> Result<DatasetName, EvalError> {
    let own = sight.datasets().filter(|(name, _)| name.owner == near.owner);
    let known = own.map(|(name, _)| name.to_string()).collect();
    Err(EvalError::UnknownDataset { name: text.to_owned(), known })
}

fn look(
    sight: Sight<'_>,
    text: &str,
    near: &Namespace,
    within: impl Fn(&DatasetName) -> bool,
) -> Option<Result<DatasetName, EvalError>> {
    let wanted = text.to_lowercase();
    let full = |name: &DatasetName| name.to_string();
    let bare = |name: &DatasetName| name.name.clone();
    pick(sight, text, &wanted, &within, full)
        .or_else(|| pick(sight, text, &wanted, |name| near.contains(name), bare))
        .or_else(|| pick(sight, text, &wanted, &within, bare))
}

fn pick(
    sight: Sight<'_>,
    text: &str,
    wanted: &str,
    within: impl Fn(&DatasetName) -> bool,
    spelling: impl Fn(&DatasetName) -> String,
) -> Option<Result<DatasetName, EvalError>> {
    let mut found: Vec<&DatasetName> = sight
        .datasets()
        .map(|(name, _)| name)
        .filter(|name| within(name) && spelling(name).to_lowercase() == wanted)
        .collect();
    if found.len() > 1 && found.iter().filter(|name| spelling(name) == text).count() == 1 {
        found.retain(|name| spelling(name) == text);
    }
    match found.as_slice() {
        [] => None,
        [only] => Some(Ok((*only).clone())),
        several => Some(Err(EvalError::Ambiguous {
            name: text.to_owned(),
            candidates: several.iter().map(|name| name.to_string()).collect(),
        })),
    }
}
