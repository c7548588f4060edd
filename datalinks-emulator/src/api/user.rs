//! The handler for the current user.

use serde::Serialize;
use uuid::Uuid;

use super::call::OperationCall;
use crate::response::{ApiResponse, Problem};

#[derive(Serialize)]
struct Me<'a> {
    id: Uuid,
    username: &'a str,
    name: Option<&'a str>,
    email: Option<&'a str>,
}

pub(super) fn me(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let username = &call.caller.user;
    let id = call.state.accounts.user_id(username).unwrap_or_default();
    Ok(ApiResponse::json(&Me { id, username, name: None, email: None }))
}
