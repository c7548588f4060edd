//! One call through the generated client: our transport below it, our errors above it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use datalinks_gen::{
    Ctx, Operation, Sending,
    progenitor_client::{Error as GenError, ResponseValue},
};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::{
    HttpResponse, Transport, attempt::Body, context::CallContext, options::CallOptions, refusal::request_id,
    repeat::only_reads,
};
use crate::{
    error::{Error, ErrorKind},
    secrets,
    types::{Listing, Rejected, listing::without_odd_items},
};

/// A generated client that lives for one call.
pub(crate) struct Call<C> {
    client: C,
    facts: Arc<Mutex<Option<Facts>>>,
    body: Arc<OnceLock<Bytes>>,
}

/// What is known of a success before its body is decoded.
#[derive(Clone)]
pub(crate) struct Facts {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) context: CallContext,
    /// The body as it came, unless it is a stream.
    body: Bytes,
}

impl Facts {
    pub(crate) fn of(answer: &HttpResponse) -> Self {
        let body = match &answer.body {
            Body::Whole(body) => body.clone(),
            Body::Open(_) => Bytes::new(),
        };
        Self { status: answer.status, headers: answer.headers.clone(), context: answer.context.clone(), body }
    }

    /// An error about the content of this success. Keeps the start of the body unless it may hold a secret.
    pub(crate) fn unexpected(&self, what: impl Into<String>, body: &[u8]) -> Error {
        let error = Error::new(ErrorKind::UnexpectedResponse, what)
            .with_response(self.status, &self.headers, &Bytes::new())
            .with_request_id(request_id(&self.headers));
        let error = if self.secret() { error } else { error.with_body(body) };
        let error = if only_reads(self.context.operation) { error } else { accepted(error, body) };
        self.context.annotate(error)
    }

    /// Whether the response may hold a secret.
    fn secret(&self) -> bool {
        secrets::in_response_of(self.context.operation)
    }
}

/// A success of an operation that does more than read: the service has accepted the call, whatever the body is.
fn accepted(error: Error, body: &[u8]) -> Error {
    let advice = if body.trim_ascii_start().starts_with(b"<") {
        "a web page came back: check that the host is the API and ends in its prefix, /api/v1; the call may have been \
         carried out all the same, so look at what it should have changed"
    } else {
        "the service accepted the call, and only its response cannot be read: look at what the call has changed"
    };
    error.advice(advice).with_ambiguous(true)
}

impl<C> Call<C> {
    /// `make` builds the generated client around the context of this call.
    pub(crate) fn new(
        transport: &Arc<Transport>,
        options: &CallOptions,
        make: impl FnOnce(Ctx) -> C,
    ) -> Self {
        let (facts, body) = (Arc::default(), Arc::default());
        let seam = Seam {
            transport: Arc::clone(transport),
            options: options.clone(),
            facts: Arc::clone(&facts),
            body: Arc::clone(&body),
            refusals: Refusals::AsErrors,
        };
        Self { client: make(Ctx::new(Arc::new(seam))), facts, body }
    }

    /// Sends this JSON instead of what the generated client writes, for values that its types cannot hold.
    pub(crate) fn with_body(self, body: Bytes) -> Self {
        // A call has one body: it is set once.
        let _ = self.body.set(body);
        self
    }

    pub(crate) fn client(&self) -> &C {
        &self.client
    }

    /// The body of the success as it came, for values whose text must not change. Empty if there was none.
    pub(crate) fn body(&self) -> Bytes {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        facts.as_ref().map(|facts| facts.body.clone()).unwrap_or_default()
    }

    /// The value that the generated client decoded, or our error with all that is known.
    pub(crate) fn finish<T, E>(self, result: Result<ResponseValue<T>, GenError<E>>) -> Result<T, Error> {
        self.finish_with_facts(result).map(|(value, _)| value)
    }

    /// A success in the form of the document, or in another form that `T` reads.
    pub(crate) fn finish_as<T, W, E>(self, result: Result<ResponseValue<W>, GenError<E>>) -> Result<T, Error>
    where
        T: DeserializeOwned + From<W>,
    {
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Ok(value) = serde_json::from_slice(body)
        {
            return Ok(value);
        }
        self.finish(result).map(Into::into)
    }

    /// A list whose odd items do not discard the others.
    pub(crate) fn finish_list<T, L, E>(
        self,
        result: Result<ResponseValue<L>, GenError<E>>,
    ) -> Result<Listing<T>, Error>
    where
        T: DeserializeOwned,
        L: Into<Vec<T>>,
    {
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Some((items, rejected)) = without_odd_items::<Vec<T>, T>(body, None)
        {
            return Ok(Listing { items, rejected: self.set_aside(rejected) });
        }
        self.finish(result).map(|list| Listing { items: list.into(), rejected: Vec::new() })
    }

    /// An answer with a list of `T` in its field `key`, and the items of it that are odd.
    pub(crate) fn finish_with_items<W: DeserializeOwned, T: DeserializeOwned, E>(
        self,
        result: Result<ResponseValue<W>, GenError<E>>,
        key: &str,
    ) -> Result<(W, Vec<Rejected>), Error> {
        if let Err(GenError::InvalidResponsePayload(body, _)) = &result
            && let Some(salvaged) = without_odd_items::<W, T>(body, Some(key))
        {
            let (whole, rejected) = salvaged;
            return Ok((whole, self.set_aside(rejected)));
        }
        self.finish(result).map(|whole| (whole, Vec::new()))
    }

    /// Odd items as they may be kept: without the key, and without their content if it may be a secret.
    fn set_aside(&self, mut rejected: Vec<Rejected>) -> Vec<Rejected> {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        // Without facts, the operation is not known.
        let Some(facts) = facts.as_ref().filter(|facts| !facts.secret()) else {
            return rejected.into_iter().map(Rejected::without_content).collect();
        };
        rejected.iter_mut().for_each(|item| item.clean(&facts.context.redactor));
        rejected
    }

    /// The same, with the head of the answer.
    pub(crate) fn finish_with_facts<T, E>(
        self,
        result: Result<ResponseValue<T>, GenError<E>>,
    ) -> Result<(T, Facts), Error> {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner).take();
        let unexpected = |what: String, body: &[u8]| match &facts {
            Some(facts) => facts.unexpected(what, body),
            // Without facts, the operation is not known, and its response may hold a secret.
            None => Error::new(ErrorKind::UnexpectedResponse, what),
        };
        let error = match (result, &facts) {
            (Ok(value), Some(facts)) => return Ok((value.into_inner(), facts.clone())),
            (Err(GenError::CommunicationError(error) | GenError::ResponseBodyError(error)), _) => {
                match carried(&error) {
                    Some(ours) => ours.clone(),
                    None => {
                        let error = Error::new(ErrorKind::Interrupted, "the request failed")
                            .caused_by(error.without_url());
                        facts.as_ref().map_or(error.clone(), |facts| facts.context.annotate(error))
                    }
                }
            }
            (Err(GenError::InvalidResponsePayload(body, error)), _) => {
                let what = if body.trim_ascii().is_empty() {
                    "the answer has no body".to_owned()
                } else if facts.as_ref().is_none_or(Facts::secret) {
                    // Neither the message of serde nor the error itself is kept: both repeat values.
                    let what = secrets::describe(&error);
                    return Err(unexpected(
                        format!("the response is not what the operation returns: {what}"),
                        b"",
                    ));
                } else {
                    format!("the answer is not what the operation answers: {error}")
                };
                unexpected(what, &body).caused_by(error)
            }
            (Err(GenError::InvalidRequest(what) | GenError::Custom(what)), _) => Error::invalid(what),
            // The seam turns every refusal into our error, and every success has passed through it.
            (Ok(_) | Err(_), _) => {
                unexpected("the answer did not come through the transport".to_owned(), b"")
            }
        };
        Err(error)
    }
}

/// The context of a client that applications use directly: refusals stay answers, which the
/// generated code decodes into its own errors.
#[cfg(feature = "raw")]
pub(crate) fn raw(transport: &Arc<Transport>, options: &CallOptions) -> Ctx {
    Ctx::new(Arc::new(Seam {
        transport: Arc::clone(transport),
        options: options.clone().keep_refusals(crate::transport::REFUSAL_READ),
        facts: Arc::default(),
        body: Arc::default(),
        refusals: Refusals::AsResponses,
    }))
}

/// Our transport behind the generated client's seam.
struct Seam {
    transport: Arc<Transport>,
    options: CallOptions,
    facts: Arc<Mutex<Option<Facts>>>,
    /// The body to send, if it is not that of the request.
    body: Arc<OnceLock<Bytes>>,
    refusals: Refusals,
}

/// What becomes of an answer that is no success.
#[derive(Clone, Copy, PartialEq)]
enum Refusals {
    /// It is our error, carried through the generated client.
    AsErrors,
    /// It is the answer.
    #[cfg(feature = "raw")]
    AsResponses,
}

impl datalinks_gen::Transport for Seam {
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
            match self.transport.execute(operation, request, &self.options).await {
                Ok(answer) => {
                    *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = Some(Facts::of(&answer));
                    Ok(match answer.body {
                        Body::Open(response) => response,
                        Body::Whole(body) => rebuild(answer.status, answer.headers, body),
                    })
                }
                Err(error) => match self.refusals {
                    Refusals::AsErrors => carry(error).await,
                    #[cfg(feature = "raw")]
                    Refusals::AsResponses => match error.refusal() {
                        Some((status, headers, body)) => Ok(rebuild(status, headers, body)),
                        None => carry(error).await,
                    },
                },
            }
        })
    }
}

fn rebuild(status: StatusCode, headers: HeaderMap, body: Bytes) -> reqwest::Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    reqwest::Response::from(response)
}

/// The generated client passes on nothing but errors of reqwest, which cannot be made from outside.
/// Reading a body that fails makes one, with our error as its source.
async fn carry(error: Error) -> reqwest::Result<reqwest::Response> {
    let broken = futures::stream::once(std::future::ready(Err::<Bytes, Error>(error)));
    let response = reqwest::Response::from(http::Response::new(reqwest::Body::wrap_stream(broken)));
    // A body whose only part is an error is never read whole; if it were, it is no success either.
    response.bytes().await.map(|body| rebuild(StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), body))
}

/// Our error in the chain of causes.
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

/// The operation with this id. A missing one is a defect of this crate, caught by a test.
pub(crate) fn operation(id: &'static str) -> Result<&'static Operation, Error> {
    Operation::by_id(id).ok_or_else(|| Error::invalid(format!("the document has no operation {id}")))
}
