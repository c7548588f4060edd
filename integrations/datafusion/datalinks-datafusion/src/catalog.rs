//! Namespaces as schemas, and an account as a catalog.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use datafusion::{
    catalog::{CatalogProvider, SchemaProvider, TableProvider},
    error::Result,
};
use datalinks::{DataLinks, Error, ErrorKind, Namespace};

use crate::{error::external, options::TableOptions, table::DatasetTable};

/// A namespace as a schema of DataFusion.
///
/// The names of the tables are those of the moment in which the schema was loaded. A statement that names a table loads the
/// table then, also one that was created later. This takes two requests for each table of a statement.
#[derive(Clone, Debug)]
pub struct NamespaceSchema {
    namespace: Namespace,
    options: TableOptions,
    /// The settings of datasets that have settings of their own.
    own_options: BTreeMap<String, TableOptions>,
    names: Vec<String>,
}

impl NamespaceSchema {
    /// Loads the names of the datasets of a namespace.
    ///
    /// # Errors
    ///
    /// - [`NotFound`](ErrorKind::NotFound) if the namespace does not exist, or you may not see it.
    ///
    /// See also [errors of every call](datalinks::error#errors-of-every-call).
    pub async fn load(namespace: Namespace, options: TableOptions) -> Result<Self, Error> {
        let datasets = namespace.schema_datasets().await?;
        let names = datasets.items.into_iter().map(|dataset| dataset.name).collect();
        Ok(Self { namespace, options, own_options: BTreeMap::new(), names })
    }

    /// Sets the settings of one dataset, in place of those of the schema. By default, all datasets have those of the schema.
    ///
    /// ```no_run
    /// # async fn run(namespace: datalinks::Namespace) -> Result<(), Box<dyn std::error::Error>> {
    /// use datalinks_datafusion::{ColumnType, NamespaceSchema, TableOptions};
    ///
    /// let films = TableOptions::default().column("code", ColumnType::Text);
    /// let schema = NamespaceSchema::load(namespace, TableOptions::default()).await?;
    /// let schema = schema.with_dataset("films", films);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_dataset(mut self, name: impl Into<String>, options: TableOptions) -> Self {
        self.own_options.insert(name.into(), options);
        self
    }

    /// Returns the namespace.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the settings of a dataset.
    pub(crate) fn options(&self, dataset: &str) -> &TableOptions {
        self.own_options.get(dataset).unwrap_or(&self.options)
    }
}

#[async_trait]
impl SchemaProvider for NamespaceSchema {
    fn table_names(&self) -> Vec<String> {
        self.names.clone()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        // A name that cannot be a dataset is not in the schema.
        let Ok(dataset) = self.namespace.dataset(name) else {
            return Ok(None);
        };
        match DatasetTable::load(dataset, self.options(name).clone()).await {
            Ok(table) => Ok(Some(Arc::new(table))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(external(error)),
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}

/// The namespaces of an account as a catalog of DataFusion.
///
/// # Examples
///
/// ```no_run
/// # async fn run(dl: datalinks::DataLinks) -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use datafusion::prelude::SessionContext;
/// use datalinks_datafusion::{AccountCatalog, TableOptions};
///
/// let context = SessionContext::new();
/// let catalog = AccountCatalog::load(dl, TableOptions::default()).await?;
/// context.register_catalog("datalinks", Arc::new(catalog));
/// context.sql("SELECT title FROM datalinks.cinema.films WHERE year >= 2012").await?.show().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AccountCatalog {
    schemas: BTreeMap<String, Arc<NamespaceSchema>>,
}

impl AccountCatalog {
    /// Loads the names of your namespaces and of their datasets. Sends one request, and one for each namespace.
    ///
    /// Names that are created later are found after another call.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](datalinks::error#errors-of-every-call).
    pub async fn load(client: DataLinks, options: TableOptions) -> Result<Self, Error> {
        let mut schemas = BTreeMap::new();
        for summary in client.namespaces().await?.items {
            let namespace = client.namespace(&summary.name)?;
            match NamespaceSchema::load(namespace, options.clone()).await {
                Ok(schema) => {
                    schemas.insert(summary.name, Arc::new(schema));
                }
                // The namespace was deleted in the meantime.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { schemas })
    }

    /// Returns the schema of a namespace.
    pub fn namespace(&self, name: &str) -> Option<&Arc<NamespaceSchema>> {
        self.schemas.get(name)
    }

    pub(crate) fn schemas(&self) -> impl Iterator<Item = &Arc<NamespaceSchema>> {
        self.schemas.values()
    }
}

/// A catalog of some namespaces, for example of those that a statement names.
impl FromIterator<NamespaceSchema> for AccountCatalog {
    fn from_iter<I: IntoIterator<Item = NamespaceSchema>>(schemas: I) -> Self {
        let named = |schema: NamespaceSchema| (schema.namespace.name().to_owned(), Arc::new(schema));
        Self { schemas: schemas.into_iter().map(named).collect() }
    }
}

impl CatalogProvider for AccountCatalog {
    fn schema_names(&self) -> Vec<String> {
        self.schemas.keys().cloned().collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        self.schemas.get(name).map(|schema| Arc::clone(schema) as Arc<dyn SchemaProvider>)
    }
}
