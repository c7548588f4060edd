//! Which redirects are followed.
//!
//! 307 and 308 on the same origin, which keep method and body. Every other redirect is handed back as a response:
//! following it could change the method, or carry the key to somebody else. The transport follows redirects itself,
//! because reqwest does not follow them with a body that reports its progress.

use http::header::LOCATION;
use reqwest::{Response, Url};

/// Maximum number of redirects of one request.
pub(super) const MOST: usize = 5;

/// Returns where a response redirects to, if that redirect is followed.
pub(super) fn target(response: &Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let target = response.url().join(location).ok()?;
    (target.origin() == response.url().origin()).then_some(target)
}
