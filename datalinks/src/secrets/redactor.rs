//! Removal of secrets from a server's data before it can be printed.

use std::{borrow::Cow, fmt, sync::Arc};

use datalinks_gen::{Operation, Row};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
};
use serde_json::Value;

use super::{
    fields_of, in_request_of, in_response_of, is_long_enough, names_a_secret,
    needle::Needle,
    shapes::{Urls, redact_fields, redact_parameters, redact_urls},
};

/// Headers of most requests, whose names indicate no secret.
const USUAL: [HeaderName; 3] = [ACCEPT, CONTENT_TYPE, CONTENT_LENGTH];

/// The secrets of a client or of one call. An [`Error`](crate::Error) with a redactor also redacts everything that is
/// added to it later. Cloning is cheap.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    /// The API key.
    key: Option<Arc<Needle>>,
    /// Secrets of the request: presigned URLs, tokens, headers.
    others: Arc<[Needle]>,
    /// Names of fields that contain secrets, by the OpenAPI document.
    fields: &'static [&'static str],
    /// Set if URLs in responses are presigned.
    whole_urls: bool,
}

impl Redactor {
    /// Creates a redactor for a client with this API key.
    pub(crate) fn new(key: &str) -> Self {
        Self { key: Needle::new(key).map(Arc::new), fields: fields_of(""), ..Self::default() }
    }

    /// Creates a redactor for one call, with the secrets of its operation and its request.
    pub(crate) fn for_call<'a>(
        &self,
        operation: &Operation,
        body: &[u8],
        headers: impl IntoIterator<Item = (&'a HeaderName, &'a HeaderValue)>,
    ) -> Self {
        let in_headers = headers.into_iter().filter(|(name, _)| !USUAL.contains(name));
        let in_headers = in_headers.filter(|(name, _)| names_a_secret(name.as_str()));
        let in_headers = in_headers.filter_map(|(_, value)| value.to_str().ok());
        let in_headers = in_headers.filter(|value| is_long_enough(value)).map(Cow::Borrowed);
        let others = in_request_of(operation.id, body).into_iter().map(Cow::Owned).chain(in_headers);
        let others: Vec<Needle> = others.filter_map(|secret| Needle::new(&secret)).collect();
        Self {
            key: self.key.clone(),
            // An empty list needs no allocation.
            others: if others.is_empty() { Arc::default() } else { others.into() },
            fields: fields_of(operation.id),
            whole_urls: in_response_of(operation.id),
        }
    }

    /// Redacts a string for an error.
    pub(crate) fn text<'a>(&self, text: &'a str, cut: bool) -> Cow<'a, str> {
        let mut text = self.exact(text, cut);
        let urls = if self.whole_urls { Urls::Whole } else { Urls::Queries };
        replace(&mut text, |text| redact_urls(text, urls));
        replace(&mut text, redact_parameters);
        replace(&mut text, |text| redact_fields(text, self.fields));
        text
    }

    /// Redacts the URL or the body of a request to the service itself. Its queries and the URLs in its rows are the
    /// caller's data, so they are kept, without the values of parameters that sign URLs.
    pub(crate) fn request<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = self.exact(text, false);
        replace(&mut text, redact_parameters);
        replace(&mut text, |text| redact_fields(text, self.fields));
        text
    }

    /// Redacts the secrets of this client in a string that is data. Everything else is kept unchanged.
    pub(crate) fn exact<'a>(&self, text: &'a str, cut: bool) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        if let Some(key) = &self.key {
            replace(&mut text, |text| key.replace(text, "[key]", cut));
        }
        for other in &*self.others {
            replace(&mut text, |text| other.replace(text, "[secret]", cut));
        }
        text
    }

    /// Redacts the response body that an error keeps for decoding. Returns `None` if nothing changed.
    pub(crate) fn body(&self, body: &[u8]) -> Option<Vec<u8>> {
        let text = String::from_utf8_lossy(body);
        let cleaned = if self.whole_urls { self.text(&text, false) } else { self.exact(&text, false) };
        (*cleaned != *text).then(|| cleaned.into_owned().into_bytes())
    }

    /// Redacts the headers that an error keeps.
    pub(crate) fn headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            let text = String::from_utf8_lossy(value.as_bytes());
            let cleaned = self.text(&text, false);
            if *cleaned != *text {
                *value = HeaderValue::from_str(&cleaned).unwrap_or(HeaderValue::from_static("[secret]"));
            }
        }
    }

    /// Redacts the strings of an event that reports a failure.
    pub(crate) fn row(&self, row: &mut Row) {
        row.values_mut().for_each(|value| self.value(value));
    }

    // The JSON parser limits the depth of the recursion.
    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.string(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => self.row(fields),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Redacts a string in place.
    pub(crate) fn string(&self, text: &mut String) {
        if let Cow::Owned(cleaned) = self.text(text, false) {
            *text = cleaned;
        }
    }
}

fn replace(text: &mut Cow<'_, str>, redact: impl Fn(&str) -> Option<String>) {
    if let Some(redacted) = redact(text) {
        *text = Cow::Owned(redacted);
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}
