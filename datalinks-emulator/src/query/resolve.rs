//! The dataset that a name in a query means. Letter case does not count.

use super::EvalError;
use crate::accounts::CallerView;
use crate::store::{DatasetName, Namespace};

/// Looks up `namespace/dataset` first, then the name of a dataset alone, among the datasets of the owner of `near`.
///
/// A name alone that exists in several namespaces is an error, whatever the namespace of the request. If names in one
/// namespace differ in letter case only, the one that is spelled alike is meant. Datasets that the caller may not read
/// do not exist.
pub(crate) fn resolve(sight: CallerView<'_>, text: &str, near: &Namespace) -> Result<DatasetName, EvalError> {
    look(sight, text, |name| name.owner == near.owner).unwrap_or_else(|| unknown(sight, text, near))
}

/// Looks up a dataset of a namespace. Unlike in a text, a slash is part of the name that it stands in.
pub(super) fn resolve_name(sight: CallerView<'_>, name: &DatasetName) -> Result<DatasetName, EvalError> {
    if sight.datasets().any(|(own, _)| own == name) {
        return Ok(name.clone());
    }
    let namespace = name.namespace.to_lowercase();
    let within = |own: &DatasetName| own.owner == name.owner && own.namespace.to_lowercase() == namespace;
    pick(sight, &name.name, within, |own| own.name.clone())
        .unwrap_or_else(|| unknown(sight, &name.to_string(), &name.space()))
}

/// Does the same as [`resolve`] for the end of a hop, which may lead to the dataset of another owner.
pub(crate) fn resolve_hop(
    sight: CallerView<'_>,
    text: &str,
    near: &Namespace,
) -> Result<DatasetName, EvalError> {
    look(sight, text, |name| name.owner == near.owner)
        .or_else(|| look(sight, text, |_| true))
        .unwrap_or_else(|| unknown(sight, text, near))
}

fn unknown(sight: CallerView<'_>, text: &str, near: &Namespace) -> Result<DatasetName, EvalError> {
    let own = sight.datasets().filter(|(name, _)| name.owner == near.owner);
    let known = own.map(|(name, _)| name.to_string()).collect();
    Err(EvalError::UnknownDataset { name: text.to_owned(), known })
}

fn look(
    sight: CallerView<'_>,
    text: &str,
    within: impl Fn(&DatasetName) -> bool,
) -> Option<Result<DatasetName, EvalError>> {
    let full = pick(sight, text, &within, DatasetName::to_string);
    full.or_else(|| {
        let bare = |name: &DatasetName| name.name.clone();
        let mut spaces: Vec<Namespace> = named(sight, text, &within, bare).map(DatasetName::space).collect();
        spaces.dedup();
        match spaces.as_slice() {
            [_, _, ..] => Some(Err(ambiguous(text, &named(sight, text, &within, bare).collect::<Vec<_>>()))),
            _ => pick(sight, text, &within, bare),
        }
    })
}

/// The datasets whose name is spelled like the text, letter case aside.
fn named<'a>(
    sight: CallerView<'a>,
    text: &str,
    within: impl Fn(&DatasetName) -> bool,
    spelling: impl Fn(&DatasetName) -> String,
) -> impl Iterator<Item = &'a DatasetName> {
    let wanted = text.to_lowercase();
    let names = sight.datasets().map(|(name, _)| name);
    names.filter(move |name| within(name) && spelling(name).to_lowercase() == wanted)
}

fn pick(
    sight: CallerView<'_>,
    text: &str,
    within: impl Fn(&DatasetName) -> bool,
    spelling: impl Fn(&DatasetName) -> String,
) -> Option<Result<DatasetName, EvalError>> {
    let mut found: Vec<&DatasetName> = named(sight, text, within, &spelling).collect();
    if found.len() > 1 && found.iter().filter(|name| spelling(name) == text).count() == 1 {
        found.retain(|name| spelling(name) == text);
    }
    match found.as_slice() {
        [] => None,
        [only] => Some(Ok((*only).clone())),
        several => Some(Err(ambiguous(text, several))),
    }
}

fn ambiguous(text: &str, candidates: &[&DatasetName]) -> EvalError {
    let candidates = candidates.iter().map(|name| name.to_string()).collect();
    EvalError::Ambiguous { name: text.to_owned(), candidates }
}
