//! Names that were probably meant.

use datalinks::{Dataset, Namespace};

use super::namespace_name;
use crate::failure::{Exit, Failure, Result, nearest};

/// Adds the name that was probably meant to the error of a call about a dataset that was not found.
pub(crate) async fn or_missing_dataset<T, E: Into<Failure>>(
    result: std::result::Result<T, E>,
    dataset: &Dataset,
) -> Result<T> {
    match result {
        Ok(value) => Ok(value),
        Err(error) => Err(explain_missing_dataset(error.into(), dataset).await),
    }
}

/// Adds the name that was probably meant to the error of a call about a namespace that was not found.
pub(crate) async fn or_missing_namespace<T, E: Into<Failure>>(
    result: std::result::Result<T, E>,
    namespace: &Namespace,
) -> Result<T> {
    match result {
        Ok(value) => Ok(value),
        Err(error) => Err(explain_missing_namespace(error.into(), namespace).await),
    }
}

/// Adds the name that was probably meant to a failure about a dataset that was not found. Other failures are unchanged.
///
/// Reads the list of datasets. If that fails, the failure stays as it is.
pub(crate) async fn explain_missing_dataset(failure: Failure, dataset: &Dataset) -> Failure {
    if failure.exit() != Exit::NotFound {
        return failure;
    }
    let namespace = dataset.namespace();
    let listed = namespace.schema_datasets().await.ok();
    let names: Vec<String> = listed.into_iter().flat_map(|list| list.items).map(|item| item.name).collect();
    if names.is_empty() {
        return explain_missing_namespace(failure, namespace).await;
    }
    match nearest(dataset.name(), names.iter().map(String::as_str)) {
        Some(near) => failure.next(format!("did you mean {}/{near}?", namespace_name(namespace))),
        None => failure.next(format!("datalinks dataset list --namespace {}", namespace.name())),
    }
}

/// Adds the name that was probably meant to a failure about a namespace that was not found. Other failures are unchanged.
pub(crate) async fn explain_missing_namespace(failure: Failure, namespace: &Namespace) -> Failure {
    if failure.exit() != Exit::NotFound {
        return failure;
    }
    let client = namespace.client();
    let listed = match namespace.owner() {
        "self" => client.namespaces().await,
        owner => client.namespaces_of(owner).await,
    };
    let names: Vec<String> =
        listed.ok().into_iter().flat_map(|list| list.items).map(|item| item.name).collect();
    match nearest(namespace.name(), names.iter().map(String::as_str)) {
        Some(near) if near != namespace.name() => failure.next(format!("did you mean the namespace {near}?")),
        _ => failure.next("datalinks dataset list, which lists the datasets of all namespaces"),
    }
}
