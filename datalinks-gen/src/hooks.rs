//! The hooks that the generated clients call around each request.

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo, ResponseValue};
use reqwest::{
    Method, RequestBuilder, Response,
    header::{ACCEPT, HeaderValue},
};
use serde::de::DeserializeOwned;

use crate::{Ctx, Operation, StreamKind, mend::mend, segment};

/// Completes the encoding of the path, and sets `Accept`. If an operation responds in two forms, the media type depends on
/// the method in the body.
fn prepare(request: &mut reqwest::Request, operation: &Operation) {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let stream = operation.stream_of(body);
    segment::complete(request.url_mut());
    request.headers_mut().insert(
        ACCEPT,
        HeaderValue::from_static(match stream {
            None => "application/json",
            Some(StreamKind::Sse) => "text/event-stream",
            Some(StreamKind::Ndjson) => "application/x-ndjson",
        }),
    );
}

macro_rules! hooks {
    ($($client:ty),+) => {$(
        impl $client {
            /// Begins a request to the URL with this text, which the transport may have parsed for an earlier request.
            pub(crate) fn begin_request(&self, method: Method, text: String) -> RequestBuilder {
                match self.inner().transport().url(&text) {
                    Some(url) => self.client().request(method, url),
                    None => self.client().request(method, text),
                }
            }

            /// Decodes the body of a success, which the transport may have read.
            pub(crate) async fn decode<T: DeserializeOwned, E>(&self, response: Response) -> Result<ResponseValue<T>, Error<E>> {
                match self.inner().transport().body() {
                    Some(body) if !body.is_empty() => match serde_json::from_slice(&body) {
                        Ok(value) => Ok(ResponseValue::new(value, response.status(), response.headers().clone())),
                        Err(error) => Err(Error::InvalidResponsePayload(body, error)),
                    },
                    _ => ResponseValue::from_response(response).await,
                }
            }
        }

        impl ClientHooks<Ctx> for $client {
            async fn pre<E>(&self, request: &mut reqwest::Request, info: &OperationInfo) -> Result<(), Error<E>> {
                match Operation::by_function(info.operation_id) {
                    Some(operation) => prepare(request, operation),
                    None => return Err(Error::InvalidRequest(format!("unknown operation {}", info.operation_id))),
                }
                Ok(())
            }

            async fn exec(&self, request: reqwest::Request, info: &OperationInfo) -> reqwest::Result<reqwest::Response> {
                match Operation::by_function(info.operation_id) {
                    Some(operation) => {
                        let response = self.inner().transport().send(self.client(), request, operation).await?;
                        mend(response, operation).await
                    }
                    // `pre` has rejected it already. Without credentials, the request is not sent.
                    None => self.client().execute(request).await,
                }
            }
        }
    )+};
}

hooks!(crate::api::Client, crate::proxy::Client);
