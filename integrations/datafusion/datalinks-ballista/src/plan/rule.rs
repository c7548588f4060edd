//! The rule that makes an `INSERT INTO` run on several executors.

use std::{sync::Arc, time::Duration};

use datafusion::{
    common::tree_node::{Transformed, TransformedResult as _, TreeNode as _},
    config::ConfigOptions,
    error::Result,
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties as _, coalesce_partitions::CoalescePartitionsExec,
    },
};
use datalinks_datafusion::distributed::InsertWork;

use super::{InsertPartitions, InsertTotal};

/// Replaces an `INSERT INTO` with journals by its partitions and their total. It has to be the last rule, because the text of
/// the input names the plan of the journals.
#[derive(Debug)]
pub(crate) struct DistributeInserts;

impl PhysicalOptimizerRule for DistributeInserts {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let Some((work, input)) = InsertWork::of(&*node)? else {
                return Ok(Transformed::no(node));
            };
            let (dataset, all) = (work.dataset(), work.partitions().partitions().len());
            // The process that runs a partition sets its own limit.
            let partitions: Arc<dyn ExecutionPlan> =
                Arc::new(InsertPartitions::new(work, input, Duration::ZERO)?);
            let merged = match partitions.output_partitioning().partition_count() {
                1 => partitions,
                _ => Arc::new(CoalescePartitionsExec::new(partitions)) as _,
            };
            Ok(Transformed::yes(Arc::new(InsertTotal::new(merged, dataset, all)) as _))
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "distribute_inserts"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
