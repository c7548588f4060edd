//! Advice for failures whose usual cause depends on the operation.
//!
//! Every call goes through the transport, so the advice is added here. It depends on the operation, the status, and the owner
//! in the request.

use datalinks_gen::{Operation, Server};
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::error::Error;

/// The name that the API uses for the caller as an owner.
const CALLER: &str = "self";

/// Adds advice about the usual cause of this status for this operation, unless the error has advice already.
pub(super) fn add(error: Error, operation: &Operation, request: &reqwest::Request) -> Error {
    match (error.status(), operation.id) {
        (Some(StatusCode::NOT_FOUND), "ingestData") => error.default_advice(
            "check the names; a dataset must be created before rows are ingested, and rows always go to your own namespaces: \
             for a dataset of another user, use Namespace::with_owner and Dataset::upload",
        ),
        (Some(StatusCode::NOT_FOUND), _) => match other_owner(operation, request) {
            Some(owner) => error.default_advice(format!(
                "the resource does not exist or is not shared with you: check the names and whether {owner} shares it; \
                 right after a grant access takes some seconds (the service is eventually consistent), so try again then"
            )),
            None if operation.id == "prepareMultipartUpload" => {
                error.default_advice("check the names; a dataset must be created before rows are ingested")
            }
            None => error,
        },
        (Some(StatusCode::INTERNAL_SERVER_ERROR), "autorag" | "autoragStream") => error.default_advice(
            "by the vendor's guide, AutoRAG is reliable if the datasets of the namespace have 5 columns or fewer, and \
             10 or more columns in one tend to end in 500: ask in a namespace whose datasets have fewer columns, or try again later",
        ),
        _ => error,
    }
}

/// Adds to a 404 that an earlier attempt with an ambiguous outcome probably deleted the resource.
pub(super) fn add_gone(error: Error, operation: &Operation) -> Error {
    let removes = operation.method == "DELETE" || operation.id.starts_with("abort");
    if !removes || error.status() != Some(StatusCode::NOT_FOUND) {
        return error;
    }
    error.advice(
        "the resource is probably deleted: an earlier attempt of this call had an ambiguous outcome and may have been \
         carried out",
    )
}

/// Returns the owner in a request to the API, or `None` if the request has no owner other than the caller.
///
/// If the path has an owner, the body is not read: in the body of a grant, for example, `username` is the grantee.
fn other_owner(operation: &Operation, request: &reqwest::Request) -> Option<String> {
    if operation.server != Server::Api {
        return None;
    }
    let owners = match path_owner(operation, request.url()) {
        Some(owner) => vec![owner],
        None => query_owner(request.url()).into_iter().chain(body_owners(request)).collect(),
    };
    owners.into_iter().find(|owner| owner != CALLER)
}

fn path_owner(operation: &Operation, url: &reqwest::Url) -> Option<String> {
    // The segments are compared from the end, because the base URL may have a prefix.
    let mut segments = url.path().rsplit('/').zip(operation.path.rsplit('/'));
    let (owner, _) = segments.find(|(_, name)| matches!(*name, "{username}" | "{user}"))?;
    Some(percent_decode_str(owner).decode_utf8_lossy().into_owned())
}

fn query_owner(url: &reqwest::Url) -> Option<String> {
    url.query_pairs().find(|(name, _)| name == "username").map(|(_, owner)| owner.into_owned())
}

fn body_owners(request: &reqwest::Request) -> Vec<String> {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    // Serde would decode an array as the fields of the struct in order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Vec::new();
    }
    serde_json::from_slice::<Named>(body).map(Named::owners).unwrap_or_default()
}

/// The members of a request body that contain an owner. All other members, such as rows, are skipped.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Named {
    username: Option<String>,
    owner: Option<String>,
    from: Option<Box<Named>>,
    to: Option<Box<Named>>,
    sources: Option<Vec<Named>>,
    destination: Option<Box<Named>>,
    destinations: Option<Vec<Named>>,
    access_restricted_to: Option<Vec<Named>>,
}

impl Named {
    fn owners(self) -> Vec<String> {
        let single = [self.from, self.to, self.destination].into_iter().flatten().map(|named| *named);
        let lists =
            [self.sources, self.destinations, self.access_restricted_to].into_iter().flatten().flatten();
        let nested = single.chain(lists).flat_map(Named::owners);
        [self.username, self.owner].into_iter().flatten().chain(nested).collect()
    }
}

#[cfg(test)]
mod tests {
    use datalinks_gen::OPERATIONS;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::error::ErrorKind;

    fn request(operation: &Operation, owner: &str, body: Option<&Value>) -> reqwest::Request {
        let path: Vec<&str> = operation
            .path
            .split('/')
            .map(|part| match part {
                "{username}" | "{user}" => owner,
                part if part.starts_with('{') => "plants",
                part => part,
            })
            .collect();
        let url = format!("https://example.com/prefix/api/v1{}", path.join("/"));
        let mut request = reqwest::Request::new(operation.method.parse().unwrap(), url.parse().unwrap());
        if let Some(body) = body {
            *request.body_mut() = Some(body.to_string().into());
        }
        request
    }

    /// Returns bodies that contain `owner`, one for each member of the schema that is an owner.
    fn bodies(document: &Value, schema: &Value, owner: &str, depth: usize) -> Vec<Value> {
        if depth == 0 {
            return Vec::new();
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/")) {
            return bodies(document, &document["$defs"][name], owner, depth - 1);
        }
        let mut found = Vec::new();
        for key in ["allOf", "anyOf", "oneOf"] {
            for part in schema[key].as_array().into_iter().flatten() {
                found.extend(bodies(document, part, owner, depth - 1));
            }
        }
        if schema["items"].is_object() {
            let items = bodies(document, &schema["items"], owner, depth - 1);
            found.extend(items.into_iter().map(|item| json!([item])));
        }
        for (name, property) in schema["properties"].as_object().unwrap_or(&Map::new()) {
            if matches!(name.as_str(), "username" | "owner") {
                found.push(json!({ name.clone(): owner }));
            } else {
                let inner = bodies(document, property, owner, depth - 1);
                found.extend(inner.into_iter().map(|value| json!({ name.clone(): value })));
            }
        }
        found
    }

    /// Fails if the OpenAPI document has an owner that `other_owner` does not find.
    #[test]
    fn every_owner_of_the_document_is_found() {
        let document: Value = serde_json::from_str(datalinks_gen::REQUESTS).unwrap();
        let (mut in_path, mut in_query, mut in_body) = (0, 0, 0);
        for operation in OPERATIONS.iter().filter(|operation| operation.server == Server::Api) {
            let demands = &document["operations"][operation.id];
            let found = |request: &reqwest::Request| other_owner(operation, request);
            let bodies = |owner: &str| bodies(&document, &demands["body"]["schema"], owner, 12);
            if operation.path.contains("{username}") || operation.path.contains("{user}") {
                in_path += 1;
                assert_eq!(
                    found(&request(operation, "ada%20b", None)),
                    Some("ada b".into()),
                    "{}",
                    operation.id
                );
                // The user in the body is the grantee.
                for body in bodies("ada").iter().map(Some).chain([None]) {
                    assert_eq!(found(&request(operation, "self", body)), None, "{}", operation.id);
                }
                continue;
            }
            assert_eq!(found(&request(operation, "ada", None)), None, "{}", operation.id);
            if demands["query"]["properties"]["username"].is_object() {
                in_query += 1;
                for (owner, expected) in [("ada", Some("ada".to_owned())), ("self", None)] {
                    let mut request = request(operation, owner, None);
                    request.url_mut().query_pairs_mut().append_pair("username", owner);
                    assert_eq!(found(&request), expected, "{}", operation.id);
                }
            }
            for (theirs, own) in bodies("ada").iter().zip(bodies("self")) {
                in_body += 1;
                assert_eq!(found(&request(operation, "", Some(theirs))), Some("ada".into()), "{theirs}");
                assert_eq!(found(&request(operation, "", Some(&own))), None, "{own}");
            }
        }
        assert!(in_path > 20 && in_query > 0 && in_body >= 6, "{in_path} {in_query} {in_body}");
    }

    #[test]
    fn rows_that_name_users_are_not_owners() {
        let infer = Operation::by_id("inferSchema").unwrap();
        let body = json!({ "sample": [{ "username": "ada" }], "data": [{ "owner": "ada" }] });
        assert_eq!(other_owner(infer, &request(infer, "", Some(&body))), None);
        assert_eq!(other_owner(infer, &request(infer, "", Some(&json!(["ada"])))), None);
    }

    /// Of a request without another owner, only one that needs a dataset is advised to create it.
    #[test]
    fn missing_dataset_is_advised_about_where_rows_go_to_it() {
        let missing = || Error::new(ErrorKind::NotFound, "no").with_status(StatusCode::NOT_FOUND);
        for operation in OPERATIONS {
            let line = add(missing(), operation, &request(operation, "self", None)).to_string();
            let needs_dataset = ["ingestData", "prepareMultipartUpload"].contains(&operation.id);
            assert_eq!(line.contains("a dataset must be created before"), needs_dataset, "{line}");
        }
    }

    #[test]
    fn advice_that_is_set_already_is_kept() {
        let info = Operation::by_id("getDatasetInformation").unwrap();
        let missing = || Error::new(ErrorKind::NotFound, "no").with_status(StatusCode::NOT_FOUND);
        let line = |error: Error| add(error, info, &request(info, "ada", None)).to_string();
        assert!(line(missing()).contains("whether ada shares it"), "{}", line(missing()));
        assert!(line(missing().advice("it moved")).contains("it moved"));
    }
}
