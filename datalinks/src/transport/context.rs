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
