//! Links between columns, as the service finds them.

use datalinks_gen::{Row, api::types};
use serde::Serialize;

use super::match_types::MatchType;
use crate::types::{FromWire, deserialize_from_wire, from_wire};

/// A link from one column to another.
///
/// Both ends are dotted identifiers, `ri.user.namespace.dataset.column`. The service does not document how dots inside
/// names are written.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Link {
    /// Column at which the link starts.
    pub origin: String,
    /// Column at which the link ends.
    pub destination: String,
    /// Comparison that found the link.
    pub match_type: MatchType,
    /// Number of matching records.
    pub hits: i64,
    /// Fields that this crate does not know. They are sent back with the link.
    #[serde(flatten)]
    pub extra: Row,
}

/// The links that a model chose.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CuratedLinks {
    /// The chosen links (`curatedLinks`). Empty if they were activated.
    #[serde(rename = "curatedLinks", skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Number of chosen links.
    pub total_selected: i64,
    /// Number of datasets processed.
    pub datasets_processed: i64,
    /// Fields that this crate does not know.
    #[serde(flatten)]
    pub extra: Row,
}

impl Link {
    /// Creates a link.
    pub fn new(
        origin: impl Into<String>,
        destination: impl Into<String>,
        match_type: MatchType,
        hits: i64,
    ) -> Self {
        Self { origin: origin.into(), destination: destination.into(), match_type, hits, extra: Row::new() }
    }

    /// Returns the link as it is sent.
    pub(crate) fn into_wire(self) -> types::ApiLink {
        let Self { origin, destination, match_type, hits, extra } = self;
        types::ApiLink { destination, hits, match_type: match_type.to_string(), origin, extra }
    }
}

impl CuratedLinks {
    /// Creates the result of a choice, without the links.
    pub fn new(total_selected: i64, datasets_processed: i64) -> Self {
        Self { links: Vec::new(), total_selected, datasets_processed, extra: Row::new() }
    }
}

from_wire! { Link = types::ApiLink {
    origin, destination, match_type: match_type.as_str().into(), hits, extra
} }

impl FromWire for CuratedLinks {
    type Wire = types::CurateLinkResponse;

    fn from_wire(wire: Self::Wire) -> Self {
        let types::CurateLinkResponse { curated_links, datasets_processed, total_selected, extra } = wire;
        Self { links: FromWire::from_wire(curated_links), total_selected, datasets_processed, extra }
    }
}

deserialize_from_wire!(CuratedLinks);
