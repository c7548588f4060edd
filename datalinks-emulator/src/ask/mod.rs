//! Questions: runs that answer them, and the conversations that runs belong to.
//!
//! A run is driven by whoever reads its events ([`Drive`]); no task of its own works on it. What it says is
//! written by an [`Author`], the script where there is no model; the queries are run for real. After the plan and
//! after each step the run has a [`Checkpoint`] to go on from.

mod author;
mod catalog;
mod checkpoint;
mod conversation;
mod drive;
mod event;
mod memory;
mod model;
mod run;
mod score;
mod script;

pub(crate) use author::{Asked, Author, Job, StageModel, Wishes};
pub(crate) use catalog::catalog;
pub(crate) use conversation::Conversation;
pub(crate) use drive::Drive;
pub(crate) use event::{Event, StepTold};
pub(crate) use memory::{Memory, NoConversation};
pub(crate) use model::{Model, OneQuery};
pub(crate) use run::{Feedback, NotCompleted, Run, Status, Stuck};
pub(crate) use score::ScoredRows;
pub(crate) use script::{Script, query_for};

/// How every scripted text begins.
pub(crate) const MARK: &str = "[scripted by the emulator, no model ran]";
