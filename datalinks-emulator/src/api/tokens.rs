//! Handlers for tokens: creating, listing, describing, revoking.

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

/// A token in a list. Unlike most of the API, its fields are in snake case.
#[derive(Serialize)]
struct Listed<'a> {
    id: Uuid,
    name: &'a str,
    created_at: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    /// The secret. Present only in the response that creates the token.
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
    fn from(scope: &'a GrantScope) -> Self {
        Self {
            username: &scope.namespace.owner,
            namespace: &scope.namespace.name,
            dataset: scope.dataset.as_deref(),
        }
    }
}

pub(super) fn create(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let name: String = fields.required("name");
    let expires_at: Option<String> = fields.optional("expires_at");
    let restricted = fields.has("accessRestrictedTo");
    let mut scopes = Vec::new();
    for mut scope in fields.objects("accessRestrictedTo") {
        let (username, namespace): (String, String) =
            (scope.required("username"), scope.required("namespace"));
        let namespace = Namespace::new(call.owner(&username), namespace);
        scopes.push(GrantScope { namespace, dataset: scope.optional("dataset") });
        fields.close(scope);
    }
    fields.finish()?;
    if name.trim().is_empty() {
        return Err(Problem::bad_request("name: is empty; describe the purpose of the token"));
    }
    let now = call.state.clock.now();
    let expires_at = expires_at.map(|text| end(&text, now)).transpose()?;
    let restricted_to = restricted.then_some(scopes);
    let state = call.state;
    let (token, secret) =
        state.accounts.create(&state.ids, &call.caller.user, name, expires_at, restricted_to, now);
    Ok(ApiResponse::json(&Listed::new(&token, Some(&secret))))
}

/// Parses the expiry of a token, which must be in the future.
fn end(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    let end = time::timestamp("expires_at", text)?;
    if end <= now {
        return Err(Problem::bad_request("expires_at: is not in the future; use a later time"));
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
    let token = tokens.iter().find(|token| token.id == id).ok_or_else(token_not_found)?;
    let scopes = token.restricted_to.as_ref();
    let permissions = scopes.map(|scopes| scopes.iter().map(Permission::from).collect());
    Ok(ApiResponse::json(&Permissions { restricted: scopes.is_some(), permissions }))
}

pub(super) fn revoke(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    if !call.state.accounts.revoke(&call.caller.user, id(call)?) {
        return Err(token_not_found());
    }
    Ok(ApiResponse::empty().status(StatusCode::NO_CONTENT))
}

fn id(call: &OperationCall<'_>) -> Result<Uuid, Problem> {
    call.param("tokenId").parse().map_err(|_| token_not_found())
}

fn token_not_found() -> Problem {
    Problem::not_found("no such token of yours; use an id from the list of tokens")
}
