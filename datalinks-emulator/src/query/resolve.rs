//! Which dataset a name in a query means. Letter case does not count.

use super::EvalError;
use crate::store::{DatasetName, Store};

/// Looks for `namespace/dataset` first, then for a bare name in `near`, then for a bare name
/// anywhere. Where names differ in letter case only, the one spelt alike wins.
pub(crate) fn resolve(store: &Store, text: &str, near: &str) -> Result<DatasetName, EvalError> {
    let wanted = text.to_lowercase();
    let full = |name: &DatasetName| name.to_string();
    let bare = |name: &DatasetName| name.name.clone();
    pick(store, text, &wanted, |_| true, full)
        .or_else(|| pick(store, text, &wanted, |name| name.namespace == near, bare))
        .or_else(|| pick(store, text, &wanted, |_| true, bare))
        .unwrap_or_else(|| {
            let known = store.datasets().map(|(name, _)| name.to_string()).collect();
            Err(EvalError::UnknownDataset { name: text.to_owned(), known })
        })
}

fn pick(
    store: &Store,
    text: &str,
    wanted: &str,
    within: impl Fn(&DatasetName) -> bool,
    spelling: impl Fn(&DatasetName) -> String,
) -> Option<Result<DatasetName, EvalError>> {
    let mut found: Vec<&DatasetName> = store
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
