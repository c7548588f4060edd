//! The certificates of the platform, which HTTP clients with rustls share.

use std::{
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    ALL_VERSIONS, ClientConfig, RootCertStore, client::danger::ServerCertVerifier, crypto::CryptoProvider,
};
use rustls_platform_verifier::Verifier;

use crate::{
    error::{Error, ErrorKind},
    platform::clock::SystemInstant as Instant,
};

/// Time for which certificates that were read are used for further clients. Afterwards, a new client reads them again, so that
/// a process sees certificates that the platform adds or withdraws.
const LIFETIME: Duration = Duration::from_secs(3600);

static PLATFORM: Shared<Arc<dyn ServerCertVerifier>> = Shared::new();

/// Returns the TLS settings of a client that trusts the certificates of the platform, and has no certificate itself. They are
/// the settings that reqwest would choose.
///
/// Returns `None` if reqwest must choose its settings itself: it was built with another version of rustls, or there is no crypto
/// provider that this crate knows.
///
/// # Blocking
///
/// The first call reads the certificates on the calling thread. Calls from other threads wait for it.
pub(super) fn config() -> Result<Option<ClientConfig>, Error> {
    static ACCEPTED: LazyLock<bool> = LazyLock::new(is_accepted);
    let Some(provider) = provider().filter(|_| *ACCEPTED) else { return Ok(None) };
    let verifier = PLATFORM.get(Instant::now(), || Ok(Arc::new(Verifier::new(Arc::clone(&provider))?)));
    verifier.and_then(|verifier| config_with(verifier, provider)).map(Some).map_err(|error| {
        Error::new(ErrorKind::Config, "the certificates of the platform cannot be loaded")
            .caused_by(error)
            .advice(
                "install the certificates of the platform (the package ca-certificates on many systems), name a file with \
                 certificates in SSL_CERT_FILE, or pass it to add_root_certificate",
            )
    })
}

/// Returns the crypto provider that reqwest would choose: that of the process, or else the default one.
fn provider() -> Option<Arc<CryptoProvider>> {
    let installed = CryptoProvider::get_default().map(Arc::clone);
    #[cfg(feature = "rustls")]
    let installed = installed.or_else(|| Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider())));
    installed
}

/// Returns settings with the verifier of the platform, which rustls calls a custom one.
fn config_with(
    verifier: Arc<dyn ServerCertVerifier>,
    provider: Arc<CryptoProvider>,
) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(ALL_VERSIONS)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Returns `true` if reqwest uses the version of rustls that this crate uses. Otherwise, it would reject the settings.
fn is_accepted() -> bool {
    let Some(provider) = provider() else { return false };
    let Ok(builder) = ClientConfig::builder_with_provider(provider).with_protocol_versions(ALL_VERSIONS)
    else {
        return false;
    };
    let config = builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(config).build().is_ok()
}

/// A value that is loaded when it is needed, and again after [`LIFETIME`].
struct Shared<T> {
    loaded: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Shared<T> {
    const fn new() -> Self {
        Self { loaded: Mutex::new(None) }
    }

    /// Returns the value, and calls `load` if there is none that is young enough. An error is not kept.
    fn get<E>(&self, now: Instant, load: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        // A panic of `load` cannot leave the value invalid.
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        match &*loaded {
            Some((since, value)) if now.saturating_duration_since(*since) < LIFETIME => Ok(value.clone()),
            _ => {
                let value = load()?;
                *loaded = Some((now, value.clone()));
                Ok(value)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn reqwest_accepts_the_shared_settings() {
        assert!(is_accepted(), "this crate and reqwest use different versions of rustls");
    }

    /// The transport must know when a request is written, which HTTP/2 would hide.
    #[test]
    fn settings_offer_http_1_only() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tls/authority.der");
        let mut roots = RootCertStore::empty();
        roots.add(std::fs::read(file).unwrap().into()).unwrap();
        let provider = provider().unwrap();
        let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::clone(&provider),
        );
        let config = config_with(verifier.build().unwrap(), provider).unwrap();
        assert_eq!(config.alpn_protocols, [b"http/1.1"]);
    }

    #[test]
    fn certificates_are_loaded_once_per_lifetime() {
        let (shared, loads) = (Shared::new(), Cell::new(0));
        let load = || {
            loads.set(loads.get() + 1);
            Ok::<_, ()>(loads.get())
        };
        let start = Instant::now();
        let last = start + LIFETIME - Duration::from_nanos(1);
        assert_eq!([start, start, last].map(|now| shared.get(now, load)), [Ok(1); 3]);
        assert_eq!(shared.get(start + LIFETIME, load), Ok(2));
        assert_eq!(shared.get(start + LIFETIME, load), Ok(2));
    }

    #[test]
    fn failed_load_is_not_kept() {
        let shared = Shared::new();
        assert_eq!(shared.get(Instant::now(), || Err("no certificates")), Err("no certificates"));
        assert_eq!(shared.get(Instant::now(), || Ok::<_, &str>(7)), Ok(7));
    }
}
