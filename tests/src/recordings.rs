//! Recorded calls of the vendor's published client, see `data/README.md`.

use datalinks_gen::{Operation, PathSegment, Server};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A call of a method, and its requests.
#[derive(Clone, Debug, Deserialize)]
pub struct Recording {
    /// The name of the recording.
    pub id: String,
    /// The called method.
    pub method: String,
    /// The arguments.
    pub args: Map<String, Value>,
    /// The settings of the client.
    pub config: Map<String, Value>,
    /// The requests in order.
    pub exchanges: Vec<Exchange>,
}

/// A request and the response that was served.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// The id of the operation.
    pub operation_id: String,
    /// The request.
    pub request: Request,
    /// The response.
    pub response: Response,
}

/// A recorded request.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// Path and query, encoded.
    pub target: String,
    /// The relevant headers.
    pub headers: Map<String, Value>,
    /// The body, if it is JSON.
    pub json: Option<Value>,
    /// The body, if it is plain text.
    pub text: Option<String>,
}

/// The response that was served.
#[derive(Clone, Debug, Deserialize)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Map<String, Value>,
    /// The body of a response that is not a stream.
    pub body: Option<String>,
    /// The chunks of a streamed response.
    #[serde(default)]
    pub chunks: Vec<String>,
}

/// Returns all calls of the recorded client.
pub fn load() -> Vec<Recording> {
    serde_json::from_str(include_str!("../data/recordings.json")).unwrap()
}

/// Returns the recorded calls, and one call of each operation that the recorded client does not have.
pub fn all() -> Vec<Recording> {
    let composed: Vec<Recording> = serde_json::from_str(include_str!("../data/composed.json")).unwrap();
    load().into_iter().chain(composed).collect()
}

impl Exchange {
    /// Returns the operation in the document.
    pub fn operation(&self) -> &'static Operation {
        Operation::by_id(&self.operation_id).unwrap_or_else(|| {
            panic!(
                "the document has no operation `{}` (any more): open tests/data/composed.json and remove its exchanges, or \
                 rename it; what is in tests/data/recordings.json stays as it was recorded, and needs a difference",
                self.operation_id
            )
        })
    }

    /// Returns the path below the base URL of the service, and the query.
    fn target(&self) -> (String, Option<&str>) {
        let (path, query) = match self.request.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.request.target.as_str(), None),
        };
        let base = if self.operation().server == Server::Api { "/api/v1" } else { "" };
        (path.strip_prefix(base).unwrap().to_owned(), query)
    }

    /// Returns the values of the parameters in the operation's path, in order.
    pub fn segments(&self) -> Vec<PathSegment> {
        let (path, _) = self.target();
        let template: Vec<&str> = self.operation().path.split('/').collect();
        let path: Vec<&str> = path.split('/').collect();
        assert_eq!(path.len(), template.len(), "{}", self.request.target);
        let filled = template.iter().zip(path).filter(|(name, _)| name.starts_with('{'));
        filled.map(|(_, value)| PathSegment::new(value).unwrap()).collect()
    }

    /// Returns the query, decoded and sorted.
    pub fn query(&self) -> Vec<(String, String)> {
        pairs(self.target().1.unwrap_or_default())
    }

    /// Returns a value of the query.
    pub fn query_value(&self, name: &str) -> Option<String> {
        self.query().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// Parses a query string into sorted, decoded pairs.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let url = Url::parse(&format!("http://localhost/?{query}")).unwrap();
    let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
    pairs.sort();
    pairs
}

impl Response {
    /// Returns the whole body.
    pub fn whole_body(&self) -> String {
        self.body.clone().unwrap_or_default() + &self.chunks.concat()
    }
}

/// Removes all nulls in objects.
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

    /// A new operation of the document fails here until it has an exchange. Then it joins the suites that cover
    /// all exchanges.
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

    /// The name of a composed exchange marks that it was not recorded, and names its operation.
    #[test]
    fn composed_exchanges_are_marked_as_ours() {
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
