//! Which links a request asks for.

use serde::{Deserialize, Serialize};

use crate::concurrency::work::Set;
use crate::request::Fields;
use crate::store::geo::Unit;
use crate::store::{Exact, Geo, Match, MatchKind};

/// The kinds of link that rows are compared for.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct LinkSelection {
    pub(super) exact: Option<(Exact, Scope)>,
    pub(super) geo: Option<(Geo, Scope)>,
}

/// Which columns are compared, and whether links lead back, too.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct Scope {
    pub(super) bidirectional: bool,
    /// `None`: all columns.
    target_columns: Option<Targets>,
    ignore_private: bool,
}

/// Names of columns, in the order given. They are kept as a list.
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
    /// Takes the field `link`: each kind that is present is asked for, even as null.
    pub(crate) fn take(fields: &mut Fields<'_>) -> Self {
        let Some(mut link) = fields.object("link") else { return Self::default() };
        let exact = kind(&mut link, "ExactMatch", exact);
        let geo = kind(&mut link, "GeoMatch", geo);
        fields.close(link);
        Self { exact, geo }
    }

    /// Both kinds where none is asked for.
    pub(crate) fn or_all(self) -> Self {
        if self.is_nothing() {
            Self { exact: Some(Default::default()), geo: Some(Default::default()) }
        } else {
            self
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.exact.is_none() && self.geo.is_none()
    }
}

impl Scope {
    fn take(options: &mut Fields<'_>) -> Self {
        Self {
            bidirectional: options.optional("bidirectional").unwrap_or_default(),
            target_columns: options.optional::<Vec<String>>("targetColumns").map(Targets::from),
            ignore_private: options.optional("ignorePrivateColumns").unwrap_or_default(),
        }
    }

    /// Whether a column of the rows in question is compared.
    pub(super) fn compares(&self, column: &str) -> bool {
        self.compares_with(column)
            && self.target_columns.as_ref().is_none_or(|targets| targets.0.contains(column))
    }

    /// Whether they are compared with a column of another dataset.
    pub(super) fn compares_with(&self, column: &str) -> bool {
        !(self.ignore_private && column.starts_with('_'))
    }
}

/// How a link of this kind matches, with the options in a request.
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
    let wanted = (read(&mut options), Scope::take(&mut options));
    link.close(options);
    Some(wanted)
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

    fn wanted(link: &str) -> Result<LinkSelection, String> {
        let body = format!("{{\"link\":{link}}}");
        let mut fields = Fields::read(body.as_bytes()).unwrap();
        let wanted = LinkSelection::take(&mut fields);
        fields.finish().map(|()| wanted).map_err(|problem| problem.message)
    }

    #[test]
    fn a_kind_that_is_there_is_wanted() {
        for nothing in ["null", "{}"] {
            assert_eq!(wanted(nothing), Ok(LinkSelection::default()), "{nothing}");
            assert!(wanted(nothing).unwrap().or_all().geo.is_some());
        }
        let exact = wanted(r#"{"ExactMatch":null}"#).unwrap();
        assert_eq!(exact, LinkSelection { exact: Some(Default::default()), geo: None });
        assert_eq!(exact.clone().or_all(), exact);
        let geo =
            wanted(r#"{"GeoMatch":{"distance":3,"distanceUnit":"miles","bidirectional":null}}"#).unwrap();
        let (options, scope) = geo.geo.unwrap();
        assert_eq!((options.distance, options.distance_unit), (3.0, Unit::Miles));
        assert_eq!(scope, Scope::default());
    }

    #[test]
    fn columns_are_left_out() {
        let link =
            r#"{"ExactMatch":{"minDistinct":0.5,"targetColumns":["a","_b"],"ignorePrivateColumns":true}}"#;
        let (options, scope) = wanted(link).unwrap().exact.unwrap();
        assert_eq!((options.min_distinct, options.min_variation), (0.5, 0.0));
        assert_eq!(["a", "_b", "c"].map(|name| scope.compares(name)), [true, false, false]);
        assert_eq!(["a", "_b", "c"].map(|name| scope.compares_with(name)), [true, false, true]);
    }

    #[test]
    fn odd_options_are_named() {
        for (link, part) in [
            (r#"{"GeoMatch":{"distanceUnit":"parsec"}}"#, "link.GeoMatch.distanceUnit: must be km, m"),
            (r#"{"ExactMatch":{"minDistinct":"x"}}"#, "link.ExactMatch.minDistinct: must be a number"),
        ] {
            assert!(wanted(link).unwrap_err().contains(part), "{link}");
        }
    }
}
