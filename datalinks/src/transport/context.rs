//! The context of a call, for its errors.

use std::{sync::Arc, time::Duration};

use super::via::Via;
use crate::{
    error::{Error, ErrorKind},
    secrets::Redactor,
};

/// Advice for a server whose certificate was rejected. A proxy in between has made the connection.
const UNTRUSTED: &str = "check the host; if its certificate authority is private, or a proxy inspects the traffic, add that \
                         authority with DataLinksBuilder::add_root_certificate";

/// The operation, target, attempts and elapsed time of a call.
#[derive(Clone, Debug)]
pub(crate) struct CallContext {
    pub(crate) operation: &'static str,
    pub(crate) target: String,
    pub(crate) proxy: Option<Arc<Via>>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    pub(crate) redactor: Redactor,
}

impl CallContext {
    /// Adds this context to an error, and removes secrets from it.
    pub(crate) fn annotate(&self, error: Error) -> Error {
        let untrusted = error.is_untrusted_server();
        let error = if untrusted { error.advice(UNTRUSTED) } else { error };
        let (target, error) = match &self.proxy {
            None => (self.target.clone(), error),
            Some(proxy) => {
                let target = format!("{} through {}", self.target, proxy.described());
                let unreached = error.kind() == ErrorKind::Connect && !untrusted;
                (target, if unreached { error.advice(proxy.advice()) } else { error })
            }
        };
        error
            .at(self.operation, Some(target))
            .with_attempts(self.attempts, self.elapsed)
            .redacted(&self.redactor)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::via::ProxySource, *};

    #[test]
    fn connection_that_was_not_made_is_advised_about_the_setting_of_its_proxy() {
        let line = |source: Option<ProxySource>, kind: ErrorKind| {
            let via = |source| Arc::new(Via { shown: "http://proxy.example:3128".to_owned(), source });
            let context = CallContext {
                operation: "getCurrentUser",
                target: "GET https://service.example/user".to_owned(),
                proxy: source.map(via),
                attempts: 1,
                elapsed: Duration::ZERO,
                redactor: Redactor::default(),
            };
            context.annotate(Error::new(kind, "no connection")).to_string()
        };
        for (source, shown, settings) in [
            (
                ProxySource::Environment,
                "of the environment",
                ["(HTTPS_PROXY, HTTP_PROXY, ALL_PROXY)", "in NO_PROXY"],
            ),
            (ProxySource::Builder, "", ["(DataLinksBuilder::proxy)", "in DataLinksBuilder::no_proxy_for"]),
        ] {
            let unreached = line(Some(source), ErrorKind::Connect);
            for part in ["check the proxy", "through the proxy http://proxy.example:3128", shown]
                .into_iter()
                .chain(settings)
            {
                assert!(unreached.contains(part), "{part}: {unreached}");
            }
            assert!(!line(Some(source), ErrorKind::Timeout).contains("check the proxy"));
        }
        assert!(!line(None, ErrorKind::Connect).contains("proxy"));
    }
}
