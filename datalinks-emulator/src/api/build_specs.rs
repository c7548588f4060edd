//! Handlers for build specs: code that derives a dataset from others.

use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::call::OperationCall;
use super::time::written;
use crate::build_specs::{BuildSpec, Content};
use crate::concurrency::lock::read;
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::runtime::Kind;
use crate::store::{DatasetName, Right};

/// A build spec in a response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    id: Uuid,
    owner: &'a str,
    version: u64,
    sources: Vec<Coordinate<'a>>,
    destination: Coordinate<'a>,
    code: Code<'a>,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Coordinate<'a> {
    owner: &'a str,
    namespace: &'a str,
    dataset_name: &'a str,
}

#[derive(Serialize)]
struct Code<'a> {
    payload: &'a str,
}

#[derive(Serialize)]
struct List<'a> {
    items: Vec<Body<'a>>,
}

impl<'a> From<&'a DatasetName> for Coordinate<'a> {
    fn from(DatasetName { owner, namespace, name }: &'a DatasetName) -> Self {
        Self { owner, namespace, dataset_name: name }
    }
}

impl<'a> From<&'a BuildSpec> for Body<'a> {
    fn from(spec: &'a BuildSpec) -> Self {
        let BuildSpec { id, owner, version, content, created_at, updated_at } = spec;
        Self {
            id: *id,
            owner,
            version: *version,
            sources: content.sources.iter().map(Coordinate::from).collect(),
            destination: (&content.destination).into(),
            code: Code { payload: &content.payload },
            created_at: written(*created_at),
            updated_at: written(*updated_at),
        }
    }
}

/// Reads the body and checks that the caller may read every source and write to the destination.
fn content(call: &OperationCall<'_>) -> Result<Content, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let sources: Vec<DatasetName> = fields
        .objects("sources")
        .into_iter()
        .map(|mut source| {
            let name = coordinate(call, &mut source);
            fields.close(source);
            name
        })
        .collect();
    let destination = fields.required_object("destination").map(|mut inner| {
        let name = coordinate(call, &mut inner);
        fields.close(inner);
        name
    });
    let payload = fields.required_object("code").map(|mut code| {
        let payload = code.required("payload");
        fields.close(code);
        payload
    });
    fields.finish()?;
    let (Some(destination), Some(payload)) = (destination, payload) else {
        return Err(Problem::internal("a field was missing and not reported"));
    };
    let store = read(&call.state.store);
    let view = call.view(&store);
    for source in &sources {
        view.check(source, Right::Read)?;
        store.find(source)?;
    }
    view.check(&destination, Right::Write)?;
    store.find(&destination)?;
    Ok(Content { sources, destination, payload })
}

fn coordinate(call: &OperationCall<'_>, fields: &mut Fields<'_>) -> DatasetName {
    let (owner, namespace): (String, String) = (fields.required("owner"), fields.required("namespace"));
    call.space_of(&owner, &namespace).dataset(fields.required::<String>("datasetName"))
}

fn id(call: &OperationCall<'_>) -> Result<Uuid, Problem> {
    call.param("buildSpecId").parse().map_err(|_| spec_not_found())
}

fn spec_not_found() -> Problem {
    Problem::not_found("no such build spec of yours; use an id from the list of build specs")
}

pub(super) fn list(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let specs = call.state.build_specs.list(&call.caller);
    Ok(ApiResponse::json(&List { items: specs.iter().map(Body::from).collect() }))
}

pub(super) fn create(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let content = content(call)?;
    let state = call.state;
    let id = state.ids.next(Kind::BuildSpec);
    let spec = state.build_specs.create(id, &call.caller.user, content, state.clock.now());
    Ok(ApiResponse::json(&Body::from(&spec)).status(StatusCode::CREATED))
}

pub(super) fn get(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let spec = call.state.build_specs.find(id(call)?, &call.caller).ok_or_else(spec_not_found)?;
    Ok(ApiResponse::json(&Body::from(&spec)))
}

/// Replaces a build spec. The request carries no version, so the service's version conflict cannot occur.
pub(super) fn edit(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let id = id(call)?;
    let state = call.state;
    state.build_specs.find(id, &call.caller).ok_or_else(spec_not_found)?;
    let content = content(call)?;
    let spec =
        state.build_specs.replace(id, &call.caller, content, state.clock.now()).ok_or_else(spec_not_found)?;
    Ok(ApiResponse::json(&Body::from(&spec)))
}

pub(super) fn delete(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    if !call.state.build_specs.delete(id(call)?, &call.caller) {
        return Err(spec_not_found());
    }
    Ok(ApiResponse::empty().status(StatusCode::NO_CONTENT))
}
