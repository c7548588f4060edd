//! The ingest proxy.

use bytes::Bytes;
use datalinks_gen::StreamKind;
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use std::sync::Arc;

use super::{Call, check_name};
use crate::answer::Answer;
use crate::body::Fields;
use crate::ids::Kind;
use crate::lock::read;
use crate::pipeline::{Job, NotWaiting, Run};
use crate::problem::Problem;
use crate::store::InputRow;
use crate::store::Right;

const RUN_ID: HeaderName = HeaderName::from_static("x-workflow-run-id");

const SOURCES: [&str; 3] = ["data", "dataUrl", "dataBlobUrl"];

pub(super) fn run(call: &Call<'_>) -> Result<Answer, Problem> {
    let job = job(call)?;
    if job.model || job.ontology {
        call.script("a pipeline run with `model` or `ontology`")?;
    }
    let id = call.state.ids.next(Kind::PipelineRun).to_string();
    let run = call.state.runs.start(&call.state.store, id, call.caller.user.clone(), job);
    let header = HeaderValue::from_str(run.id()).map_err(|_| {
        Problem::bad_request("the run's id cannot stand in a header; report this as a defect")
    })?;
    // It does not wait for a person: who reads this answer to its end could never answer.
    Ok(Answer::events(StreamKind::Ndjson, run.events_so_far()).header(RUN_ID, header))
}

fn job(call: &Call<'_>) -> Result<Job, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let username: String = fields.required("datalinksUsername");
    let namespace: String = fields.required("namespace");
    let (model, ingest, ontology) =
        (fields.required("model"), fields.required("ingest"), fields.required("ontology"));
    for name in ["maxEvalRetries", "maxRowsForModeling"] {
        let _: u32 = fields.required(name);
    }
    let sample: u32 = fields.required("maxSampleRows");
    let ask_human = fields.required("enableHumanInTheLoop");
    for name in ["userPrompt", "explosionHelperPrompt", "coalescenceHelperPrompt"] {
        let _: Option<String> = fields.optional(name);
    }
    for name in ["predefinedSchema", "llm", "datalinksInferenceSettings"] {
        // A script has no use for what is in them.
        if let Some(object) = fields.object(name) {
            fields.close(object.drained());
        }
    }
    let given: Vec<&str> = SOURCES.into_iter().filter(|name| fields.has(name)).collect();
    if given.len() != 1 {
        let given = if given.is_empty() { "none".to_owned() } else { given.join(" and ") };
        fields.fault(
            "ONE_SOURCE",
            format!("exactly one of data, dataUrl and dataBlobUrl is wanted, given: {given}"),
        );
    }
    let elsewhere = given.first().copied().filter(|name| *name != "data");
    let rows = fields.rows("data").unwrap_or_default();
    for name in ["dataUrl", "dataBlobUrl"] {
        let _: Option<String> = fields.optional(name);
    }
    fields.finish()?;
    check_name("namespace", &namespace)?;
    let namespace = call.space_of(&username, &namespace);
    call.sight(&read(&call.state.store)).check_all(&namespace, Right::Write)?;
    if let Some(name) = elsewhere {
        return Err(Problem::not_implemented(format!(
            "`{name}` would have the emulator fetch rows from elsewhere, and it contacts nothing; send the rows as `data`"
        )));
    }
    Ok(Job {
        namespace,
        rows: rows.into_iter().map(InputRow::into_owned).collect(),
        model,
        ingest,
        ontology,
        sample: sample as usize,
        ask_human,
    })
}

pub(super) fn stream(call: &Call<'_>) -> Result<Answer, Problem> {
    let run = find(call)?;
    let from = match query_value(call.query, "startIndex") {
        None => 0,
        Some(text) => text.parse().map_err(|_| {
            Problem::bad_request(
                "startIndex must be a whole number; send the number of events received so far",
            )
        })?,
    };
    if run.is_scripted() {
        call.script("a pipeline run with `model` or `ontology`")?;
    }
    Ok(Answer::events(StreamKind::Ndjson, run.events(from)))
}

pub(super) fn trace(call: &Call<'_>) -> Result<Answer, Problem> {
    Ok(Answer::json(&find(call)?.trace()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resumed<'a> {
    ok: bool,
    run_id: &'a str,
    resumed: bool,
}

pub(super) fn hook(call: &Call<'_>) -> Result<Answer, Problem> {
    let run = find(call)?;
    // Any object will do: what the service expects of a person's answer is not public.
    let body: &Bytes = &call.body;
    Fields::read(body)?.drained().finish()?;
    run.resume(&call.state.store).map_err(|NotWaiting| {
        Problem::conflict(
            "the run waits for no answer; start it with enableHumanInTheLoop, and answer it once",
        )
    })?;
    Ok(Answer::json(&Resumed { ok: true, run_id: run.id(), resumed: true }))
}

fn find(call: &Call<'_>) -> Result<Arc<Run>, Problem> {
    let id = call.param("runId");
    call.state.runs.find(id).filter(|run| run.owner() == call.caller.user).ok_or_else(|| {
        Problem::not_found(format!(
            "there is no run {id:?}; use the x-workflow-run-id that its start answered"
        ))
    })
}

/// A value from a query string. The names and values wanted here need no decoding.
fn query_value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
