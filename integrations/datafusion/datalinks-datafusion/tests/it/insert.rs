//! `INSERT INTO` in partitions with journals, and the rows that it has in memory.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::support::{Film, Service, rows, session};
use datafusion::{
    arrow::{
        array::{ArrayRef, Int64Array, RecordBatch},
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    catalog::{TableProvider as _, streaming::StreamingTable},
    common::tree_node::TreeNodeRecursion,
    datasource::MemTable,
    error::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::dml::InsertOp,
    physical_expr::{EquivalenceProperties, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, collect,
        execution_plan::{Boundedness, EmissionType},
        stream::RecordBatchStreamAdapter,
        streaming::PartitionStream,
    },
    prelude::{SessionContext, col},
};
use datalinks::{Dataset, ingest::partitions::JournalDirectory};
use datalinks_datafusion::{ColumnType, DatasetTable, InsertAccount, InsertError, TableOptions};
use datalinks_emulator::Fault;
use futures::{StreamExt as _, stream};

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]))
}

fn batch(numbers: impl IntoIterator<Item = i64>) -> RecordBatch {
    let array: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers));
    RecordBatch::try_new(schema(), vec![array]).unwrap()
}

/// Returns a session in which the dataset is the table `copy`.
async fn session_with(copy: &Dataset, options: TableOptions) -> SessionContext {
    let context = session();
    context
        .register_table("copy", Arc::new(DatasetTable::load(copy.clone(), options).await.unwrap()))
        .unwrap();
    context
}

/// Numbers in partitions of 20.
fn numbers(partitions: i64) -> MemTable {
    let partition = |first: i64| vec![batch(first..first + 7), batch(first + 7..first + 20)];
    MemTable::try_new(schema(), (0..partitions).map(|number| partition(number * 20)).collect()).unwrap()
}

fn failure(error: &DataFusionError) -> &InsertError {
    let DataFusionError::External(source) = error.find_root() else { panic!("{error}") };
    source.downcast_ref().unwrap_or_else(|| panic!("{source}"))
}

#[tokio::test]
async fn a_failed_insert_goes_on_from_its_journals() {
    let (service, copy) = Service::with_copy().await;
    let directory = tempfile::tempdir().unwrap();
    let accounts: Arc<Mutex<Vec<InsertAccount>>> = Arc::default();
    let observed = Arc::clone(&accounts);
    let options = TableOptions::default()
        .column("n", ColumnType::Integer)
        .ingest(|ingest| ingest.batch_size(4))
        .journals(JournalDirectory::new(directory.path().join("journals")).with_dead_letters())
        .on_insert(move |account| observed.lock().unwrap().push(account.clone()));
    let context = session_with(&copy, options).await;
    context.register_table("numbers", Arc::new(numbers(3))).unwrap();
    let insert = "INSERT INTO copy SELECT n FROM numbers WHERE n >= 0";
    let stored = || async { copy.info().await.unwrap().metadata.row_count };

    // This status stops one of the partitions, and the others go on.
    service.emulator.faults().inject(Fault::new("ingestData").status(403)).unwrap();
    let error = context.sql(insert).await.unwrap().collect().await.unwrap_err();
    let account = &failure(&error).account;
    assert_eq!((account.dataset.as_str(), account.parts.len()), ("cinema/copy", 3));
    let failed: Vec<_> =
        account.parts.iter().filter(|part| part.result.as_ref().unwrap().check().is_err()).collect();
    assert_eq!(failed.len(), 1, "{account}");
    let journal = failed[0].journal.as_ref().unwrap();
    assert!(journal.exists() && error.to_string().contains(&journal.display().to_string()), "{error}");
    assert!(error.to_string().contains("run the statement again"), "{error}");
    let letters = std::fs::read_to_string(failed[0].dead_letters.as_ref().unwrap()).unwrap();
    assert!(letters.lines().count() >= 4, "{letters}");
    assert_eq!(stored().await, account.counts.stored as i64);
    assert!(account.counts.stored >= 40 && account.counts.stored < 60, "{account}");

    for _ in 0..2 {
        assert_eq!(rows(&context, insert).await, ["60"]);
        assert_eq!(stored().await, 60);
    }
    let found = rows(&context, "SELECT count(DISTINCT n), min(n), max(n) FROM copy").await;
    assert_eq!(found, ["60 | 0 | 59"]);
    let skipped: Vec<usize> = accounts.lock().unwrap().iter().map(|account| account.counts.skipped).collect();
    assert_eq!(skipped, [0, account.counts.stored, 60]);

    // Another statement could store rows again that a journal has.
    let error = context.sql("INSERT INTO copy SELECT n FROM numbers WHERE n >= 1").await.unwrap();
    let error = error.collect().await.unwrap_err();
    assert!(error.to_string().contains("journals of another plan"), "{error}");
    assert_eq!(stored().await, 60);
}

/// Regression: columns that the dataset got in the meantime were a part of the plan, so the journals rejected the statement.
#[tokio::test]
async fn a_statement_goes_on_when_the_dataset_has_other_columns() {
    let (service, copy) = Service::with_copy().await;
    let directory = tempfile::tempdir().unwrap();
    let load = async || {
        let options = TableOptions::default()
            .column("n", ColumnType::Integer)
            .column("b", ColumnType::Text)
            .journals(JournalDirectory::new(directory.path().join("journals")));
        let context = session_with(&copy, options).await;
        context.register_table("numbers", Arc::new(numbers(3))).unwrap();
        context
    };
    let insert = "INSERT INTO copy (n, b) SELECT n, 'b' FROM numbers";
    service.emulator.faults().inject(Fault::new("ingestData").status(403)).unwrap();
    load().await.sql(insert).await.unwrap().collect().await.unwrap_err();
    let row = [("a", 1), ("n", -1), ("z", 1)].map(|(name, value)| (name.to_owned(), value));
    let _ = copy.ingest([std::collections::BTreeMap::from(row)]).await.unwrap();
    assert_eq!(rows(&load().await, insert).await, ["60"]);
    assert_eq!(copy.info().await.unwrap().metadata.row_count, 61);
}

/// Regression: the plan of the journals did not name the dataset, so partitions that had not begun were stored in another one.
#[tokio::test]
async fn journals_belong_to_one_dataset() {
    let service = Service::start(&[Film { id: 1, ..Film::default() }]).await;
    let directory = tempfile::tempdir().unwrap();
    let journals = JournalDirectory::new(directory.path().join("journals"));
    let context = session();
    for name in ["one", "other"] {
        let dataset = service.client.dataset("cinema", name).unwrap();
        dataset.create().await.unwrap();
        let options = TableOptions::default().column("n", ColumnType::Integer).journals(journals.clone());
        let table = DatasetTable::load(dataset, options).await.unwrap();
        context.register_table(name, Arc::new(table)).unwrap();
    }
    context.register_table("numbers", Arc::new(numbers(3))).unwrap();
    assert_eq!(rows(&context, "INSERT INTO one SELECT n FROM numbers").await, ["60"]);
    // As if the first statement had been stopped before two of its partitions began.
    let mut found: Vec<_> =
        std::fs::read_dir(journals.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|end| end == "journal"));
    found.sort();
    found.iter().skip(1).for_each(|journal| std::fs::remove_file(journal).unwrap());
    let statement = context.sql("INSERT INTO other SELECT n FROM numbers").await.unwrap();
    let error = statement.collect().await.unwrap_err().to_string();
    let other = service.client.dataset("cinema", "other").unwrap();
    assert_eq!(other.info().await.unwrap().metadata.row_count, 0, "{error}");
    assert!(error.contains("journals of another plan"), "{error}");
}

#[tokio::test]
async fn rows_that_may_change_their_partition_are_one_partition() {
    let (_service, copy) = Service::with_copy().await;
    let directory = tempfile::tempdir().unwrap();
    let accounts: Arc<Mutex<Vec<InsertAccount>>> = Arc::default();
    let observed = Arc::clone(&accounts);
    let options = TableOptions::default()
        .column("n", ColumnType::Integer)
        .journals(JournalDirectory::new(directory.path().join("journals")))
        .on_insert(move |account| observed.lock().unwrap().push(account.clone()));
    let context = session_with(&copy, options).await;
    context.register_table("numbers", Arc::new(numbers(3))).unwrap();
    let insert = "INSERT INTO copy SELECT n % 7 FROM numbers GROUP BY n % 7";
    assert_eq!(rows(&context, insert).await, ["7"]);
    assert_eq!(accounts.lock().unwrap()[0].parts.len(), 1);
    assert_eq!(copy.info().await.unwrap().metadata.row_count, 7);
}

/// Regression: the second run read the rows that the first had stored, and stored rows of them. A union did so in one run.
#[tokio::test]
async fn a_statement_does_not_read_the_rows_that_it_stores() {
    let films: Vec<Film> = (1..=10).map(|id| Film { id, ..Film::default() }).collect();
    let service = Service::start(&films).await;
    let directory = tempfile::tempdir().unwrap();
    let once = "INSERT INTO films (id) SELECT id + 100 FROM films";
    let twice = "INSERT INTO films (id) SELECT id + 1000 FROM films UNION ALL SELECT id + 2000 FROM films";
    // The first rows are sent before the query is answered.
    let late = "INSERT INTO films (id) SELECT 1000 UNION ALL SELECT id + 2000 FROM films";
    let repeated = "INSERT INTO films (id) WITH RECURSIVE t AS (SELECT 1000 AS n UNION ALL \
                    SELECT t.n + films.id FROM t JOIN films ON films.id + 1000 = t.n + 1) SELECT n FROM t";
    let journals = JournalDirectory::new(directory.path().join("journals"));
    for (options, insert) in [
        (TableOptions::default().journals(journals), once),
        (TableOptions::default().page_by("id", 2), once),
        (TableOptions::default(), twice),
        (TableOptions::default(), late),
        (TableOptions::default(), repeated),
    ] {
        let context = service.session(options).await;
        let found = context.sql(insert).await.unwrap().collect().await;
        let error = found.map(|_| insert).unwrap_err().to_string();
        assert!(error.contains("reads cinema/films") && error.contains("nothing was sent"), "{error}");
    }
    assert_eq!(service.films.info().await.unwrap().metadata.row_count, 10);
    // One query ends before its rows are sent.
    let context = service.session(TableOptions::default()).await;
    assert_eq!(rows(&context, once).await, ["10"]);
    // A recursion that does not read the dataset reads nothing again.
    let apart = "INSERT INTO films (id) WITH RECURSIVE t AS (SELECT max(id) AS n FROM films UNION ALL \
                 SELECT n + 1 FROM t WHERE n < 113) SELECT n FROM t";
    assert_eq!(rows(&context, apart).await, ["4"]);
}

/// Regression: the optimizer left out the sort, so the rows came in another order, and the journal rejected them.
#[tokio::test]
async fn an_order_of_all_rows_is_kept() {
    let (_service, copy) = Service::with_copy().await;
    let directory = tempfile::tempdir().unwrap();
    let options = TableOptions::default()
        .column("n", ColumnType::Integer)
        .journals(JournalDirectory::new(directory.path().join("journals")));
    let context = session_with(&copy, options).await;
    context.register_table("numbers", Arc::new(numbers(3))).unwrap();
    for _ in 0..5 {
        let insert = "INSERT INTO copy SELECT n % 17 AS m FROM numbers GROUP BY n % 17 ORDER BY m";
        assert_eq!(rows(&context, insert).await, ["17"]);
    }
    let plan =
        context.sql("EXPLAIN INSERT INTO copy SELECT n % 17 AS m FROM numbers GROUP BY n % 17 ORDER BY m");
    let plan = plan.await.unwrap().collect().await.unwrap();
    let plan = datafusion::arrow::util::pretty::pretty_format_batches(&plan).unwrap().to_string();
    assert!(plan.contains("SortPreservingMergeExec") || plan.contains("SortExec"), "{plan}");
    assert_eq!(copy.info().await.unwrap().metadata.row_count, 17);
}

/// The order of the input has no column that is not inserted, so only the engine itself keeps such a sort.
#[tokio::test]
async fn an_order_by_columns_that_are_not_inserted_is_kept() {
    let (_service, copy) = Service::with_copy().await;
    // Parts that are sorted by the first column of the order already.
    let schema = Schema::new(["n", "m"].map(|name| Field::new(name, DataType::Int64, true)).to_vec());
    let part = |number: i64| {
        let columns: [ArrayRef; 2] = [
            Arc::new(Int64Array::from_iter_values((0..20).map(|at| at / 10))),
            Arc::new(Int64Array::from_iter_values((0..20).map(|at| (at * 7 + number) % 20))),
        ];
        vec![RecordBatch::try_new(Arc::new(schema.clone()), columns.to_vec()).unwrap()]
    };
    let sorted = MemTable::try_new(Arc::new(schema.clone()), (0..3).map(part).collect()).unwrap();
    let sorted = Arc::new(sorted.with_sort_order(vec![vec![col("n").sort(true, false)]]));
    for (query, order) in [
        ("SELECT sum(n) FROM numbers GROUP BY n % 17 ORDER BY n % 17", "n % Int64(17)@1 ASC"),
        (
            "SELECT (n % 17) / 8 FROM numbers GROUP BY n % 17 ORDER BY (n % 17) / 8, n % 17 DESC",
            "n % Int64(17)@1 DESC",
        ),
        (
            "SELECT s FROM (SELECT sum(n) AS s, n % 17 AS m FROM numbers GROUP BY n % 17) ORDER BY m",
            "m@1 ASC",
        ),
        ("SELECT n FROM sorted ORDER BY n, m", "m@1 ASC"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let options = TableOptions::default()
            .column("n", ColumnType::Integer)
            .journals(JournalDirectory::new(directory.path().join("journals")));
        let context = session_with(&copy, options).await;
        context.register_table("numbers", Arc::new(numbers(3))).unwrap();
        context.register_table("sorted", Arc::clone(&sorted) as _).unwrap();
        let before = copy.info().await.unwrap().metadata.row_count;
        let insert = format!("INSERT INTO copy {query}");
        let plan = context.sql(&insert).await.unwrap().create_physical_plan().await.unwrap();
        let plan = datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string();
        let merged = plan.lines().find(|line| line.contains("SortPreservingMergeExec"));
        assert!(merged.is_some_and(|line| line.contains(order)) && plan.contains("SortExec"), "{plan}");
        let all = rows(&context, &format!("SELECT count(*) FROM ({query})")).await;
        for _ in 0..5 {
            assert_eq!(rows(&context, &insert).await, all, "{query}");
        }
        let stored = copy.info().await.unwrap().metadata.row_count - before;
        assert_eq!([stored.to_string()], all[..]);
    }
}

#[tokio::test]
async fn rows_that_the_engine_would_spread_stay_in_their_partition() {
    let (_service, copy) = Service::with_copy().await;
    let directory = tempfile::tempdir().unwrap();
    let options = TableOptions::default()
        .column("n", ColumnType::Integer)
        .ingest(|ingest| ingest.batch_size(3))
        .journals(JournalDirectory::new(directory.path().join("journals")));
    // A single batch, which the source itself cannot divide.
    let one = MemTable::try_new(schema(), vec![vec![batch(0..20)]]).unwrap();
    let context = session_with(&copy, options).await;
    context.register_table("numbers", Arc::new(one)).unwrap();
    let insert = "INSERT INTO copy SELECT n + 1 FROM numbers WHERE n % 2 = 0";
    let plan = context.sql(insert).await.unwrap().create_physical_plan().await.unwrap();
    let plan = datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string();
    assert!(plan.contains("RoundRobinBatch"), "the test shows nothing: {plan}");
    for _ in 0..5 {
        assert_eq!(rows(&context, insert).await, ["10"]);
    }
    assert_eq!(copy.info().await.unwrap().metadata.row_count, 10);
}

/// An input that cannot be opened, whose error has a secret.
#[derive(Debug)]
struct Unopened(Arc<PlanProperties>);

impl DisplayAs for Unopened {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unopened")
    }
}

impl ExecutionPlan for Unopened {
    fn name(&self) -> &'static str {
        "Unopened"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.0
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let what = "no data at https://a:canary@h/x?X-Amz-Signature=canary";
        Err(DataFusionError::Execution(what.to_owned()))
    }
}

/// Regression: the error of an input that cannot be opened was shown as it is, and that of an input which ends early was not.
#[tokio::test]
async fn secrets_of_an_input_that_cannot_be_opened_are_not_shown() {
    let service = Service::start(&[Film { id: 1, ..Film::default() }]).await;
    let directory = tempfile::tempdir().unwrap();
    let options = TableOptions::default().journals(JournalDirectory::new(directory.path().join("journals")));
    let films = DatasetTable::load(service.films.clone(), options).await.unwrap();
    let id = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true)]));
    let properties = PlanProperties::new(
        EquivalenceProperties::new(id),
        Partitioning::UnknownPartitioning(1),
        EmissionType::Incremental,
        Boundedness::Bounded,
    );
    let context = session();
    let input = Arc::new(Unopened(Arc::new(properties)));
    let insert = films.insert_into(&context.state(), input, InsertOp::Append).await.unwrap();
    let error = collect(insert, context.task_ctx()).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("before its first row") && text.contains("run the statement again"), "{text}");
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(service.films.info().await.unwrap().metadata.row_count, 1);
}

/// A partition that counts the rows it has yielded and that are not stored yet.
#[derive(Debug)]
struct Counted {
    stored: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

const BATCHES: usize = 300;
const ROWS: usize = 10;

impl PartitionStream for Counted {
    fn schema(&self) -> &SchemaRef {
        static SCHEMA: std::sync::OnceLock<SchemaRef> = std::sync::OnceLock::new();
        SCHEMA.get_or_init(schema)
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (stored, most) = (Arc::clone(&self.stored), Arc::clone(&self.most));
        let batches = stream::iter(0..BATCHES).map(move |number| {
            let yielded = (number + 1) * ROWS;
            most.fetch_max(yielded - stored.load(Ordering::Relaxed), Ordering::Relaxed);
            let first = (number * ROWS) as i64;
            Ok(batch(first..first + ROWS as i64))
        });
        Box::pin(RecordBatchStreamAdapter::new(schema(), batches))
    }
}

#[tokio::test]
async fn an_insert_reads_few_rows_ahead() {
    let (_service, copy) = Service::with_copy().await;
    let (stored, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let now = Arc::clone(&stored);
    let options = TableOptions::default().column("n", ColumnType::Integer).ingest(move |ingest| {
        let now = Arc::clone(&now);
        let count = move |progress: &datalinks::ingest::IngestProgress| {
            now.store(progress.counts.stored, Ordering::Relaxed);
        };
        ingest.batch_size(ROWS).concurrency(2).on_progress(count)
    });
    let context = session_with(&copy, options).await;
    let source =
        StreamingTable::try_new(schema(), vec![Arc::new(Counted { stored, most: Arc::clone(&most) })]);
    context.register_table("numbers", Arc::new(source.unwrap())).unwrap();
    let all = BATCHES * ROWS;
    assert_eq!(rows(&context, "INSERT INTO copy SELECT n FROM numbers").await, [all.to_string()]);
    // Two batches in flight, one that is collected, and the batch that the source yields.
    let most = most.load(Ordering::Relaxed);
    assert!(most <= 6 * ROWS, "{most} of {all} rows were in memory");
}

#[tokio::test]
async fn pages_are_requested_as_their_rows_are_taken() {
    let films: Vec<Film> = (0..60).map(|id| Film { id, ..Film::default() }).collect();
    let service = Service::start(&films).await;
    let context = service.session(TableOptions::default().page_by("id", 8)).await;
    let queries =
        || service.emulator.requests().iter().filter(|request| request.path.ends_with("/query")).count();
    let before = queries();
    let mut batches = context.sql("SELECT id FROM films").await.unwrap().execute_stream().await.unwrap();
    let first = batches.next().await.unwrap().unwrap();
    assert!(first.num_rows() > 0);
    // One page of eight rows fills a batch of seven.
    assert_eq!(queries() - before, 1);
    drop(batches);
    assert_eq!(queries() - before, 1);
}
