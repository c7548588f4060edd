//! `INSERT INTO` a dataset in partitions, each with a journal.

use std::{fmt, sync::Arc};

use datafusion::{
    arrow::{
        array::{ArrayRef, RecordBatch, UInt64Array},
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    common::tree_node::TreeNodeRecursion,
    error::{DataFusionError, Result},
    execution::TaskContext,
    physical_expr::{Distribution, EquivalenceProperties, LexOrdering, OrderingRequirements, PhysicalExpr},
    physical_plan::{
        ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _,
        InputDistributionRequirements, Partitioning, PlanProperties, ReplaceChildrenOptions,
        SendableRecordBatchStream,
        coalesce_partitions::CoalescePartitionsExec,
        displayable,
        execution_plan::{Boundedness, EmissionType},
        repartition::RepartitionExec,
        stream::RecordBatchStreamAdapter,
    },
};
use datalinks::{
    Error,
    ingest::partitions::{Partition, PartitionPlan},
};
use futures::{StreamExt as _, future, stream};

use crate::{
    error::external,
    insert::{DatasetSink, InsertPart},
    options::Journals,
};

/// Nodes that keep each row in its partition, in the order of its input. With any other node, a row could move to a partition
/// whose journal does not have it, and be stored again.
const STEADY: [&str; 8] = [
    "CoalesceBatchesExec",
    "CooperativeExec",
    "DataSourceExec",
    "DatasetScan",
    "FilterExec",
    "LocalLimitExec",
    "ProjectionExec",
    "UnionExec",
];

/// The input of an `INSERT INTO` with journals.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum InsertInput {
    /// Every partition has the same rows in the same order whenever it is run, so each can be run apart from the others.
    Apart(Arc<dyn ExecutionPlan>),
    /// Rows may move among the partitions of the statement, so they are merged into the one partition of this input.
    Merged(Arc<dyn ExecutionPlan>),
}

impl InsertInput {
    /// Returns the input.
    pub fn plan(&self) -> &Arc<dyn ExecutionPlan> {
        match self {
            Self::Apart(plan) | Self::Merged(plan) => plan,
        }
    }
}

/// Ingests each partition of its input with a journal of its own.
#[derive(Clone, Debug)]
pub(crate) struct PartitionedInsert {
    input: Arc<dyn ExecutionPlan>,
    pub(crate) sink: DatasetSink,
    pub(crate) journals: Journals,
    count: SchemaRef,
    /// The order of all rows, if the statement has one. Without it, the optimizer would leave out the sort.
    order: Option<LexOrdering>,
    properties: Arc<PlanProperties>,
}

impl PartitionedInsert {
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>, sink: DatasetSink, journals: Journals) -> Self {
        let count = Arc::new(Schema::new(vec![Field::new("count", DataType::UInt64, false)]));
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&count) as SchemaRef),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        // The order of the rows of each of several partitions is that of their files, which the scan keeps.
        let is_single = input.output_partitioning().partition_count() == 1;
        let order = input.output_ordering().filter(|_| is_single).cloned();
        Self { input, sink, journals, count, order, properties: Arc::new(properties) }
    }

    /// Returns the input as it is run. Its partitions are merged unless the same rows are in them whenever it is run.
    pub(crate) fn steady_input(&self) -> Result<InsertInput> {
        if let Some(input) = steady(&self.input)? {
            return Ok(InsertInput::Apart(input));
        }
        let input = Arc::clone(&self.input);
        Ok(InsertInput::Merged(match input.output_partitioning().partition_count() {
            1 => input,
            _ => Arc::new(CoalescePartitionsExec::new(input)),
        }))
    }
}

/// Returns the plan without nodes that spread rows among partitions, or `None` if other nodes move or reorder rows.
fn steady(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let spread = plan.downcast_ref::<RepartitionExec>();
    if let Some(spread) =
        spread.filter(|node| matches!(node.partitioning(), Partitioning::RoundRobinBatch(_)))
    {
        // The optimizer spreads the rows of a few partitions, for conditions and columns only.
        return steady(spread.input());
    }
    if !STEADY.contains(&plan.name()) {
        return Ok(None);
    }
    let Some(children) = plan.children().into_iter().map(steady).collect::<Result<Option<Vec<_>>>>()? else {
        return Ok(None);
    };
    let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
    Ok(Some(match children.is_empty() {
        true => Arc::clone(plan),
        false => Arc::clone(plan).replace_children(children, options)?,
    }))
}

/// Returns the plan of the partitions of an input. A hash of the dataset and of the text of the input is part of it, so another
/// statement, or another list of files, has another plan.
pub(crate) fn plan(input: &dyn ExecutionPlan, sink: &DatasetSink) -> Result<PartitionPlan, Error> {
    // The short form leaves out files after the fifth one.
    let input_text = displayable(input).indent(true);
    let text = format!("{} at {}\n{input_text}", sink.name(), sink.dataset.client().host());
    let hash = hash(text.as_bytes());
    let all = input.output_partitioning().partition_count();
    PartitionPlan::new(
        (0..all).map(|number| Partition::new(format!("partition {number} of {all} of the plan {hash:016x}"))),
    )
}

/// Returns the FNV-1a hash, which is the same in every release.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Returns the context with which the input is run. Files stay in their partitions, although a partition is idle.
pub(crate) fn context_of_input(context: &TaskContext) -> TaskContext {
    let mut config = context.session_config().clone();
    config.options_mut().execution.enable_file_stream_work_stealing = false;
    TaskContext::new(
        context.task_id(),
        context.session_id(),
        config,
        context.scalar_functions().clone(),
        context.higher_order_functions().clone(),
        context.aggregate_functions().clone(),
        context.window_functions().clone(),
        context.runtime_env(),
    )
}

impl DisplayAs for PartitionedInsert {
    fn fmt_as(&self, kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartitionedInsert: sink=")?;
        self.sink.fmt_as(kind, f)
    }
}

impl ExecutionPlan for PartitionedInsert {
    fn name(&self) -> &'static str {
        "PartitionedInsert"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![match self.order {
            Some(_) => Distribution::SinglePartition,
            None => Distribution::UnspecifiedDistribution,
        }])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        vec![self.order.clone().map(Into::into)]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        // Only so the engine keeps a sort by columns that are not inserted, which is in no order of the input.
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        // Rows that the engine spreads among partitions may be in another one in the next run.
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
            DataFusionError::Internal(format!("an INSERT has one input, not {}", children.len()))
        })?;
        Ok(Arc::new(Self { input, ..(*self).clone() }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 {
            return Err(DataFusionError::Internal(format!("an INSERT has one partition, not {partition}")));
        }
        let input = Arc::clone(self.steady_input()?.plan());
        let plan = plan(&*input, &self.sink).map_err(external)?;
        let context = Arc::new(context_of_input(&context));
        let (sink, journals, count) = (self.sink.clone(), self.journals.clone(), Arc::clone(&self.count));
        let batch = async move {
            let all = plan.partitions().len();
            let runs = (0..all).map(|number| run(&plan, number, &sink, &journals, &input, &context));
            // The engine decides how many partitions there are, and each has a few batches in memory.
            let mut parts: Vec<(usize, InsertPart)> =
                stream::iter(runs).buffer_unordered(all.max(1)).collect().await;
            parts.sort_by_key(|(number, _)| *number);
            let stored = sink.account(parts.into_iter().map(|(_, part)| part).collect())?;
            let array: ArrayRef = Arc::new(UInt64Array::from(vec![stored]));
            Ok(RecordBatch::try_new(count, vec![array])?)
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.count), stream::once(batch))))
    }
}

/// Runs one partition of the input with a [context for it](context_of_input). The others go on if it fails.
pub(crate) async fn run(
    plan: &PartitionPlan,
    number: usize,
    sink: &DatasetSink,
    journals: &Journals,
    input: &Arc<dyn ExecutionPlan>,
    context: &Arc<TaskContext>,
) -> (usize, InsertPart) {
    let (journal, dead_letters) = match plan.partition(number) {
        Ok((_, id)) => (Some(journals.place.journal(id)), journals.place.dead_letters(id)),
        Err(_) => (None, None),
    };
    // An error is that of the source of the rows, from which the ingestion removes secrets.
    let data = input.execute(number, Arc::clone(context)).unwrap_or_else(|error| {
        let error = stream::once(future::ready(Err(error)));
        Box::pin(RecordBatchStreamAdapter::new(input.schema(), error))
    });
    let place = Arc::clone(&journals.place);
    let result = plan.run_partition(number, place, sink.ingest(data)).await.map(|run| run.summary);
    (number, InsertPart { journal, dead_letters, result })
}
