//! The state as a whole: exported, imported, forgotten, kept under a name and gone back to.

use serde::Serialize;

use crate::answer::Answer;
use crate::problem::Problem;
use crate::state::State;

/// The names of snapshots.
#[derive(Serialize)]
struct Snapshots {
    snapshots: Vec<String>,
}

pub(super) fn export(state: &State) -> Result<Answer, Problem> {
    Ok(Answer::ndjson(state.keeper.export(state)?))
}

pub(super) fn import(state: &State, document: &[u8]) -> Result<Answer, Problem> {
    state.import(document)?;
    Ok(Answer::empty())
}

pub(super) fn reset(state: &State) -> Result<Answer, Problem> {
    state.reset()?;
    Ok(Answer::empty())
}

pub(super) fn snapshots(state: &State) -> Result<Answer, Problem> {
    Ok(Answer::json(&Snapshots { snapshots: state.keeper.snapshots()? }))
}

pub(super) fn snapshot(state: &State, name: &str) -> Result<Answer, Problem> {
    state.keeper.snapshot(state, name)?;
    Ok(Answer::empty().status(http::StatusCode::CREATED))
}

pub(super) fn restore(state: &State, name: &str) -> Result<Answer, Problem> {
    state.restore(name)?;
    Ok(Answer::empty())
}

pub(super) fn delete(state: &State, name: &str) -> Result<Answer, Problem> {
    state.keeper.delete_snapshot(name)?;
    Ok(Answer::empty().status(http::StatusCode::NO_CONTENT))
}
