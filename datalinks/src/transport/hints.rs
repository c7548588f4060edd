//! Advice for failures whose usual cause depends on the operation.
//!
//! Every call passes the transport, awaited or streamed, so the advice is added here: by the operation, the
//! status, and the owner that the request names.

use datalinks_gen::{Operation, Server};
use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::error::Error;

/// The owner that stands for the caller.
const CALLER: &str = "self";

/// Adds what usually explains this status of this operation, unless the error has advice already.
pub(super) fn add(error: Error, operation: &Operation, request: &reqwest::Request) -> Error {
    match (error.status(), operation.id) {
        (Some(StatusCode::NOT_FOUND), "ingestData") => error.default_advice(
            "check the names; a dataset must be created before rows go in, and plain ingest always writes to your own \
             namespaces: for a dataset that another user shares with you use Namespace::with_owner and \
             Dataset::upload, whose route names the owner",
        ),
        (Some(StatusCode::NOT_FOUND), _) => match other_owner(operation, request) {
            Some(owner) => error.default_advice(format!(
                "it is missing or not shared with you: check the names and whether {owner} shares it; right after a \
                 grant access takes some seconds (the service is eventually consistent), so try again then"
            )),
            None if operation.id == "prepareMultipartUpload" => {
                error.default_advice("check the names; a dataset must be created before rows go in")
            }
            None => error,
        },
        (Some(StatusCode::INTERNAL_SERVER_ERROR), "autorag" | "autoragStream") => error.default_advice(
            "by the vendor's guide, AutoRAG is reliable if the datasets of the namespace have 5 columns or fewer, and \
             10 or more columns in one tend to end in 500: ask in a namespace of narrower datasets, or try again later",
        ),
        _ => error,
    }
}

/// Adds to a 404 that an earlier attempt with an unknown outcome probably deleted what is missing now.
pub(super) fn add_gone(error: Error, operation: &Operation) -> Error {
    let removes = operation.method == "DELETE" || operation.id.starts_with("abort");
    if !removes || error.status() != Some(StatusCode::NOT_FOUND) {
        return error;
    }
    error.advice(
        "it is probably gone already: an earlier attempt of this call ended without a clear response and may have been \
         carried out",
    )
}

/// Returns the owner that a request to the API names, if that is not the caller.
///
/// An owner in the path decides alone: in the body of a grant, for example, `username` is the grantee.
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
    // From the end, because the base URL may have a prefix.
    let mut segments = url.path().rsplit('/').zip(operation.path.rsplit('/'));
    let (owner, _) = segments.find(|(_, name)| matches!(*name, "{username}" | "{user}"))?;
    Some(percent_decode_str(owner).decode_utf8_lossy().into_owned())
}

fn query_owner(url: &reqwest::Url) -> Option<String> {
    url.query_pairs().find(|(name, _)| name == "username").map(|(_, owner)| owner.into_owned())
}

fn body_owners(request: &reqwest::Request) -> Vec<String> {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    // Serde would read an array as the fields in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Vec::new();
    }
    serde_json::from_slice::<Named>(body).map(Named::owners).unwrap_or_default()
}

/// The places in a request body where an owner stands. Everything else, rows included, is skipped.
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

    /// The bodies that name `owner` at one of the places where a schema has an owner.
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

    /// A new owner in the document fails here until it is found.
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
                // Whoever is named in the body is a grantee.
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

    #[test]
    fn advice_that_is_closer_to_the_cause_stays() {
        let info = Operation::by_id("getDatasetInformation").unwrap();
        let missing = || Error::new(ErrorKind::NotFound, "no").with_status(StatusCode::NOT_FOUND);
        let told = |error: Error| add(error, info, &request(info, "ada", None)).to_string();
        assert!(told(missing()).contains("whether ada shares it"), "{}", told(missing()));
        assert!(told(missing().advice("it moved")).contains("it moved"));
    }
}
