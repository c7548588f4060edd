//! Names of namespaces and datasets, as commands accept and show them.

use datalinks::{Dataset, Namespace};

use super::Session;
use crate::failure::Result;
use crate::settings::NamespaceName;

impl Session {
    /// Returns the namespace of this name, of its owner where the name has one, or the namespace of the settings.
    pub(crate) async fn owned_namespace(&self, name: Option<&NamespaceName>) -> Result<Namespace> {
        let namespace = self.namespace(name.map(|name| name.name.as_str())).await?;
        match name.and_then(|name| name.owner.as_ref()) {
            Some(owner) => Ok(namespace.with_owner(owner)?),
            None => Ok(namespace),
        }
    }
}

/// Returns the name of a dataset as commands accept it.
pub(crate) fn full_name(dataset: &Dataset) -> String {
    format!("{}/{}", namespace_name(dataset.namespace()), dataset.name())
}

/// Returns the name of a namespace as commands accept it.
pub(crate) fn namespace_name(namespace: &Namespace) -> String {
    match namespace.owner() {
        "self" => namespace.name().to_owned(),
        owner => format!("{owner}/{}", namespace.name()),
    }
}
