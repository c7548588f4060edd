//! A client for servers with the chat completions API.
//!
//! Each call is one POST with a complete response. Redirects are not followed and proxies are not used, so data goes
//! only to the configured URL.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use reqwest::Response;
use reqwest::redirect::Policy;
use serde::Deserialize;
use url::Url;

use super::error::{ModelError, ModelSetupError};
use super::prompt::Request;
use super::reply::Reply;
use crate::usage::tokens;

/// Timeout for establishing a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum length of a response in bytes.
pub(crate) const LONGEST: usize = 16 * 1024 * 1024;
/// Maximum number of characters of an error response in messages.
const MAX_EXCERPT: usize = 200;

/// A client for one server.
pub(super) struct Client {
    http: reqwest::Client,
    /// The base URL as configured, for messages.
    base: String,
    endpoint: Url,
    key: Option<String>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The used fields of a completion.
#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: CompletionMessage,
}

#[derive(Deserialize)]
struct CompletionMessage {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    total_tokens: Option<u64>,
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
}

impl Client {
    /// Returns the configured URL, which contains no secret.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Creates a client. `patience` is the longest time to wait for data.
    pub(super) fn new(url: &str, key: Option<String>, patience: Duration) -> Result<Self, ModelSetupError> {
        let base = url.trim().trim_end_matches('/');
        let invalid = || ModelSetupError::InvalidUrl(without_user(base));
        let endpoint = Url::parse(&format!("{base}/chat/completions")).map_err(|_| invalid())?;
        let parsed = Url::parse(base).map_err(|_| invalid())?;
        let valid = matches!(parsed.scheme(), "http" | "https")
            && parsed.has_host()
            && parsed.username().is_empty()
            && parsed.password().is_none()
            && parsed.query().is_none()
            && parsed.fragment().is_none();
        if !valid {
            return Err(invalid());
        }
        let mut headers = HeaderMap::new();
        if let Some(key) = &key {
            let mut value = HeaderValue::from_str(&format!("Bearer {key}"))
                .ok()
                .filter(|_| key.bytes().all(|b| b.is_ascii_graphic()))
                .ok_or(ModelSetupError::InvalidKey)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(patience)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| ModelSetupError::Client(error.into()))?;
        Ok(Self { http, base: base.to_owned(), endpoint, key })
    }

    /// Sends a request once.
    pub(super) async fn complete(&self, request: &Request<'_>) -> Result<Reply, ModelError> {
        let purpose = request.purpose;
        let error = |what: String, transient| ModelError::Failed {
            url: self.base.clone(),
            purpose,
            what: self.redact(&what),
            transient,
        };
        let failed = |what: String| error(what, false);
        let body = request.bytes().map_err(|source| ModelError::Unwritable { purpose, source })?;
        let send = self.http.post(self.endpoint.clone()).header(header::CONTENT_TYPE, "application/json");
        let response = send.body(body).send().await.map_err(|unsent_by| error(unsent(&unsent_by), true))?;
        let status = response.status();
        let body = whole_body(response).await.map_err(|(what, transient)| error(what, transient))?;
        if status != StatusCode::OK {
            return Err(error(error_response(status, &body), is_transient(status)));
        }
        let completion: Completion = serde_json::from_slice(&body).map_err(|error| {
            failed(format!(
                "its response is not a chat completion ({error}); use the URL of the API's prefix"
            ))
        })?;
        let content = completion.choices.into_iter().next().and_then(|choice| choice.message.content);
        let content = content.ok_or_else(|| {
            failed("its response contains no text; use a model that generates text".to_owned())
        })?;
        let (total, input, output) = completion.usage.map_or((None, None, None), |usage| {
            (usage.total_tokens, usage.prompt_tokens, usage.completion_tokens)
        });
        let parts = input.and_then(|input| Some(input.saturating_add(output?)));
        let counted = total.or(parts).unwrap_or_else(|| request.tokens() + tokens(&content));
        Ok(Reply::new(content, counted, output))
    }

    /// Removes the key from a text, because a server may echo it.
    fn redact(&self, text: &str) -> String {
        match &self.key {
            Some(key) if !key.is_empty() => text.replace(key.as_str(), "***"),
            _ => text.to_owned(),
        }
    }
}

/// Describes why no response arrived. The library's own message would contain the URL.
fn unsent(error: &reqwest::Error) -> String {
    if error.is_connect() {
        let cause = innermost(error);
        format!("it cannot be reached ({cause}); start it, or start the emulator with another URL")
    } else if error.is_timeout() {
        "it sent no data for too long; increase the timeout, or use a faster model".to_owned()
    } else {
        format!("the request failed ({}); check the log of the model's server", innermost(error))
    }
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Returns `true` if a retry may succeed.
fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 429)
}

/// Returns the body of a response, or the reason for its absence and whether a retry may succeed.
async fn whole_body(mut response: Response) -> Result<Vec<u8>, (String, bool)> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| (unsent(&error), true))? {
        if body.len() + chunk.len() > LONGEST {
            let what = format!("its response is longer than {LONGEST} bytes; request less at a time");
            return Err((what, false));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn error_response(status: StatusCode, body: &[u8]) -> String {
    let advice = match status.as_u16() {
        300..=399 => "redirects are not followed; use the target URL",
        401 | 403 => "use a key that the server accepts",
        404 => "check the URL and the name of the model",
        429 => "the rate limit is exceeded; retry later",
        _ => "check the log of the model's server",
    };
    let excerpt: String = String::from_utf8_lossy(body).split_whitespace().collect::<Vec<_>>().join(" ");
    let excerpt: String = excerpt.chars().take(MAX_EXCERPT).collect();
    if excerpt.is_empty() {
        format!("it responded with {status}; {advice}")
    } else {
        format!("it responded with {status} ({excerpt}); {advice}")
    }
}

/// Removes the user information from a URL, because it may contain a secret.
fn without_user(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://***@{rest}"),
        (None, Some((_, rest))) => format!("***@{rest}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(url: &str, key: Option<&str>) -> Result<Client, ModelSetupError> {
        Client::new(url, key.map(str::to_owned), Duration::from_secs(1))
    }

    #[test]
    fn endpoint_is_derived_from_a_valid_base_url() {
        let endpoint = |url| client(url, None).unwrap().endpoint.to_string();
        assert_eq!(endpoint("http://127.0.0.1:1/v1/"), "http://127.0.0.1:1/v1/chat/completions");
        assert_eq!(endpoint("http://127.0.0.1:1"), "http://127.0.0.1:1/chat/completions");
        for url in
            ["", "127.0.0.1:1", "ftp://127.0.0.1", "http://", "http://h/v1?key=k", "http://h/#x", "/v1"]
        {
            assert!(matches!(client(url, None), Err(ModelSetupError::InvalidUrl(_))), "{url:?}");
        }
        let shown = client("http://ana:secret@h/v1", None).unwrap_err().to_string();
        assert!(shown.contains("***@h/v1") && !shown.contains("secret"), "{shown}");
    }

    #[test]
    fn keys_are_validated_and_redacted() {
        for key in ["a\nb", "ä", "a b"] {
            assert!(matches!(client("http://h", Some(key)), Err(ModelSetupError::InvalidKey)), "{key:?}");
        }
        let client = client("http://h", Some("sesame")).unwrap();
        assert!(!format!("{client:?}").contains("sesame"));
        assert_eq!(client.redact("no such key: sesame!"), "no such key: ***!");
    }
}
