//! Columns as ends of links, and the kinds of match that find links.

use datalinks_gen::api::types;
use serde::Serialize;

use crate::{error::Error, json::write_strictly};

/// The comparison of two values: equality, or distance of places.
pub use datalinks_gen::enums::LinkMatchType as MatchType;

/// A column of a dataset, as one end of a link.
///
/// ```
/// use datalinks::datasets::ColumnRef;
///
/// let column = ColumnRef::new("cinema", "films", "director");
/// assert_eq!(column.username, "self");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct ColumnRef {
    /// User name of the owner of the dataset. Defaults to `self`, the owner of the API key.
    pub username: String,
    /// Name of the namespace.
    pub namespace: String,
    /// Name of the dataset.
    pub dataset: String,
    /// Name of the column.
    pub column: String,
}

impl ColumnRef {
    /// Creates a reference to a column of one of your own datasets.
    pub fn new(namespace: impl Into<String>, dataset: impl Into<String>, column: impl Into<String>) -> Self {
        Self {
            username: "self".to_owned(),
            namespace: namespace.into(),
            dataset: dataset.into(),
            column: column.into(),
        }
    }

    /// Sets the owner of the dataset.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = username.into();
        self
    }
}

/// The kinds of links to look for in ingested rows (entity resolution), with their options.
///
/// An option that is not set is omitted, and the service's default applies. A kind without options is sent as `{}`, for which
/// the service documents `null`, too. `MatchTypes::default()` names no kind and is omitted from the request.
///
/// ```
/// use datalinks::datasets::{ExactMatch, GeoMatch, MatchTypes};
///
/// let link = MatchTypes::exact(ExactMatch::new().min_distinct(0.2)).and_geo(GeoMatch::new().distance(5.0));
/// assert_eq!(
///     serde_json::to_string(&link).unwrap(),
///     r#"{"ExactMatch":{"minDistinct":0.2},"GeoMatch":{"distance":5.0}}"#
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[must_use]
pub struct MatchTypes {
    #[serde(rename = "ExactMatch", skip_serializing_if = "Option::is_none")]
    exact: Option<ExactMatch>,
    #[serde(rename = "GeoMatch", skip_serializing_if = "Option::is_none")]
    geo: Option<GeoMatch>,
}

impl MatchTypes {
    /// Creates match types that find links of equal values.
    pub fn exact(options: ExactMatch) -> Self {
        Self { exact: Some(options), geo: None }
    }

    /// Creates match types that find links of places near each other.
    pub fn geo(options: GeoMatch) -> Self {
        Self { exact: None, geo: Some(options) }
    }

    /// Adds links of equal values.
    pub fn and_exact(mut self, options: ExactMatch) -> Self {
        self.exact = Some(options);
        self
    }

    /// Adds links of places near each other.
    pub fn and_geo(mut self, options: GeoMatch) -> Self {
        self.geo = Some(options);
        self
    }

    /// Rejects options that are not finite numbers. JSON would have null in their place.
    pub(crate) fn check(&self) -> Result<(), Error> {
        write_strictly(&mut Vec::new(), self).map_err(|error| {
            Error::invalid(format!("the options of a match cannot be written as JSON: {error}"))
                .caused_by(error)
        })
    }

    /// Returns the match types to send, or `None` if no kind of match is set.
    pub(crate) fn requested(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}

impl MatchTypes {
    /// The match types as they are sent.
    pub(crate) fn into_wire(self) -> types::IngestLink {
        let Self { exact, geo } = self;
        types::IngestLink {
            exact_match: exact.map(|ExactMatch { min_distinct, min_variation, common }| {
                types::ExactMatchConfig {
                    min_distinct,
                    min_variation,
                    bidirectional: common.bidirectional,
                    target_columns: common.target_columns,
                    ignore_private_columns: common.ignore_private_columns,
                }
            }),
            geo_match: geo.map(|GeoMatch { distance, distance_unit, common }| types::GeoMatchConfig {
                distance,
                distance_unit,
                bidirectional: common.bidirectional,
                target_columns: common.target_columns,
                ignore_private_columns: common.ignore_private_columns,
            }),
        }
    }
}

/// Options of both kinds of match.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Common {
    #[serde(skip_serializing_if = "Option::is_none")]
    bidirectional: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_columns: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore_private_columns: Option<bool>,
}

/// Options of a match of equal values.
///
/// The service does not document the formulas behind the two shares.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct ExactMatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    min_distinct: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_variation: Option<f64>,
    #[serde(flatten)]
    common: Common,
}

impl ExactMatch {
    /// Creates options without any option set: the service's defaults apply.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the minimum share of distinct values. The vendor documents 0.0 as the default.
    pub fn min_distinct(mut self, share: f64) -> Self {
        self.min_distinct = Some(share);
        self
    }

    /// Sets the minimum variation, a share. The vendor documents 0.0 as the default.
    pub fn min_variation(mut self, share: f64) -> Self {
        self.min_variation = Some(share);
        self
    }
}

/// Options of a match of places by distance.
///
/// The service does not document which columns count as places.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct GeoMatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_unit: Option<String>,
    #[serde(flatten)]
    common: Common,
}

impl GeoMatch {
    /// Creates options without any option set: the service's defaults apply.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum distance of two places, in [`unit`](Self::unit). The vendor documents 2.0 as the default.
    pub fn distance(mut self, distance: f64) -> Self {
        self.distance = Some(distance);
        self
    }

    /// Sets the unit of the distance, such as `km`. The vendor documents kilometers as the default.
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.distance_unit = Some(unit.into());
        self
    }
}

macro_rules! common {
    ($($options:ty),+) => {$(
        impl $options {
            /// Sets whether links are made in both directions.
            pub fn bidirectional(mut self, both: bool) -> Self {
                self.common.bidirectional = Some(both);
                self
            }

            /// Limits the comparison to these columns. Unset, all columns are compared.
            pub fn target_columns<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
                self.common.target_columns = Some(names.into_iter().map(Into::into).collect());
                self
            }

            /// Sets whether columns that begin with an underscore are left out.
            pub fn ignore_private_columns(mut self, ignore: bool) -> Self {
                self.common.ignore_private_columns = Some(ignore);
                self
            }
        }
    )+};
}

common!(ExactMatch, GeoMatch);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_are_no_numbers_are_rejected() {
        for options in
            [ExactMatch::new().min_distinct(f64::NAN), ExactMatch::new().min_variation(f64::INFINITY)]
        {
            assert_eq!(
                MatchTypes::exact(options).check().unwrap_err().kind(),
                crate::error::ErrorKind::InvalidInput
            );
        }
        let far = GeoMatch::new().distance(f64::INFINITY);
        assert!(MatchTypes::exact(ExactMatch::new()).and_geo(far).check().is_err());
        assert!(MatchTypes::geo(GeoMatch::new().distance(2.0)).check().is_ok());
    }

    #[test]
    fn unset_options_are_left_out_never_null() {
        assert_eq!(
            serde_json::to_string(&MatchTypes::exact(ExactMatch::new())).unwrap(),
            r#"{"ExactMatch":{}}"#
        );
        let all = MatchTypes::geo(
            GeoMatch::new()
                .distance(1.5)
                .unit("km")
                .bidirectional(true)
                .target_columns(["a"])
                .ignore_private_columns(true),
        );
        assert_eq!(
            serde_json::to_value(&all).unwrap(),
            serde_json::json!({ "GeoMatch": {
                "distance": 1.5, "distanceUnit": "km", "bidirectional": true, "targetColumns": ["a"],
                "ignorePrivateColumns": true,
            } })
        );
    }
}
