//! Who may ask: the bearer of the key.

use http::{HeaderMap, header};

use crate::problem::Problem;

/// Refuses a request without the key.
pub(crate) fn check(headers: &HeaderMap, key: &str) -> Result<(), Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(Problem::unauthorized("no authorization header; send the API key as a bearer token"));
    };
    let token = value.to_str().ok().and_then(|value| value.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && token.trim() == key => Ok(()),
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer") => Err(Problem::unauthorized(
            "the API key is not valid; use the key that the emulator was started with",
        )),
        _ => Err(Problem::unauthorized(
            "the authorization header holds no bearer token; send \"Bearer\" and the API key",
        )),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_key_opens() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            check(&headers, "k1")
        };
        assert!(with("Bearer k1").is_ok());
        assert!(with("bearer k1").is_ok());
        for value in ["Bearer k2", "Bearer ", "Bearer", "k1", "Basic k1", "Bearer k1 k1"] {
            let problem = with(value).unwrap_err();
            assert_eq!(problem.status, 401, "{value}");
            assert!(!problem.message.contains("k2"), "no part of a key in a message");
        }
        assert!(check(&HeaderMap::new(), "k1").is_err());
    }
}
