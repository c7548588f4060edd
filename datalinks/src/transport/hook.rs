//! Headers that an application adds to requests.

use std::{fmt, sync::Arc};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, CONTENT_LENGTH, TRANSFER_ENCODING},
};

/// Headers that only this crate sets: the API key and the framing of the body.
const OWN: [HeaderName; 3] = [AUTHORIZATION, CONTENT_LENGTH, TRANSFER_ENCODING];

/// A function that adds headers to each attempt.
#[derive(Clone)]
pub(crate) struct Hook(Arc<dyn Fn(&mut HeaderMap) + Send + Sync>);

impl Hook {
    pub(crate) fn new(call: impl Fn(&mut HeaderMap) + Send + Sync + 'static) -> Self {
        Self(Arc::new(call))
    }

    /// Calls the function, and adds its headers to those of a request.
    pub(super) fn add(&self, headers: &mut HeaderMap) {
        let mut added = HeaderMap::new();
        (self.0)(&mut added);
        let mut added = without_own(added);
        // They may be secrets.
        added.values_mut().for_each(|value| value.set_sensitive(true));
        override_with(headers, &added);
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

/// Removes the headers that an application cannot set.
pub(crate) fn without_own(mut headers: HeaderMap) -> HeaderMap {
    for name in OWN {
        headers.remove(name);
    }
    headers
}

/// Returns the headers that an application can set.
pub(super) fn set_by_caller(headers: &HeaderMap) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
    headers.iter().filter(|(name, _)| !OWN.contains(name))
}

/// Adds the headers in `newer`, which replace all values of the same name.
pub(super) fn override_with(headers: &mut HeaderMap, newer: &HeaderMap) {
    for name in newer.keys() {
        headers.remove(name);
    }
    for (name, value) in newer {
        headers.append(name, value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hook_overrides_headers_except_the_key() {
        let hook = Hook::new(|headers| {
            for (name, value) in [("authorization", "Bearer stolen"), ("content-length", "0"), ("x-a", "1")] {
                headers.insert(name, HeaderValue::from_static(value));
            }
            headers.append("x-a", HeaderValue::from_static("2"));
        });
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer key"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("7"));
        headers.insert("x-a", HeaderValue::from_static("0"));
        headers.insert("x-b", HeaderValue::from_static("0"));
        hook.add(&mut headers);
        let values = |name: &str| headers.get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(values("authorization"), ["Bearer key"]);
        assert_eq!(values("content-length"), ["7"]);
        assert_eq!(values("x-a"), ["1", "2"]);
        assert_eq!(values("x-b"), ["0"]);
    }
}
