//! The redirects that the client follows.
//!
//! The client follows 307 and 308 on the same origin, which keep the method and the body. Every other redirect is returned as
//! a response, because following it could change the method or send the API key to another host. The transport follows
//! redirects itself, because reqwest does not follow them with a body that reports its progress.

use http::header::LOCATION;
use reqwest::{Response, Url};

/// Maximum number of redirects per request.
pub(super) const MOST: usize = 5;

/// Returns the target of a redirect, or `None` if the response is not a redirect that the client follows.
pub(super) fn target(response: &Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let target = response.url().join(location).ok()?;
    (target.origin() == response.url().origin()).then_some(target)
}
