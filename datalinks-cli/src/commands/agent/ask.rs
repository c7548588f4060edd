//! `datalinks agent ask`.

use clap::Args;
use datalinks::agents::AgentAnswer;

use super::hints::explain;
use super::report::{self, check};
use crate::commands::{model, text};
use crate::failure::{Failure, Result};
use crate::output::Format;
use crate::session::Session;

/// Send a message to an agent, and show its progress and its result
///
/// The namespace is your own, or one that is shared with you: agents take no owner. Progress is on standard error, and texts and
/// rows of the result are the output. `--output ndjson` writes each event as a line, and `--output json` the task as one
/// object. Agents do not keep their tasks: a message whose connection is lost has to be sent again. `datalinks ask` follows its
/// run instead.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks agent ask nl2ql 'Which films are there?' --namespace cinema\n  \
    datalinks agent ask assistant 'Which film is the oldest?' --namespace cinema --output json")]
pub(super) struct Arguments {
    /// Name of the agent
    name: String,

    /// Message; `-` reads it from standard input
    message: String,

    /// Continue a conversation, by the context id of an earlier result
    #[arg(long, value_name = "ID")]
    context_id: Option<String>,

    /// Kind of part that the agent may send, such as text or data; may be repeated
    #[arg(long = "accept", value_name = "MODE")]
    modes: Vec<String>,

    /// Model that the agent uses
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Provider of the model
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let namespace = crate::commands::ask::namespace(session).await?;
    if namespace.owner() != "self" {
        return Err(Failure::usage("agents take no owner of a namespace")
            .next("datalinks ask, which asks about the namespace of another user"));
    }
    let agent = session.client().await?.agent(&arguments.name)?;
    let mut ask = agent.ask(text(arguments.message, "message").await?).namespace(namespace.name());
    if let Some(id) = arguments.context_id {
        ask = ask.context_id(id);
    }
    if !arguments.modes.is_empty() {
        ask = ask.accepted_output_modes(arguments.modes);
    }
    if arguments.model.is_some() || arguments.provider.is_some() {
        ask = ask.model(model(arguments.model, arguments.provider));
    }
    let stop = session.stop_request();
    let work = async {
        match session.output.format() {
            Format::Json | Format::Csv | Format::Parquet => {
                let answer = match ask.await {
                    Ok(answer) => answer,
                    Err(error) => return Err(explain(Failure::from(error), &agent).await),
                };
                session.output.object(&answer)?;
                match &answer {
                    AgentAnswer::Task(task) => {
                        let text = task.status.message.as_ref().map(|message| message.text());
                        check(&task.status.state, text.as_deref())
                    }
                    _ => Ok(()),
                }
            }
            Format::Table | Format::Ndjson => match ask.stream().await {
                Ok(events) => report::follow(events, session).await,
                Err(error) => Err(explain(Failure::from(error), &agent).await),
            },
        }
    };
    tokio::select! {
        biased;
        code = stop.requested() => Err(Failure::interrupted(code)
            .next("the agent may go on with the message, and its result cannot be read later: agents keep no tasks")),
        result = work => result,
    }
}
