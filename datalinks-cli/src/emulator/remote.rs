//! A client for the control API of a running emulator.

use std::net::SocketAddr;

use reqwest::{Body, Client, Method, Url};

use crate::failure::{Exit, Failure, Result};

/// The header of all responses of an emulator.
const LABEL: &str = "x-datalinks-emulator";

pub(super) struct Remote {
    http: Client,
    address: SocketAddr,
    key: Option<String>,
}

/// The body of an error response.
#[derive(serde::Deserialize)]
struct Problem {
    message: String,
}

impl Remote {
    pub(super) fn new(address: SocketAddr, key: Option<String>) -> Result<Self> {
        Ok(Self { http: Client::builder().no_proxy().build()?, address, key })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Vec<u8>> {
        self.send(Method::GET, path, Vec::new()).await
    }

    pub(super) async fn put(&self, path: &str, body: Vec<u8>) -> Result {
        self.send(Method::PUT, path, body).await.map(drop)
    }

    pub(super) async fn post(&self, path: &str) -> Result {
        self.send(Method::POST, path, Vec::new()).await.map(drop)
    }

    async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Vec<u8>> {
        let url = Url::parse(&format!("http://{}/_emulator/{path}", self.address))?;
        let mut request = self.http.request(method, url).body(Body::from(body));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.map_err(|error| {
            if error.is_connect() {
                let how = "start one with `datalinks emulator`, or give its address with --at";
                Failure::new(Exit::Unreachable, format!("no emulator is running at {}; {how}", self.address))
            } else {
                error.without_url().into()
            }
        })?;
        if !response.headers().contains_key(LABEL) {
            let what = format!(
                "the server at {} is not an emulator; give the address of an emulator with --at",
                self.address
            );
            return Err(Failure::new(Exit::Failure, what));
        }
        let status = response.status();
        let body = response.bytes().await?;
        if status.is_success() {
            return Ok(body.into());
        }
        let problem: Problem = serde_json::from_slice(&body)?;
        Err(Failure::new(Exit::Failure, problem.message))
    }
}
