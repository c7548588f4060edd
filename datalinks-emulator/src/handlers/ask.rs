//! Asking, at once and as a stream.

use datalinks_gen::StreamKind;
use futures::StreamExt;
use serde::Serialize;

use super::Call;
use crate::answer::{Answer, EventBytes, sse};
use crate::ask::{AskError, Script, Step, script};
use crate::body::Fields;
use crate::ids::Kind;
use crate::lock::read;
use crate::problem::Problem;
use crate::store::Namespace;

/// What both operations are asked.
struct Question {
    space: Namespace,
    text: String,
    conversation: Option<String>,
}

fn question(call: &Call<'_>) -> Result<Question, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let (username, namespace): (String, String) = (fields.required("username"), fields.required("namespace"));
    let question = Question {
        space: call.space_of(&username, &namespace),
        text: fields.required("query"),
        conversation: fields.optional("conversationId"),
    };
    for name in ["helperPrompt", "model", "provider"] {
        let _: Option<String> = fields.optional(name);
    }
    let _: Option<bool> = fields.optional("webSearch");
    for name in ["models", "callerContext"] {
        // A script has no use for what is in them.
        if let Some(object) = fields.object(name) {
            fields.close(object.drained());
        }
    }
    fields.finish()?;
    Ok(question)
}

#[derive(Serialize)]
struct Response {
    response: String,
    steps: Vec<Step>,
}

pub(super) fn answer(call: &Call<'_>) -> Result<Answer, Problem> {
    let question = question(call)?;
    call.script("a question")?;
    let script = script(call.sight(&read(&call.state.store)), &question.space, &question.text)?;
    let response = Response { response: script.response, steps: script.steps };
    Ok(Answer::json(&response))
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        Self::not_found(error.to_string())
    }
}

pub(super) fn stream(call: &Call<'_>) -> Result<Answer, Problem> {
    let question = question(call)?;
    call.script("a question")?;
    let script = script(call.sight(&read(&call.state.store)), &question.space, &question.text);
    let run_id = call.state.ids.next(Kind::AskRun).to_string();
    let new = || call.state.ids.next(Kind::Conversation).to_string();
    let conversation_id = question.conversation.unwrap_or_else(new);
    let mut events = vec![
        sse("run-started", &RunStarted { run_id, conversation_id }),
        sse("planningStarted", &Nothing {}),
    ];
    match script {
        Ok(script) => tell(script, &mut events),
        Err(error) => events.push(sse("error", &Failed { message: error.to_string() })),
    }
    let events = futures::stream::iter(events).boxed();
    Ok(Answer::events(StreamKind::Sse, events))
}

/// The events of a script, in the order in which the service sends its own.
fn tell(script: Script, events: &mut Vec<EventBytes>) {
    let steps = script.steps.iter().map(|step| step.instruction.as_str()).collect();
    events.push(sse("plan", &Plan { steps, reasoning: &script.reasoning }));
    for (index, step) in script.steps.iter().enumerate() {
        events.push(sse("stepStarted", &StepStarted { index, instruction: &step.instruction }));
        events.push(sse("queryExecuting", &QueryExecuting { index }));
        events.push(sse("step", &Done { index, step }));
    }
    events.push(sse("answerStarted", &Nothing {}));
    events.push(sse("answer", &Answered { response: &script.response }));
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunStarted {
    run_id: String,
    conversation_id: String,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Plan<'a> {
    steps: Vec<&'a str>,
    reasoning: &'a str,
}

#[derive(Serialize)]
struct StepStarted<'a> {
    index: usize,
    instruction: &'a str,
}

#[derive(Serialize)]
struct QueryExecuting {
    index: usize,
}

#[derive(Serialize)]
struct Done<'a> {
    index: usize,
    #[serde(flatten)]
    step: &'a Step,
}

#[derive(Serialize)]
struct Answered<'a> {
    response: &'a str,
}

#[derive(Serialize)]
struct Failed {
    message: String,
}
