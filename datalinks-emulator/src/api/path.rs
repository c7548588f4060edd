//! Paths of the API on an emulator, and the values in them.

use datalinks_gen::Server;

/// Where the paths of the API start.
pub(crate) const API_PREFIX: &str = "/api/v1";

/// The values of the names in a path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(pub(crate) Vec<(&'static str, String)>);

impl Params {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }
}

/// What the paths of a server begin with here.
pub(crate) fn prefix(server: Server) -> &'static str {
    match server {
        Server::Api => API_PREFIX,
        Server::Proxy => "",
    }
}
