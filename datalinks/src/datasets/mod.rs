//! Datasets and namespaces: catalog, definition, links, ontology, sharing, cleaning.

mod build_specs;
mod catalog;
mod cleaning;
mod code_file;
mod create;
mod dataset;
#[cfg(feature = "schemars")]
mod derived_schema;
mod found_links;
mod infer;
mod info;
mod lifecycle;
mod link;
mod links;
mod match_types;
mod namespace;
mod same;
mod schema;
mod share;
mod sharing;
mod summaries;
mod update_definition;

pub use build_specs::{BuildSpec, BuildSpecDraft, DatasetCoordinate};
pub use code_file::CodeFile;
pub(crate) use create::fields;
pub use create::{Create, CreateOutcome, Visibility};
pub use dataset::Dataset;
#[cfg(feature = "schemars")]
pub use derived_schema::data_description;
pub use found_links::{CuratedLinks, Link};
pub use infer::Infer;
pub use info::{DatasetInfo, DatasetMetadata};
pub use link::{AddLink, AddLinkOutcome};
pub use links::{ChangeOntology, CompareRows, CurateLinks};
pub use match_types::{ColumnRef, ExactMatch, GeoMatch, MatchType, MatchTypes};
pub use namespace::Namespace;
pub use schema::SchemaDefinition;
pub use share::{Role, Share};
pub use summaries::{DatasetSummary, NamespaceSummary};
pub use update_definition::UpdateDefinition;
