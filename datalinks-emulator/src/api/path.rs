//! Paths of the API on an emulator, and the parameters in them.

use datalinks_gen::Server;

/// The path prefix of the API.
pub(crate) const API_PREFIX: &str = "/api/v1";

/// The parameters of a path, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(pub(crate) Vec<(&'static str, String)>);

impl Params {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }
}

/// Returns the path prefix of a server of the contract.
pub(crate) fn prefix(server: Server) -> &'static str {
    match server {
        Server::Api => API_PREFIX,
        Server::Proxy => "",
    }
}
