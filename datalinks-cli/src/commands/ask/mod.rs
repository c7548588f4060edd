//! `datalinks ask`.

mod checked;
mod checking;
mod follow;
mod line;
mod replay;
mod report;
mod saved;
mod scope;
mod verify;

pub(crate) use follow::follow;
pub(crate) use report::Report;
pub(crate) use scope::namespace;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use datalinks::Namespace;
use datalinks::ask::{Ask, CallerContext, ResumePolicy};

use super::{model, text};
use crate::failure::{Exit, Failure, Result};
use crate::session::{Session, explain_missing_namespace};
use crate::set::set;
use crate::settings::parse_duration;
use checking::Checking;
use report::USAGE_DELAY;
use saved::{Header, Saving};

/// Ask the agent a question about the data of a namespace
///
/// The agent plans, queries and answers, which costs model tokens. Plan and steps are shown as they come, on standard error,
/// and the answer is the output. `--output ndjson` writes each event as a line, and `--output json` one object at the end.
///
/// The namespace is that of --namespace or --dataset: a question is about all datasets of a namespace. If the connection is
/// lost, the run is followed again, and the question is never asked twice.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  \
        datalinks ask 'Which film is the oldest?' --namespace cinema\n  \
        datalinks ask 'Which film is the oldest?' --dataset cinema/films --save oldest.ndjson\n  \
        datalinks ask replay oldest.ndjson\n  \
        datalinks ask verify oldest.ndjson\n  \
        datalinks ask 'And the longest?' --namespace cinema --conversation 0b0e7d52-3f61-4d0e-9c4b-8f3f0f4f7a11"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    asked: Asked,
}

#[derive(Subcommand)]
enum Command {
    Replay(replay::Arguments),
    Verify(verify::Arguments),
}

#[derive(Args)]
struct Asked {
    /// Question in natural language; `-` reads it from standard input
    #[arg(required = true)]
    question: Option<String>,

    /// Run the query of each step again, and fail unless all return the same rows
    ///
    /// No model runs. Sentences of the answer with values that are in no row are listed, too, and do not count: they are a
    /// hint. `datalinks ask verify` does the same later, with a saved question.
    #[arg(long)]
    verify: bool,

    /// Save the question with its events and rows to a file, for `datalinks ask replay` and `datalinks ask verify`
    ///
    /// The file is written when the run has ended: it is complete, or it is not there. Only its owner may read it. A file that
    /// exists is not replaced without --force.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,

    /// Replace the file of --save if it exists
    #[arg(long, requires = "save")]
    force: bool,

    /// Show what the question cost, if usage can tell
    ///
    /// Usage is read before the question, and after the answer until it has grown and no longer changes. The service does not tie usage to a
    /// run, so all other work of the account in this time is part of it.
    #[arg(long)]
    cost: bool,

    /// Longest time to wait for the usage of the question [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "cost")]
    usage_delay: Option<Duration>,

    /// Continue a conversation, by its id
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,

    /// Fact that the agent considers, as LABEL=VALUE; may be repeated
    #[arg(long = "fact", value_name = "LABEL=VALUE", value_parser = fact)]
    facts: Vec<(String, String)>,

    /// Instructions for the agent, in addition to the question
    #[arg(long, value_name = "TEXT")]
    helper_prompt: Option<String>,

    /// Forbid the agent to search the web
    #[arg(long)]
    no_web_search: bool,

    /// End when the connection is lost, instead of following the run again
    #[arg(long)]
    no_resume: bool,

    /// Model of the run
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Provider of the model
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,

    /// Model that plans, instead of that of the run
    #[arg(long, value_name = "NAME")]
    plan_model: Option<String>,

    /// Model that writes queries, instead of that of the run
    #[arg(long, value_name = "NAME")]
    query_model: Option<String>,

    /// Model that answers, instead of that of the run
    #[arg(long, value_name = "NAME")]
    answer_model: Option<String>,
}

pub(crate) async fn run(arguments: Arguments, session: &Session) -> Result {
    match &arguments.command {
        Some(Command::Replay(arguments)) => return replay::run(arguments, session).await,
        Some(Command::Verify(arguments)) => return verify::run(arguments, session).await,
        None => {}
    }
    let asked = arguments.asked;
    let question = text(asked.question.clone().unwrap_or_default(), "question").await?;
    let namespace = namespace(session).await?;
    let saving = match &asked.save {
        Some(file) => {
            let mut saving = Saving::begin(file, asked.force).await?;
            let owner = owner(&namespace).await;
            saving.header(&Header::new(&question, &owner, namespace.name())).await?;
            Some(saving)
        }
        None => None,
    };
    let checking = asked.verify.then(|| Checking::new(namespace.clone(), question.clone()));
    let continues = asked.conversation.is_some();
    let meter = if asked.cost { Some(session.client().await?.usage_meter().await?) } else { None };
    let usage_delay = asked.usage_delay.unwrap_or(USAGE_DELAY);
    let ask = asked.builder(namespace.ask(question.as_str()));
    let stop = session.stop_request();
    let events = tokio::select! {
        biased;
        code = stop.requested() => {
            let failure = Failure::interrupted(code);
            return Err(follow::unnamed(failure));
        }
        events = ask.stream() => events,
    };
    match events {
        Ok(events) => {
            let report = Report::new(session, Some(question)).measured_by(meter, usage_delay);
            follow(events, report, saving, checking, &stop).await
        }
        Err(error) => {
            let failure = Failure::from(error);
            Err(match failure.exit() {
                Exit::Ambiguous => follow::unnamed(failure),
                Exit::NotFound if continues => failure.next("datalinks conversation list"),
                _ => explain_missing_namespace(failure, &namespace).await,
            })
        }
    }
}

/// Returns the user name of the owner of a namespace, so that a saved question means the same namespace for other users.
async fn owner(namespace: &Namespace) -> String {
    if namespace.owner() == "self"
        && let Ok(user) = namespace.client().current_user().await
    {
        return user.username;
    }
    namespace.owner().to_owned()
}

impl Asked {
    fn builder(self, mut ask: Ask) -> Ask {
        if !self.no_resume {
            ask = ask.resume(ResumePolicy::default());
        }
        ask = set!(ask, conversation: self.conversation, helper_prompt: self.helper_prompt);
        if !self.facts.is_empty() {
            let context = CallerContext::new();
            let add = |context: CallerContext, (label, value)| context.fact(label, value);
            ask = ask.caller_context(self.facts.into_iter().fold(context, add));
        }
        if self.no_web_search {
            ask = ask.web_search(false);
        }
        if self.model.is_some() || self.provider.is_some() {
            ask = ask.model(model(self.model, self.provider));
        }
        set!(ask, plan_model: self.plan_model, query_model: self.query_model, answer_model: self.answer_model)
    }
}

fn fact(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((label, value)) if !label.is_empty() => Ok((label.to_owned(), value.to_owned())),
        _ => Err("expected LABEL=VALUE, such as 'long=over 180 minutes'".to_owned()),
    }
}
