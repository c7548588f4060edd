//! The scheduler of a cluster.

use std::{sync::Arc, time::Duration};

use ballista_core::{
    config::TaskSchedulingPolicy,
    extension::SessionConfigExt as _,
    utils::{default_config_producer, default_session_builder},
};
use ballista_scheduler::{
    cluster::BallistaCluster,
    config::SchedulerConfig,
    scheduler_process::{create_scheduler, start_grpc_service_with_listener},
};
use datafusion::{
    error::{DataFusionError, Result},
    execution::{SessionState, SessionStateBuilder},
    prelude::SessionConfig,
};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use tokio::net::TcpListener;

use crate::{
    MAX_MESSAGE,
    codec::{LogicalCodec, PhysicalCodec},
    error::ballista,
    hosts::Hosts,
    plan::DistributeInserts,
};

/// The scheduler of a cluster, which plans statements and gives their tasks to executors.
///
/// Executors ask it for tasks, so it opens no connection to them. It keeps its state in memory: after a restart, statements
/// have to be submitted again, and go on from their journals.
///
/// Anyone who reaches its port can run statements with the API keys of the executors, and can read and write files as they can,
/// because a plan names files and the directory of its journals. Its connections are not encrypted. Listen on an address that
/// only the machines of the cluster reach.
///
/// # Examples
///
/// ```
/// use datalinks::DataLinks;
/// use datalinks_ballista::{Hosts, Scheduler};
/// use tokio::net::TcpListener;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let hosts = Hosts::new([DataLinks::builder("https://api.example.com", "").without_key().build()?]);
/// let scheduler = Scheduler::new(TcpListener::bind("127.0.0.1:0").await?, hosts)?;
/// println!("{}", scheduler.url());
/// # let stopped = std::future::ready(());
/// tokio::select! {
///     result = scheduler.serve() => result?,
///     () = stopped => {}
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a scheduler does nothing until it serves"]
pub struct Scheduler {
    listener: TcpListener,
    url: String,
    hosts: Hosts,
    executor_timeout: Duration,
}

impl Scheduler {
    /// Creates a scheduler for statements over datasets of these hosts, whose clients need no API key.
    ///
    /// # Errors
    ///
    /// Returns [`IoError`](DataFusionError::IoError) if the listener has no address.
    pub fn new(listener: TcpListener, hosts: Hosts) -> Result<Self> {
        let url = format!("http://{}", listener.local_addr()?);
        Ok(Self { listener, url, hosts, executor_timeout: Duration::from_secs(20) })
    }

    /// Sets the time after which an executor that does not ask for tasks is taken for dead, in whole seconds, at least 1. By
    /// default, 20 seconds. Its tasks are then given to other executors.
    ///
    /// A busy executor asks every 5 seconds. A shorter time takes it for dead, so that others wait for the journals of its
    /// partitions until it has ended them.
    pub fn executor_timeout(mut self, time: Duration) -> Self {
        self.executor_timeout = time.max(Duration::from_secs(1));
        self
    }

    /// Returns the URL for executors and sessions.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until the listener fails.
    ///
    /// # Errors
    ///
    /// Returns an error if the scheduler cannot be started, or if its listener fails.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. If the future is dropped, the scheduler no longer listens.
    pub async fn serve(self) -> Result<()> {
        let Self { listener, hosts, executor_timeout, .. } = self;
        let timeout = executor_timeout.as_secs();
        let config = SchedulerConfig {
            scheduling_policy: TaskSchedulingPolicy::PullStaged,
            executor_timeout_seconds: timeout,
            expire_dead_executor_interval_seconds: 1,
            grpc_server_max_decoding_message_size: MAX_MESSAGE,
            grpc_server_max_encoding_message_size: MAX_MESSAGE,
            grpc_client_max_message_size: MAX_MESSAGE,
            no_executors_grace_period_seconds: timeout.saturating_mul(3),
            override_logical_codec: Some(Arc::new(LogicalCodec::new(hosts.clone()))),
            override_physical_codec: Some(Arc::new(PhysicalCodec::new(hosts, Duration::ZERO))),
            override_session_builder: Some(Arc::new(session_state)),
            override_config_producer: Some(Arc::new(default_config_producer)),
            ..SchedulerConfig::default()
        };
        let cluster = BallistaCluster::new_from_config(&config).await.map_err(ballista)?;
        let server = create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, Arc::new(config));
        let server = server.await.map_err(ballista)?;
        start_grpc_service_with_listener(listener, server).await.map_err(ballista)
    }
}

/// Returns the state in which a statement is planned.
pub(crate) fn session_state(config: SessionConfig) -> Result<SessionState, DataFusionError> {
    let state = default_session_builder(config.with_ballista_adaptive_query_planner(false))?;
    let mut rules = state.physical_optimizers().to_vec();
    rules.push(Arc::new(DistributeInserts));
    Ok(SessionStateBuilder::new_from_existing(state).with_physical_optimizer_rules(rules).build())
}
