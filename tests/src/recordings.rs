//! Calls of the vendor's published client, as they were on the wire: see `data/README.md`.

use datalinks_gen::{Operation, PathSegment, Server};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Map, Value};

/// One call of a method and the requests it made.
#[derive(Clone, Debug, Deserialize)]
pub struct Recording {
    /// Its name.
    pub id: String,
    /// The method called.
    pub method: String,
    /// The arguments given.
    pub args: Map<String, Value>,
    /// The settings of the client.
    pub config: Map<String, Value>,
    /// The requests made, in order.
    pub exchanges: Vec<Exchange>,
}

/// One request and the answer that was served.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// The operation.
    pub operation_id: String,
    /// The request.
    pub request: Request,
    /// The answer.
    pub response: Response,
}

/// A recorded request.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// GET, POST, ...
    pub method: String,
    /// Path and query, still encoded.
    pub target: String,
    /// The headers that matter.
    pub headers: Map<String, Value>,
    /// The body, if it was JSON.
    pub json: Option<Value>,
    /// The body, if it was text.
    pub text: Option<String>,
}

/// The answer served.
#[derive(Clone, Debug, Deserialize)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Its headers.
    pub headers: Map<String, Value>,
    /// The body of a plain answer.
    pub body: Option<String>,
    /// The pieces of a streamed one.
    #[serde(default)]
    pub chunks: Vec<String>,
}

/// All calls of the recorded client.
pub fn load() -> Vec<Recording> {
    serde_json::from_str(include_str!("../data/recordings.json")).unwrap()
}

/// The recorded calls, and one call each of the operations that the recorded client does not know.
pub fn all() -> Vec<Recording> {
    let composed: Vec<Recording> = serde_json::from_str(include_str!("../data/composed.json")).unwrap();
    load().into_iter().chain(composed).collect()
}

impl Exchange {
    /// The operation, as the document has it.
    pub fn operation(&self) -> &'static Operation {
        Operation::by_id(&self.operation_id).unwrap_or_else(|| {
            panic!(
                "the document has no operation `{}` (any more): open tests/data/composed.json and remove its exchanges, or \
                 rename it; what is in tests/data/recordings.json stays as it was recorded, and needs a difference",
                self.operation_id
            )
        })
    }

    /// The path below the service's base, and the query, apart.
    fn target(&self) -> (String, Option<&str>) {
        let (path, query) = match self.request.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.request.target.as_str(), None),
        };
        let base = if self.operation().server == Server::Api { "/api/v1" } else { "" };
        (path.strip_prefix(base).unwrap().to_owned(), query)
    }

    /// What stands in the braces of the operation's path, in order.
    pub fn segments(&self) -> Vec<PathSegment> {
        let (path, _) = self.target();
        let template: Vec<&str> = self.operation().path.split('/').collect();
        let path: Vec<&str> = path.split('/').collect();
        assert_eq!(path.len(), template.len(), "{}", self.request.target);
        let filled = template.iter().zip(path).filter(|(name, _)| name.starts_with('{'));
        filled.map(|(_, value)| PathSegment::new(value).unwrap()).collect()
    }

    /// The query, decoded and sorted.
    pub fn query(&self) -> Vec<(String, String)> {
        pairs(self.target().1.unwrap_or_default())
    }

    /// One value of the query.
    pub fn query_value(&self, name: &str) -> Option<String> {
        self.query().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// A query string, decoded and sorted.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let url = Url::parse(&format!("http://localhost/?{query}")).unwrap();
    let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
    pairs.sort();
    pairs
}

impl Response {
    /// The whole body.
    pub fn whole_body(&self) -> String {
        self.body.clone().unwrap_or_default() + &self.chunks.concat()
    }
}

/// Removes every null below, in objects.
pub fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use datalinks_gen::OPERATIONS;

    use super::*;

    /// A new operation of the document fails here until it has an exchange, and joins the suites that go over all
    /// exchanges when it has one.
    #[test]
    fn every_operation_has_an_exchange() {
        let recordings = all();
        let exchanges = recordings.iter().flat_map(|recording| &recording.exchanges);
        let shown: BTreeSet<&str> = exchanges.map(|exchange| exchange.operation_id.as_str()).collect();
        let missing = OPERATIONS.iter().filter(|operation| !shown.contains(operation.id));
        let missing: Vec<String> = missing
            .map(|operation| {
                format!("- `composed/{}`: {} {}", operation.id, operation.method, operation.path)
            })
            .collect();
        assert!(
            missing.is_empty(),
            "operations of the document without an exchange:\n{}\nIf the vendor's client calls it, record the call into \
             tests/data/recordings.json. If not, open tests/data/composed.json and compose one from the contract, under \
             this name, which marks it as ours. tests/data/README.md says what it holds, and CONTRIBUTING.md, \"Adding an \
             endpoint\", step 5, what uses it.",
            missing.join("\n")
        );
    }

    /// The name of a composed exchange says that nobody recorded it, and which operation it is of.
    #[test]
    fn what_is_composed_is_marked_as_ours() {
        let composed: Vec<Recording> = serde_json::from_str(include_str!("../data/composed.json")).unwrap();
        for recording in composed {
            let [exchange] = recording.exchanges.as_slice() else {
                panic!("tests/data/composed.json: {} has one exchange", recording.id)
            };
            let name = recording.id.strip_prefix("composed/").map(|name| name.split('/').next().unwrap());
            assert_eq!(
                name,
                Some(exchange.operation_id.as_str()),
                "tests/data/composed.json: {} is named after its operation, as in `composed/{}` or `composed/{}/full`",
                recording.id,
                exchange.operation_id,
                exchange.operation_id
            );
            let operation = exchange.operation();
            assert_eq!(exchange.request.method, operation.method, "{}", recording.id);
            exchange.segments();
        }
        assert!(load().iter().all(|recording| !recording.id.starts_with("composed/")));
    }
}
