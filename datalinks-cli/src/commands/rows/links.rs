//! The links that the service looks for in rows, as flags and files give them.

use datalinks::datasets::{ExactMatch, GeoMatch, MatchTypes};
use serde::Deserialize;

use crate::set::set;

/// The kinds of links, with their options.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Links {
    #[serde(alias = "ExactMatch")]
    exact: Option<Exact>,
    #[serde(alias = "GeoMatch")]
    geo: Option<Geo>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Exact {
    min_distinct: Option<f64>,
    min_variation: Option<f64>,
    bidirectional: Option<bool>,
    target_columns: Option<Vec<String>>,
    ignore_private_columns: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Geo {
    distance: Option<f64>,
    distance_unit: Option<String>,
    bidirectional: Option<bool>,
    target_columns: Option<Vec<String>>,
    ignore_private_columns: Option<bool>,
}

impl Links {
    /// Parses `exact`, `geo`, `exact,geo` or a JSON object.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.trim_start().starts_with('{') {
            return serde_json::from_str(text).map_err(|error| error.to_string());
        }
        let mut links = Self::default();
        for kind in text.split(',') {
            match kind.trim() {
                "exact" => links.exact = Some(Exact::default()),
                "geo" => links.geo = Some(Geo::default()),
                _ => {
                    return Err(
                        "expected exact, geo, exact,geo, or a JSON object such as {\"geo\":{\"distance\":5}}"
                            .to_owned(),
                    );
                }
            }
        }
        Ok(links)
    }

    pub(super) fn into_match_types(self) -> MatchTypes {
        let mut types = MatchTypes::default();
        if let Some(exact) = self.exact {
            types = types.and_exact(set!(
                ExactMatch::new(),
                min_distinct: exact.min_distinct,
                min_variation: exact.min_variation,
                bidirectional: exact.bidirectional,
                target_columns: exact.target_columns,
                ignore_private_columns: exact.ignore_private_columns,
            ));
        }
        if let Some(geo) = self.geo {
            types = types.and_geo(set!(
                GeoMatch::new(),
                distance: geo.distance,
                unit: geo.distance_unit,
                bidirectional: geo.bidirectional,
                target_columns: geo.target_columns,
                ignore_private_columns: geo.ignore_private_columns,
            ));
        }
        types
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_names_or_options() {
        let sent = |text| serde_json::to_string(&Links::parse(text).unwrap().into_match_types()).unwrap();
        assert_eq!(sent("exact"), r#"{"ExactMatch":{}}"#);
        assert_eq!(sent("geo, exact"), r#"{"ExactMatch":{},"GeoMatch":{}}"#);
        assert_eq!(
            sent(
                r#"{"ExactMatch":{"minDistinct":0.5,"minVariation":0.1,"bidirectional":true,"targetColumns":["a"],"ignorePrivateColumns":false},"geo":{"distance":5,"distanceUnit":"km"}}"#
            ),
            r#"{"ExactMatch":{"minDistinct":0.5,"minVariation":0.1,"bidirectional":true,"targetColumns":["a"],"ignorePrivateColumns":false},"GeoMatch":{"distance":5.0,"distanceUnit":"km"}}"#
        );
        for wrong in ["", "all", r#"{"near":{}}"#, r#"{"geo":{"distence":5}}"#] {
            assert!(Links::parse(wrong).is_err(), "{wrong}");
        }
    }
}
