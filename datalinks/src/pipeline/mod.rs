//! The ingest proxy: a service with its own host that models, ingests and links data.
//!
//! The service goes through four phases.
//!
//! 1. *Modeling* loads the schemas of the namespace, refines the prompt, adds columns and turns multi-valued
//!    fields into rows (*expansion*), groups columns into datasets with natural identifiers (*coalescence*),
//!    describes them, and evaluates the result.
//! 2. *Preview* shows sample rows of each dataset, and waits for a person if one is in the loop.
//! 3. *Ingestion* creates the datasets and pushes all rows into all of them.
//! 4. *Ontology* links equal columns, columns of the same name, and columns that a model finds.
//!
//! The service does not document the types of events except `complete` and `error`, the bodies of hooks, and
//! the fields of a trace except `runId`.

mod event;
mod follow;
mod models;
mod progress;
mod reconnect;
mod replay;
mod run;
mod schema;
mod start;
mod typed;

pub use event::PipelineEvent;
pub use models::{InferenceSettings, LlmSettings};
pub use reconnect::ReconnectPolicy;
pub use run::PipelineRun;
pub use start::{PipelineSource, RunPipeline};
