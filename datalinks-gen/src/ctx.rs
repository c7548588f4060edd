//! The context of a generated client: the transport that sends its requests.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::transport::{Bearer, Transport};

/// The scheme of the header with the token.
const SCHEME: &str = "Bearer ";

/// The transport of a generated client. `Clone` is cheap, and formatting prints no secret.
#[derive(Clone)]
pub struct Ctx {
    transport: Arc<dyn Transport>,
}

impl Ctx {
    /// Creates a context that sends requests through `transport`, which also adds the credentials.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }

    /// Creates a context that sends each request once, unchanged, with `token` as bearer token.
    ///
    /// # Errors
    ///
    /// Fails if the token is empty or is not a valid header value.
    pub fn bearer(token: &str) -> Result<Self, InvalidToken> {
        if token.trim().is_empty() {
            return Err(InvalidToken);
        }
        // Overwritten when the last clone of the header is dropped.
        let mut value = Zeroizing::new(Vec::with_capacity(SCHEME.len() + token.len()));
        value.extend_from_slice(SCHEME.as_bytes());
        value.extend_from_slice(token.as_bytes());
        let mut header =
            HeaderValue::from_maybe_shared(Bytes::from_owner(value)).map_err(|_| InvalidToken)?;
        header.set_sensitive(true);
        Ok(Self::new(Arc::new(Bearer(header))))
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        self.transport.as_ref()
    }
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx").finish_non_exhaustive()
    }
}

/// The token is empty, or contains characters that an HTTP header cannot carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InvalidToken;

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token is empty or cannot be an HTTP header value; check DL_API_KEY")
    }
}

impl std::error::Error for InvalidToken {}
