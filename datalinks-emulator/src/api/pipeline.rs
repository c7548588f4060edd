//! Handlers of the ingest proxy.

use std::sync::Arc;

use datalinks_gen::StreamKind;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;

use super::call::{OperationCall, check_name};
use super::sessions::BUCKET;
use crate::concurrency::lock::read;
use crate::concurrency::work::background;
use crate::ingestion::Format;
use crate::pipeline::{Known, Llm, NotWaiting, PipelineJob, PipelineRun, Switches, predefined_datasets};
use crate::request::Fields;
use crate::request::query_string::number;
use crate::response::{ApiResponse, EventBytes, Label, Problem};
use crate::runtime::Kind;
use crate::store::{InputRow, Right};

const RUN_ID: HeaderName = HeaderName::from_static("x-workflow-run-id");

/// The phases of a run that need a model, for messages.
const MODEL_PHASES: &str = "a pipeline run with `model`, `ontology` or `predefinedSchema`";

pub(super) fn run<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    start(call).boxed()
}

async fn start(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let job = job(call).await?;
    let mut label = Label::Computed;
    if job.needs_a_model() {
        let session = call.model(MODEL_PHASES)?;
        label = session.map_or(Label::Scripted, |session| session.label());
    }
    let id = call.state.ids.next(Kind::PipelineRun).to_string();
    let run = call.state.pipeline_runs.start(id, label, job, call.state.clock.now());
    let header = HeaderValue::from_str(run.id())
        .map_err(|_| Problem::internal("the run's id cannot stand in a header"))?;
    // The response to the start does not wait for a person: a client that reads it to its end first could never answer.
    Ok(events(call, run.events_until_it_waits()).header(RUN_ID, header))
}

/// Returns a stream of the events, with the configured delay between them.
fn events(call: &OperationCall<'_>, events: BoxStream<'static, EventBytes>) -> ApiResponse {
    let delay = call.state.settings.event_delay;
    let paced = events.enumerate().then(move |(index, event)| async move {
        if index > 0 && !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        event
    });
    ApiResponse::events(StreamKind::Ndjson, paced.boxed())
}

async fn job(call: &OperationCall<'_>) -> Result<PipelineJob, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let username: String = fields.required("datalinksUsername");
    let namespace: String = fields.required("namespace");
    let switches = Switches {
        model: fields.required("model"),
        ingest: fields.required("ingest"),
        ontology: fields.required("ontology"),
        ask_human: fields.required("enableHumanInTheLoop"),
    };
    // Numbers above the range of `usize` mean "all".
    let mut number = |name| usize::try_from(fields.required::<u64>(name)).unwrap_or(usize::MAX);
    let (eval_retries, rows_for_modeling, sample) =
        (number("maxEvalRetries"), number("maxRowsForModeling"), number("maxSampleRows"));
    let mut text = |name| fields.optional::<String>(name);
    let (user_prompt, explosion_prompt, coalescence_prompt) =
        (text("userPrompt"), text("explosionHelperPrompt"), text("coalescenceHelperPrompt"));
    let predefined_schema = predefined(&mut fields);
    let llm = llm(&mut fields);
    let source = ["dataUrl", "dataBlobUrl"].into_iter().find(|name| fields.has(name));
    let source = source.map(|name| (name, fields.required::<String>(name)));
    let data = fields.rows("data").unwrap_or_default();
    fields.finish()?;
    check_name("namespace", &namespace)?;
    let namespace = call.space_of(&username, &namespace);
    call.view(&read(&call.state.store)).check_all(&namespace, Right::Write)?;
    let rows = match source {
        None => data.into_iter().map(InputRow::into_owned).collect(),
        Some((name, url)) => fetched(call, name, &url).await?,
    };
    Ok(PipelineJob {
        namespace,
        rows: Arc::new(rows),
        caller: call.caller.clone(),
        switches,
        eval_retries,
        rows_for_modeling,
        sample,
        user_prompt,
        explosion_prompt,
        coalescence_prompt,
        predefined_schema,
        llm,
        known: Known::default(),
    })
}

/// Reads the predefined datasets. Returns `None` for an empty object or array.
fn predefined(fields: &mut Fields<'_>) -> Option<Value> {
    let raw = fields.raw("predefinedSchema")?;
    let schema = match serde_json::from_str::<Value>(raw.get()) {
        Ok(schema) => schema,
        Err(error) => {
            fields.reject(format!("predefinedSchema: cannot be read: {error}"));
            return None;
        }
    };
    match predefined_datasets(&schema) {
        Ok(count) => (count > 0).then_some(schema),
        Err(problem) => {
            fields.reject(problem);
            None
        }
    }
}

fn llm(fields: &mut Fields<'_>) -> Llm {
    let mut chosen = Llm::default();
    if let Some(mut llm) = fields.object("llm") {
        chosen.model = llm.optional("model");
        chosen.explosion_temperature = llm.optional("explosionTemperature");
        chosen.coalescence_temperature = llm.optional("coalescenceTemperature");
        chosen.evaluation_temperature = llm.optional("evaluationTemperature");
        chosen.ontology_temperature = llm.optional("ontologyTemperature");
        fields.close(llm);
    }
    if let Some(mut settings) = fields.object("datalinksInferenceSettings") {
        chosen.inference_model = settings.optional("model");
        chosen.ontology_model = settings.optional("ontologyCurationModel");
        fields.close(settings);
    }
    chosen
}

/// Returns the rows of a file that the caller has put into an upload session. The emulator fetches nothing from the
/// network.
async fn fetched(
    call: &OperationCall<'_>,
    field: &str,
    url: &str,
) -> Result<Vec<InputRow<'static>>, Problem> {
    let key = url.strip_prefix("s3://").and_then(|rest| rest.strip_prefix(BUCKET)?.strip_prefix('/'));
    let Some(key) = key else {
        return Err(Problem::unprocessable(format!(
            "the emulator makes no network requests, so `{field}` must be s3://{BUCKET}/ and the `s3Key` of a file of an \
             upload session; put the rows there, or send them as `data`"
        )));
    };
    let (name, content) = call.state.sessions.file_of(&call.caller.user, key).ok_or_else(|| {
        Problem::unprocessable(format!(
            "`{field}` names no finished file of yours; use an `s3Key` from the response of listSessionFiles"
        ))
    })?;
    let format = Format::of(&name).ok_or_else(|| {
        Problem::unprocessable(
            "the emulator reads .csv, .json (an array), .ndjson and .jsonl; use a file of these formats",
        )
    })?;
    let rows = background(move || {
        let content = content.joined();
        let rows = format.rows(&content).map(|row| row.map(|(row, _)| row.into_owned()));
        rows.collect::<Result<_, String>>()
    });
    rows.await.map_err(|reason| {
        Problem::unprocessable(format!("{name} cannot be read: {reason}; correct the file"))
    })
}

pub(super) fn stream(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let run = find(call)?;
    let from = number(call.query, "startIndex")?.unwrap_or(0);
    match run.label() {
        Label::Scripted => call.script(MODEL_PHASES)?,
        label => call.provenance.note(label),
    }
    Ok(events(call, run.events(from)))
}

pub(super) fn trace(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    Ok(ApiResponse::json(&find(call)?.trace()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resumed<'a> {
    ok: bool,
    run_id: &'a str,
    resumed: bool,
}

pub(super) fn hook(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let run = find(call)?;
    Fields::read(&call.body)?.finish()?;
    let answer = if call.body.trim_ascii().is_empty() {
        Value::Object(serde_json::Map::new())
    } else {
        serde_json::from_slice(&call.body).map_err(|error| {
            Problem::malformed(format!("the body cannot be read: {error}; send an object"))
        })?
    };
    call.state.pipeline_runs.resume(&run, &call.caller, answer, call.state.clock.now()).map_err(
        |NotWaiting| {
            Problem::conflict(
                "the run is not waiting for an answer; start it with enableHumanInTheLoop, and answer each question once",
            )
        },
    )?;
    Ok(ApiResponse::json(&Resumed { ok: true, run_id: run.id(), resumed: true }))
}

fn find(call: &OperationCall<'_>) -> Result<Arc<PipelineRun>, Problem> {
    let id = call.param("runId");
    call.state.pipeline_runs.find(id).filter(|run| run.belongs_to(&call.caller)).ok_or_else(|| {
        Problem::not_found(format!(
            "no such run {id:?}; use the x-workflow-run-id header of the response to its start"
        ))
    })
}
