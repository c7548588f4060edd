//! The user.

use serde::Serialize;

use super::Call;
use crate::answer::Answer;
use crate::problem::Problem;

#[derive(Serialize)]
struct Me<'a> {
    id: &'a str,
    username: &'a str,
    name: Option<&'a str>,
    email: Option<&'a str>,
}

pub(super) fn me(call: &Call<'_>) -> Result<Answer, Problem> {
    Ok(Answer::json(&Me { id: &call.state.user_id, username: call.username(), name: None, email: None }))
}
