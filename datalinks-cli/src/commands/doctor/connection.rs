//! A request to the service, and what it says about the connection.

use std::time::{Duration, SystemTime};

use datalinks::client::RawResponse;
use datalinks::{CallOptions, DataLinks, Error, ErrorKind};
use http::{HeaderMap, Method};

use super::check::Check;
use crate::failure::Failure;
use crate::session::Session;

/// Longest wait for the response.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest body that is read, in bytes. The host may be any server, and send a body without an end.
const LONGEST: usize = 1024 * 1024;

/// The outcome of a request: of the call for the user of the token, or of a public call without a token.
pub(super) struct Probe {
    /// Why there is no client with a token.
    pub(super) without_token: Option<Failure>,
    pub(super) sent: Option<Sent>,
    /// Why there is no client.
    failure: Option<Failure>,
}

/// A request and its outcome.
pub(super) struct Sent {
    host: String,
    proxy: Option<String>,
    pub(super) outcome: std::result::Result<RawResponse, Error>,
    /// Time of this machine in the middle of the request.
    pub(super) at: SystemTime,
    /// Half the duration of the request.
    pub(super) precision: Duration,
    duration: Duration,
}

impl Probe {
    pub(super) async fn send(session: &Session) -> Self {
        let client = match session.client().await {
            Ok(client) => Ok((client.clone(), None)),
            Err(failure) => session.client_without_token().map(|client| (client, Some(failure))),
        };
        match client {
            Ok((client, without_token)) => {
                let path = if without_token.is_some() { "/a2a" } else { "/user/me" };
                let host = match session.host().await {
                    Ok(host) => host.to_owned(),
                    Err(_) => session.settings.host.value.clone(),
                };
                let sent = Some(Sent::send(&client, host, path).await);
                Self { without_token, sent, failure: None }
            }
            Err(failure) => Self { without_token: None, sent: None, failure: Some(failure) },
        }
    }

    /// Returns the headers of the response, if there was one.
    pub(super) fn headers(&self) -> Option<&HeaderMap> {
        match &self.sent.as_ref()?.outcome {
            Ok(response) => Some(&response.headers),
            Err(error) => error.status().map(|_| error.headers()),
        }
    }
}

impl Sent {
    async fn send(client: &DataLinks, host: String, path: &str) -> Self {
        let options = CallOptions::new().max_attempts(1).timeout(PATIENCE).response_limit(LONGEST);
        let begin = SystemTime::now();
        let outcome = client.with_options(options).request(Method::GET, path).await;
        // The clock may be set meanwhile.
        let duration = begin.elapsed().unwrap_or_default();
        let precision = duration / 2;
        let proxy = client.proxy().map(str::to_owned);
        Self { host, proxy, outcome, at: begin + precision, precision, duration }
    }

    /// Returns the error if there was no response.
    fn no_response(&self) -> Option<&Error> {
        self.outcome.as_ref().err().filter(|error| error.status().is_none())
    }
}

/// Checks the proxy, the connection and TLS.
pub(super) fn checks(session: &Session, probe: &Probe) -> [Check; 3] {
    let Some(sent) = &probe.sent else {
        let failed = probe.failure.as_ref().map(|failure| Check::failure("connection", failure));
        let reason = "no request can be sent";
        let failed = failed.unwrap_or_else(|| Check::skipped("connection", reason));
        return [Check::skipped("proxy", reason), failed, Check::skipped("tls", reason)];
    };
    [proxy(session, sent), connection(sent), tls(session, sent)]
}

fn proxy(session: &Session, sent: &Sent) -> Check {
    let Some(proxy) = &sent.proxy else { return Check::ok("proxy", "none: requests are sent directly") };
    let origin = match &session.settings.proxy {
        Some(setting) => setting.origin.to_string(),
        None => "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY".to_owned(),
    };
    Check::ok("proxy", format!("{proxy} ({origin})"))
}

fn connection(sent: &Sent) -> Check {
    let time = format!("{} ms", sent.duration.as_millis());
    match (&sent.outcome, sent.no_response()) {
        (_, Some(error)) => Check::failure("connection", &Failure::from(error.clone())),
        (Ok(response), _) => Check::ok("connection", format!("status {} in {time}", response.status)),
        (Err(error), _) => {
            let status = error.status().map_or(0, |status| status.as_u16());
            match error.kind() {
                // The token is another check.
                ErrorKind::Unauthorized | ErrorKind::Forbidden => {
                    Check::ok("connection", format!("status {status} in {time}"))
                }
                _ => Check::failure("connection", &Failure::from(error.clone())),
            }
        }
    }
}

fn tls(session: &Session, sent: &Sent) -> Check {
    if !sent.host.starts_with("https:") {
        return Check::ok("tls", "not used: the host is plain http");
    }
    if let Some(error) = sent.no_response() {
        return Check::skipped("tls", format!("no connection was made ({})", error.kind()));
    }
    let authorities = match &session.settings.ca {
        Some(file) => format!("the platform and {}", file.value.display()),
        None => "the platform".to_owned(),
    };
    let detail = format!("the certificate of the server is trusted by the authorities of {authorities}");
    Check::ok("tls", format!("{detail}; the HTTP client does not report its expiry and the version of TLS"))
}
