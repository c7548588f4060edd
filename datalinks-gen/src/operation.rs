//! The operations of the document as data.

/// The requirements of the document on requests as JSON, for servers that validate requests.
///
/// The object `operations` holds, for each `operationId`, an optional `body` (`contentType`, `required`,
/// `schema`), an optional `query` (the schema of an object with all query parameters), and `statuses`, the
/// response statuses that the document declares. The schemas are JSON Schema 2020-12 and refer to `$defs` of
/// the same JSON document.
///
/// ```
/// let requests: serde_json::Value = serde_json::from_str(datalinks_gen::REQUESTS)?;
/// let body = &requests["operations"]["ingestData"]["body"];
/// assert_eq!(body["contentType"], "application/json");
/// assert_eq!(body["schema"]["$ref"], "#/$defs/IngestRequest");
/// assert_eq!(requests["operations"]["ingestData"]["statuses"], serde_json::json!(["200", "401"]));
/// assert_eq!(requests["$defs"]["IngestRequest"]["required"], serde_json::json!(["data"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub const REQUESTS: &str = include_str!("../spec/requests.json");

/// The responses that the document declares as JSON, for clients that compare what a server sends.
///
/// The object `operations` holds, for each `operationId`, the declared statuses (`200`, `2XX`, `default`) with the shape of
/// the response by media type. A shape has the keywords of OpenAPI that a response can be compared with: `type`, `nullable`,
/// `enum`, `properties`, `required`, `items`, `additionalProperties`, `allOf`, `oneOf`, `discriminator`, and `$ref`, which is
/// a name in `$defs`. The field `version` is the version of the document.
///
/// ```
/// let responses: serde_json::Value = serde_json::from_str(datalinks_gen::RESPONSES)?;
/// assert_eq!(responses["operations"]["getCurrentUser"]["200"]["application/json"]["$ref"], "CurrentUserResponse");
/// assert_eq!(responses["$defs"]["AccessRole"]["enum"], serde_json::json!(["viewer", "editor"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub const RESPONSES: &str = include_str!("../spec/responses.json");

/// An operation of the document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Operation {
    /// The `operationId`, for example `ingestData`.
    pub id: &'static str,
    /// The function of the generated client that calls the operation, for example `ingest_data`.
    pub function: &'static str,
    /// The HTTP method in upper case.
    pub method: &'static str,
    /// The path below the base URL, with parameter names in braces.
    pub path: &'static str,
    /// The tag that groups the operation.
    pub tag: &'static str,
    /// The server that has the operation.
    pub server: Server,
    /// The framing of the response, if every response is a stream.
    pub stream: Option<StreamKind>,
    /// The JSON-RPC methods whose response is an event stream. Responses to other methods are JSON.
    ///
    /// Empty for all operations except `a2aJsonRpc`. The generated function of that operation returns the bytes
    /// of the body, which have either form, and requests the right form with `Accept`.
    pub stream_methods: &'static [&'static str],
    /// `true` if a successful response is a JSON array.
    pub answers_list: bool,
    /// `true` if the contract allows the call without a token.
    pub public: bool,
}

impl Operation {
    /// Returns the operation with this `operationId`.
    ///
    /// ```
    /// let ingest = datalinks_gen::Operation::by_id("ingestData").unwrap();
    /// assert_eq!((ingest.method, ingest.path), ("POST", "/ingest/{namespace}/{datasetName}"));
    /// assert!(datalinks_gen::Operation::by_id("noSuchThing").is_none());
    /// ```
    pub fn by_id(id: &str) -> Option<&'static Operation> {
        let index = OPERATIONS.binary_search_by(|operation| operation.id.cmp(id)).ok()?;
        OPERATIONS.get(index)
    }

    /// Returns the framing of the response to a request with this body. Returns `None` if the response is not a
    /// stream.
    ///
    /// ```
    /// use datalinks_gen::{Operation, StreamKind};
    ///
    /// let agent = Operation::by_id("a2aJsonRpc").unwrap();
    /// assert_eq!(agent.stream_of(br#"{"jsonrpc":"2.0","method":"SendMessage"}"#), None);
    /// assert_eq!(agent.stream_of(br#"{"jsonrpc":"2.0","method":"SendStreamingMessage"}"#), Some(StreamKind::Sse));
    /// assert_eq!(Operation::by_id("autoragStream").unwrap().stream_of(b""), Some(StreamKind::Sse));
    /// ```
    pub fn stream_of(&self, body: &[u8]) -> Option<StreamKind> {
        #[derive(serde::Deserialize)]
        struct JsonRpc<'a> {
            #[serde(borrow)]
            method: std::borrow::Cow<'a, str>,
        }
        if self.stream.is_some() || self.stream_methods.is_empty() {
            return self.stream;
        }
        let request: JsonRpc<'_> = serde_json::from_slice(body).ok()?;
        self.stream_methods.contains(&request.method.as_ref()).then_some(StreamKind::Sse)
    }

    /// Returns the operation that this function of a generated client calls. The hooks of the generator
    /// identify operations by function name.
    pub(crate) fn by_function(name: &str) -> Option<&'static Operation> {
        // The order by function is the order by id.
        let index = OPERATIONS.binary_search_by(|operation| operation.function.cmp(name)).ok()?;
        OPERATIONS.get(index)
    }
}

/// An operation that the document does not declare, for requests that name their own path. Its method and path are empty.
pub static UNLISTED: Operation = Operation {
    id: "unlisted",
    function: "",
    method: "",
    path: "",
    tag: "",
    server: Server::Api,
    stream: None,
    stream_methods: &[],
    answers_list: false,
    public: false,
};

/// The two services. Each has its own base URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Server {
    /// The API. Its base URL ends in the version prefix, `/api/v1`.
    Api,
    /// The ingest proxy. Its base URL has no prefix.
    Proxy,
}

/// The framing of a streamed response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StreamKind {
    /// Server-sent events.
    Sse,
    /// One JSON object per line.
    Ndjson,
}

generated!("operations.rs");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_function() {
        for operation in OPERATIONS {
            assert_eq!(Operation::by_function(operation.function), Some(operation));
        }
    }
}
