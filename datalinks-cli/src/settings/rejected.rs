//! Failures for settings of connections that the client rejects.
//!
//! The client knows the settings by the names of its builder and of its variables. These failures name the option, the
//! variable or the profile that a value came from.

use datalinks::{Error, ErrorKind};

use super::origin::{Origin, Setting};
use super::resolve::Settings;
use super::shown_url::without_credentials;
use crate::failure::{Failure, Result};

/// The beginning of a certificate in PEM.
const PEM: &[u8] = b"-----BEGIN ";

impl Settings {
    /// Returns the certificates of `--ca`.
    pub(crate) fn certificates(&self) -> Result<Option<Vec<u8>>> {
        let Some(Setting { value: file, origin }) = &self.ca else { return Ok(None) };
        let name = file.display();
        let content = std::fs::read(file).map_err(|error| {
            let what = format!("cannot read the certificates in {name} ({origin})");
            at(Failure::usage(what).caused_by(&error), origin, "ca")
        })?;
        if content.trim_ascii().is_empty() {
            return Err(self.no_certificate("the file is empty"));
        }
        Ok(Some(content))
    }

    /// Returns the failure of a client that was not created, with the origin of the setting that was rejected.
    pub(crate) fn rejected(&self, error: &Error) -> Failure {
        let text = error.to_string();
        if self.ca.is_some() && text.contains("add_root_certificate") {
            return self.no_certificate(&self.certificate_fault(error));
        }
        let settings = [
            ("the host (DL_HOST)", "the host", "host", Some(&self.host)),
            (
                "the ingest proxy (DL_INGEST_PROXY)",
                "the ingest proxy",
                "ingest_proxy",
                self.ingest_proxy.as_ref(),
            ),
            ("the proxy", "the proxy", "proxy", self.proxy.as_ref()),
        ];
        if error.kind() == ErrorKind::Config {
            for (named, what, key, setting) in settings {
                if let (Some(rest), Some(Setting { value, origin })) = (text.strip_prefix(named), setting) {
                    // A query may contain a secret.
                    let shown = without_credentials(value);
                    let shown = shown.split(['?', '#']).next().unwrap_or_default();
                    return at(Failure::usage(format!("{what} {shown:?} of {origin}{rest}")), origin, key);
                }
            }
            if let Some(token) = self.token.as_ref().filter(|_| error.message().contains("API key")) {
                return Failure::usage(format!("{} ({})", error.message(), token.origin))
                    .next("datalinks auth login");
            }
        }
        Failure::from(error.clone())
    }

    /// Adds the place of the format to the failure of an output that cannot have it.
    pub(crate) fn at_output(&self, failure: Failure) -> Failure {
        at(failure, &self.output.origin, "output")
    }

    /// Returns the failure for a file of `--ca` without a certificate that can be used.
    fn no_certificate(&self, reason: &str) -> Failure {
        let Some(Setting { value: file, origin }) = &self.ca else { return Failure::usage(reason) };
        let what = format!("no certificate authority in {} ({origin}): {reason}", file.display());
        at(Failure::usage(what), origin, "ca")
            .next("give a file with one or more certificates in PEM, or with one in DER")
    }

    /// Returns why the client rejects the file of `--ca`.
    fn certificate_fault(&self, error: &Error) -> String {
        let content = self.ca.as_ref().and_then(|ca| std::fs::read(&ca.value).ok()).unwrap_or_default();
        if !content.windows(PEM.len()).any(|part| part == PEM) {
            return "it is neither PEM nor a certificate in DER".to_owned();
        }
        // The first cause names the section of the file. Those of the HTTP client only say that it was not built.
        match std::error::Error::source(error).map(ToString::to_string) {
            Some(cause) if cause != "builder error" => cause,
            _ => "a section of it is not a valid certificate".to_owned(),
        }
    }
}

/// Adds the place of a setting of the file of profiles.
fn at(failure: Failure, origin: &Origin, setting: &str) -> Failure {
    match origin.place(setting) {
        Some(place) => failure.at(place),
        None => failure,
    }
}
