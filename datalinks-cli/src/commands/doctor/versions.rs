//! The versions of this program and of the server.

use super::check::Check;
use super::connection::Probe;

/// The header by which an emulator is recognized.
const EMULATOR: &str = "x-datalinks-emulator";

/// Checks the versions. Without a request, only those of this program.
pub(super) fn checks(probe: Option<&Probe>) -> Vec<Check> {
    let features = [
        ("excel", cfg!(feature = "excel")),
        ("keyring", cfg!(feature = "keyring")),
        ("parquet", cfg!(feature = "parquet")),
    ];
    let features: Vec<&str> = features.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    let client = format!(
        "datalinks {}, contract {}, features: {features}, minimum Rust {}",
        env!("CARGO_PKG_VERSION"),
        datalinks::drift::contract_version(),
        env!("CARGO_PKG_RUST_VERSION"),
    );
    let mut checks = vec![Check::ok("client", client)];
    if let Some(headers) = probe.and_then(Probe::headers) {
        let server = if headers.contains_key(EMULATOR) {
            "an emulator"
        } else {
            "not an emulator; the service does not document how it reports its version"
        };
        checks.push(Check::ok("server", server));
    }
    checks
}
