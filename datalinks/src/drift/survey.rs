//! Reading calls whose responses are worth comparing.

use std::collections::BTreeSet;

use datalinks_gen::PathSegment;
use http::Method;
use serde::Serialize;
use serde_json::Value;

use crate::{
    client::DataLinks,
    error::{Error, ErrorKind},
    transport::CallOptions,
};

/// Maximum number of calls of [`survey`].
pub const SURVEY_LIMIT: usize = 48;

/// Number of namespaces, of datasets, and of other items that are read.
const SAMPLE: usize = 2;

/// Longest body that is read, in bytes. The service may be of another kind than expected, and send a body without an end.
pub(super) const LONGEST: usize = 16 * 1024 * 1024;

/// A call of [`survey`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SurveyCall {
    /// `operationId` of the operation in the OpenAPI document.
    pub operation: &'static str,
    /// The error of the call, or `None` after a success.
    pub error: Option<Error>,
}

impl SurveyCall {
    /// Creates a call that succeeded.
    pub fn new(operation: &'static str) -> Self {
        Self { operation, error: None }
    }
}

/// Makes reading calls, so that a [`DriftObserver`](super::DriftObserver) of the client sees their responses.
///
/// The calls change nothing and cost no tokens. All are `GET` requests except one query in the query language, for one row of a
/// dataset. Names come from lists that the service returned: of two namespaces, two datasets, and two of each other kind. At
/// most [`SURVEY_LIMIT`] calls are made, without their retries. The survey ends early if the service cannot be reached or
/// rejects the API key. A response with more than 16 MiB is an error, unless the client has
/// [another limit](crate::CallOptions::response_limit).
///
/// The operations are `getCurrentUser`, `listUserNamespaces`, `listAllDatasets`, `getDatasets`, `listTokens`,
/// `listTokenPermissions`, `getUserUsageByDay`, `getUserUsageHistory`, `listBuildSpecs`, `getBuildSpec`, `listA2aAgents`,
/// `getA2aAgentCard`, `listDatasetsWithinNamespace`, `getDatasetsInNamespace`, `listNamespaceShares`, `listConversations`,
/// `getConversation`, `getAgentRunStatus`, `getDatasetInformation`, `getLinks`, `getConnectedLinks`, `listDatasetShares`,
/// `listIngestions` and `queryData`.
///
/// # Cancel safety
///
/// Dropping the future ends the survey. What the observer has seen is kept.
pub async fn survey(client: &DataLinks) -> Vec<SurveyCall> {
    let limit = client.options().response_limit.unwrap_or(LONGEST);
    let client = &client.with_options(CallOptions::new().response_limit(limit));
    let mut surveyor = Surveyor { client, calls: Vec::new(), ended: false };
    surveyor.run().await;
    surveyor.calls
}

/// The body of a query.
#[derive(Serialize)]
struct Query<'a> {
    username: &'a str,
    namespace: &'a str,
    query: String,
}

struct Surveyor<'a> {
    client: &'a DataLinks,
    calls: Vec<SurveyCall>,
    ended: bool,
}

impl Surveyor<'_> {
    async fn run(&mut self) {
        let user = self.get("getCurrentUser", "/user/me").await;
        let username = text(&user, "username").unwrap_or_default().to_owned();
        let namespaces = self.get("listUserNamespaces", "/schema/self/namespaces").await;
        let datasets = self.get("listAllDatasets", "/schema/datasets/all").await;
        self.get("getDatasets", "/data").await;
        self.account().await;
        self.agents().await;
        for namespace in sample(&namespaces) {
            if let (Some(owner), Some(name)) = (text(namespace, "owner"), text(namespace, "name")) {
                self.namespace(owner, name, &username).await;
            }
        }
        for dataset in sample(&datasets) {
            let fields = (text(dataset, "owner"), text(dataset, "namespace"), text(dataset, "name"));
            if let (Some(owner), Some(namespace), Some(name)) = fields {
                self.dataset(owner, namespace, name).await;
            }
        }
    }

    async fn account(&mut self) {
        let tokens = self.get("listTokens", "/user/tokens").await;
        for id in sample(&tokens).filter_map(|token| segment(text(token, "id")?)) {
            self.get("listTokenPermissions", &format!("/user/tokens/{id}/permissions")).await;
        }
        self.get("getUserUsageByDay", "/user/usage/by-day").await;
        self.get("getUserUsageHistory", "/user/usage/history?pageSize=5").await;
        let specs = self.get("listBuildSpecs", "/build-specs").await;
        for id in sample(&specs["items"]).filter_map(|spec| segment(text(spec, "id")?)) {
            self.get("getBuildSpec", &format!("/build-specs/{id}")).await;
        }
    }

    async fn agents(&mut self) {
        let agents = self.get("listA2aAgents", "/a2a").await;
        for name in sample(&agents).filter_map(|agent| segment(text(agent, "name")?)) {
            self.get("getA2aAgentCard", &format!("/a2a/{name}/.well-known/agent-card.json")).await;
        }
    }

    async fn namespace(&mut self, owner: &str, name: &str, username: &str) {
        let (Some(owner_path), Some(path)) = (segment(owner), segment(name)) else { return };
        self.get("listDatasetsWithinNamespace", &format!("/schema/{owner_path}/{path}/datasets")).await;
        if owner == username {
            self.get("getDatasetsInNamespace", &format!("/data/{path}")).await;
        }
        self.get("listNamespaceShares", &format!("/permissions/namespaces/{owner_path}/{path}/shares")).await;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("namespace", name)
            .append_pair("username", owner)
            .finish();
        let conversations = self.get("listConversations", &format!("/query/conversations?{query}")).await;
        for id in sample(&conversations["conversations"]).filter_map(|item| segment(text(item, "id")?)) {
            let conversation = self.get("getConversation", &format!("/query/conversations/{id}")).await;
            for run in sample(&conversation["turns"]).filter_map(|turn| segment(text(turn, "runId")?)).take(1)
            {
                self.get("getAgentRunStatus", &format!("/query/runs/{run}")).await;
            }
        }
    }

    async fn dataset(&mut self, owner: &str, namespace: &str, name: &str) {
        let segments = (segment(owner), segment(namespace), segment(name));
        let (Some(owner_path), Some(namespace_path), Some(name_path)) = segments else { return };
        let path = format!("{owner_path}/{namespace_path}/{name_path}");
        self.get("getDatasetInformation", &format!("/data/{path}")).await;
        self.get("getLinks", &format!("/links/{path}")).await;
        self.get("getConnectedLinks", &format!("/ontology/{path}")).await;
        self.get("listDatasetShares", &format!("/permissions/datasets/{path}/shares")).await;
        self.get("listIngestions", &format!("/data/{path}/ingest/attempts?pageSize=5")).await;
        // A name with a quote cannot be written in the query language.
        if !name.contains(['"', '\\']) {
            let query = Query { username: owner, namespace, query: format!("Ontology(\"{name}\").limit(1)") };
            let body = serde_json::to_vec(&query).ok();
            self.call("queryData", Method::POST, "/query", body).await;
        }
    }

    async fn get(&mut self, operation: &'static str, path: &str) -> Value {
        self.call(operation, Method::GET, path, None).await
    }

    /// Makes a call. Returns the JSON of its response, or null.
    async fn call(
        &mut self,
        operation: &'static str,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Value {
        if self.ended || self.calls.len() >= SURVEY_LIMIT {
            return Value::Null;
        }
        let mut request = self.client.request(method, path);
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = async { request.await?.bytes().await }.await;
        let error = response.as_ref().err().cloned();
        self.ended = error.as_ref().is_some_and(is_final);
        self.calls.push(SurveyCall { operation, error });
        response.ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default()
    }
}

/// Returns `true` if further calls would fail, too.
fn is_final(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Config
            | ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Redirect
            | ErrorKind::Unauthorized
    )
}

/// Returns the first items of a list that differ.
fn sample(list: &Value) -> impl Iterator<Item = &Value> {
    let mut seen = BTreeSet::new();
    let items = list.as_array().into_iter().flatten();
    items.filter(move |item| seen.insert(item.to_string())).take(SAMPLE)
}

fn text<'a>(item: &'a Value, field: &str) -> Option<&'a str> {
    item[field].as_str()
}

/// Returns a name as it is written in a path, or `None` if a path cannot have it.
fn segment(name: &str) -> Option<String> {
    PathSegment::new(name).ok().map(|segment| segment.encoded())
}
