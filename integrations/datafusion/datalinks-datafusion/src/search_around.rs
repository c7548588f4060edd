//! Links as a table function.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider},
    common::ScalarValue,
    error::{DataFusionError, Result},
    logical_expr::Expr,
};
use datalinks::{Error, ErrorKind};

use crate::{catalog::AccountCatalog, table::DatasetTable};

/// The table function `search_around(from, to, depth)`: the rows of `to` that are linked with the rows of `from`.
///
/// `from` and `to` are `namespace/dataset`. The namespace of `to` may be left out if it is that of `from`. `depth` is the maximum
/// number of links between the rows, and is 1 if it is left out. Each row is found once.
///
/// The engine asks for the columns of a table function without waiting, so they are loaded beforehand, and a dataset that is
/// created later is not found. Conditions, sorts and limits apply to the linked rows, as for a [`DatasetTable`].
///
/// # Examples
///
/// ```no_run
/// # async fn run(dl: datalinks::DataLinks) -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use datafusion::prelude::SessionContext;
/// use datalinks_datafusion::{AccountCatalog, SearchAround, TableOptions};
///
/// let catalog = AccountCatalog::load(dl, TableOptions::default()).await?;
/// let context = SessionContext::new();
/// context.register_udtf("search_around", Arc::new(SearchAround::load(&catalog).await?));
/// let people = context.sql("SELECT name FROM search_around('cinema/films', 'people', 1) WHERE born < 1940").await?;
/// people.show().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SearchAround {
    /// Tables by `namespace/dataset`.
    tables: BTreeMap<String, DatasetTable>,
}

impl SearchAround {
    /// Loads the columns of all datasets of a catalog. Sends two requests for each dataset.
    ///
    /// # Errors
    ///
    /// Returns the [errors of every call](datalinks::error#errors-of-every-call).
    pub async fn load(catalog: &AccountCatalog) -> Result<Self, Error> {
        let mut tables = BTreeMap::new();
        for schema in catalog.schemas() {
            for name in schema.names() {
                let dataset = schema.namespace().dataset(name)?;
                match DatasetTable::load(dataset, schema.options().clone()).await {
                    Ok(table) => {
                        tables.insert(format!("{}/{name}", schema.namespace().name()), table);
                    }
                    // The dataset was deleted in the meantime.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(Self { tables })
    }

    fn table(&self, name: &str) -> Result<&DatasetTable> {
        self.tables.get(name).ok_or_else(|| {
            DataFusionError::Plan(format!(
                "search_around: the dataset {name:?} was not loaded; write namespace/dataset, or load SearchAround again"
            ))
        })
    }
}

impl TableFunctionImpl for SearchAround {
    fn call_with_args(&self, args: TableFunctionArgs<'_, '_>) -> Result<Arc<dyn TableProvider>> {
        let usage = || {
            DataFusionError::Plan(
                "search_around takes two strings and a number from 1: search_around('namespace/from', 'to', 1)"
                    .to_owned(),
            )
        };
        let (from, to, depth) = match args.exprs() {
            [from, to] => (from, to, 1),
            [from, to, depth] => (from, to, positive(depth).ok_or_else(usage)?),
            _ => return Err(usage()),
        };
        let (from, to) = (text(from).ok_or_else(usage)?, text(to).ok_or_else(usage)?);
        let (namespace, _) = from.split_once('/').ok_or_else(usage)?;
        let to = if to.contains('/') { to.to_owned() } else { format!("{namespace}/{to}") };
        let start = self.table(from)?.dataset().clone();
        Ok(Arc::new(self.table(&to)?.reached_from(start, to, depth)))
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(
            ScalarValue::Utf8(text) | ScalarValue::LargeUtf8(text) | ScalarValue::Utf8View(text),
            _,
        ) => text.as_deref(),
        _ => None,
    }
}

fn positive(expr: &Expr) -> Option<u32> {
    match expr {
        Expr::Literal(ScalarValue::Int64(Some(number)), _) => {
            u32::try_from(*number).ok().filter(|number| *number > 0)
        }
        _ => None,
    }
}
