//! Sharing datasets and namespaces with other users.

use serde::Serialize;

use super::Call;
use crate::answer::Answer;
use crate::body::Fields;
use crate::lock::{read, write};
use crate::problem::Problem;
use crate::store::{Place, Role};
use crate::store::{Store, StoreError};

#[derive(Serialize)]
struct Grant<'a> {
    username: &'a str,
    role: Role,
}

/// A place that exists.
type Find = fn(&Call<'_>, &Store) -> Result<Place, Problem>;

fn dataset(call: &Call<'_>, store: &Store) -> Result<Place, Problem> {
    let name = call.dataset_name();
    store.find(&name)?;
    Ok(Place::from(&name))
}

fn namespace(call: &Call<'_>, store: &Store) -> Result<Place, Problem> {
    let space = call.space();
    if store.in_namespace(&space).next().is_none() {
        return Err(StoreError::NoSuchNamespace(space).into());
    }
    Ok(Place::from(&space))
}

pub(super) fn of_dataset(call: &Call<'_>) -> Result<Answer, Problem> {
    list(call, dataset)
}

pub(super) fn of_namespace(call: &Call<'_>) -> Result<Answer, Problem> {
    list(call, namespace)
}

pub(super) fn grant_dataset(call: &Call<'_>) -> Result<Answer, Problem> {
    grant(call, dataset)
}

pub(super) fn grant_namespace(call: &Call<'_>) -> Result<Answer, Problem> {
    grant(call, namespace)
}

pub(super) fn revoke_dataset(call: &Call<'_>) -> Result<Answer, Problem> {
    revoke(call, dataset)
}

pub(super) fn revoke_namespace(call: &Call<'_>) -> Result<Answer, Problem> {
    revoke(call, namespace)
}

fn list(call: &Call<'_>, find: Find) -> Result<Answer, Problem> {
    let store = read(&call.state.store);
    let place = find(call, &store)?;
    let grants: Vec<Grant<'_>> =
        store.shares().of(&place).map(|(username, role)| Grant { username, role }).collect();
    Ok(Answer::json(&grants))
}

fn grant(call: &Call<'_>, find: Find) -> Result<Answer, Problem> {
    let (username, role) = wanted(call)?;
    let mut store = write(&call.state.store);
    let place = find(call, &store)?;
    store.shares_mut().grant(place, username, role);
    Ok(Answer::empty())
}

fn revoke(call: &Call<'_>, find: Find) -> Result<Answer, Problem> {
    let (username, role) = wanted(call)?;
    let mut store = write(&call.state.store);
    let place = find(call, &store)?;
    if !store.shares_mut().revoke(&place, &username, role) {
        return Err(Problem::unprocessable(format!(
            "{username:?} was not granted this role here; look at the list of shares"
        )));
    }
    Ok(Answer::empty())
}

/// Whom the body names, and for what.
fn wanted(call: &Call<'_>) -> Result<(String, Role), Problem> {
    let mut fields = Fields::read(&call.body)?;
    let (username, role): (String, String) = (fields.required("username"), fields.required("role"));
    fields.finish()?;
    // The document knows these two only.
    let role = Role::parse(&role).unwrap_or(Role::Viewer);
    if call.owner(&username) == call.caller.user {
        return Err(Problem::unprocessable("username: is yourself; an owner needs no share"));
    }
    if call.state.accounts.user_id(&username).is_none() {
        return Err(Problem::unprocessable(format!(
            "username: there is no user {username:?}; the emulator knows those that it was started with"
        )));
    }
    Ok((username, role))
}
