//! An emulator that runs elsewhere on this machine.

use std::net::SocketAddr;

use reqwest::{Body, Client, Method, Url};

pub(super) type Failure = Box<dyn std::error::Error>;

/// The header that all answers of an emulator have.
const LABEL: &str = "x-datalinks-emulator";

pub(super) struct Remote {
    http: Client,
    address: SocketAddr,
    key: Option<String>,
}

/// What an emulator says when it refuses.
#[derive(serde::Deserialize)]
struct Problem {
    message: String,
}

impl Remote {
    pub(super) fn new(address: SocketAddr, key: Option<String>) -> Result<Self, Failure> {
        Ok(Self { http: Client::builder().no_proxy().build()?, address, key })
    }

    pub(super) async fn get(&self, place: &str) -> Result<Vec<u8>, Failure> {
        self.send(Method::GET, place, Vec::new()).await
    }

    pub(super) async fn put(&self, place: &str, body: Vec<u8>) -> Result<(), Failure> {
        self.send(Method::PUT, place, body).await.map(drop)
    }

    pub(super) async fn post(&self, place: &str) -> Result<(), Failure> {
        self.send(Method::POST, place, Vec::new()).await.map(drop)
    }

    async fn send(&self, method: Method, place: &str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let url = Url::parse(&format!("http://{}/_emulator/{place}", self.address))?;
        let mut request = self.http.request(method, url).body(Body::from(body));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let answer = request.send().await.map_err(|error| {
            if error.is_connect() {
                let how = "start one with `datalinks emulator`, or say where it is with --at";
                Failure::from(format!("no emulator answers at {}; {how}", self.address))
            } else {
                error.without_url().into()
            }
        })?;
        if !answer.headers().contains_key(LABEL) {
            return Err(format!(
                "what answers at {} is no emulator; say where it is with --at",
                self.address
            )
            .into());
        }
        let status = answer.status();
        let body = answer.bytes().await?;
        if status.is_success() {
            return Ok(body.into());
        }
        let problem: Problem = serde_json::from_slice(&body)?;
        Err(problem.message.into())
    }
}
