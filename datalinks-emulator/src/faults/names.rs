//! The names of the targets of faults.

use datalinks_gen::OPERATIONS;

/// The upload of a part to its presigned URL, which is not an operation of the API.
pub(crate) const PUT_PART: &str = "putPart";
/// The ingestion of an uploaded file, which happens in the background.
pub(crate) const INGEST_FILE: &str = "ingestFile";
/// A run of the agent, whether or not its events are read.
pub(crate) const AGENT_RUN: &str = "agentRun";

/// The operations whose changes may take effect after the response.
pub(super) const EVENTUAL: [&str; 4] =
    ["shareDatasetAccess", "shareNamespaceAccess", "revokeDatasetAccess", "revokeNamespaceAccess"];

/// Returns the names of all targets of faults.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|operation| operation.id).chain([PUT_PART, INGEST_FILE, AGENT_RUN])
}
