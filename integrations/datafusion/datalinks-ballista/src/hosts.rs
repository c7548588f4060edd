//! The hosts that a process may send requests to.

use std::{collections::BTreeMap, fmt};

use datafusion::error::{DataFusionError, Result};
use datalinks::DataLinks;
use datalinks_datafusion::distributed::DatasetPlace;

/// The hosts that a process of a cluster may send requests to, each with the client for it.
///
/// Plans name the host of each dataset, and neither an API key nor another setting of a client. A process takes the client
/// for the host from here, and rejects a plan for any other host, so a plan cannot send an API key to another host.
///
/// An executor needs clients with API keys. A scheduler plans statements and sends no requests to the API, so its clients are
/// those of [`without_key`](datalinks::DataLinksBuilder::without_key).
///
/// # Examples
///
/// ```
/// use datalinks::DataLinks;
/// use datalinks_ballista::Hosts;
///
/// let of_executor = Hosts::new([DataLinks::builder("https://api.example.com", "key").build()?]);
/// let of_scheduler = Hosts::new([DataLinks::builder("https://api.example.com", "").without_key().build()?]);
/// # let _ = (of_executor, of_scheduler);
/// # Ok::<(), datalinks::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Hosts {
    clients: BTreeMap<String, DataLinks>,
}

impl Hosts {
    /// Allows the hosts of these clients. Of two clients for one host, the last one is used.
    pub fn new(clients: impl IntoIterator<Item = DataLinks>) -> Self {
        let clients = clients.into_iter().map(|client| (client.host().to_owned(), client)).collect();
        Self { clients }
    }

    /// Returns the client for a dataset.
    pub(crate) fn client(&self, place: &DatasetPlace) -> Result<&DataLinks> {
        self.clients.get(&place.host).ok_or_else(|| {
            let own = match self.clients.len() {
                0 => "no host".to_owned(),
                _ => self.clients.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
            };
            DataFusionError::Plan(format!(
                "the plan reads or writes {}/{} at {}, and this process was started for {own}; nothing was sent; start it with \
                 a client for that host if the plan is to be trusted",
                place.namespace, place.dataset, place.host
            ))
        })
    }
}

impl fmt::Debug for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.clients.keys()).finish()
    }
}
