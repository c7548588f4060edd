//! The clients of a session.

use datalinks::{CallOptions, Config, DataLinks, DataLinksBuilder, IngestProxy, Secret};
use datalinks_emulator::Emulator;

use super::observe::Observer;
use crate::failure::{Failure, Result};
use crate::local_emulator::{self, Endpoint};
use crate::output::Diagnostics;
use crate::set::set;
use crate::settings::{EmulatorChoice, Settings};

/// Name of this program in requests.
const USER_AGENT: &str = concat!("datalinks-cli/", env!("CARGO_PKG_VERSION"));

/// The client of a session, and the emulator that it may have started.
pub(super) struct Connection {
    client: DataLinks,
    host: String,
    /// The emulator, or `None` for the service.
    emulator: Option<Endpoint>,
    /// The emulator that runs in this process.
    own: Option<Emulator>,
}

impl Connection {
    /// Creates the client. Finds or starts the emulator if it is chosen.
    pub(super) async fn open(
        settings: &Settings,
        choice: Option<EmulatorChoice>,
        observer: &Observer,
        diagnostics: &Diagnostics,
    ) -> Result<Self> {
        let (endpoint, own) = match choice {
            None => {
                let (host, token) = settings.service()?;
                let client = service_client(settings, host, token, observer)?;
                return Ok(Self { client, host: host.to_owned(), emulator: None, own: None });
            }
            Some(EmulatorChoice::Fresh) => {
                let emulator = Emulator::start().await?;
                (Endpoint::of(&emulator), Some(emulator))
            }
            Some(EmulatorChoice::Shared) => {
                let (data, idle) = (settings.directories.data(), settings.emulator_idle.value);
                (local_emulator::find_or_start(data, idle, diagnostics).await?, None)
            }
        };
        let given = [Some(&settings.host.origin), settings.token.as_ref().map(|token| &token.origin)];
        for origin in given.into_iter().flatten().filter(|origin| origin.is_flag()) {
            diagnostics
                .warning(&format!("{origin} is ignored: --emulator has a host and a token of its own"));
        }
        let builder = DataLinks::builder(&endpoint.api_url, &endpoint.api_key).no_proxy();
        let builder = builder.user_agent(USER_AGENT);
        let client = with_timeout(observer.observe(builder).build()?, settings);
        Ok(Self { client, host: endpoint.api_url.clone(), emulator: Some(endpoint), own })
    }

    pub(super) fn client(&self) -> &DataLinks {
        &self.client
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Creates the client of the ingest proxy.
    pub(super) fn ingest_proxy(&self, settings: &Settings, observer: &Observer) -> Result<IngestProxy> {
        if let Some(endpoint) = &self.emulator {
            let config = Config::from_vars(|name| match name {
                "DL_INGEST_PROXY" => Some(endpoint.proxy_url.clone()),
                "DL_API_KEY" => Some(endpoint.api_key.clone()),
                "DL_USERNAME" => Some(endpoint.username.clone()),
                _ => None,
            });
            let builder = IngestProxy::builder_from(&config)?.no_proxy().user_agent(USER_AGENT);
            return Ok(observer.observe_proxy(builder).build()?);
        }
        let (_, token) = settings.service()?;
        let Some(url) = &settings.ingest_proxy else {
            return Err(Failure::usage("no ingest proxy is given")
                .next("set DL_INGEST_PROXY, or ingest_proxy in the profile, or use --emulator"));
        };
        let username = settings.username.as_ref().map(|setting| setting.value.clone());
        let config = Config::from_vars(|name| match name {
            "DL_INGEST_PROXY" => Some(url.value.clone()),
            "DL_API_KEY" => Some(token.expose().to_owned()),
            "DL_USERNAME" => username.clone(),
            _ => None,
        });
        let builder = set!(
            IngestProxy::builder_from(&config)?.user_agent(USER_AGENT),
            proxy: settings.proxy.as_ref().map(|proxy| &proxy.value),
            add_root_certificate: settings.certificates()?,
        );
        observer.observe_proxy(builder).build().map_err(|error| settings.rejected(&error))
    }

    /// Stops the emulator of this process.
    pub(super) async fn close(self) {
        if let Some(emulator) = self.own {
            emulator.shutdown().await;
        }
    }
}

/// Creates a client of the service.
pub(super) fn service_client(
    settings: &Settings,
    host: &str,
    token: &Secret,
    observer: &Observer,
) -> Result<DataLinks> {
    client_of(DataLinks::builder(host, token.expose()), settings, observer)
}

/// Creates a client of the service without a token.
pub(super) fn public_client(settings: &Settings, observer: &Observer) -> Result<DataLinks> {
    client_of(DataLinks::builder(&settings.host.value, "").without_key(), settings, observer)
}

fn client_of(builder: DataLinksBuilder, settings: &Settings, observer: &Observer) -> Result<DataLinks> {
    let builder = set!(
        builder.user_agent(USER_AGENT),
        proxy: settings.proxy.as_ref().map(|proxy| &proxy.value),
        add_root_certificate: settings.certificates()?,
    );
    let client = observer.observe(builder).build().map_err(|error| settings.rejected(&error))?;
    Ok(with_timeout(client, settings))
}

/// Creates a client for a command that sends nothing. It has no token, and its host does not matter.
pub(super) fn offline_client() -> Result<DataLinks> {
    Ok(DataLinks::builder("http://localhost", "").without_key().no_proxy().build()?)
}

fn with_timeout(client: DataLinks, settings: &Settings) -> DataLinks {
    match &settings.timeout {
        Some(timeout) => client.with_options(CallOptions::new().timeout(timeout.value)),
        None => client,
    }
}
