//! The end of an `INSERT INTO`, which merges the accounts of its partitions.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use datafusion::{
    arrow::{
        array::{ArrayRef, RecordBatch, UInt64Array},
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    common::tree_node::TreeNodeRecursion,
    error::{DataFusionError, Result},
    execution::TaskContext,
    physical_expr::{EquivalenceProperties, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
        execution_plan::{Boundedness, EmissionType},
        stream::RecordBatchStreamAdapter,
    },
};
use datalinks_datafusion::distributed::Problems;
use futures::{TryStreamExt as _, stream};

use super::report::Report;

/// Returns the number of stored rows, or an error if not every row is stored.
#[derive(Clone, Debug)]
pub(crate) struct InsertTotal {
    input: Arc<dyn ExecutionPlan>,
    dataset: String,
    partitions: usize,
    properties: Arc<PlanProperties>,
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("count", DataType::UInt64, false)]))
}

impl InsertTotal {
    /// Creates the node. `input` has one partition, with the accounts of so many partitions.
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>, dataset: String, partitions: usize) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self { input, dataset, partitions, properties: Arc::new(properties) }
    }

    pub(crate) fn dataset(&self) -> &str {
        &self.dataset
    }

    pub(crate) fn partitions(&self) -> usize {
        self.partitions
    }
}

/// Returns the number of stored rows.
fn total(dataset: &str, partitions: usize, reports: Vec<Report>) -> Result<u64> {
    let received = reports.len();
    let reports: BTreeMap<u64, Report> =
        reports.into_iter().map(|report| (report.partition, report)).collect();
    let sum = |count: fn(&Report) -> u64| {
        let sum = reports.values().map(count).try_fold(0, u64::checked_add);
        sum.ok_or_else(|| {
            let what = "the accounts of the partitions have more rows than possible; read the account from the journals";
            DataFusionError::Execution(format!("INSERT INTO {dataset}: {what}"))
        })
    };
    let stored = sum(|report| report.stored)?;
    let mut text =
        format!("INSERT INTO {dataset}: {stored} rows stored, {} failed", sum(|report| report.failed)?);
    match sum(|report| report.ambiguous)? {
        0 => {}
        rows => text += &format!(" ({rows} of them may be stored)"),
    }
    for (count, what) in [
        (sum(|report| report.possibly_duplicated)?, "possibly stored twice"),
        (sum(|report| report.bad_records)?, "bad records"),
        (sum(|report| report.not_indexed)?, "sent and not indexed"),
    ] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    if received != partitions || reports.len() != partitions {
        let _ = write!(
            text,
            "; {received} accounts of {} partitions arrived, and there are {partitions} partitions; read the account from the \
             journals, and run the statement again",
            reports.len()
        );
        return Err(DataFusionError::Execution(text));
    }
    let problems = reports.values().filter_map(|report| Some((report.partition, report.problem.as_ref()?)));
    let problems = Problems::new(partitions, problems);
    if problems.is_empty() {
        return Ok(stored);
    }
    let _ = write!(text, "{problems}");
    Err(DataFusionError::Execution(text))
}

impl DisplayAs for InsertTotal {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InsertTotal: dataset={}, partitions={}", self.dataset, self.partitions)
    }
}

impl ExecutionPlan for InsertTotal {
    fn name(&self) -> &'static str {
        "InsertTotal"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
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
        let [input] = <[_; 1]>::try_from(children).map_err(|children| {
            DataFusionError::Internal(format!("the total has one input, not {}", children.len()))
        })?;
        Ok(Arc::new(Self::new(input, self.dataset.clone(), self.partitions)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 {
            return Err(DataFusionError::Internal(format!("a total has one partition, not {partition}")));
        }
        let batches = self.input.execute(0, context)?;
        let (dataset, partitions) = (self.dataset.clone(), self.partitions);
        let batch = async move {
            // Not of that capacity: the number is one of a plan that another process has sent.
            let mut reports = Vec::new();
            let mut batches = batches;
            while let Some(batch) = batches.try_next().await? {
                reports.extend(Report::read(&batch)?);
            }
            let count: ArrayRef = Arc::new(UInt64Array::from(vec![total(&dataset, partitions, reports)?]));
            Ok(RecordBatch::try_new(schema(), vec![count])?)
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema(), stream::once(batch))))
    }
}

#[cfg(test)]
mod tests {
    use datafusion::physical_plan::empty::EmptyExec;

    use super::*;
    use crate::plan::report;

    fn report(partition: u64, problem: Option<&str>) -> Report {
        let failed = u64::from(problem.is_some());
        Report {
            partition,
            stored: 10,
            skipped: 0,
            failed,
            ambiguous: failed,
            possibly_duplicated: 2 * failed,
            bad_records: 3 * failed,
            not_indexed: 4 * failed,
            problem: problem.map(str::to_owned),
        }
    }

    #[test]
    fn stored_rows_are_counted_if_all_partitions_report_once() {
        let total = |reports| total("cinema/films", 2, reports);
        assert_eq!(total(vec![report(1, None), report(0, None)]).unwrap(), 20);
        for reports in [
            vec![report(0, None)],
            vec![report(0, None), report(0, None)],
            vec![report(0, None), report(1, None), report(1, None)],
        ] {
            let error = total(reports).unwrap_err().to_string();
            assert!(error.contains("there are 2 partitions; read the account"), "{error}");
        }
    }

    /// Regression: accounts of another process whose sum has no 64-bit number were a panic or a wrong sum.
    #[test]
    fn accounts_with_impossible_counts_are_rejected() {
        let most = |number| Report { stored: u64::MAX, ..report(number, None) };
        let error = total("cinema/films", 2, vec![most(0), report(1, None)]).unwrap_err().to_string();
        assert!(error.contains("more rows than possible"), "{error}");
        assert_eq!(total("cinema/films", 1, vec![most(0)]).unwrap(), u64::MAX);
    }

    /// Regression: the memory for the number of partitions of a plan was taken before any account arrived.
    #[tokio::test]
    async fn a_plan_with_many_partitions_takes_no_memory() {
        let input = Arc::new(EmptyExec::new(report::schema()));
        let total = InsertTotal::new(input, "cinema/films".to_owned(), usize::MAX / 256);
        let mut batches = total.execute(0, Arc::default()).unwrap();
        let error = batches.try_next().await.unwrap_err().to_string();
        assert!(error.contains("0 accounts of 0 partitions arrived"), "{error}");
    }

    #[test]
    fn an_error_has_the_account_of_rows_that_are_not_stored() {
        let error = total("cinema/films", 2, vec![report(0, None), report(1, Some("gone"))]).unwrap_err();
        let text = "INSERT INTO cinema/films: 20 rows stored, 1 failed (1 of them may be stored), 2 possibly stored twice, 3 bad records, \
                    4 sent and not indexed; partition 1 of 2: gone";
        assert!(error.to_string().ends_with(text), "{error}");
        let many = (0..12).map(|number| report(number, Some("gone"))).collect();
        let error = total("cinema/films", 12, many).unwrap_err().to_string();
        assert!(error.ends_with("48 sent and not indexed; all 12 partitions: gone"), "{error}");
    }
}
