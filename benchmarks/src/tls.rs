//! The certificates of the server with TLS, which `tls/make.sh` makes.

use std::sync::Arc;

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

use crate::BoxError;

const CERTIFICATE: &[u8] = include_bytes!("../tls/server.pem");
const KEY: &[u8] = include_bytes!("../tls/server.key");

/// The variable that names the file of the authority, for programs that address the server with https.
pub const AUTHORITY: &str = "BENCH_CA";

/// Returns the acceptor of connections to `127.0.0.1`.
///
/// # Errors
///
/// Returns an error if a certificate is not valid.
pub fn acceptor() -> Result<TlsAcceptor, BoxError> {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE)?;
    let key = PrivateKeyDer::from_pem_slice(KEY)?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
