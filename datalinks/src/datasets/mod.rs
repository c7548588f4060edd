//! Datasets and namespaces: catalog, definition, links, ontology, sharing, cleaning.

mod build_specs;
mod catalog;
mod cleaning;
mod create;
mod dataset;
mod infer;
mod lifecycle;
mod link;
mod links;
mod match_types;
mod namespace;
mod same;
mod schema;
mod sharing;
mod update_definition;

pub use build_specs::{BuildSpec, BuildSpecDraft, DatasetCoordinate};
pub use catalog::{DatasetSummary, NamespaceSummary};
pub use cleaning::CodeFile;
pub(crate) use create::fields;
pub use create::{Create, CreateOutcome, Visibility};
pub use dataset::{Dataset, DatasetInfo};
pub use infer::Infer;
pub use link::{AddLink, AddLinkOutcome};
pub use links::{ChangeOntology, CompareRows, CurateLinks, CuratedLinks};
pub use match_types::{ColumnRef, ExactMatch, GeoMatch, Link, MatchType, MatchTypes};
pub use namespace::Namespace;
pub use schema::{SchemaDefinition, data_description};
pub use sharing::{Role, Share};
pub use update_definition::UpdateDefinition;
