//! The environment variables that configure a program for the emulator.

use std::ffi::OsString;

use datalinks_emulator::Emulator;

use super::model;

/// The variable with the API key, which is a secret unless the key is the published default.
pub(super) const KEY: &str = "DL_API_KEY";

/// Prefix of the variables of the API. Those of the caller may name the service and a real account.
const PREFIX: &str = "DL_";

/// Returns the variables in the order in which they are printed.
pub(super) fn of(emulator: &Emulator, namespace: Option<&str>) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("DL_HOST", emulator.api_url()),
        ("DL_INGEST_PROXY", emulator.proxy_url()),
        (KEY, emulator.api_key().to_owned()),
        ("DL_USERNAME", emulator.username().to_owned()),
    ];
    if let Some(namespace) = namespace {
        variables.push(("DL_NAMESPACE", namespace.to_owned()));
    }
    variables
}

/// Returns the names of variables that a program for the emulator must not inherit.
pub(super) fn withheld(names: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut names: Vec<OsString> = names.into_iter().collect();
    names.retain(|name| {
        // Windows ignores the case of names of variables.
        let name = name.to_string_lossy().to_ascii_uppercase();
        name.starts_with(PREFIX) || name == model::KEY
    });
    names
}

/// The variables with the hosts that programs reach without a proxy.
pub(crate) const WITHOUT_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Adds this machine to a list of hosts without a proxy, because a proxy cannot reach the emulator.
pub(crate) fn without_proxy(hosts: Option<OsString>) -> OsString {
    let mut hosts = hosts.unwrap_or_default();
    if !hosts.is_empty() {
        hosts.push(",");
    }
    hosts.push("127.0.0.1");
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_without_proxy_are_kept() {
        assert_eq!(without_proxy(None), "127.0.0.1");
        assert_eq!(without_proxy(Some("example.com".into())), "example.com,127.0.0.1");
    }

    #[test]
    fn variables_of_the_api_are_withheld() {
        let names = ["PATH", "DL_API_KEY", "DL_SOMETHING_NEW", "MIDDLE_DL_", "dl_host", "DLX", model::KEY];
        assert_eq!(
            withheld(names.map(OsString::from)),
            ["DL_API_KEY", "DL_SOMETHING_NEW", "dl_host", model::KEY]
        );
    }
}
