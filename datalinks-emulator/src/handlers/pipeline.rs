//! The ingest proxy.

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
use crate::query_string::number;
use crate::store::InputRow;
use crate::store::Right;

const RUN_ID: HeaderName = HeaderName::from_static("x-workflow-run-id");

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
    let sample: u64 = fields.required("maxSampleRows");
    let ask_human = fields.required("enableHumanInTheLoop");
    let elsewhere = ["dataUrl", "dataBlobUrl"].into_iter().find(|name| fields.has(name));
    let rows = fields.rows("data").unwrap_or_default();
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
        sample: usize::try_from(sample).unwrap_or(usize::MAX),
        ask_human,
    })
}

pub(super) fn stream(call: &Call<'_>) -> Result<Answer, Problem> {
    let run = find(call)?;
    let from = number(call.query, "startIndex")?.unwrap_or(0);
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
