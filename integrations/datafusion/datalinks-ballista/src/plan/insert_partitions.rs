//! The partitions of an `INSERT INTO`, each of which an executor runs.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use datafusion::{
    arrow::{
        array::{ArrayRef, RecordBatch, UInt64Array},
        datatypes::{DataType, Field, Schema},
    },
    common::tree_node::TreeNodeRecursion,
    datasource::memory::MemorySourceConfig,
    error::{DataFusionError, Result},
    execution::TaskContext,
    physical_expr::{Distribution, EquivalenceProperties, OrderingRequirements, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _,
        InputDistributionRequirements, Partitioning, PlanProperties, SendableRecordBatchStream,
        execution_plan::{Boundedness, EmissionType},
        stream::RecordBatchStreamAdapter,
    },
};
use datalinks::ErrorKind;
use datalinks_datafusion::{
    InsertPart,
    distributed::{InsertInput, InsertWork},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::report::{self, Report};

/// Time between two looks at the journal of another run.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Ingests partitions, and yields the account of each as a row.
///
/// A scheduler cuts a plan into tasks by its leaves, and each task numbers its partitions from zero. The journal of a partition
/// needs the number in the whole statement, so the numbers are the rows of the only child, with one row for each partition.
/// The input itself is not a child, and each task has it as a whole.
#[derive(Clone, Debug)]
pub(crate) struct InsertPartitions {
    work: InsertWork,
    /// The input, or `None` if it is the child, whose partitions are merged into one.
    apart: Option<Arc<dyn ExecutionPlan>>,
    child: Arc<dyn ExecutionPlan>,
    lock_wait: Duration,
    properties: Arc<PlanProperties>,
}

impl InsertPartitions {
    /// Creates the node. `lock_wait` limits the time to wait for another run of the same partition.
    pub(crate) fn new(work: InsertWork, input: InsertInput, lock_wait: Duration) -> Result<Self> {
        Ok(match input {
            InsertInput::Apart(plan) => {
                let numbers = numbers(plan.output_partitioning().partition_count())?;
                Self::with_child(work, Some(plan), numbers, lock_wait)
            }
            other => Self::with_child(work, None, Arc::clone(other.plan()), lock_wait),
        })
    }

    pub(crate) fn with_child(
        work: InsertWork,
        apart: Option<Arc<dyn ExecutionPlan>>,
        child: Arc<dyn ExecutionPlan>,
        lock_wait: Duration,
    ) -> Self {
        let partitions = child.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(report::schema()),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self { work, apart, child, lock_wait, properties: Arc::new(properties) }
    }

    pub(crate) fn work(&self) -> &InsertWork {
        &self.work
    }

    pub(crate) fn apart(&self) -> Option<&Arc<dyn ExecutionPlan>> {
        self.apart.as_ref()
    }
}

/// Returns a plan with a row for each partition, which has its number.
fn numbers(partitions: usize) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = Arc::new(Schema::new(vec![Field::new("partition", DataType::UInt64, false)]));
    let batch = |number: usize| {
        let array: ArrayRef = Arc::new(UInt64Array::from(vec![number as u64]));
        Ok(vec![RecordBatch::try_new(Arc::clone(&schema), vec![array])?])
    };
    let batches = (0..partitions).map(batch).collect::<Result<Vec<_>>>()?;
    Ok(MemorySourceConfig::try_new_exec(&batches, Arc::clone(&schema), None)?)
}

/// Returns the numbers in a batch of the plan above.
fn read(batch: &RecordBatch) -> Result<Vec<usize>> {
    let column = batch.columns().first().and_then(|column| column.as_any().downcast_ref::<UInt64Array>());
    let column =
        column.ok_or_else(|| DataFusionError::Internal("the partitions have no numbers".to_owned()))?;
    let number =
        |number: &u64| usize::try_from(*number).map_err(|error| DataFusionError::Internal(error.to_string()));
    column.values().iter().map(number).collect()
}

impl DisplayAs for InsertPartitions {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all = self.work.partitions().partitions().len();
        write!(f, "InsertPartitions: dataset={}, partitions={all}", self.work.dataset())
    }
}

impl ExecutionPlan for InsertPartitions {
    fn name(&self) -> &'static str {
        "InsertPartitions"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![match self.apart {
            Some(_) => Distribution::UnspecifiedDistribution,
            None => Distribution::SinglePartition,
        }])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        // The order that the rule for inserts found. The scheduler optimizes parts of a plan once more.
        let order = self.child.output_ordering().filter(|_| self.apart.is_none());
        vec![order.cloned().map(Into::into)]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.child]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let [child] = <[_; 1]>::try_from(children).map_err(|children| {
            DataFusionError::Internal(format!("the partitions have one child, not {}", children.len()))
        })?;
        Ok(Arc::new(Self::with_child(self.work.clone(), self.apart.clone(), child, self.lock_wait)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (work, lock_wait) = (self.work.clone(), self.lock_wait);
        let (input, numbers) = match &self.apart {
            Some(input) => {
                let numbers = self.child.execute(partition, Arc::clone(&context))?;
                let numbers = numbers
                    .and_then(|batch| std::future::ready(read(&batch)))
                    .map_ok(|numbers| stream::iter(numbers.into_iter().map(Ok)))
                    .try_flatten();
                (Arc::clone(input), numbers.boxed())
            }
            None if partition == 0 => (Arc::clone(&self.child), stream::iter([Ok(0)]).boxed()),
            None => {
                let what = format!("a merged INSERT has one partition, not {partition}");
                return Err(DataFusionError::Internal(what));
            }
        };
        let rows = numbers.and_then(move |number| {
            let (work, input, context) = (work.clone(), Arc::clone(&input), Arc::clone(&context));
            async move {
                let part = run(&work, number, &input, &context, lock_wait).await;
                Report::of(number, &part).batch()
            }
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(report::schema(), rows)))
    }
}

/// Runs a partition as soon as no other run uses its journal.
///
/// A scheduler that hears nothing of an executor gives its tasks to another one, although the first may still run them. The
/// lock of the journal keeps the two apart, so the second waits, and then skips what the first has stored.
async fn run(
    work: &InsertWork,
    number: usize,
    input: &Arc<dyn ExecutionPlan>,
    context: &TaskContext,
    lock_wait: Duration,
) -> InsertPart {
    let begin = Instant::now();
    loop {
        if begin.elapsed() < lock_wait && is_running(work, number).await {
            tokio::time::sleep(LOOK_AGAIN).await;
            continue;
        }
        let part = work.run(number, input, context).await;
        // Another run may have taken the lock in between, even if it has released it since.
        let is_in_use = part.result.as_ref().is_err_and(|error| error.kind() == ErrorKind::InUse);
        if !is_in_use || begin.elapsed() >= lock_wait {
            return part;
        }
    }
}

/// Returns `false` if the answer is unknown: the run itself returns the error.
async fn is_running(work: &InsertWork, number: usize) -> bool {
    let work = work.clone();
    // This future awaits the task.
    let look = tokio::task::spawn_blocking(move || work.partitions().is_running(number, &**work.journals()));
    matches!(look.await, Ok(Ok(true)))
}

#[cfg(test)]
mod tests {
    use std::{fs::File, path::PathBuf, sync::Mutex};

    use datafusion::prelude::SessionContext;
    use datalinks::{
        DataLinks, Error,
        ingest::partitions::{JournalDirectory, PartitionId, PartitionJournals, PartitionPlan},
    };
    use datalinks_datafusion::{ColumnType, DatasetTable, TableOptions};
    use datalinks_emulator::Emulator;

    use super::*;

    /// Journals that another run uses from the beginning of the first run to the next look at the lock.
    #[derive(Debug)]
    struct Contested {
        directory: JournalDirectory,
        lock: Mutex<Option<File>>,
        looks: Mutex<usize>,
    }

    impl PartitionJournals for Contested {
        fn bind(&self, plan: &PartitionPlan) -> Result<(), Error> {
            self.directory.bind(plan)?;
            let mut looks = self.looks.lock().unwrap();
            if *looks == 0 {
                *looks = 1;
                let path = self.directory.journal(&plan.ids()[0]).with_extension("journal.lock");
                let file = File::create(path).unwrap();
                file.lock().unwrap();
                *self.lock.lock().unwrap() = Some(file);
            }
            Ok(())
        }

        fn check(&self, plan: &PartitionPlan) -> Result<(), Error> {
            self.directory.check(plan)
        }

        fn journal(&self, partition: &PartitionId) -> PathBuf {
            let mut looks = self.looks.lock().unwrap();
            if *looks > 0 {
                *looks += 1;
            }
            // The run itself asks first.
            if *looks > 2 {
                self.lock.lock().unwrap().take();
            }
            self.directory.journal(partition)
        }
    }

    /// Regression: the error of a lock that was released before the next look was the result of the partition.
    #[tokio::test]
    async fn a_lock_that_is_released_in_between_is_taken() {
        let emulator = Emulator::start().await.unwrap();
        let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
        let copy = client.dataset("cinema", "copy").unwrap();
        copy.create().await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let journals = Contested {
            directory: JournalDirectory::new(directory.path().join("journals")),
            lock: Mutex::default(),
            looks: Mutex::default(),
        };
        let options = TableOptions::default().column("n", ColumnType::Integer).journals(journals);
        let context = SessionContext::new();
        let table = DatasetTable::load(copy.clone(), options).await.unwrap();
        context.register_table("copy", Arc::new(table)).unwrap();
        let statement = context.sql("INSERT INTO copy VALUES (1), (2)").await.unwrap();
        let plan = statement.create_physical_plan().await.unwrap();
        let (work, input) = InsertWork::of(&*plan).unwrap().unwrap();
        let part = run(&work, 0, input.plan(), &context.task_ctx(), Duration::from_secs(60)).await;
        assert_eq!(part.result.unwrap().counts.stored, 2);
        assert_eq!(copy.info().await.unwrap().metadata.row_count, 2);
    }
}
