//! The session in which statements are run.

mod insert_options;
mod insert_plan;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use datafusion::{
    catalog::SchemaProvider as _,
    common::TableReference,
    execution::runtime_env::RuntimeEnvBuilder,
    logical_expr::LogicalPlan,
    prelude::{SessionConfig, SessionContext},
    sql::parser::Statement,
};
use datalinks::{DataLinks, ingest::partitions::JournalDirectory};
use datalinks_datafusion::{
    AccountCatalog, ColumnType, InsertAccount, LoadedTables, NamespaceSchema, NaturalLanguage, SearchAround,
    StopInserts, TableOptions,
};
use futures::StreamExt as _;

use crate::{
    arguments::{self, Arguments, Format},
    catalog::{CATALOG, Catalog, DatasetOptions},
    failure::{Failure, Result},
    files,
    interrupt::Interrupt,
    output, report,
    settings::{self, Settings},
    statement, terminal,
};

/// The session.
pub(crate) struct Session {
    context: SessionContext,
    catalog: Arc<Catalog>,
    options: Arc<DatasetOptions>,
    client: Option<DataLinks>,
    insert: arguments::Insert,
    format: Format,
    quiet: bool,
    interrupt: Interrupt,
    stop: StopInserts,
    /// The account of the last INSERT.
    account: Arc<Mutex<Option<InsertAccount>>>,
    /// The directory of journals is in use by an INSERT of this session.
    has_journals: AtomicBool,
}

impl Session {
    /// Creates the session, and registers the tables of files.
    pub(crate) async fn new(arguments: Arguments, settings: &Settings, interrupt: Interrupt) -> Result<Self> {
        let Arguments { table: tables, service, reading, insert, .. } = arguments;
        insert_options::check_journal(&insert)?;
        let (stop, account) = (StopInserts::new(), Arc::default());
        let mut general = TableOptions::default()
            .ingest(insert_options::ingest_settings(&insert))
            .stop_inserts(stop.clone())
            .keep_casts(true);
        if let Some(directory) = &insert.journal {
            general = general.journals(JournalDirectory::new(directory).with_dead_letters());
        }
        let observed: Arc<Mutex<Option<InsertAccount>>> = Arc::clone(&account);
        general = general.on_insert(move |account| {
            *observed.lock().unwrap_or_else(PoisonError::into_inner) = Some(account.clone());
        });
        let mut columns: BTreeMap<String, BTreeMap<String, ColumnType>> = BTreeMap::new();
        for typed in reading.column {
            columns.entry(typed.dataset).or_default().insert(typed.column, typed.column_type);
        }
        let pages = reading.page_by.into_iter().map(|page| (page.dataset, (page.column, reading.page_rows)));
        let options = Arc::new(DatasetOptions { general, columns, pages: pages.collect() });
        let catalog = Arc::new(Catalog::new(
            settings.client.clone(),
            Arc::clone(&options),
            settings.namespace.as_deref(),
        ));
        let config = SessionConfig::new()
            .with_target_partitions(reading.partitions.into())
            .with_create_default_catalog_and_schema(false)
            .with_default_catalog_and_schema(CATALOG, catalog.default_schema())
            .with_information_schema(true)
            // With statistics, the reader of Parquet replaces NaN by another value of the column.
            .with_collect_statistics(false);
        let runtime = RuntimeEnvBuilder::new().with_memory_limit(reading.memory, 1.0);
        // Each statement sees the files that exist when it begins.
        let runtime = runtime.with_object_list_cache_limit(0).build_arc()?;
        let context = SessionContext::new_with_config_rt(config, runtime);
        context.register_catalog(CATALOG, Arc::clone(&catalog) as _);
        let session = Self {
            context,
            catalog,
            options,
            client: settings.client.clone(),
            insert,
            format: settings.format,
            quiet: service.quiet,
            interrupt,
            stop,
            account,
            has_journals: AtomicBool::new(false),
        };
        for (name, path) in tables {
            let table = files::table(&session.context, &path).await?;
            // Names of statements without double quotes are in lower case.
            session.catalog.local().register_table(name, table)?;
        }
        Ok(session)
    }

    /// Returns what ends the statements of this session.
    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Runs statements, one after the other. The first failure ends them.
    pub(crate) async fn run(&self, text: &str) -> Result {
        let statements = statement::parse(text)?;
        let inserts = statements.iter().filter(|statement| statement::insert(statement).is_some()).count();
        if self.insert.journal.is_some() && inserts > 1 {
            return Err(one_statement());
        }
        for statement in statements {
            self.run_one(statement).await?;
        }
        Ok(())
    }

    async fn run_one(&self, statement: Statement) -> Result {
        let mut paths = Vec::new();
        let result = tokio::select! {
            biased;
            code = self.interrupt.received(1) => Err(Failure::interrupted(code)),
            prepared = self.prepare(&statement, &mut paths) => match prepared {
                Ok(()) => self.plan_and_execute(statement).await,
                Err(failure) => Err(failure),
            }
        };
        for path in paths {
            self.catalog.local().deregister_table(&path)?;
        }
        result
    }

    /// Loads what a statement names, as far as the engine cannot wait for it while it plans.
    async fn prepare(&self, statement: &Statement, paths: &mut Vec<String>) -> Result {
        if statement::lists_tables(statement) {
            self.catalog.list().await?;
        }
        if let Some(namespaces) = statement::namespaces_of_functions(statement) {
            let client = self.client.as_ref().ok_or_else(settings::no_token)?;
            let mut schemas = Vec::new();
            for name in namespaces {
                let namespace = client.namespace(&name)?;
                let schema = NamespaceSchema::load(namespace, self.options.general.clone()).await?;
                let own = self.options.datasets_of(&name).into_iter();
                schemas.push(own.fold(schema, |schema, dataset| {
                    schema.with_dataset(dataset, self.options.of(&format!("{name}/{dataset}")))
                }));
            }
            let tables = LoadedTables::load(&schemas.into_iter().collect::<AccountCatalog>()).await?;
            self.context.register_udtf("search_around", Arc::new(SearchAround::new(tables.clone())));
            self.context.register_udtf("natural_language", Arc::new(NaturalLanguage::new(tables)));
        }
        for reference in self.context.state().resolve_table_references(statement)? {
            match &reference {
                TableReference::Bare { table } => {
                    if files::is_path(table) && !self.catalog.local().table_exist(table) {
                        let found = files::table(&self.context, table).await?;
                        self.catalog.local().register_table(table.to_string(), found)?;
                        paths.push(table.to_string());
                    }
                }
                TableReference::Partial { schema, .. } | TableReference::Full { schema, .. } => {
                    if self.client.is_none()
                        && **schema != *self.catalog.default_schema()
                        && &**schema != "information_schema"
                    {
                        return Err(settings::no_token());
                    }
                }
            }
        }
        Ok(())
    }

    async fn plan_and_execute(&self, statement: Statement) -> Result {
        let planned = async {
            let insert = match statement::insert(&statement) {
                Some(insert) => self.insert_plan(&insert).await?,
                None => None,
            };
            match insert {
                Some(plan) => Ok((plan, true)),
                None => {
                    let plan = self.context.state().statement_to_plan(statement).await?;
                    insert_plan::check_other(&plan)?;
                    Ok((plan, false))
                }
            }
        };
        let planned: Result<(LogicalPlan, bool)> = tokio::select! {
            biased;
            code = self.interrupt.received(1) => return Err(Failure::interrupted(code)),
            planned = planned => planned,
        };
        match planned? {
            (plan, true) => self.execute_insert(plan).await,
            (plan, false) => tokio::select! {
                biased;
                code = self.interrupt.received(1) => Err(Failure::interrupted(code)),
                result = self.execute(plan) => result,
            },
        }
    }

    /// Writes the rows of a statement as they arrive.
    async fn execute(&self, plan: LogicalPlan) -> Result {
        let is_definition = matches!(plan, LogicalPlan::Ddl(_) | LogicalPlan::Statement(_));
        let frame = self.context.execute_logical_plan(plan).await?;
        let mut batches = frame.execute_stream().await?;
        if is_definition && batches.schema().fields().is_empty() {
            return Ok(());
        }
        let mut rows = output::Rows::new(self.format, batches.schema())?;
        while let Some(batch) = batches.next().await {
            rows.write(&batch?)?;
        }
        if rows.finish()? == 0 && self.format == Format::Table && !self.quiet {
            terminal::diagnostic("nothing found");
        }
        Ok(())
    }

    /// Runs an INSERT into a dataset, and writes its account.
    async fn execute_insert(&self, plan: LogicalPlan) -> Result {
        if self.insert.journal.is_some() && self.has_journals.swap(true, Ordering::Relaxed) {
            return Err(one_statement());
        }
        self.stop.reset();
        drop(self.account.lock().unwrap_or_else(PoisonError::into_inner).take());
        let run = async {
            let frame = self.context.execute_logical_plan(plan).await?;
            let mut counts = frame.execute_stream().await?;
            while let Some(batch) = counts.next().await {
                drop(batch?);
            }
            Ok::<_, Failure>(())
        };
        futures::pin_mut!(run);
        let mut interrupted = None;
        let result = loop {
            let signals = if interrupted.is_none() { 1 } else { 2 };
            tokio::select! {
                result = &mut run => break result,
                code = self.interrupt.received(signals) => {
                    if interrupted.replace(code).is_some() {
                        return Err(self.abandoned(code));
                    }
                    self.stop.stop();
                    if !self.quiet {
                        terminal::diagnostic("stopping; a second Ctrl-C stops at once");
                    }
                }
            }
        };
        let account = self.account.lock().unwrap_or_else(PoisonError::into_inner).take();
        let result = match &account {
            Some(account) => {
                let dead_letter = self.insert.dead_letter.as_ref().map(|path| path.display().to_string());
                report::write(account, dead_letter.as_deref(), self.format, self.quiet)?;
                result.and_then(|()| report::check(account))
            }
            None => result,
        };
        match (result, interrupted) {
            (Err(mut failure), Some(code)) => {
                failure.code = code;
                Err(failure)
            }
            (result, _) => result,
        }
    }

    /// Returns the failure of an INSERT that a second signal ends.
    fn abandoned(&self, code: u8) -> Failure {
        let what =
            "interrupted twice: requests in flight were aborted, and the service may have stored their rows";
        let failure = Failure::new(code, what);
        match &self.insert.journal {
            Some(directory) => failure.next(format!(
                "the journals in {} know all requests; run the same statement with --resume to continue",
                directory.display()
            )),
            None => failure.next(
                "look into the dataset before you run the statement again; --journal DIR makes it continue",
            ),
        }
    }
}

fn one_statement() -> Failure {
    Failure::usage("a directory of journals belongs to one INSERT, and there are several")
        .next("run each INSERT with a --journal directory of its own")
}
