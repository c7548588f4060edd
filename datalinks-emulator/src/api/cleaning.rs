//! Handlers of the cleaning agent.

use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::call::{OperationCall, check_name};
use crate::cleaning::{self, CodeFile, Task};
use crate::concurrency::lock::{read, write};
use crate::concurrency::work::background;
use crate::request::Fields;
use crate::response::{ApiResponse, Label, Problem};
use crate::runtime::Kind;
use crate::store::{InputRow, Right, StoreError};
use crate::usage::tokens;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StartedCleaning {
    cleaning_task_id: Uuid,
}

/// The code of a task. Before version 2.22.1 of the contract, it was a bare array of files.
#[derive(Serialize)]
struct Code {
    files: Vec<CodeFile>,
}

pub(super) fn request<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    clean(call).boxed()
}

async fn clean(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let prompts: Vec<String> = fields.required("prompts");
    let (namespace, dataset): (String, String) =
        (fields.required("outputNamespace"), fields.required("outputDatasetName"));
    fields.finish()?;
    check_name("namespace", &namespace)?;
    check_name("dataset", &dataset)?;
    let (input, output) = (call.dataset_name(), call.space_of("self", &namespace).dataset(dataset));
    let state = call.state;
    {
        let store = read(&state.store);
        call.view(&store).check(&output, Right::Write)?;
        store.find(&input)?;
        if store.dataset(&output).is_some() {
            return Err(StoreError::DatasetExists(output).into());
        }
    }
    call.script("a cleaning")?;
    let (store, name) = (state.snapshot(), input.clone());
    let (rows, definition) = background(move || {
        let dataset = store.find(&name)?;
        let rows: Vec<_> = cleaning::cleaned(dataset).into_iter().map(InputRow::into_owned).collect();
        Ok::<_, Problem>((rows, dataset.definition.clone()))
    })
    .await?;
    {
        let mut store = write(&state.store);
        store.create(output.clone(), definition)?;
        store.find_mut(&output)?.append(rows);
    }
    let code = cleaning::code(&prompts);
    let used = prompts.iter().map(|prompt| tokens(prompt)).sum::<u64>() + tokens(&code.content);
    state.usage.add(&call.caller.user, state.clock.now(), used);
    let id = state.ids.next(Kind::Cleaning);
    let user = call.caller.user.clone();
    state.cleaning.add(id, Task { user, dataset: input, prompts, output, code: vec![code] });
    Ok(ApiResponse::json(&StartedCleaning { cleaning_task_id: id }).status(StatusCode::CREATED))
}

pub(super) fn code(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let id = call.param("cleaningTaskId").parse().ok();
    let code = id.and_then(|id| call.state.cleaning.code(id, &call.caller));
    let code = code.ok_or_else(|| {
        Problem::not_found(
            "no such cleaning task of yours; use the `cleaningTaskId` of the response to its request",
        )
    })?;
    // Every task was cleaned by a rule, whatever its prompts were.
    call.provenance.note(Label::Scripted);
    Ok(ApiResponse::json(&Code { files: code }))
}
