//! Handlers for ingestions of uploads: listing, retrying, marking as seen.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::call::OperationCall;
use super::time::{timestamp_of, written};
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
    let latest = timestamp_of(call, "beforeCreatedAt")?;
    read(&call.state.store).find(&name)?;
    let mut ingestions = call.state.ingestions.of(&name, latest);
    let next = ingestions.get(size).map(|next| next.created_at);
    ingestions.truncate(size);
    let last = ingestions.last().map(|last| last.created_at);
    let before_created_at = next.map(|next| written(cursor(latest, last, next)));
    let metadata = Metadata { before_created_at, page_size: size };
    Ok(ApiResponse::json(&Page { data: ingestions.into_iter().map(Item::from).collect(), metadata }))
}

/// Returns the cursor of the next page: the creation time of this page's last item. `beforeCreatedAt` includes that
/// time, so the next page repeats the item. A page with a single item would be followed by itself forever, so its
/// successor starts behind the item. Creation times are unique.
fn cursor(latest: Option<DateTime<Utc>>, last: Option<DateTime<Utc>>, next: DateTime<Utc>) -> DateTime<Utc> {
    last.filter(|last| Some(*last) != latest).unwrap_or(next)
}

pub(super) fn retry(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let id = id(call, Right::Write)?;
    let state = call.state;
    let new = state.ingestions.retry(&state.ids, state.clock.now(), id).map_err(|reason| match reason {
        NoRetry::Unknown => ingestion_not_found(),
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
        Err(ingestion_not_found())
    }
}

/// Returns the id in the path if the caller has the right `need` to the dataset of the ingestion.
fn id(call: &OperationCall<'_>, need: Right) -> Result<Uuid, Problem> {
    let id = call.param("ingestionId").parse().map_err(|_| ingestion_not_found())?;
    let dataset = call.state.ingestions.dataset(id).ok_or_else(ingestion_not_found)?;
    let store = read(&call.state.store);
    let view = call.view(&store);
    if !view.sees(&dataset) {
        return Err(ingestion_not_found());
    }
    view.check(&dataset, need)?;
    Ok(id)
}

fn ingestion_not_found() -> Problem {
    Problem::not_found("no such ingestion; use the id that finishing the upload returned")
}
