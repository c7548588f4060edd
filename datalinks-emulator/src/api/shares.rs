//! Handlers that share datasets and namespaces with other users.

use serde::Serialize;

use super::call::OperationCall;
use crate::concurrency::lock::{read, write};
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::store::{GrantScope, Role, Store, StoreError, Timing};

#[derive(Serialize)]
struct Grant<'a> {
    username: &'a str,
    role: Role,
}

/// Returns the scope in the path, or an error if it does not exist.
type Find = fn(&OperationCall<'_>, &Store) -> Result<GrantScope, Problem>;

fn dataset(call: &OperationCall<'_>, store: &Store) -> Result<GrantScope, Problem> {
    let name = call.dataset_name();
    store.find(&name)?;
    Ok(GrantScope::from(&name))
}

fn namespace(call: &OperationCall<'_>, store: &Store) -> Result<GrantScope, Problem> {
    let space = call.space();
    if store.in_namespace(&space).next().is_none() {
        return Err(StoreError::NoSuchNamespace(space).into());
    }
    Ok(GrantScope::from(&space))
}

pub(super) fn of_dataset(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    list(call, dataset)
}

pub(super) fn of_namespace(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    list(call, namespace)
}

pub(super) fn grant_dataset(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    grant(call, dataset)
}

pub(super) fn grant_namespace(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    grant(call, namespace)
}

pub(super) fn revoke_dataset(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    revoke(call, dataset)
}

pub(super) fn revoke_namespace(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    revoke(call, namespace)
}

fn list(call: &OperationCall<'_>, find: Find) -> Result<ApiResponse, Problem> {
    let store = read(&call.state.store);
    let scope = find(call, &store)?;
    let grants: Vec<Grant<'_>> =
        store.shares().of(&scope).map(|(username, role)| Grant { username, role }).collect();
    Ok(ApiResponse::json(&grants))
}

fn grant(call: &OperationCall<'_>, find: Find) -> Result<ApiResponse, Problem> {
    let (username, role) = user_and_role(call)?;
    let mut store = write(&call.state.store);
    let scope = find(call, &store)?;
    store.shares_mut().grant(scope, username, role, timing(call));
    Ok(ApiResponse::empty())
}

fn revoke(call: &OperationCall<'_>, find: Find) -> Result<ApiResponse, Problem> {
    // A share is revoked by its user. The role must be valid, but need not be the granted one.
    let (username, _) = user_and_role(call)?;
    let mut store = write(&call.state.store);
    let scope = find(call, &store)?;
    if !store.shares_mut().revoke(&scope, &username, timing(call)) {
        return Err(Problem::unprocessable(format!(
            "username: {username:?} has no share here; use a user from the list of shares"
        )));
    }
    Ok(ApiResponse::empty())
}

fn timing(call: &OperationCall<'_>) -> Timing {
    Timing::new(call.state.clock.now(), call.effective_after)
}

/// Reads the user and the role in the body.
fn user_and_role(call: &OperationCall<'_>) -> Result<(String, Role), Problem> {
    let mut fields = Fields::read(&call.body)?;
    let (username, role): (String, String) = (fields.required("username"), fields.required("role"));
    fields.finish()?;
    let role = Role::parse(&role).ok_or_else(|| {
        Problem::unprocessable(format!("role: no such role {role:?}; use viewer or editor"))
    })?;
    let username = call.owner(&username).into_owned();
    if username == call.caller.user {
        return Err(Problem::unprocessable("username: is yourself; an owner needs no share"));
    }
    if call.state.accounts.user_id(&username).is_none() {
        return Err(Problem::unprocessable(format!(
            "username: no such user {username:?}; use one of the users that the emulator was started with"
        )));
    }
    Ok((username, role))
}
