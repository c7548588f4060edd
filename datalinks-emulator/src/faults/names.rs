//! The names of what can go wrong.

use datalinks_gen::OPERATIONS;

/// A part put to its presigned URL: no operation of the API, but something that goes wrong.
pub(crate) const PUT_PART: &str = "putPart";
/// The ingestion of an uploaded file, which happens in the background.
pub(crate) const INGEST_FILE: &str = "ingestFile";
/// A run of the agent, whether or not its events are read.
pub(crate) const AGENT_RUN: &str = "agentRun";

/// The operations whose changes may take effect later than they are answered.
pub(super) const EVENTUAL: [&str; 4] =
    ["shareDatasetAccess", "shareNamespaceAccess", "revokeDatasetAccess", "revokeNamespaceAccess"];

/// All that can go wrong, by name.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|operation| operation.id).chain([PUT_PART, INGEST_FILE, AGENT_RUN])
}
