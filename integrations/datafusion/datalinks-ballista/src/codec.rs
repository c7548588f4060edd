//! Codecs that let tables, scans and inserts travel between the processes of a cluster.

use std::{sync::Arc, time::Duration};

use ballista_core::serde::{BallistaLogicalExtensionCodec, BallistaPhysicalExtensionCodec};
use datafusion::{
    arrow::datatypes::SchemaRef,
    catalog::TableProvider,
    common::TableReference,
    datasource::file_format::FileFormatFactory,
    error::{DataFusionError, Result},
    execution::TaskContext,
    logical_expr::{AggregateUDF, Extension, HigherOrderUDF, LogicalPlan, ScalarUDF, WindowUDF},
    physical_plan::ExecutionPlan,
};
use datafusion_proto::{
    logical_plan::LogicalExtensionCodec,
    physical_plan::{AsExecutionPlan as _, PhysicalExtensionCodec, PhysicalProtoConverterExtension},
    protobuf::PhysicalPlanNode,
};
use datalinks_datafusion::{
    DatasetTable,
    distributed::{InsertParts, ScanParts, TableParts},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    hosts::Hosts,
    plan::{InsertPartitions, InsertTotal},
};

/// The beginning of the bytes of a node of this crate, with the version of the format. No message of Ballista begins so,
/// because a message begins with the number and the type of a field.
const MAGIC: &[u8] = b"\0datalinks-2\n";

/// Encodes and decodes tables of [`DatasetTable`] in logical plans. Other nodes are those of Ballista.
///
/// What travels is [`TableParts`]. Decoding takes the client from the [`Hosts`] of the process.
#[derive(Debug)]
pub struct LogicalCodec {
    hosts: Hosts,
    ballista: BallistaLogicalExtensionCodec,
}

impl LogicalCodec {
    /// Creates a codec. A process that only encodes needs no hosts.
    pub fn new(hosts: Hosts) -> Self {
        Self { hosts, ballista: BallistaLogicalExtensionCodec::default() }
    }
}

impl LogicalExtensionCodec for LogicalCodec {
    fn try_decode(&self, buf: &[u8], inputs: &[LogicalPlan], ctx: &TaskContext) -> Result<Extension> {
        self.ballista.try_decode(buf, inputs, ctx)
    }

    fn try_encode(&self, node: &Extension, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode(node, buf)
    }

    fn try_decode_table_provider(
        &self,
        buf: &[u8],
        table_ref: &TableReference,
        schema: SchemaRef,
        ctx: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        let Some((parts, _)) = decode::<TableParts>(buf)? else {
            return self.ballista.try_decode_table_provider(buf, table_ref, schema, ctx);
        };
        Ok(Arc::new(parts.table(self.hosts.client(parts.place())?)?))
    }

    fn try_encode_table_provider(
        &self,
        table_ref: &TableReference,
        node: Arc<dyn TableProvider>,
        buf: &mut Vec<u8>,
    ) -> Result<()> {
        match node.downcast_ref::<DatasetTable>() {
            Some(table) => encode(&TableParts::of(table)?, buf),
            None => self.ballista.try_encode_table_provider(table_ref, node, buf).map_err(|error| {
                error.context(format!(
                    "the table {table_ref} cannot be sent to the cluster; tables of files and of datasets can"
                ))
            }),
        }
    }

    fn try_decode_file_format(&self, buf: &[u8], ctx: &TaskContext) -> Result<Arc<dyn FileFormatFactory>> {
        self.ballista.try_decode_file_format(buf, ctx)
    }

    fn try_encode_file_format(&self, buf: &mut Vec<u8>, node: Arc<dyn FileFormatFactory>) -> Result<()> {
        self.ballista.try_encode_file_format(buf, node)
    }

    fn try_decode_udf(&self, name: &str, buf: &[u8]) -> Result<Arc<ScalarUDF>> {
        self.ballista.try_decode_udf(name, buf)
    }

    fn try_encode_udf(&self, node: &ScalarUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_udf(node, buf)
    }

    fn try_decode_higher_order_function(&self, name: &str, buf: &[u8]) -> Result<Arc<HigherOrderUDF>> {
        self.ballista.try_decode_higher_order_function(name, buf)
    }

    fn try_encode_higher_order_function(&self, node: &HigherOrderUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_higher_order_function(node, buf)
    }

    fn try_decode_udaf(&self, name: &str, buf: &[u8]) -> Result<Arc<AggregateUDF>> {
        self.ballista.try_decode_udaf(name, buf)
    }

    fn try_encode_udaf(&self, node: &AggregateUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_udaf(node, buf)
    }

    fn try_decode_udwf(&self, name: &str, buf: &[u8]) -> Result<Arc<WindowUDF>> {
        self.ballista.try_decode_udwf(name, buf)
    }

    fn try_encode_udwf(&self, node: &WindowUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_udwf(node, buf)
    }
}

/// A node of a physical plan.
#[derive(Deserialize, Serialize)]
enum Node {
    Scan(ScanParts),
    /// The input of the partitions follows as a plan if it is not the child.
    InsertPartitions {
        insert: InsertParts,
        is_apart: bool,
    },
    InsertTotal {
        dataset: String,
        partitions: usize,
    },
}

/// Encodes and decodes scans of datasets and inserts in physical plans. Other nodes are those of Ballista.
///
/// What travels is [`ScanParts`] and [`InsertParts`]. Decoding takes the client from the [`Hosts`] of the process.
#[derive(Debug)]
pub struct PhysicalCodec {
    hosts: Hosts,
    lock_wait: Duration,
    /// Set while the input of an insert is decoded.
    is_input: bool,
    ballista: BallistaPhysicalExtensionCodec,
}

impl PhysicalCodec {
    /// Creates a codec. `lock_wait` limits the time to wait for another run of the same partition of an `INSERT INTO`.
    pub fn new(hosts: Hosts, lock_wait: Duration) -> Self {
        Self { hosts, lock_wait, is_input: false, ballista: BallistaPhysicalExtensionCodec::default() }
    }

    /// Returns the codec for the input of an insert.
    fn of_input(&self) -> Self {
        Self { is_input: true, ..Self::new(self.hosts.clone(), self.lock_wait) }
    }
}

impl PhysicalExtensionCodec for PhysicalCodec {
    fn try_decode(
        &self,
        buf: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        ctx: &TaskContext,
        proto_converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some((node, rest)) = decode::<Node>(buf)? else {
            return self.ballista.try_decode(buf, inputs, ctx, proto_converter);
        };
        let child = || {
            let child = inputs.first().filter(|_| inputs.len() == 1).cloned();
            child.ok_or_else(|| DataFusionError::Internal(format!("a node has {} inputs", inputs.len())))
        };
        match node {
            Node::Scan(scan) => scan.scan(self.hosts.client(scan.place())?),
            // Each input is a message of its own, so the limit of nested messages does not hold for inputs of inputs.
            Node::InsertPartitions { .. } | Node::InsertTotal { .. } if self.is_input => {
                Err(DataFusionError::Plan(
                    "the input of an INSERT has another INSERT; nothing was sent".to_owned(),
                ))
            }
            Node::InsertPartitions { insert, is_apart } => {
                let work = insert.work(self.hosts.client(insert.place())?)?;
                let apart = is_apart.then(|| {
                    PhysicalPlanNode::try_decode(rest)?.try_into_physical_plan(ctx, &self.of_input())
                });
                Ok(Arc::new(InsertPartitions::with_child(work, apart.transpose()?, child()?, self.lock_wait)))
            }
            Node::InsertTotal { dataset, partitions } => {
                Ok(Arc::new(InsertTotal::new(child()?, dataset, partitions)))
            }
        }
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        buf: &mut Vec<u8>,
        proto_converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        if let Some(scan) = ScanParts::of(&*node)? {
            return encode(&Node::Scan(scan), buf);
        }
        if let Some(partitions) = node.downcast_ref::<InsertPartitions>() {
            let (insert, is_apart) = (partitions.work().parts()?, partitions.apart().is_some());
            encode(&Node::InsertPartitions { insert, is_apart }, buf)?;
            return match partitions.apart() {
                Some(input) => {
                    PhysicalPlanNode::try_from_physical_plan(Arc::clone(input), self)?.try_encode(buf)
                }
                None => Ok(()),
            };
        }
        if let Some(total) = node.downcast_ref::<InsertTotal>() {
            let (dataset, partitions) = (total.dataset().to_owned(), total.partitions());
            return encode(&Node::InsertTotal { dataset, partitions }, buf);
        }
        self.ballista.try_encode(node, buf, proto_converter)
    }

    fn try_decode_udf(&self, name: &str, buf: &[u8]) -> Result<Arc<ScalarUDF>> {
        self.ballista.try_decode_udf(name, buf)
    }

    fn try_encode_udf(&self, node: &ScalarUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_udf(node, buf)
    }

    fn try_decode_higher_order_function(&self, name: &str, buf: &[u8]) -> Result<Arc<HigherOrderUDF>> {
        self.ballista.try_decode_higher_order_function(name, buf)
    }

    fn try_encode_higher_order_function(&self, node: &HigherOrderUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_higher_order_function(node, buf)
    }

    fn try_decode_udaf(&self, name: &str, buf: &[u8]) -> Result<Arc<AggregateUDF>> {
        self.ballista.try_decode_udaf(name, buf)
    }

    fn try_encode_udaf(&self, node: &AggregateUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_udaf(node, buf)
    }

    fn try_decode_udwf(&self, name: &str, buf: &[u8]) -> Result<Arc<WindowUDF>> {
        self.ballista.try_decode_udwf(name, buf)
    }

    fn try_encode_udwf(&self, node: &WindowUDF, buf: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode_udwf(node, buf)
    }
}

/// Appends the bytes of a node: the beginning, the length of the JSON, and the JSON.
fn encode(node: &impl Serialize, buf: &mut Vec<u8>) -> Result<()> {
    let broken = |error: &dyn std::fmt::Display| {
        DataFusionError::Internal(format!("a node of the plan cannot be encoded: {error}"))
    };
    let json = serde_json::to_vec(node).map_err(|error| broken(&error))?;
    let length = u32::try_from(json.len()).map_err(|error| broken(&error))?;
    buf.extend_from_slice(MAGIC);
    buf.extend_from_slice(&length.to_le_bytes());
    buf.extend_from_slice(&json);
    Ok(())
}

/// Returns a node and the bytes after it, or `None` if the bytes are not those of this crate.
fn decode<N: DeserializeOwned>(buf: &[u8]) -> Result<Option<(N, &[u8])>> {
    let Some(buf) = buf.strip_prefix(MAGIC) else { return Ok(None) };
    let broken = |reason: &dyn std::fmt::Display| {
        DataFusionError::Plan(format!(
            "a node of the plan cannot be decoded: {reason}; run the same version of this crate in all processes"
        ))
    };
    let parts = buf
        .split_first_chunk()
        .and_then(|(length, rest)| rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?));
    let (json, rest) = parts.ok_or_else(|| broken(&"it ends too early"))?;
    Ok(Some((serde_json::from_slice(json).map_err(|error| broken(&error))?, rest)))
}

#[cfg(test)]
mod tests {
    use datafusion::{
        physical_plan::displayable,
        prelude::{SessionConfig, SessionContext},
    };
    use datafusion_proto::{
        bytes::{
            logical_plan_from_bytes_with_extension_codec, logical_plan_to_bytes_with_extension_codec,
            physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
        },
        protobuf::physical_plan_node::PhysicalPlanType,
    };
    use datalinks::{DataLinks, ingest::partitions::JournalDirectory};
    use datalinks_datafusion::{ColumnType, InsertSettings, TableOptions};
    use datalinks_emulator::Emulator;

    use super::*;
    use crate::scheduler::session_state;

    /// Returns a session that plans like the scheduler, with the tables `films` and `copy`.
    async fn planner(client: &DataLinks, directory: &std::path::Path) -> SessionContext {
        let config = SessionConfig::new().with_target_partitions(3).with_round_robin_repartition(false);
        let context = SessionContext::new_with_state(session_state(config).unwrap());
        for name in ["films", "copy"] {
            let dataset = client.dataset("cinema", name).unwrap();
            dataset.create().await.unwrap();
            let options = TableOptions::default()
                .column("title", ColumnType::Text)
                .column("year", ColumnType::Integer)
                .insert_settings(InsertSettings::default().reconcile_by("title").batch_size(7))
                .journals(JournalDirectory::new(directory.join(name)).with_dead_letters());
            let table = DatasetTable::load(dataset, options).await.unwrap();
            context.register_table(name, Arc::new(table)).unwrap();
        }
        context
    }

    #[tokio::test]
    async fn plans_travel_without_a_secret() {
        let emulator = Emulator::start().await.unwrap();
        let secret = "dl_a-key-that-must-not-travel";
        let host = emulator.api_url();
        let client = DataLinks::builder(&host, emulator.api_key()).build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let context = planner(&client, directory.path()).await;
        // The same tables, by a client with a key that is easy to find.
        let marked = DataLinks::builder(&host, secret).build().unwrap();
        let hosts = || Hosts::new([marked.clone()]);
        let logical = LogicalCodec::new(hosts());
        let physical = PhysicalCodec::new(hosts(), Duration::ZERO);
        let ctx = context.task_ctx();
        for sql in [
            "SELECT title FROM films WHERE year >= 2012 AND title <> 'x' ORDER BY year NULLS LAST LIMIT 3",
            "SELECT count(*) FROM films",
            "INSERT INTO copy SELECT title, year FROM films WHERE year > 2000",
            "INSERT INTO copy SELECT title, max(year) FROM films GROUP BY title ORDER BY title",
        ] {
            let plan = context.sql(sql).await.unwrap().into_optimized_plan().unwrap();
            let bytes = logical_plan_to_bytes_with_extension_codec(&plan, &logical).unwrap();
            let plan = logical_plan_from_bytes_with_extension_codec(&bytes, &ctx, &logical).unwrap();
            let again = logical_plan_to_bytes_with_extension_codec(&plan, &logical).unwrap();
            assert_eq!(again, bytes, "{sql}");
            let plan = context.state().create_physical_plan(&plan).await.unwrap();
            let physical_bytes =
                physical_plan_to_bytes_with_extension_codec(Arc::clone(&plan), &physical).unwrap();
            let found =
                physical_plan_from_bytes_with_extension_codec(&physical_bytes, &ctx, &physical).unwrap();
            let text = |plan: &Arc<dyn ExecutionPlan>| displayable(&**plan).indent(true).to_string();
            assert_eq!(text(&found), text(&plan), "{sql}");
            for bytes in [&bytes, &physical_bytes] {
                let contains =
                    |needle: &str| bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
                assert!(contains("cinema") && contains(&host), "{sql}: the search finds nothing");
                assert!(!contains(secret) && !contains(emulator.api_key()) && !contains("Bearer"), "{sql}");
            }

            // A process that was not started for the host rejects both.
            let other = Hosts::new([DataLinks::builder("https://other.example.com", "key").build().unwrap()]);
            let codec = LogicalCodec::new(other.clone());
            let error = logical_plan_from_bytes_with_extension_codec(&bytes, &ctx, &codec).unwrap_err();
            assert!(error.to_string().contains("was started for https://other.example.com"), "{error}");
            let codec = PhysicalCodec::new(other, Duration::ZERO);
            let error =
                physical_plan_from_bytes_with_extension_codec(&physical_bytes, &ctx, &codec).unwrap_err();
            assert!(error.to_string().contains("nothing was sent"), "{error}");
        }
    }

    /// The order of the input has no column that is not inserted, so only the engine itself keeps such a sort.
    #[tokio::test]
    async fn an_order_by_a_column_that_is_not_inserted_is_kept() {
        let emulator = Emulator::start().await.unwrap();
        let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let context = planner(&client, directory.path()).await;
        let insert =
            "INSERT INTO copy (title) SELECT title FROM films GROUP BY title, year ORDER BY year, title";
        let plan = context.sql(insert).await.unwrap().create_physical_plan().await.unwrap();
        let text = displayable(&*plan).indent(false).to_string();
        let merged = text.lines().find(|line| line.contains("SortPreservingMergeExec"));
        assert!(text.contains("InsertPartitions"), "{text}");
        assert!(
            merged.is_some_and(|line| line.contains("year@1 ASC") && line.contains("title@0 ASC")),
            "{text}"
        );
    }

    /// Regression: inputs of inputs were decoded without a limit, and a plan of 1 MiB ended the process by its stack.
    #[tokio::test]
    async fn an_insert_in_an_insert_is_rejected() {
        let emulator = Emulator::start().await.unwrap();
        let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let context = planner(&client, directory.path()).await;
        let codec = PhysicalCodec::new(Hosts::new([client]), Duration::ZERO);
        let statement = context.sql("INSERT INTO copy SELECT title, year FROM films").await.unwrap();
        let mut plan = statement.create_physical_plan().await.unwrap();
        while plan.downcast_ref::<InsertPartitions>().is_none() {
            let child = Arc::clone(plan.children()[0]);
            plan = child;
        }
        let mut bytes = physical_plan_to_bytes_with_extension_codec(plan, &codec).unwrap().to_vec();
        for _ in 0..2_000 {
            let mut outer = PhysicalPlanNode::try_decode(&bytes).unwrap();
            let Some(PhysicalPlanType::Extension(node)) = &mut outer.physical_plan_type else { panic!() };
            let (_, rest) = decode::<Node>(&node.node).unwrap().unwrap();
            node.node.truncate(node.node.len() - rest.len());
            node.node.append(&mut bytes);
            outer.try_encode(&mut bytes).unwrap();
        }
        let error =
            physical_plan_from_bytes_with_extension_codec(&bytes, &context.task_ctx(), &codec).unwrap_err();
        assert!(error.to_string().contains("has another INSERT"), "{error}");
    }

    /// Regression: a plan with a relative path wrote journals below the working directory of the executor.
    #[allow(clippy::disallowed_macros, reason = "values written out in a test")]
    #[tokio::test]
    async fn relative_journals_are_rejected_by_the_receiver() {
        let emulator = Emulator::start().await.unwrap();
        let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
        let place = serde_json::json!({ "host": client.host(), "namespace": "cinema", "dataset": "films" });
        let journals = serde_json::to_value(JournalDirectory::new("../elsewhere")).unwrap();
        let settings = serde_json::to_value(InsertSettings::default()).unwrap();
        let insert = serde_json::json!({
            "place": place, "columns": [], "settings": settings, "journals": journals, "partitions": [],
        });
        let insert: InsertParts = serde_json::from_value(insert).unwrap();
        let error = insert.work(&client).unwrap_err();
        assert!(error.to_string().contains("an absolute path"), "{error}");
    }

    #[tokio::test]
    async fn options_that_cannot_travel_are_named() {
        let emulator = Emulator::start().await.unwrap();
        let client = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
        let dataset = client.dataset("cinema", "films").unwrap();
        dataset.create().await.unwrap();
        let codec = LogicalCodec::new(Hosts::default());
        for (options, reason) in [
            (TableOptions::default().ingest(|ingest| ingest), "use TableOptions::insert_settings"),
            (TableOptions::default().on_insert(|_| ()), "read the account from the journals"),
            (TableOptions::default().journals(JournalDirectory::new("relative")), "an absolute path"),
        ] {
            let table = Arc::new(DatasetTable::load(dataset.clone(), options).await.unwrap());
            let name = TableReference::bare("films");
            let error = codec.try_encode_table_provider(&name, table, &mut Vec::new()).unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
        let without =
            DatasetTable::load(dataset, TableOptions::default().column("n", ColumnType::Integer)).await;
        let parts = TableParts::of(&without.unwrap()).unwrap();
        let context = SessionContext::new();
        context.register_table("films", Arc::new(parts.table(&client).unwrap())).unwrap();
        let error = context.sql("INSERT INTO films VALUES (1)").await.unwrap().collect().await.unwrap_err();
        assert!(error.to_string().contains("needs journals"), "{error}");
    }

    #[test]
    fn bytes_that_are_cut_are_an_error() {
        let mut buf = Vec::new();
        encode(&Node::InsertTotal { dataset: "a/b".to_owned(), partitions: 1 }, &mut buf).unwrap();
        assert!(decode::<Node>(&buf).unwrap().is_some_and(|(_, rest)| rest.is_empty()));
        for length in MAGIC.len()..buf.len() {
            let error = decode::<Node>(&buf[..length]).err().unwrap().to_string();
            assert!(error.contains("cannot be decoded"), "{error}");
        }
        assert!(decode::<Node>(b"\x0a\x02").unwrap().is_none());
    }
}
