//! Resolution of dataset names in queries, ignoring letter case.

use super::EvalError;
use crate::accounts::CallerView;
use crate::store::{DatasetName, Namespace};

/// Resolves a name, first as `namespace/dataset` and then as the name of a dataset alone, among the datasets of the
/// owner of `namespace`.
///
/// A name alone that exists in several namespaces is ambiguous, whatever the namespace of the request. If names in one
/// namespace differ only in letter case, an exact match is preferred. Datasets that the caller may not read are ignored.
pub(crate) fn resolve(
    view: CallerView<'_>,
    text: &str,
    namespace: &Namespace,
) -> Result<DatasetName, EvalError> {
    lookup(view, text, |name| name.owner == namespace.owner).unwrap_or_else(|| unknown(view, text, namespace))
}

/// Resolves a dataset by its namespace and name. A slash is part of the name, unlike in a query text.
pub(super) fn resolve_name(view: CallerView<'_>, name: &DatasetName) -> Result<DatasetName, EvalError> {
    if view.datasets().any(|(own, _)| own == name) {
        return Ok(name.clone());
    }
    let namespace = name.namespace.to_lowercase();
    let within = |own: &DatasetName| own.owner == name.owner && own.namespace.to_lowercase() == namespace;
    pick(view, &name.name, within, |own| own.name.clone())
        .unwrap_or_else(|| unknown(view, &name.to_string(), &name.space()))
}

/// Resolves the target of a search around, which may be a dataset of another owner.
pub(crate) fn resolve_hop(
    view: CallerView<'_>,
    text: &str,
    namespace: &Namespace,
) -> Result<DatasetName, EvalError> {
    lookup(view, text, |name| name.owner == namespace.owner)
        .or_else(|| lookup(view, text, |_| true))
        .unwrap_or_else(|| unknown(view, text, namespace))
}

fn unknown(view: CallerView<'_>, text: &str, namespace: &Namespace) -> Result<DatasetName, EvalError> {
    let own = view.datasets().filter(|(name, _)| name.owner == namespace.owner);
    let known = own.map(|(name, _)| name.to_string()).collect();
    Err(EvalError::UnknownDataset { name: text.to_owned(), known })
}

fn lookup(
    view: CallerView<'_>,
    text: &str,
    within: impl Fn(&DatasetName) -> bool,
) -> Option<Result<DatasetName, EvalError>> {
    let full = pick(view, text, &within, DatasetName::to_string);
    full.or_else(|| {
        let bare = |name: &DatasetName| name.name.clone();
        let mut spaces: Vec<Namespace> = named(view, text, &within, bare).map(DatasetName::space).collect();
        spaces.dedup();
        match spaces.as_slice() {
            [_, _, ..] => Some(Err(ambiguous(text, &named(view, text, &within, bare).collect::<Vec<_>>()))),
            _ => pick(view, text, &within, bare),
        }
    })
}

/// Returns the datasets whose name equals the text, ignoring letter case.
fn named<'a>(
    view: CallerView<'a>,
    text: &str,
    within: impl Fn(&DatasetName) -> bool,
    spelling: impl Fn(&DatasetName) -> String,
) -> impl Iterator<Item = &'a DatasetName> {
    let lower = text.to_lowercase();
    let names = view.datasets().map(|(name, _)| name);
    names.filter(move |name| within(name) && spelling(name).to_lowercase() == lower)
}

fn pick(
    view: CallerView<'_>,
    text: &str,
    within: impl Fn(&DatasetName) -> bool,
    spelling: impl Fn(&DatasetName) -> String,
) -> Option<Result<DatasetName, EvalError>> {
    let mut found: Vec<&DatasetName> = named(view, text, within, &spelling).collect();
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
