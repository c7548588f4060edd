//! The hooks that the generated clients call around each request.

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::header::{ACCEPT, HeaderValue};

use crate::{Ctx, Operation, StreamKind, mend::mend};

/// Removes what the generator adds unasked, and asks for the body that the operation answers.
fn prepare(request: &mut reqwest::Request, operation: &Operation) {
    let headers = request.headers_mut();
    headers.remove("api-version");
    headers.insert(
        ACCEPT,
        HeaderValue::from_static(match operation.stream {
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
                    // `pre` has refused it already; the request goes nowhere without credentials.
                    None => self.client().execute(request).await,
                }
            }
        }
    )+};
}

hooks!(crate::api::Client, crate::proxy::Client);
