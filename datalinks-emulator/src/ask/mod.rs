//! Questions: the runs that answer them, and the conversations that the runs belong to.
//!
//! A branch of the serving future drives every run to its end ([`work`](crate::drivers::agent_runs::work)), even if
//! nobody reads its events. A [`Responder`] writes the texts of a run: the model, or a rule if no model is configured.
//! The queries are always executed. If checkpoints are configured, the run has a [`Checkpoint`](checkpoint::Checkpoint)
//! after the plan and after each step, and a resume continues from the last one.
//!
//! 1. A handler creates or resumes a run in the [`AgentRuns`], which grants it a [`Lease`](lease::Lease).
//! 2. It queues the run with a [`Responder`] and returns the [`EventFeed`] to the caller.
//! 3. [`work`](crate::drivers::agent_runs::work) creates a driver, which produces the events, commits what they report,
//!    and sends them to the feed.
//! 4. The driver stops at the end of the run, or at a checkpoint if another lease was granted in the meantime.

mod agent_run;
mod agent_runs;
mod catalog;
mod checkpoint;
mod conversation;
mod event;
mod event_feed;
mod lease;
mod model_responder;
mod queue;
mod request;
mod responder;
mod rule_responder;
mod score;
mod superlative;

pub(crate) use agent_run::{AgentRun, End, Feedback, NotCompleted, Status, Stuck};
pub(crate) use agent_runs::{AgentRuns, NoConversation};
pub(crate) use catalog::{Catalog, catalog};
pub(crate) use checkpoint::{Checkpoint, Draft, Step};
pub(crate) use conversation::Conversation;
pub(crate) use event::{Event, StepReport};
pub(crate) use event_feed::{EventFeed, EventSender};
pub(crate) use lease::{Lease, Lost};
pub(crate) use model_responder::{ModelResponder, OneQuery};
pub(crate) use queue::{LeasedRun, QueuedRun};
pub(crate) use request::{AskOptions, AskRequest, StageModel};
pub(crate) use responder::{History, Metered, RejectedQuery, Responder, RunContext};
pub(crate) use rule_responder::RuleResponder;
pub(crate) use score::ScoredRows;

#[cfg(test)]
pub(crate) use {agent_runs::KEPT, checkpoint::ROWS_SHOWN, model_responder::STEPS, rule_responder::SEARCHED};
