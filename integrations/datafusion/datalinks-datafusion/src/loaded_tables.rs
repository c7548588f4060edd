//! Tables that are loaded before a statement names them.

use std::collections::BTreeMap;

use datalinks::{Error, ErrorKind, Namespace};

use crate::{catalog::AccountCatalog, table::DatasetTable};

/// The tables of all datasets of a catalog, for table functions.
///
/// The engine asks for the columns of a table function without waiting, so they are loaded beforehand. A dataset that is created
/// later is not found.
#[derive(Clone, Debug)]
pub struct LoadedTables {
    namespaces: BTreeMap<String, Namespace>,
    /// Tables by `namespace/dataset`.
    tables: BTreeMap<String, DatasetTable>,
}

impl LoadedTables {
    /// Loads the columns of all datasets of a catalog. Sends two requests for each dataset.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](datalinks::error#errors-of-every-call).
    pub async fn load(catalog: &AccountCatalog) -> Result<Self, Error> {
        let (mut namespaces, mut tables) = (BTreeMap::new(), BTreeMap::new());
        for schema in catalog.schemas() {
            let namespace = schema.namespace();
            for name in schema.names() {
                let dataset = namespace.dataset(name)?;
                match DatasetTable::load(dataset, schema.options(name).clone()).await {
                    Ok(table) => {
                        tables.insert(format!("{}/{name}", namespace.name()), table);
                    }
                    // The dataset was deleted in the meantime.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            namespaces.insert(namespace.name().to_owned(), namespace.clone());
        }
        Ok(Self { namespaces, tables })
    }

    /// Returns the table of a dataset, by `namespace/dataset`.
    pub(crate) fn table(&self, name: &str) -> Option<&DatasetTable> {
        self.tables.get(name)
    }

    pub(crate) fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.namespaces.get(name)
    }
}
