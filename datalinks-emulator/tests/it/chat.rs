//! A scripted server with the chat completions API.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::support::Result;

/// The server's reaction to a request.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// Returns a completion with this text, for ten tokens.
    Text(String),
    /// Returns a response that is not a completion.
    Raw(u16, String),
    /// Returns a completion with this text after it is released.
    Gated(Arc<Notify>, String),
    /// Sends nothing until the test ends.
    Nothing,
}

impl Say {
    pub(crate) fn json(value: Value) -> Self {
        Self::Text(value.to_string())
    }
}

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) key: Option<String>,
    pub(crate) body: Value,
}

impl Asked {
    /// Returns the task of the model.
    pub(crate) fn task(&self) -> &str {
        self.body["messages"][0]["content"].as_str().unwrap_or_default()
    }

    /// Returns the input of the task.
    pub(crate) fn material(&self) -> &str {
        self.body["messages"][1]["content"].as_str().unwrap_or_default()
    }

    /// Returns the last message.
    pub(crate) fn last(&self) -> &str {
        let messages = self.body["messages"].as_array();
        messages.and_then(|messages| messages.last()?["content"].as_str()).unwrap_or_default()
    }
}

pub(crate) struct Chat {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for Chat {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Chat {
    /// Starts a server that calls the function for each request.
    pub(crate) async fn start(say: impl Fn(&Asked) -> Say + Send + Sync + 'static) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/v1", listener.local_addr()?);
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (seen, say) = (Arc::clone(&asked), Arc::new(say));
        let answer = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let (seen, say) = (Arc::clone(&seen), Arc::clone(&say));
            async move {
                let key =
                    headers.get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
                let body = serde_json::from_slice(&body).unwrap_or_default();
                let asked = Asked { path: uri.path().to_owned(), key, body };
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
                respond(say(&asked)).await
            }
        };
        let router = Router::new().fallback(answer);
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, asked, task })
    }

    /// Starts a server with the same reaction to all requests.
    pub(crate) async fn always(say: Say) -> Result<Self> {
        Self::start(move |_| say.clone()).await
    }

    /// Starts a server with these reactions in order. The last one repeats.
    pub(crate) async fn in_turn(says: Vec<Say>) -> Result<Self> {
        let left = Mutex::new(says.into_iter().peekable());
        Self::start(move |_| {
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            let say = left.next().unwrap_or(Say::Nothing);
            if left.peek().is_none() {
                *left = vec![say.clone()].into_iter().peekable();
            }
            say
        })
        .await
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn respond(say: Say) -> Response {
    match say {
        Say::Gated(gate, content) => {
            gate.notified().await;
            Box::pin(respond(Say::Text(content))).await
        }
        Say::Text(content) => {
            let message = json!({ "role": "assistant", "content": content });
            let body =
                json!({ "choices": [{ "index": 0, "message": message }], "usage": { "total_tokens": 10 } });
            axum::Json(body).into_response()
        }
        Say::Raw(status, body) => (StatusCode::from_u16(status).unwrap_or_default(), body).into_response(),
        Say::Nothing => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::OK.into_response()
        }
    }
}
