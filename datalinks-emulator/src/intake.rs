//! Reading the body of a request.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;

use crate::problem::Problem;

/// Reads a body, and on beyond the limit, so that a client in the middle of sending is not cut off.
pub(crate) async fn collect(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let mut collected = BytesMut::new();
    let mut too_large = false;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::malformed("the body ended too early; send it again"))?;
        too_large |= collected.len() + chunk.len() > limit;
        if too_large {
            collected.clear();
        } else {
            collected.extend_from_slice(&chunk);
        }
    }
    if too_large { Err(Problem::too_large(limit)) } else { Ok(collected.freeze()) }
}

/// Reads a body to its end, for nothing but the end.
pub(crate) async fn discard(body: Body) {
    let mut chunks = body.into_data_stream();
    while let Some(Ok(_)) = chunks.next().await {}
}
