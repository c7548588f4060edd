//! The addresses and the key of an emulator.

use datalinks_emulator::Emulator;
use serde::{Deserialize, Serialize};

/// The addresses and the key of a running emulator.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Endpoint {
    pub(crate) api_url: String,
    pub(crate) proxy_url: String,
    pub(crate) api_key: String,
    pub(crate) username: String,
}

impl Endpoint {
    pub(crate) fn of(emulator: &Emulator) -> Self {
        Self {
            api_url: emulator.api_url(),
            proxy_url: emulator.proxy_url(),
            api_key: emulator.api_key().to_owned(),
            username: emulator.username().to_owned(),
        }
    }
}
