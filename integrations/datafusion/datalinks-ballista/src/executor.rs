//! An executor of a cluster.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use arrow_flight::flight_service_server::FlightServiceServer;
use ballista_core::{
    BALLISTA_PROTOCOL_VERSION, RuntimeProducer,
    ids::new_instance_id,
    registry::BallistaFunctionRegistry,
    serde::{
        BallistaCodec,
        protobuf::{ExecutorRegistration, ExecutorStoppedParams, scheduler_grpc_client::SchedulerGrpcClient},
        scheduler::{ExecutorOperatingSystemSpecification, ExecutorSpecification},
    },
    utils::{
        GrpcClientConfig, GrpcServerConfig, create_grpc_client_endpoint, create_grpc_server,
        default_config_producer,
    },
};
use ballista_executor::{
    execution_loop::poll_loop, executor::Executor as Tasks, flight_service::BallistaFlightService,
    health::ExecutorHealth, metrics::LoggingMetricsCollector,
};
use datafusion::{
    error::{DataFusionError, Result},
    execution::{memory_pool::FairSpillPool, runtime_env::RuntimeEnvBuilder},
};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use tokio::net::TcpListener;
use tonic::transport::{Channel, server::TcpIncoming};

use crate::{
    MAX_MESSAGE,
    codec::{LogicalCodec, PhysicalCodec},
    error::ballista,
    hosts::Hosts,
};

/// An executor of a cluster, which runs the tasks of statements with API keys of its own.
///
/// Anyone who reaches its port can read the rows that it has computed. Listen on an address that only the machines of the
/// cluster and its clients reach.
#[derive(Debug)]
#[must_use = "an executor does nothing until it serves"]
pub struct Executor {
    listener: TcpListener,
    address: SocketAddr,
    scheduler: String,
    hosts: Hosts,
    directory: PathBuf,
    slots: usize,
    memory: usize,
    lock_wait: Duration,
}

impl Executor {
    /// Creates an executor of the cluster of a scheduler, for datasets of these hosts.
    ///
    /// The listener is for rows that other processes fetch, and its address is the one that they use. `directory` has the rows
    /// between two parts of a statement. It has to exist, and no other executor may use it.
    ///
    /// # Errors
    ///
    /// Returns [`IoError`](DataFusionError::IoError) if the listener has no address.
    pub fn new(
        listener: TcpListener,
        scheduler: impl Into<String>,
        hosts: Hosts,
        directory: impl Into<PathBuf>,
    ) -> Result<Self> {
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            scheduler: scheduler.into(),
            hosts,
            directory: directory.into(),
            slots: 2,
            memory: 128 * 1024 * 1024,
            lock_wait: Duration::from_secs(60),
        })
    }

    /// Sets the number of partitions that are run at the same time. By default, 2.
    pub fn slots(mut self, partitions: usize) -> Self {
        self.slots = partitions.max(1);
        self
    }

    /// Sets the memory in bytes that sorts, joins and aggregations of all slots use before they write to the directory. By
    /// default, 128 MiB. Rows that are sent to a dataset are not included: each slot has a few batches of them.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets the maximum time to wait for another run of the same partition of an `INSERT INTO`, which has its journal locked. By
    /// default, 60 seconds. It is needed if an executor is taken for dead and is not.
    pub fn lock_wait(mut self, time: Duration) -> Self {
        self.lock_wait = time;
        self
    }

    /// Runs tasks until the listener fails, or until `stop` is ready.
    ///
    /// A scheduler that cannot be reached later does not end the executor, which logs a warning and asks again.
    ///
    /// When `stop` is ready, the executor drops its tasks and tells the scheduler, which gives the tasks to other executors. The
    /// journals record the rows that the dropped tasks stored.
    ///
    /// # Errors
    ///
    /// Returns an error if the scheduler cannot be reached at the start, or if the listener fails.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, as far as the tasks are: they end without an answer, and the scheduler takes the executor for dead after
    /// its [timeout](crate::Scheduler::executor_timeout).
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<()> {
        let directory = self.directory.to_str().map(str::to_owned).ok_or_else(|| {
            DataFusionError::Configuration(format!(
                "the directory {} is not valid Unicode; name another one",
                self.directory.display()
            ))
        })?;
        let registration = ExecutorRegistration {
            id: new_instance_id(),
            host: Some(self.address.ip().to_string()),
            port: self.address.port().into(),
            // Only a scheduler that pushes tasks calls this port, and there is none.
            grpc_port: 0,
            specification: Some(
                ExecutorSpecification::default()
                    .with_vcores(u32::try_from(self.slots).unwrap_or(u32::MAX))
                    .into(),
            ),
            os_info: Some(ExecutorOperatingSystemSpecification::default().into()),
            ballista_protocol_version: BALLISTA_PROTOCOL_VERSION,
        };
        let id = registration.id.clone();
        let runtime = RuntimeEnvBuilder::new()
            .with_temp_file_path(&directory)
            .with_memory_pool(Arc::new(FairSpillPool::new(self.memory)))
            .build_arc()?;
        let runtime: RuntimeProducer = Arc::new(move |_| Ok(Arc::clone(&runtime)));
        let tasks = Tasks::with_default_execution_engine(
            registration,
            &directory,
            runtime,
            Arc::new(default_config_producer),
            Arc::new(BallistaFunctionRegistry::default()),
            Arc::new(LoggingMetricsCollector::default()),
            self.slots,
        );
        let codec = BallistaCodec::<LogicalPlanNode, PhysicalPlanNode>::new(
            Arc::new(LogicalCodec::new(self.hosts.clone())),
            Arc::new(PhysicalCodec::new(self.hosts, self.lock_wait)),
        );
        let rows = FlightServiceServer::new(BallistaFlightService::new(directory))
            .max_decoding_message_size(MAX_MESSAGE as usize)
            .max_encoding_message_size(MAX_MESSAGE as usize);
        let served = create_grpc_server(&GrpcServerConfig::default())
            .add_service(rows)
            .serve_with_incoming(TcpIncoming::from(self.listener).with_nodelay(Some(true)));
        let mut scheduler = connect(&self.scheduler).await?;
        let polled = poll_loop(scheduler.clone(), Arc::new(tasks), codec, None, None, ExecutorHealth::new());
        tokio::select! {
            ended = polled => return ended.map_err(ballista),
            ended = served => return ended.map_err(|error| DataFusionError::External(Box::new(error))),
            () = stop => {}
        }
        let params = ExecutorStoppedParams { executor_id: id, reason: "it was stopped".to_owned() };
        // A scheduler that does not hear it finds out by its timeout.
        let _ = scheduler.executor_stopped(params).await;
        Ok(())
    }
}

async fn connect(url: &str) -> Result<SchedulerGrpcClient<Channel>> {
    let failed = |error: &dyn std::error::Error| {
        let mut what = format!("the scheduler {url} cannot be reached: {error}");
        // The text of the error itself is "transport error", and its sources have the reason.
        let mut source = error.source();
        while let Some(error) = source {
            what += &format!(": {error}");
            source = error.source();
        }
        DataFusionError::Execution(what + "; check its URL, and that it is running")
    };
    let config = GrpcClientConfig::default();
    let endpoint =
        create_grpc_client_endpoint(url.to_owned(), Some(&config)).map_err(|error| failed(&error))?;
    let channel = endpoint.connect().await.map_err(|error| failed(&error))?;
    Ok(SchedulerGrpcClient::new(channel)
        .max_encoding_message_size(MAX_MESSAGE as usize)
        .max_decoding_message_size(MAX_MESSAGE as usize))
}
