//! Handlers that upload one file into a dataset, in parts.

use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::call::{OperationCall, check_name};
use super::ingest::definition;
use crate::concurrency::lock::{read, write};
use crate::ingestion::{Format, IngestionJob};
use crate::linking::LinkSelection;
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::runtime::Kind;
use crate::runtime::clock::later;
use crate::steps::{DatasetContext, InferenceSteps};
use crate::uploads::storage::{self, MAX_PARTS, Purpose, StartedUpload};

/// Default number of rows that go through the inference steps at a time, the same as the service's.
const DEFAULT_BATCH: u64 = 1_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Prepared<'a> {
    upload_id: &'a str,
    key: &'a str,
    part_size: u64,
    presigned_urls: Vec<Presigned>,
}

#[derive(Serialize)]
struct Presigned {
    url: String,
    size: u64,
}

#[derive(Serialize)]
struct Ingesting {
    id: Uuid,
}

pub(super) fn prepare(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let name = call.dataset_name();
    let mut fields = Fields::read(&call.body)?;
    let (filename, size): (String, u64) = (fields.required("filename"), fields.required("size"));
    fields.finish()?;
    read(&call.state.store).find(&name)?;
    format(&filename)?;
    let started = begin(call, Purpose::Dataset(name), &filename, size)?;
    let presigned_urls = urls(call, &started).map(|(url, size)| Presigned { url, size }).collect();
    Ok(ApiResponse::json(&Prepared {
        upload_id: &started.upload_id,
        key: &started.key,
        part_size: call.state.settings.part_size,
        presigned_urls,
    }))
}

pub(super) fn finish(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let dataset = call.dataset_name();
    let mut fields = Fields::read(&call.body)?;
    let (upload_id, key): (String, String) = (fields.required("uploadId"), fields.required("key"));
    let parts = parts(&mut fields);
    let name: Option<String> = fields.optional("name");
    let steps = InferenceSteps::take(&mut fields);
    let links = LinkSelection::parse(&mut fields);
    let batch = fields.optional("inferBatchSize").unwrap_or(DEFAULT_BATCH);
    let definition = definition(&mut fields);
    fields.finish()?;
    // An upload of any other format was rejected at its start.
    let format = Format::of(&key).ok_or_else(|| {
        Problem::bad_request(format!(
            "key: no such upload {key:?}; send the key from the response to its start"
        ))
    })?;
    if let Some(what) = steps.first_model_step() {
        call.model_for_part(&what)?;
    }
    let mut store = write(&call.state.store);
    let stored = &mut store.find_mut(&dataset)?.definition;
    let purpose = Purpose::Dataset(dataset.clone());
    let content = call
        .state
        .storage
        .finish(&upload_id, &key, &purpose, &parts)
        .map_err(|error| Problem::bad_request(error.to_string()))?;
    stored.update(definition);
    let file = call.state.ids.next(Kind::File);
    let context = DatasetContext::new(stored, None);
    let (batch, caller) = (usize::try_from(batch).unwrap_or(usize::MAX), call.caller.clone());
    let job = IngestionJob { file, content, format, steps, about: context, batch, links, caller };
    let id = call.state.ingestions.begin(&call.state.ids, call.state.clock.now(), dataset, name, job);
    Ok(ApiResponse::json(&Ingesting { id }).status(StatusCode::CREATED))
}

pub(super) fn abort(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let (upload_id, key): (String, String) = (fields.required("uploadId"), fields.required("key"));
    fields.finish()?;
    let purpose = Purpose::Dataset(call.dataset_name());
    call.state
        .storage
        .abort(&upload_id, &key, &purpose)
        .map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(ApiResponse::empty())
}

/// Starts the upload of a file for any purpose.
pub(super) fn begin(
    call: &OperationCall<'_>,
    purpose: Purpose,
    filename: &str,
    size: u64,
) -> Result<StartedUpload, Problem> {
    check_name("file", filename)?;
    let part = call.state.settings.part_size;
    let sizes = storage::sizes(size, part).ok_or_else(|| {
        Problem::bad_request(format!(
            "{size} bytes are more than {MAX_PARTS} parts of {part} bytes; send several files"
        ))
    })?;
    let state = call.state;
    let expires_at = later(state.clock.now(), state.settings.part_url_lifetime);
    Ok(state.storage.begin(&state.ids, purpose, filename, sizes, expires_at))
}

/// Returns the URL and the size in bytes of each part.
pub(super) fn urls(call: &OperationCall<'_>, started: &StartedUpload) -> impl Iterator<Item = (String, u64)> {
    (1..).zip(&started.sizes).map(|(number, size)| (storage::url(call.host, &started.token, number), *size))
}

/// Reads the numbers and entity tags of the parts, in the order of the request.
pub(super) fn parts(fields: &mut Fields<'_>) -> Vec<(i64, String)> {
    let mut parts = Vec::new();
    for mut part in fields.objects("parts") {
        parts.push((part.required("partNumber"), part.required("etag")));
        fields.close(part);
    }
    parts
}

fn format(filename: &str) -> Result<Format, Problem> {
    Format::of(filename).ok_or_else(|| {
        Problem::not_implemented(
            "the emulator reads .csv, .json (an array), .ndjson and .jsonl; use another format or the service",
        )
    })
}
