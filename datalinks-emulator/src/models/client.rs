//! Asking a server that speaks the chat completions API.
//!
//! One POST, answered as a whole. No redirect is followed and no proxy is used: what goes out goes to the URL that
//! was given and nowhere else.

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

/// A server that does not take the connection in this time is not there.
const CONNECT: Duration = Duration::from_secs(10);
/// No answer is longer, in bytes.
pub(crate) const LONGEST: usize = 16 * 1024 * 1024;
/// What is shown of a refusal, in characters.
const SHOWN: usize = 200;

/// A server with a model.
pub(super) struct Client {
    http: reqwest::Client,
    /// The base URL as it was given, to be shown.
    base: String,
    endpoint: Url,
    key: Option<String>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

/// What of a completion is of use here.
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
    /// The URL that was given. There is no secret in it.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// `patience`: how long the server may be silent.
    pub(super) fn new(url: &str, key: Option<String>, patience: Duration) -> Result<Self, ModelSetupError> {
        let base = url.trim().trim_end_matches('/');
        let invalid = || ModelSetupError::InvalidUrl(without_user(base));
        let endpoint = Url::parse(&format!("{base}/chat/completions")).map_err(|_| invalid())?;
        let parsed = Url::parse(base).map_err(|_| invalid())?;
        let plain = matches!(parsed.scheme(), "http" | "https")
            && parsed.has_host()
            && parsed.username().is_empty()
            && parsed.password().is_none()
            && parsed.query().is_none()
            && parsed.fragment().is_none();
        if !plain {
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
            .connect_timeout(CONNECT)
            .read_timeout(patience)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| ModelSetupError::Client(error.into()))?;
        Ok(Self { http, base: base.to_owned(), endpoint, key })
    }

    /// Asks once.
    pub(super) async fn complete(&self, request: &Request<'_>) -> Result<Reply, ModelError> {
        let purpose = request.purpose;
        let error = |what: String, transient| ModelError::Failed {
            url: self.base.clone(),
            purpose,
            what: self.hidden(&what),
            transient,
        };
        let failed = |what: String| error(what, false);
        let body = request.bytes().map_err(|source| ModelError::Unwritable { purpose, source })?;
        let send = self.http.post(self.endpoint.clone()).header(header::CONTENT_TYPE, "application/json");
        let response = send.body(body).send().await.map_err(|unsent_by| error(unsent(&unsent_by), true))?;
        let status = response.status();
        let body = whole_body(response).await.map_err(|(what, transient)| error(what, transient))?;
        if status != StatusCode::OK {
            return Err(error(refused(status, &body), is_transient(status)));
        }
        let completion: Completion = serde_json::from_slice(&body).map_err(|error| {
            failed(format!(
                "its answer is no chat completion ({error}); the URL must lead to the API's prefix"
            ))
        })?;
        let content = completion.choices.into_iter().next().and_then(|choice| choice.message.content);
        let content = content
            .ok_or_else(|| failed("its answer holds no text; use a model that writes some".to_owned()))?;
        let (total, input, output) = completion.usage.map_or((None, None, None), |usage| {
            (usage.total_tokens, usage.prompt_tokens, usage.completion_tokens)
        });
        let parts = input.and_then(|input| Some(input.saturating_add(output?)));
        let counted = total.or(parts).unwrap_or_else(|| request.tokens() + tokens(&content));
        Ok(Reply::new(content, counted, output))
    }

    /// A text without the key, which a server may have echoed.
    fn hidden(&self, text: &str) -> String {
        match &self.key {
            Some(key) if !key.is_empty() => text.replace(key.as_str(), "***"),
            _ => text.to_owned(),
        }
    }
}

/// Why nothing came back, in words: the library's own would show the URL again.
fn unsent(error: &reqwest::Error) -> String {
    if error.is_connect() {
        let cause = innermost(error);
        format!("it cannot be reached ({cause}); start it, or start the emulator with another URL")
    } else if error.is_timeout() {
        "it is silent for too long; give it more time, or use a faster model".to_owned()
    } else {
        format!("the request failed ({}); look at the log of the model's server", innermost(error))
    }
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Whether asking again later may help.
fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 429)
}

/// The body of an answer, or why there is none and whether asking again later may help.
async fn whole_body(mut response: Response) -> Result<Vec<u8>, (String, bool)> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| (unsent(&error), true))? {
        if body.len() + chunk.len() > LONGEST {
            let what = format!("its answer is longer than {LONGEST} bytes; ask for less at a time");
            return Err((what, false));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn refused(status: StatusCode, body: &[u8]) -> String {
    let advice = match status.as_u16() {
        300..=399 => "redirects are not followed; give the URL that it leads to",
        401 | 403 => "give the key that it wants",
        404 => "look at the URL and at the name of the model",
        429 => "it takes no more for now; ask again later",
        _ => "look at the log of the model's server",
    };
    let said: String = String::from_utf8_lossy(body).split_whitespace().collect::<Vec<_>>().join(" ");
    let said: String = said.chars().take(SHOWN).collect();
    if said.is_empty() {
        format!("it answers {status}; {advice}")
    } else {
        format!("it answers {status} ({said}); {advice}")
    }
}

/// A URL to be shown: what stands before an `@` may be a secret.
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
    fn the_url_leads_to_the_completions() {
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
    fn keys_are_checked_and_never_shown() {
        for key in ["a\nb", "ä", "a b"] {
            assert!(matches!(client("http://h", Some(key)), Err(ModelSetupError::InvalidKey)), "{key:?}");
        }
        let client = client("http://h", Some("sesame")).unwrap();
        assert!(!format!("{client:?}").contains("sesame"));
        assert_eq!(client.hidden("no such key: sesame!"), "no such key: ***!");
    }
}
