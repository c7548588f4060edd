//! One call through the generated client, which sends by the transport and whose errors become those of this crate.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use datalinks_gen::{
    Ctx, Operation, Sending,
    progenitor_client::{Error as GenError, ResponseValue},
};
use http::{HeaderMap, StatusCode};
use reqwest::Url;
use serde::de::DeserializeOwned;

use super::{
    HttpResponse, Transport, attempt::Body, context::CallContext, error_response::request_id,
    options::CallOptions, rebuild::rebuild, retry_safety::only_reads,
};
use crate::{
    error::{Error, ErrorKind},
    secrets,
    types::{FromWire, Listing, Rejected, listing::without_invalid_items},
};

/// A generated client for one call.
pub(crate) struct Call<C> {
    client: C,
    seam: Arc<Seam>,
}

/// The head of a success and the context of its call, for errors found while the body is decoded.
#[derive(Clone)]
pub(crate) struct Facts {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) context: CallContext,
    /// The body as it was received. Empty for a stream.
    body: Bytes,
}

impl Facts {
    pub(crate) fn of(response: &HttpResponse) -> Self {
        let body = match &response.body {
            Body::Whole(body) => body.clone(),
            Body::Open(_) => Bytes::new(),
        };
        Self {
            status: response.status,
            headers: response.headers.clone(),
            context: response.context.clone(),
            body,
        }
    }

    /// Creates an error about the content of this success. Keeps the start of the body unless it may contain a secret.
    pub(crate) fn unexpected(&self, what: impl Into<String>, body: &[u8]) -> Error {
        let error = Error::new(ErrorKind::UnexpectedResponse, what)
            .with_response(self.status, &self.headers, &Bytes::new())
            .with_request_id(request_id(&self.headers));
        let error = if self.secret() { error } else { error.with_body(body) };
        let error = if only_reads(self.context.operation) { error } else { accepted(error, body) };
        self.context.annotate(error)
    }

    /// Returns `true` if the response may contain a secret.
    fn secret(&self) -> bool {
        secrets::in_response_of(self.context.operation)
    }
}

/// Adds to an error about a success that the service accepted the call, for operations that do more than read.
fn accepted(error: Error, body: &[u8]) -> Error {
    let advice = if body.trim_ascii_start().starts_with(b"<") {
        "a web page came back: check that the host is the API and ends in its prefix, /api/v1; the call may have been \
         carried out, so check whether it took effect"
    } else {
        "the service accepted the call, and only its response cannot be read: check its effect"
    };
    error.advice(advice).with_ambiguous(true)
}

impl<C> Call<C> {
    /// Creates a call. `make` creates the generated client from the context of the call.
    pub(crate) fn new(
        transport: &Arc<Transport>,
        options: &CallOptions,
        make: impl FnOnce(Ctx) -> C,
    ) -> Self {
        let seam = Arc::new(Seam {
            transport: Arc::clone(transport),
            options: options.clone(),
            facts: Mutex::default(),
            body: OnceLock::new(),
            error_responses: ErrorResponses::AsErrors,
        });
        Self { client: make(Ctx::new(Arc::clone(&seam) as Arc<_>)), seam }
    }

    /// Sends this JSON instead of the body of the generated client, whose types cannot hold all values.
    pub(crate) fn with_body(self, body: Bytes) -> Self {
        // A call has one body, so this is called once.
        let _ = self.seam.body.set(body);
        self
    }

    pub(crate) fn client(&self) -> &C {
        &self.client
    }

    /// Returns the body of the success as it was received, for values whose text must not change. Empty if there was none.
    pub(crate) fn body(&self) -> Bytes {
        let facts = self.seam.facts();
        facts.as_ref().map(|facts| facts.body.clone()).unwrap_or_default()
    }

    /// Returns the value that the generated client decoded, or the error of the call.
    pub(crate) fn finish<T, E>(self, result: Result<ResponseValue<T>, GenError<E>>) -> Result<T, Error> {
        self.finish_with_facts(result).map(|(value, _)| value)
    }

    /// Returns a success in the form of the OpenAPI document, or in another form that `T` decodes.
    pub(crate) fn finish_as<T, E>(
        self,
        result: Result<ResponseValue<T::Wire>, GenError<E>>,
    ) -> Result<T, Error>
    where
        T: DeserializeOwned + FromWire,
    {
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Ok(value) = serde_json::from_slice(body)
        {
            return Ok(value);
        }
        self.finish(result).map(T::from_wire)
    }

    /// Returns a list. Items that cannot be decoded are set aside.
    pub(crate) fn finish_list<T, L, E>(
        self,
        result: Result<ResponseValue<L>, GenError<E>>,
    ) -> Result<Listing<T>, Error>
    where
        T: DeserializeOwned,
        L: Into<Vec<T>>,
    {
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Some((items, rejected)) = without_invalid_items::<Vec<T>, T>(body, None)
        {
            return Ok(Listing { items, rejected: self.set_aside(rejected) });
        }
        self.finish(result).map(|list| Listing { items: list.into(), rejected: Vec::new() })
    }

    /// Returns a value with a list of `T` in its field `key`. Items of the list that cannot be decoded are set aside.
    pub(crate) fn finish_with_items<W: DeserializeOwned, T: DeserializeOwned, E>(
        self,
        result: Result<ResponseValue<W>, GenError<E>>,
        key: &str,
    ) -> Result<(W, Vec<Rejected>), Error> {
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Some(salvaged) = without_invalid_items::<W, T>(body, Some(key))
        {
            let (whole, rejected) = salvaged;
            return Ok((whole, self.set_aside(rejected)));
        }
        self.finish(result).map(|whole| (whole, Vec::new()))
    }

    /// Removes secrets from items that could not be decoded, and their content if it may be a secret.
    fn set_aside(&self, mut rejected: Vec<Rejected>) -> Vec<Rejected> {
        let facts = self.seam.facts();
        // Without facts, the operation is not known.
        let Some(facts) = facts.as_ref().filter(|facts| !facts.secret()) else {
            return rejected.into_iter().map(Rejected::without_content).collect();
        };
        rejected.iter_mut().for_each(|item| item.clean(&facts.context.redactor));
        rejected
    }

    /// Returns the value that the generated client decoded together with the head of the response, or the error of the call.
    pub(crate) fn finish_with_facts<T, E>(
        self,
        result: Result<ResponseValue<T>, GenError<E>>,
    ) -> Result<(T, Facts), Error> {
        let facts = self.seam.facts().take();
        let (result, facts) = match (result, facts) {
            (Ok(value), Some(facts)) => return Ok((value.into_inner(), facts)),
            other => other,
        };
        let unexpected = |what: String, body: &[u8]| match &facts {
            Some(facts) => facts.unexpected(what, body),
            // Without facts, the operation is not known, and its response may hold a secret.
            None => Error::new(ErrorKind::UnexpectedResponse, what),
        };
        let error = match result {
            Err(GenError::CommunicationError(error) | GenError::ResponseBodyError(error)) => {
                match carried(&error) {
                    Some(ours) => ours.clone(),
                    None => {
                        let error = Error::new(ErrorKind::Interrupted, "the request failed")
                            .caused_by(error.without_url());
                        facts.as_ref().map_or(error.clone(), |facts| facts.context.annotate(error))
                    }
                }
            }
            Err(GenError::InvalidResponsePayload(body, error)) => {
                let what = if body.trim_ascii().is_empty() {
                    "the response has no body".to_owned()
                } else if facts.as_ref().is_none_or(Facts::secret) {
                    // The error of serde and its message contain values, so they are not kept.
                    let what = secrets::describe(&error);
                    return Err(unexpected(
                        format!("the response is not what the operation returns: {what}"),
                        b"",
                    ));
                } else {
                    format!("the response is not what the operation returns: {error}")
                };
                unexpected(what, &body).caused_by(error)
            }
            Err(GenError::InvalidRequest(what) | GenError::Custom(what)) => Error::invalid(what),
            // The seam turns every error response into an `Error`, and every success has passed through it.
            Ok(_) | Err(_) => unexpected("the response did not come through the transport".to_owned(), b""),
        };
        Err(error)
    }
}

/// Returns the context of a generated client for applications. Error responses stay responses, which the generated code
/// decodes into its own errors.
#[cfg(feature = "raw")]
pub(crate) fn raw(transport: &Arc<Transport>, options: &CallOptions) -> Ctx {
    Ctx::new(Arc::new(Seam {
        transport: Arc::clone(transport),
        options: options.clone().keep_error_body(crate::transport::ERROR_BODY_LIMIT),
        facts: Mutex::default(),
        body: OnceLock::new(),
        error_responses: ErrorResponses::AsResponses,
    }))
}

/// The transport in the form that the generated client calls.
struct Seam {
    transport: Arc<Transport>,
    options: CallOptions,
    facts: Mutex<Option<Facts>>,
    /// The body to send instead of that of the request.
    body: OnceLock<Bytes>,
    error_responses: ErrorResponses,
}

/// The form in which error responses reach the generated client.
#[derive(Clone, Copy, PartialEq)]
enum ErrorResponses {
    /// An [`Error`] inside an error of reqwest.
    AsErrors,
    /// The response itself.
    #[cfg(feature = "raw")]
    AsResponses,
}

impl Seam {
    fn facts(&self) -> MutexGuard<'_, Option<Facts>> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the head and the body of a success, and returns the response that the generated client decodes.
    fn split(&self, operation: &Operation, response: HttpResponse) -> reqwest::Response {
        let HttpResponse { status, headers, body, read, context, .. } = response;
        let mut facts = Facts { status, headers, context, body: Bytes::new() };
        let response = match (body, read) {
            (Body::Open(open), _) => open,
            // The generated client reads no headers, and takes the body from the facts.
            (Body::Whole(body), Some(read)) if !body.is_empty() && self.decodes_facts(operation) => {
                facts.body = body;
                read
            }
            (Body::Whole(body), read) => {
                facts.body = body.clone();
                let headers = match self.error_responses {
                    ErrorResponses::AsErrors => HeaderMap::new(),
                    #[cfg(feature = "raw")]
                    ErrorResponses::AsResponses => facts.headers.clone(),
                };
                rebuild(read.map(|read| read.url().clone()), status, headers, body)
            }
        };
        *self.facts() = Some(facts);
        response
    }

    /// Returns `true` if the generated client decodes the body that the facts have. A function that returns the bytes of the
    /// body reads them from the response, and so does an application.
    fn decodes_facts(&self, operation: &Operation) -> bool {
        self.error_responses == ErrorResponses::AsErrors
            && operation.stream.is_none()
            && operation.stream_methods.is_empty()
    }
}

impl datalinks_gen::Transport for Seam {
    fn url(&self, text: &str) -> Option<Url> {
        self.transport.urls.get(text)
    }

    fn body(&self) -> Option<Bytes> {
        let facts = self.facts();
        let body = &facts.as_ref()?.body;
        (self.error_responses == ErrorResponses::AsErrors && !body.is_empty()).then(|| body.clone())
    }

    fn send<'a>(
        &'a self,
        _http: &'a reqwest::Client,
        mut request: reqwest::Request,
        operation: &'static Operation,
    ) -> Sending<'a> {
        if let Some(body) = self.body.get() {
            *request.body_mut() = Some(body.clone().into());
        }
        Box::pin(async move {
            match self.transport.execute(operation, &mut request, &self.options).await {
                Ok(response) => Ok(self.split(operation, response)),
                Err(error) => match self.error_responses {
                    ErrorResponses::AsErrors => carry(error).await,
                    #[cfg(feature = "raw")]
                    ErrorResponses::AsResponses => match error.raw_response() {
                        Some((status, headers, body)) => Ok(rebuild(None, status, headers, body)),
                        None => carry(error).await,
                    },
                },
            }
        })
    }
}

/// Wraps an error in an error of reqwest, because the generated client returns no others.
///
/// Errors of reqwest cannot be created directly. Reading a body that fails creates one with `error` as its source.
async fn carry(error: Error) -> reqwest::Result<reqwest::Response> {
    let broken = futures::stream::once(std::future::ready(Err::<Bytes, Error>(error)));
    let response = reqwest::Response::from(http::Response::new(reqwest::Body::wrap_stream(broken)));
    // A body whose only chunk is an error cannot be read. If it could, the result must not be a success.
    response
        .bytes()
        .await
        .map(|body| rebuild(None, StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), body))
}

/// Returns the [`Error`] in the chain of causes.
fn carried(error: &reqwest::Error) -> Option<&Error> {
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        if let Some(ours) = next.downcast_ref() {
            return Some(ours);
        }
        cause = next.source();
    }
    None
}

/// Returns the operation with this id. A missing one is a defect of this crate, which a test finds.
pub(crate) fn operation(id: &'static str) -> Result<&'static Operation, Error> {
    Operation::by_id(id).ok_or_else(|| Error::invalid(format!("the OpenAPI document has no operation {id}")))
}
