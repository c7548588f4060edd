//! Which redirects are followed.

use reqwest::redirect::Policy;

/// Redirects of one request that are followed at most.
const MOST: usize = 5;

/// 307 and 308 on the same origin, which keep method and body. Every other redirect is handed back as
/// an answer: following it could change the method, or carry the key to somebody else.
pub(crate) fn same_origin_only() -> Policy {
    Policy::custom(|attempt| {
        let keeps_method = matches!(attempt.status().as_u16(), 307 | 308);
        let same_origin =
            attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
        if attempt.previous().len() > MOST {
            attempt.error("more than five redirects")
        } else if keeps_method && same_origin {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}
