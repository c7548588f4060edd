//! Questions: runs that answer them, and the conversations that runs belong to.
//!
//! A branch of the future that serves drives every run to its end ([`work`](crate::drivers::agent_runs::work)), whether or not its events are read.
//! The texts of a run are written by an [`Author`], the script where there is no model; the queries are run for real.
//! If checkpoints are configured, the run has a [`Checkpoint`](checkpoint::Checkpoint) after the plan and after each
//! step, from which a resume goes on.
//!
//! 1. A handler creates or resumes a run in the [`Memory`], which grants it a [`Lease`](lease::Lease).
//! 2. It queues the run with an [`Author`] and returns the [`EventFeed`] to the caller.
//! 3. [`work`](crate::drivers::agent_runs::work) creates a driver, which produces the events, commits what they report, and
//!    sends them to the feed.
//! 4. The driver ends with the run, or at a checkpoint if another lease was granted meanwhile.

mod asked;
mod author;
mod catalog;
mod checkpoint;
mod conversation;
mod event;
mod event_feed;
mod lease;
mod memory;
mod model;
mod queue;
mod run;
mod score;
mod script;
mod superlative;

pub(crate) use asked::{Asked, StageModel, Wishes};
pub(crate) use author::{Author, History, Job, Refused, Said};
pub(crate) use catalog::{Catalog, catalog};
pub(crate) use checkpoint::{Checkpoint, Draft, Step};
pub(crate) use conversation::Conversation;
pub(crate) use event::{Event, StepTold};
pub(crate) use event_feed::{EventFeed, EventSender};
pub(crate) use lease::{Lease, Lost};
pub(crate) use memory::{Memory, NoConversation};
pub(crate) use model::{Model, OneQuery};
pub(crate) use queue::QueuedRun;
pub(crate) use run::{End, Feedback, NotCompleted, Run, Status, Stuck};
pub(crate) use score::ScoredRows;
pub(crate) use script::Script;

#[cfg(test)]
pub(crate) use {checkpoint::ROWS_SHOWN, memory::KEPT, model::STEPS, script::SEARCHED};
