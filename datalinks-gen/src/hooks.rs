//! The hooks that the generated clients call around each request.

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::header::{ACCEPT, HeaderValue};

use crate::{Ctx, Operation, StreamKind, mend::mend, segment};

/// Completes the encoding of the path, removes the header that the generator adds, and sets `Accept`. If an
/// operation responds in two forms, the media type depends on the method in the body.
fn prepare(request: &mut reqwest::Request, operation: &Operation) {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let stream = operation.stream_of(body);
    segment::complete(request.url_mut());
    let headers = request.headers_mut();
    headers.remove("api-version");
    headers.insert(
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
