//! The operations of the document, as data.

/// What the document demands of requests, as JSON text, for servers that check them.
///
/// `operations` holds for each `operationId` a `body` (`contentType`, `required`, `schema`) and a `query` (the schema
/// of an object that holds all parameters), where there are any, and `statuses`, the response statuses that the
/// document declares for the operation. The schemas are JSON Schema 2020-12 and refer to `$defs` of the same document.
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

/// One operation of the document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Operation {
    /// Its `operationId`, e.g. `ingestData`.
    pub id: &'static str,
    /// The function of the generated client that calls it, e.g. `ingest_data`.
    pub function: &'static str,
    /// Its HTTP method, in capitals.
    pub method: &'static str,
    /// Its path below the base URL, with names in braces.
    pub path: &'static str,
    /// The tag it is grouped under.
    pub tag: &'static str,
    /// The server it belongs to.
    pub server: Server,
    /// Framing of the response, if every response is a stream.
    pub stream: Option<StreamKind>,
    /// JSON-RPC methods whose response is an event stream. Responses to other methods are JSON.
    ///
    /// Empty for all operations but `a2aJsonRpc`. Its generated function returns the bytes of the body, which carry either
    /// form, and asks for the right one with `Accept`.
    pub stream_methods: &'static [&'static str],
    /// Whether success is a JSON array.
    pub answers_list: bool,
    /// Whether the contract lets everybody call it, without a token.
    pub public: bool,
}

impl Operation {
    /// The operation with this `operationId`.
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

    /// Framing of the response to a request with this body; `None` for a response that is not a stream.
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

    /// The operation that this function of a generated client calls; the generator names operations
    /// so in its hooks.
    pub(crate) fn by_function(name: &str) -> Option<&'static Operation> {
        OPERATIONS.iter().find(|operation| operation.function == name)
    }
}

/// The two services, each with its own base URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Server {
    /// The API. Its base URL ends in the version prefix, `/api/v1`.
    Api,
    /// The ingest proxy. Its base URL has no prefix.
    Proxy,
}

/// How an answer is streamed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StreamKind {
    /// Server-sent events.
    Sse,
    /// One JSON object a line.
    Ndjson,
}

include!(concat!(env!("OUT_DIR"), "/operations.rs"));
