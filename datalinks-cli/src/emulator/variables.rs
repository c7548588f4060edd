//! The variables that lead a program to the emulator.

use std::ffi::OsString;

use datalinks_emulator::Emulator;

use super::model;

/// The name of the one that is a secret, unless it is the key that everybody knows.
pub(super) const KEY: &str = "DL_API_KEY";

/// What variables of the API begin with. Those of the caller may lead to the service, and to an account there.
const PREFIX: &str = "DL_";

/// The variables, in the order in which people read them.
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

/// Those of the given names that must not reach a program which is to talk to the emulator.
pub(super) fn foreign(names: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut names: Vec<OsString> = names.into_iter().collect();
    names.retain(|name| {
        // Windows does not tell small letters from capitals in these names.
        let name = name.to_string_lossy().to_ascii_uppercase();
        name.starts_with(PREFIX) || name == model::KEY
    });
    names
}

/// The variables that tell programs which hosts are not reached by a proxy.
pub(super) const WITHOUT_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Such a list, and this machine with it: no proxy reaches an emulator here.
pub(super) fn without_proxy(hosts: Option<OsString>) -> OsString {
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
    fn hosts_without_proxy_stay_so() {
        assert_eq!(without_proxy(None), "127.0.0.1");
        assert_eq!(without_proxy(Some("example.com".into())), "example.com,127.0.0.1");
    }

    #[test]
    fn variables_of_the_api_are_kept_back() {
        let names = ["PATH", "DL_API_KEY", "DL_SOMETHING_NEW", "MIDDLE_DL_", "dl_host", "DLX", model::KEY];
        assert_eq!(
            foreign(names.map(OsString::from)),
            ["DL_API_KEY", "DL_SOMETHING_NEW", "dl_host", model::KEY]
        );
    }
}
