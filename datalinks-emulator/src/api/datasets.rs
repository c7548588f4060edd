//! Handlers for datasets and namespaces: listing, describing, renaming, deleting.

use http::StatusCode;
use serde::Serialize;

use super::call::{OperationCall, check_name};
use crate::concurrency::lock::{read, write};
use crate::concurrency::work::Set;
use crate::request::{Fields, query_string};
use crate::response::{ApiResponse, Problem};
use crate::store::{Dataset, DatasetName, Definition, OrderedTexts, StoreError};

/// A dataset in a list.
#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    namespace: &'a str,
    owner: &'a str,
    visibility: &'static str,
}

impl<'a> Listed<'a> {
    fn new(name: &'a DatasetName) -> Self {
        Self { name: &name.name, namespace: &name.namespace, owner: &name.owner, visibility: "Private" }
    }
}

#[derive(Serialize)]
struct Information<'a> {
    dataset: Listed<'a>,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    column_names: Vec<&'a str>,
    row_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema_definition: Option<&'a OrderedTexts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_definition: Option<&'a str>,
}

impl<'a> Metadata<'a> {
    fn new(dataset: &'a Dataset) -> Self {
        Self {
            column_names: dataset.column_names(),
            row_count: dataset.rows().len(),
            data_description: dataset.definition.data_description.as_deref(),
            schema_definition: dataset.definition.schema_definition.as_ref(),
            field_definition: dataset.definition.field_definition.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct Namespace<'a> {
    name: &'a str,
    owner: &'a str,
}

pub(super) fn information(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let name = call.dataset_name();
    let store = read(&call.state.store);
    let metadata = Metadata::new(store.find(&name)?);
    Ok(ApiResponse::json(&Information { dataset: Listed::new(&name), metadata }))
}

pub(super) fn list(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let store = read(&call.state.store);
    let list: Vec<Listed<'_>> = call.view(&store).datasets().map(|(name, _)| Listed::new(name)).collect();
    Ok(ApiResponse::json(&list))
}

/// Lists the datasets of a namespace. The list may be empty, because the OpenAPI document declares no 404 here.
pub(super) fn list_in_namespace(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let store = read(&call.state.store);
    let space = call.space();
    let datasets = call.view(&store).in_namespace(&space);
    let list: Vec<Listed<'_>> = datasets.map(|(name, _)| Listed::new(name)).collect();
    Ok(ApiResponse::json(&list))
}

/// Lists the datasets of a namespace under a second path, for which the OpenAPI document declares a 404.
pub(super) fn list_within_namespace(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let space = call.space();
    if call.view(&read(&call.state.store)).in_namespace(&space).next().is_none() {
        return Err(StoreError::NoSuchNamespace(space).into());
    }
    list_in_namespace(call)
}

pub(super) fn namespaces(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let store = read(&call.state.store);
    let owner = &*call.path_owner();
    if call.state.accounts.user_id(owner).is_none() {
        return Err(Problem::not_found(format!("there is no user {owner:?}; \"self\" means yourself")));
    }
    let mut names: Vec<&str> = call
        .view(&store)
        .datasets()
        .filter(|(name, _)| name.owner == owner)
        .map(|(name, _)| name.namespace.as_str())
        .collect();
    names.dedup();
    let list: Vec<Namespace<'_>> = names.into_iter().map(|name| Namespace { name, owner }).collect();
    Ok(ApiResponse::json(&list))
}

pub(super) fn clear(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    write(&call.state.store).clear(&call.dataset_name())?;
    Ok(ApiResponse::empty())
}

pub(super) fn balefire(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    write(&call.state.store).remove(&call.dataset_name())?;
    Ok(ApiResponse::empty())
}

/// Deletes a namespace. A namespace exists only through its datasets. Without `deleteDatasets=true` the request
/// therefore always fails: the namespace is missing (404) or has datasets (409).
pub(super) fn balefire_namespace(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let space = call.space();
    let mut store = write(&call.state.store);
    match query_string::text(call.query, "deleteDatasets")?.as_deref() {
        Some("true") => store.remove_namespace(&space)?,
        _ => store.check_empty(&space)?,
    }
    Ok(ApiResponse::empty())
}

pub(super) fn rename(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let to = new_name(call, "dataset")?;
    let name = call.dataset_name();
    write(&call.state.store).rename(&name, to)?;
    call.state.build_specs.relocate(&name, &name.space().dataset(to));
    Ok(ApiResponse::empty())
}

pub(super) fn rename_namespace(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let to = new_name(call, "namespace")?;
    let space = call.space();
    let mut store = write(&call.state.store);
    let names: Vec<DatasetName> = store.in_namespace(&space).map(|(name, _)| name.clone()).collect();
    store.rename_namespace(&space, to)?;
    drop(store);
    for name in names {
        let target = DatasetName { namespace: to.to_owned(), ..name.clone() };
        call.state.build_specs.relocate(&name, &target);
    }
    Ok(ApiResponse::empty())
}

/// Reads the body of a rename: the new name as plain text.
fn new_name<'a>(call: &'a OperationCall<'_>, what: &str) -> Result<&'a str, Problem> {
    let name = std::str::from_utf8(&call.body)
        .map_err(|_| Problem::malformed("the new name is not UTF-8; send it as plain UTF-8 text"))?;
    check_name(what, name)?;
    Ok(name)
}

pub(super) fn update_definition(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let definition = Definition {
        data_description: fields.description("dataDescription"),
        schema_definition: fields.optional("schemaDefinition"),
        field_definition: fields.description("fieldDefinition"),
    };
    fields.finish()?;
    let mut store = write(&call.state.store);
    store.find_mut(&call.dataset_name())?.definition.update(definition);
    Ok(ApiResponse::empty().status(StatusCode::CREATED))
}

pub(super) fn update_sort_order(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let order: Vec<String> = fields.required("order");
    fields.finish()?;
    let mut store = write(&call.state.store);
    let dataset = store.find_mut(&call.dataset_name())?;
    let mut seen: Set<&str> = Set::default();
    for (index, column) in order.iter().enumerate() {
        let defect = if !dataset.has_column(column) {
            "is not a column of the dataset"
        } else if !seen.insert(column) {
            "is listed twice"
        } else {
            continue;
        };
        return Err(Problem::unprocessable(format!(
            "order[{index}]: {column:?} {defect}; name each column at most once"
        )));
    }
    dataset.set_sort_order(order);
    Ok(ApiResponse::empty())
}
