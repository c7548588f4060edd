//! Links as a table function.

use std::sync::Arc;

use datafusion::{
    catalog::{TableFunctionArgs, TableFunctionImpl, TableProvider},
    common::ScalarValue,
    error::{DataFusionError, Result},
    logical_expr::Expr,
};

use crate::{loaded_tables::LoadedTables, table::DatasetTable};

/// The table function `search_around(from, to, depth)`: the rows of `to` that are linked with the rows of `from`.
///
/// `from` and `to` are `namespace/dataset`. The namespace of `to` may be left out if it is that of `from`. `depth` is the maximum
/// number of links between the rows, and is 1 if it is left out. Each row is found once.
///
/// Conditions, sorts and limits apply to the linked rows, as for a [`DatasetTable`].
///
/// # Examples
///
/// ```no_run
/// # async fn run(dl: datalinks::DataLinks) -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use datafusion::prelude::SessionContext;
/// use datalinks_datafusion::{AccountCatalog, LoadedTables, SearchAround, TableOptions};
///
/// let catalog = AccountCatalog::load(dl, TableOptions::default()).await?;
/// let context = SessionContext::new();
/// let tables = LoadedTables::load(&catalog).await?;
/// context.register_udtf("search_around", Arc::new(SearchAround::new(tables)));
/// let people = context.sql("SELECT name FROM search_around('cinema/films', 'people', 1) WHERE born < 1940").await?;
/// people.show().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SearchAround {
    tables: LoadedTables,
}

impl SearchAround {
    /// Creates the function over these tables.
    pub fn new(tables: LoadedTables) -> Self {
        Self { tables }
    }

    fn table(&self, name: &str) -> Result<&DatasetTable> {
        self.tables.table(name).ok_or_else(|| {
            DataFusionError::Plan(format!(
                "search_around: the dataset {name:?} was not loaded; write namespace/dataset, or load the tables again"
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

pub(crate) fn text(expr: &Expr) -> Option<&str> {
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
