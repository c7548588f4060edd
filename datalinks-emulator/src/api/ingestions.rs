//! Ingestions of uploads: listed, retried, marked as seen.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::call::OperationCall;
use super::time::{moment_of, written};
use crate::concurrency::lock::read;
use crate::ingestion::{Ingestion, NoRetry, Status};
use crate::request::query_string::page_size;
use crate::response::{ApiResponse, Problem};
use crate::store::Right;

#[derive(Serialize)]
struct Page {
    data: Vec<Item>,
    metadata: Metadata,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    before_created_at: Option<String>,
    page_size: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: Uuid,
    status: Status,
    status_message: String,
    processed_bytes: u64,
    expected_total_bytes: u64,
    processed_rows: u64,
    attributes: Attributes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    name: Option<String>,
    seen_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_ingestion_id: Option<Uuid>,
    last_retry_at: Option<String>,
}

#[derive(Serialize)]
struct Started {
    id: Uuid,
}

impl From<Ingestion> for Item {
    fn from(ingestion: Ingestion) -> Self {
        Self {
            id: ingestion.id,
            status: ingestion.status,
            status_message: ingestion.message,
            processed_bytes: ingestion.processed_bytes,
            expected_total_bytes: ingestion.total_bytes,
            processed_rows: ingestion.processed_rows,
            attributes: Attributes {
                name: ingestion.name,
                seen_at: ingestion.seen_at.map(written),
                original_ingestion_id: ingestion.original,
                last_retry_at: ingestion.last_retry_at.map(written),
            },
        }
    }
}

pub(super) fn list(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let name = call.dataset_name();
    let size = page_size(call.query)?;
    let latest = moment_of(call, "beforeCreatedAt")?;
    read(&call.state.store).find(&name)?;
    let mut ingestions = call.state.ingestions.of(&name, latest);
    let next = ingestions.get(size).map(|next| next.created_at);
    ingestions.truncate(size);
    let last = ingestions.last().map(|last| last.created_at);
    let before_created_at = next.map(|next| written(cursor(latest, last, next)));
    let metadata = Metadata { before_created_at, page_size: size };
    Ok(ApiResponse::json(&Page { data: ingestions.into_iter().map(Item::from).collect(), metadata }))
}

/// Where the next page begins. `beforeCreatedAt` means that moment or earlier, so the next page repeats the last item of
/// this one. A page that ends where it began, which one of a single item does, would be the next one again for ever,
/// so the next page begins behind it. All ingestions have moments of their own.
fn cursor(latest: Option<DateTime<Utc>>, last: Option<DateTime<Utc>>, next: DateTime<Utc>) -> DateTime<Utc> {
    last.filter(|last| Some(*last) != latest).unwrap_or(next)
}

pub(super) fn retry(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let id = id(call, Right::Write)?;
    let state = call.state;
    let new = state.ingestions.retry(&state.ids, state.clock.now(), id).map_err(|refusal| match refusal {
        NoRetry::Unknown => no_ingestion(),
        NoRetry::NotFailed(status) => {
            Problem::conflict(format!("the ingestion is {status:?}; only a failed one is retried"))
        }
    })?;
    Ok(ApiResponse::json(&Started { id: new }).status(StatusCode::CREATED))
}

pub(super) fn mark_seen(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    if call.state.ingestions.mark_seen(id(call, Right::Read)?, call.state.clock.now()) {
        Ok(ApiResponse::empty().status(StatusCode::NO_CONTENT))
    } else {
        Err(no_ingestion())
    }
}

/// The ingestion in the path, if the caller may do this with its dataset.
fn id(call: &OperationCall<'_>, need: Right) -> Result<Uuid, Problem> {
    let id = call.param("ingestionId").parse().map_err(|_| no_ingestion())?;
    let dataset = call.state.ingestions.dataset(id).ok_or_else(no_ingestion)?;
    let store = read(&call.state.store);
    let sight = call.sight(&store);
    if !sight.sees(&dataset) {
        return Err(no_ingestion());
    }
    sight.check(&dataset, need)?;
    Ok(id)
}

fn no_ingestion() -> Problem {
    Problem::not_found("there is no such ingestion; use the id that finishing the upload answered")
}
