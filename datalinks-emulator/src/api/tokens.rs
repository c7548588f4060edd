//! Tokens: created, listed, described, revoked.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::call::OperationCall;
use super::time::{self, written};
use crate::accounts::Token;
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::store::{GrantScope, Namespace};

/// A token as it is listed. Unlike most of the API it is written in snake case.
#[derive(Serialize)]
struct Listed<'a> {
    id: Uuid,
    name: &'a str,
    created_at: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    /// Shown once, when the token is created.
    token: Option<&'a str>,
}

impl<'a> Listed<'a> {
    fn new(token: &'a Token, secret: Option<&'a str>) -> Self {
        Self {
            id: token.id,
            name: &token.name,
            created_at: written(token.created_at),
            expires_at: written(token.expires_at),
            last_used_at: token.last_used_at.map(written),
            token: secret,
        }
    }
}

#[derive(Serialize)]
struct Permissions<'a> {
    restricted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<Permission<'a>>>,
}

#[derive(Serialize)]
struct Permission<'a> {
    username: &'a str,
    namespace: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<&'a str>,
}

impl<'a> From<&'a GrantScope> for Permission<'a> {
    fn from(place: &'a GrantScope) -> Self {
        Self {
            username: &place.namespace.owner,
            namespace: &place.namespace.name,
            dataset: place.dataset.as_deref(),
        }
    }
}

pub(super) fn create(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let name: String = fields.required("name");
    let expires_at: Option<String> = fields.optional("expires_at");
    let restricted = fields.has("accessRestrictedTo");
    let mut places = Vec::new();
    for mut place in fields.objects("accessRestrictedTo") {
        let (username, namespace): (String, String) =
            (place.required("username"), place.required("namespace"));
        let namespace = Namespace::new(call.owner(&username), namespace);
        places.push(GrantScope { namespace, dataset: place.optional("dataset") });
        fields.close(place);
    }
    fields.finish()?;
    if name.trim().is_empty() {
        return Err(Problem::bad_request("name: is empty; say what the token is for"));
    }
    let now = call.state.clock.now();
    let expires_at = expires_at.map(|text| end(&text, now)).transpose()?;
    let restricted_to = restricted.then_some(places);
    let state = call.state;
    let (token, secret) =
        state.accounts.create(&state.ids, &call.caller.user, name, expires_at, restricted_to, now);
    Ok(ApiResponse::json(&Listed::new(&token, Some(&secret))))
}

/// When a token shall end.
fn end(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    let end = time::moment("expires_at", text)?;
    if end <= now {
        return Err(Problem::bad_request("expires_at: is not in the future; name a later moment"));
    }
    Ok(end)
}

pub(super) fn list(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let tokens = call.state.accounts.tokens_of(&call.caller.user);
    let list: Vec<Listed<'_>> = tokens.iter().map(|token| Listed::new(token, None)).collect();
    Ok(ApiResponse::json(&list))
}

pub(super) fn permissions(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let id = id(call)?;
    let tokens = call.state.accounts.tokens_of(&call.caller.user);
    let token = tokens.iter().find(|token| token.id == id).ok_or_else(no_token)?;
    let places = token.restricted_to.as_ref();
    let permissions = places.map(|places| places.iter().map(Permission::from).collect());
    Ok(ApiResponse::json(&Permissions { restricted: places.is_some(), permissions }))
}

pub(super) fn revoke(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    if !call.state.accounts.revoke(&call.caller.user, id(call)?) {
        return Err(no_token());
    }
    Ok(ApiResponse::empty().status(StatusCode::NO_CONTENT))
}

fn id(call: &OperationCall<'_>) -> Result<Uuid, Problem> {
    call.param("tokenId").parse().map_err(|_| no_token())
}

fn no_token() -> Problem {
    Problem::not_found("you have no such token; use an id from the list of tokens")
}
