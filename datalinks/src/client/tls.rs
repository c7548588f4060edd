//! TLS of the HTTP clients: trusted certificates, and the certificate of the client.
//!
//! On most Unix systems, the certificates of the platform are a file with more than a hundred certificates. To decode it takes
//! several milliseconds, longer than all other work before a first request. Clients that send only plain http do not read it,
//! and clients that trust the certificates of the platform share what one of them read.

use reqwest::{Certificate, ClientBuilder, Identity};

use super::network::{Network, Peer};
use crate::error::{Error, ErrorKind};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

const PEM: &[u8] = b"-----BEGIN ";

/// Applies the certificates of `network` to an HTTP client for `peer`.
///
/// A client that does not use TLS trusts only the certificates of the application. Its requests with https fail. Certificates
/// and identity are validated in any case.
///
/// # Blocking
///
/// The first client that uses TLS reads the certificates of the platform, on the calling thread.
pub(super) fn apply(
    network: &Network,
    builder: ClientBuilder,
    peer: Peer,
    uses_tls: bool,
) -> Result<ClientBuilder, Error> {
    let roots = roots(network)?;
    // The identity is a credential for the service, so the storage does not get it.
    let identity = network.identity.as_ref().filter(|_| peer == Peer::Service);
    if !uses_tls {
        let builder = backend(builder).tls_certs_only(roots);
        return with_identity(builder, identity);
    }
    if roots.is_empty() && identity.is_none() {
        return platform(builder);
    }
    with_identity(backend(builder).tls_certs_merge(roots), identity)
}

/// Returns the certificates of [`add_root_certificate`](crate::DataLinksBuilder::add_root_certificate).
fn roots(network: &Network) -> Result<Vec<Certificate>, Error> {
    let mut roots = Vec::new();
    for (index, bytes) in network.roots.iter().enumerate() {
        roots.extend(certificates(bytes).map_err(|error| {
            let number = index + 1;
            let what = format!("call {number} of add_root_certificate has no valid certificate");
            let error = Error::new(ErrorKind::Config, what).caused_by_boxed(error);
            error.advice("pass the content of a file with one or more certificates, in PEM or DER")
        })?);
    }
    Ok(roots)
}

/// Parses one certificate in DER, or at least one in PEM.
fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, BoxError> {
    if !bytes.windows(PEM.len()).any(|part| part == PEM) {
        return Ok(vec![Certificate::from_der(bytes)?]);
    }
    let found = Certificate::from_pem_bundle(bytes)?;
    if found.is_empty() { Err("no PEM section is a certificate".into()) } else { Ok(found) }
}

/// Adds the certificate of the client, with its private key.
fn with_identity(
    builder: ClientBuilder,
    identity: Option<&(bytes::Bytes, bytes::Bytes)>,
) -> Result<ClientBuilder, Error> {
    let Some((certificates, key)) = identity else { return Ok(builder) };
    let identity = self::identity(certificates, key).map_err(|_| {
        // The cause may contain a part of the private key, so it is dropped.
        Error::new(ErrorKind::Config, "the identity is invalid")
            .advice("pass the certificate and its private key (PKCS #8) in PEM")
    })?;
    Ok(builder.identity(identity))
}

#[cfg(feature = "native-tls")]
fn identity(certificates: &[u8], key: &[u8]) -> reqwest::Result<Identity> {
    Identity::from_pkcs8_pem(certificates, key)
}

#[cfg(not(feature = "native-tls"))]
fn identity(certificates: &[u8], key: &[u8]) -> reqwest::Result<Identity> {
    Identity::from_pem(&[certificates, b"\n", key].concat())
}

/// Selects the TLS library of the features of this crate, even if another crate enables the other library, and rejects
/// versions of TLS before 1.2, which the native library of a platform may accept.
fn backend(builder: ClientBuilder) -> ClientBuilder {
    let builder = builder.tls_version_min(reqwest::tls::Version::TLS_1_2);
    #[cfg(feature = "native-tls")]
    let builder = builder.tls_backend_native();
    #[cfg(not(feature = "native-tls"))]
    let builder = builder.tls_backend_rustls();
    builder
}

/// Trusts the certificates of the platform, which the native library reads for each client.
#[cfg(feature = "native-tls")]
#[expect(clippy::unnecessary_wraps, reason = "the function can fail with rustls")]
fn platform(builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    Ok(backend(builder))
}

/// Trusts the certificates of the platform, which clients share.
#[cfg(not(feature = "native-tls"))]
fn platform(builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    Ok(match super::platform_trust::config()? {
        Some(config) => builder.tls_backend_preconfigured(config),
        None => backend(builder),
    })
}
