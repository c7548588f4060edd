//! The catalog of a session: namespaces as schemas, and local tables in the default schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, RwLock},
};

use async_trait::async_trait;
use datafusion::{
    catalog::{CatalogProvider, MemorySchemaProvider, SchemaProvider, TableProvider},
    common::exec_err,
    error::Result,
    logical_expr::TableType,
};
use datalinks::{DataLinks, ErrorKind, Namespace};
use datalinks_datafusion::{ColumnType, DatasetTable, TableOptions};

use crate::failure;

/// The name of the catalog.
pub(crate) const CATALOG: &str = "datalinks";

/// The default schema without a namespace. It has local tables only, and the datasets of a namespace of this name.
pub(crate) const LOCAL: &str = "public";

/// The settings of the tables of each dataset.
#[derive(Debug)]
pub(crate) struct DatasetOptions {
    pub(crate) general: TableOptions,
    /// Types of columns by `namespace/dataset`.
    pub(crate) columns: BTreeMap<String, BTreeMap<String, ColumnType>>,
    /// The columns of pages by `namespace/dataset`.
    pub(crate) pages: BTreeMap<String, (String, u64)>,
}

impl DatasetOptions {
    /// Returns the types of columns that the user gave for a dataset, `namespace/dataset`.
    pub(crate) fn columns(&self, dataset: &str) -> BTreeMap<String, ColumnType> {
        self.columns.get(dataset).cloned().unwrap_or_default()
    }

    /// Returns the names of the datasets of a namespace that have settings of their own.
    pub(crate) fn datasets_of(&self, namespace: &str) -> BTreeSet<&str> {
        let names = self.columns.keys().chain(self.pages.keys()).filter_map(|name| name.split_once('/'));
        names.filter(|(own, _)| *own == namespace).map(|(_, dataset)| dataset).collect()
    }

    /// Returns the settings of a dataset, `namespace/dataset`.
    pub(crate) fn of(&self, dataset: &str) -> TableOptions {
        let columns = self.columns(dataset).into_iter();
        let options = columns
            .fold(self.general.clone(), |options, (name, column_type)| options.column(name, column_type));
        match self.pages.get(dataset) {
            Some((column, rows)) => options.page_by(column, *rows),
            None => options,
        }
    }
}

/// The catalog. A namespace that a statement names is a schema, whether or not it was listed.
#[derive(Debug)]
pub(crate) struct Catalog {
    client: Option<DataLinks>,
    options: Arc<DatasetOptions>,
    default: String,
    local: Arc<MemorySchemaProvider>,
    /// The names of the datasets of each namespace, as far as they were listed.
    listed: RwLock<BTreeMap<String, BTreeSet<String>>>,
}

impl Catalog {
    pub(crate) fn new(
        client: Option<DataLinks>,
        options: Arc<DatasetOptions>,
        namespace: Option<&str>,
    ) -> Self {
        Self {
            client,
            options,
            default: namespace.unwrap_or(LOCAL).to_owned(),
            local: Arc::new(MemorySchemaProvider::new()),
            listed: RwLock::default(),
        }
    }

    /// Returns the name of the default schema.
    pub(crate) fn default_schema(&self) -> &str {
        &self.default
    }

    /// Returns the tables of files and of the session.
    pub(crate) fn local(&self) -> &Arc<MemorySchemaProvider> {
        &self.local
    }

    /// Lists the namespaces and their datasets, for statements that show them.
    pub(crate) async fn list(&self) -> failure::Result {
        let Some(client) = &self.client else { return Ok(()) };
        let mut listed = BTreeMap::new();
        for summary in client.namespaces().await?.items {
            match client.namespace(&summary.name)?.schema_datasets().await {
                Ok(datasets) => {
                    let names = datasets.items.into_iter().map(|dataset| dataset.name).collect();
                    listed.insert(summary.name, names);
                }
                // The namespace was deleted in the meantime.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        if let Ok(mut own) = self.listed.write() {
            *own = listed;
        }
        Ok(())
    }
}

impl CatalogProvider for Catalog {
    fn schema_names(&self) -> Vec<String> {
        let mut names: BTreeSet<String> =
            self.listed.read().map(|listed| listed.keys().cloned().collect()).unwrap_or_default();
        names.insert(self.default.clone());
        names.into_iter().collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        // A name that cannot be a namespace is not in the catalog.
        let namespace = self.client.as_ref().and_then(|client| client.namespace(name).ok());
        let local = (name == self.default).then(|| Arc::clone(&self.local));
        if namespace.is_none() && local.is_none() {
            return None;
        }
        let listed = self.listed.read().ok().and_then(|listed| listed.get(name).cloned()).unwrap_or_default();
        Some(Arc::new(Schema { namespace, local, listed, options: Arc::clone(&self.options) }))
    }
}

/// A namespace, and the local tables if it is the default schema.
#[derive(Debug)]
struct Schema {
    namespace: Option<Namespace>,
    local: Option<Arc<MemorySchemaProvider>>,
    listed: BTreeSet<String>,
    options: Arc<DatasetOptions>,
}

#[async_trait]
impl SchemaProvider for Schema {
    fn table_names(&self) -> Vec<String> {
        let local = self.local.iter().flat_map(|local| local.table_names());
        local.chain(self.listed.iter().cloned()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        if let Some(local) = &self.local
            && let Some(table) = local.table(name).await?
        {
            return Ok(Some(table));
        }
        let Some(Ok(dataset)) = self.namespace.as_ref().map(|namespace| namespace.dataset(name)) else {
            return Ok(None);
        };
        let options = self.options.of(&format!("{}/{name}", dataset.namespace().name()));
        match DatasetTable::load(dataset, options).await {
            Ok(table) => Ok(Some(Arc::new(table))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(datafusion::error::DataFusionError::External(Box::new(error))),
        }
    }

    async fn table_type(&self, name: &str) -> Result<Option<TableType>> {
        match &self.local {
            Some(local) if local.table_exist(name) => local.table_type(name).await,
            // Without a request.
            _ => Ok(self.listed.contains(name).then_some(TableType::Base)),
        }
    }

    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> Result<Option<Arc<dyn TableProvider>>> {
        match &self.local {
            Some(local) => local.register_table(name, table),
            None => exec_err!(
                "tables and views of a session belong to the default schema; leave out the namespace before {name}. \
                 `datalinks dataset create` and INSERT with --create make datasets"
            ),
        }
    }

    fn deregister_table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        match &self.local {
            Some(local) if local.table_exist(name) => local.deregister_table(name),
            _ => exec_err!(
                "{name} is not a table of this session; `datalinks dataset delete` removes a dataset"
            ),
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        self.listed.contains(name) || self.local.as_ref().is_some_and(|local| local.table_exist(name))
    }
}
