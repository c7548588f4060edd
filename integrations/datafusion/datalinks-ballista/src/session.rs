//! Sessions of clients.

use std::sync::Arc;

use ballista_core::extension::{SessionConfigExt as _, SessionStateExt as _};
use datafusion::{
    error::Result,
    execution::{SessionState, SessionStateBuilder},
    prelude::{SessionConfig, SessionContext},
};

use crate::{MAX_MESSAGE, codec::LogicalCodec, hosts::Hosts};

/// Returns a session whose statements are run by the cluster of a scheduler.
///
/// `scheduler` is the URL of the scheduler, as [`Scheduler::url`](crate::Scheduler::url) returns it. Register tables of datasets
/// and of files, as for a session of one process. The machines of the cluster have to be able to read the files under the same
/// paths.
///
/// [`SessionConfig::with_target_partitions`] sets the number of partitions of an `INSERT INTO`. A partition that is run again
/// skips the rows that its journal has, so more partitions than executors cost little.
///
/// Statistics of files are not collected (`datafusion.execution.collect_statistics`), because with them DataFusion 55 changes NaN
/// to another value.
///
/// # Errors
///
/// Returns an error if the session cannot be created. The scheduler is not called before the first statement.
pub fn session(scheduler: &str, config: SessionConfig) -> Result<SessionContext> {
    // A plan that changes while it is run would have other partitions than its journals.
    let mut config = config;
    // With statistics, the reader of Parquet replaces NaN by the only other value of a column.
    config.options_mut().execution.collect_statistics = false;
    let config = config
        .upgrade_for_ballista()
        .with_ballista_adaptive_query_planner(false)
        .with_ballista_grpc_client_max_message_size(MAX_MESSAGE as usize)
        .with_ballista_logical_extension_codec(Arc::new(LogicalCodec::new(Hosts::default())));
    let state: SessionState = SessionStateBuilder::new().with_default_features().with_config(config).build();
    Ok(SessionContext::new_with_state(state.upgrade_for_ballista(scheduler.to_owned())?))
}
