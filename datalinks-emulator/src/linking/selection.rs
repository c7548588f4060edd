//! The kinds of links that a request selects.

use serde::{Deserialize, Serialize};

use crate::concurrency::work::Set;
use crate::request::Fields;
use crate::store::geo::Unit;
use crate::store::{Exact, Geo, Match, MatchKind};

/// The kinds of links that are searched for, with their options.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct LinkSelection {
    pub(super) exact: Option<(Exact, Scope)>,
    pub(super) geo: Option<(Geo, Scope)>,
}

/// The columns that are compared, and whether links in the other direction are searched for.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct Scope {
    pub(super) bidirectional: bool,
    /// Columns that are compared, or `None` for all columns.
    target_columns: Option<Targets>,
    ignore_private: bool,
}

/// Names of columns in the given order, serialized as a list.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
struct Targets(Set<String>);

impl From<Vec<String>> for Targets {
    fn from(names: Vec<String>) -> Self {
        Self(names.into_iter().collect())
    }
}

impl From<Targets> for Vec<String> {
    fn from(targets: Targets) -> Self {
        targets.0.into_iter().collect()
    }
}

impl LinkSelection {
    /// Parses the field `link`. A kind is selected if its member is present, even with the value null.
    pub(crate) fn parse(fields: &mut Fields<'_>) -> Self {
        let Some(mut link) = fields.object("link") else { return Self::default() };
        let exact = kind(&mut link, "ExactMatch", exact);
        let geo = kind(&mut link, "GeoMatch", geo);
        fields.close(link);
        Self { exact, geo }
    }

    /// Returns both kinds if none is selected.
    pub(crate) fn or_all(self) -> Self {
        if self.is_empty() {
            Self { exact: Some(Default::default()), geo: Some(Default::default()) }
        } else {
            self
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.exact.is_none() && self.geo.is_none()
    }
}

impl Scope {
    fn parse(options: &mut Fields<'_>) -> Self {
        Self {
            bidirectional: options.optional("bidirectional").unwrap_or_default(),
            target_columns: options.optional::<Vec<String>>("targetColumns").map(Targets::from),
            ignore_private: options.optional("ignorePrivateColumns").unwrap_or_default(),
        }
    }

    /// Returns `true` if a column of the searched rows is compared.
    pub(super) fn compares(&self, column: &str) -> bool {
        self.compares_with(column)
            && self.target_columns.as_ref().is_none_or(|targets| targets.0.contains(column))
    }

    /// Returns `true` if a column of another dataset is compared.
    pub(super) fn compares_with(&self, column: &str) -> bool {
        !(self.ignore_private && column.starts_with('_'))
    }
}

/// Parses the options of a link of this kind.
pub(crate) fn matching(kind: MatchKind, options: &mut Fields<'_>) -> Match {
    match kind {
        MatchKind::ExactMatch => Match::Exact(exact(options)),
        MatchKind::GeoMatch => Match::Geo(geo(options)),
    }
}

fn kind<T: Default>(link: &mut Fields<'_>, name: &str, read: fn(&mut Fields<'_>) -> T) -> Option<(T, Scope)> {
    if !link.mentions(name) {
        return None;
    }
    let Some(mut options) = link.object(name) else { return Some(Default::default()) };
    let selected = (read(&mut options), Scope::parse(&mut options));
    link.close(options);
    Some(selected)
}

fn exact(options: &mut Fields<'_>) -> Exact {
    Exact {
        min_distinct: options.optional("minDistinct").unwrap_or_default(),
        min_variation: options.optional("minVariation").unwrap_or_default(),
    }
}

fn geo(options: &mut Fields<'_>) -> Geo {
    let plain = Geo::default();
    let unit: Option<String> = options.optional("distanceUnit");
    let unit = unit.map(|text| Unit::parse(&text));
    if unit == Some(None) {
        options.wrong("distanceUnit", Unit::KNOWN);
    }
    Geo {
        distance: options.optional("distance").unwrap_or(plain.distance),
        distance_unit: unit.flatten().unwrap_or(plain.distance_unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(link: &str) -> Result<LinkSelection, String> {
        let body = format!("{{\"link\":{link}}}");
        let mut fields = Fields::read(body.as_bytes()).unwrap();
        let selection = LinkSelection::parse(&mut fields);
        fields.finish().map(|()| selection).map_err(|problem| problem.message)
    }

    #[test]
    fn kind_is_selected_if_present() {
        for empty in ["null", "{}"] {
            assert_eq!(selection(empty), Ok(LinkSelection::default()), "{empty}");
            assert!(selection(empty).unwrap().or_all().geo.is_some());
        }
        let exact = selection(r#"{"ExactMatch":null}"#).unwrap();
        assert_eq!(exact, LinkSelection { exact: Some(Default::default()), geo: None });
        assert_eq!(exact.clone().or_all(), exact);
        let geo =
            selection(r#"{"GeoMatch":{"distance":3,"distanceUnit":"miles","bidirectional":null}}"#).unwrap();
        let (options, scope) = geo.geo.unwrap();
        assert_eq!((options.distance, options.distance_unit), (3.0, Unit::Miles));
        assert_eq!(scope, Scope::default());
    }

    #[test]
    fn columns_outside_the_scope_are_not_compared() {
        let link =
            r#"{"ExactMatch":{"minDistinct":0.5,"targetColumns":["a","_b"],"ignorePrivateColumns":true}}"#;
        let (options, scope) = selection(link).unwrap().exact.unwrap();
        assert_eq!((options.min_distinct, options.min_variation), (0.5, 0.0));
        assert_eq!(["a", "_b", "c"].map(|name| scope.compares(name)), [true, false, false]);
        assert_eq!(["a", "_b", "c"].map(|name| scope.compares_with(name)), [true, false, true]);
    }

    #[test]
    fn invalid_option_is_named_in_the_error() {
        for (link, part) in [
            (r#"{"GeoMatch":{"distanceUnit":"parsec"}}"#, "link.GeoMatch.distanceUnit: must be km, m"),
            (r#"{"ExactMatch":{"minDistinct":"x"}}"#, "link.ExactMatch.minDistinct: must be a number"),
        ] {
            assert!(selection(link).unwrap_err().contains(part), "{link}");
        }
    }
}
