//! What a command works with: the settings, the client, the output, and the end that a signal asks for.
//!
//! A command gets a [`Session`]. The client is created when the command first needs it, so that a command without requests
//! needs no token.

mod confirm;
mod connection;
mod interrupt;
mod missing;
mod names;
mod observe;
mod prompt;

pub(crate) use confirm::Confirmation;
pub(crate) use interrupt::{Interrupt, StopRequest};
pub(crate) use missing::{
    explain_missing_dataset, explain_missing_namespace, or_missing_dataset, or_missing_namespace,
};
pub(crate) use names::{full_name, namespace_name};

use std::sync::{Arc, OnceLock};

use datalinks::drift::DriftObserver;
use datalinks::types::Rejected;
use datalinks::{DataLinks, Dataset, IngestProxy, Namespace, Secret};
use tokio::sync::OnceCell;

use crate::failure::{Failure, Result};
use crate::output::{Diagnostics, Output};
use crate::settings::{DatasetName, EmulatorChoice, GlobalFlags, Settings};
use connection::Connection;

/// What a command works with.
pub(crate) struct Session {
    pub(crate) settings: Settings,
    pub(crate) output: Output,
    interrupt: Arc<Interrupt>,
    flags: GlobalFlags,
    drift: OnceLock<DriftObserver>,
    connection: OnceCell<Connection>,
}

impl Session {
    /// Creates a session. Sends nothing.
    pub(crate) fn new(
        settings: Settings,
        output: Output,
        interrupt: Arc<Interrupt>,
        flags: GlobalFlags,
    ) -> Self {
        Self { settings, output, interrupt, flags, drift: OnceLock::new(), connection: OnceCell::new() }
    }

    /// Returns the client. With `--emulator`, finds or starts the emulator.
    pub(crate) async fn client(&self) -> Result<&DataLinks> {
        Ok(self.connection().await?.client())
    }

    /// Returns the client of the ingest proxy.
    pub(crate) async fn ingest_proxy(&self) -> Result<IngestProxy> {
        let observer = self.observer();
        self.connection().await?.ingest_proxy(&self.settings, &observer)
    }

    /// Returns the host that requests go to.
    pub(crate) async fn host(&self) -> Result<&str> {
        Ok(self.connection().await?.host())
    }

    /// Creates a client with another token for the host of the settings.
    pub(crate) fn client_with(&self, token: &Secret) -> Result<DataLinks> {
        let observer = self.observer();
        connection::service_client(&self.settings, &self.settings.host.value, token, &observer)
    }

    /// Creates a client without a token, which can make public calls only.
    pub(crate) fn client_without_token(&self) -> Result<DataLinks> {
        connection::public_client(&self.settings, &self.observer())
    }

    /// Compares the responses to all requests with the contract from now on. Call it before the client is first needed.
    pub(crate) fn observe_drift(&self) -> &DriftObserver {
        self.drift.get_or_init(DriftObserver::new)
    }

    fn observer(&self) -> observe::Observer {
        observe::Observer::new(&self.flags, self.drift.get(), self.diagnostics())
    }

    async fn connection(&self) -> Result<&Connection> {
        let observer = self.observer();
        let open = || Connection::open(&self.settings, self.flags.emulator, &observer, self.diagnostics());
        self.connection.get_or_try_init(open).await
    }

    /// Returns the namespace of the settings.
    pub(crate) fn namespace_setting(&self) -> Option<String> {
        self.settings.namespace.as_ref().map(|setting| setting.value.clone())
    }

    /// Returns the namespace of this name, or the one of the settings.
    pub(crate) async fn namespace(&self, name: Option<&str>) -> Result<Namespace> {
        let name = self.namespace_name(name)?;
        Ok(self.client().await?.namespace(name)?)
    }

    fn namespace_name<'a>(&'a self, name: Option<&'a str>) -> Result<&'a str> {
        let name = name.or(self.settings.namespace.as_ref().map(|setting| setting.value.as_str()));
        name.ok_or_else(no_namespace)
    }

    /// Returns the dataset of this name, or the one of the settings. A name without a namespace is completed by the settings.
    pub(crate) async fn dataset(&self, name: Option<&DatasetName>) -> Result<Dataset> {
        let name = self.dataset_name(name)?;
        dataset_in(self.namespace(name.namespace.as_deref()).await?, name)
    }

    /// Returns the dataset of the settings for a command that sends nothing, and needs neither a token nor an emulator.
    pub(crate) fn offline_dataset(&self) -> Result<Dataset> {
        self.settings.check_profile()?;
        let name = self.dataset_name(None)?;
        let namespace = self.namespace_name(name.namespace.as_deref())?;
        dataset_in(connection::offline_client()?.namespace(namespace)?, name)
    }

    fn dataset_name<'a>(&'a self, name: Option<&'a DatasetName>) -> Result<&'a DatasetName> {
        let name = name.or(self.settings.dataset.as_ref().map(|setting| &setting.value));
        name.ok_or_else(|| {
            Failure::usage("no dataset is given")
                .next("give NAMESPACE/DATASET by --dataset or by DL_DATASET")
                .next("datalinks dataset list")
        })
    }

    /// Returns a command for the same service, or `None` if the service ends with this command.
    pub(crate) fn command(&self, words: &str) -> Option<String> {
        if self.flags.emulator == Some(EmulatorChoice::Fresh) {
            return None;
        }
        let options = self.flags.of_service().into_iter().map(|option| format!(" {option}"));
        Some(format!("datalinks {words}{}", options.collect::<String>()))
    }

    /// Returns the writer for standard error.
    pub(crate) fn diagnostics(&self) -> &Diagnostics {
        self.output.diagnostics()
    }

    /// Warns of items of a list that could not be decoded, and that the output therefore lacks.
    pub(crate) fn warn_of_rejected(&self, rejected: &[Rejected]) {
        for item in rejected {
            let what = format!("item {} of the response is left out: {}", item.index, item.reason);
            self.diagnostics().warning(&what);
        }
    }

    /// Takes over what Ctrl-C does. See [`StopRequest`].
    pub(crate) fn stop_request(&self) -> StopRequest {
        self.interrupt.claim()
    }

    /// Stops what the session started.
    pub(crate) async fn close(self) {
        if let Some(connection) = self.connection.into_inner() {
            connection.close().await;
        }
    }
}

/// Returns the dataset of this name in a namespace, which gets the owner that the name has.
pub(crate) fn dataset_in(mut namespace: Namespace, name: &DatasetName) -> Result<Dataset> {
    if let Some(owner) = &name.owner {
        namespace = namespace.with_owner(owner)?;
    }
    Ok(namespace.dataset(&name.name)?)
}

fn no_namespace() -> Failure {
    Failure::usage("no namespace is given")
        .next("give it as NAMESPACE/DATASET, by --namespace or by DL_NAMESPACE")
        .next("datalinks dataset list, which lists the datasets of all namespaces")
}
