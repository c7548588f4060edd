//! How values are compared.

use clap::{Args, ValueEnum};
use datalinks::datasets::{ExactMatch, GeoMatch, MatchTypes};

use crate::failure::{Failure, Result};
use crate::set::set;

/// The arguments that say how values are compared.
#[derive(Args)]
pub(super) struct MatchOptions {
    /// Smallest share of distinct values in a column
    #[arg(long, value_name = "SHARE")]
    min_distinct: Option<f64>,

    /// Smallest variation of the values in a column, a share
    #[arg(long, value_name = "SHARE")]
    min_variation: Option<f64>,

    /// Largest distance of two places
    #[arg(long, value_name = "NUMBER")]
    distance: Option<f64>,

    /// Unit of the distance, such as km
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,

    /// Make links in both directions
    #[arg(long)]
    bidirectional: bool,

    /// Compare with this column only (repeatable)
    #[arg(long = "target-column", value_name = "COLUMN")]
    target_columns: Vec<String>,

    /// Leave out columns whose names begin with an underscore
    #[arg(long)]
    ignore_private_columns: bool,
}

/// A comparison of two values.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Kind {
    /// Equal values
    Exact,
    /// Places within a distance
    Geo,
}

impl MatchOptions {
    /// Rejects options that no chosen kind has.
    pub(super) fn check(&self, kinds: &[Kind]) -> Result {
        let has_exact = self.min_distinct.is_some() || self.min_variation.is_some();
        let has_geo = self.distance.is_some() || self.unit.is_some();
        let has_common = self.bidirectional || self.ignore_private_columns || !self.target_columns.is_empty();
        if has_exact && !kinds.contains(&Kind::Exact) {
            return Err(Failure::usage("--min-distinct and --min-variation need --match exact"));
        }
        if has_geo && !kinds.contains(&Kind::Geo) {
            return Err(Failure::usage("--distance and --unit need --match geo"));
        }
        if has_common && kinds.is_empty() {
            return Err(Failure::usage("options of links need --match"));
        }
        Ok(())
    }

    /// Returns the options of a comparison of equal values.
    pub(super) fn exact(&self) -> ExactMatch {
        set!(
            ExactMatch::new(),
            min_distinct: self.min_distinct,
            min_variation: self.min_variation,
            bidirectional: self.bidirectional.then_some(true),
            target_columns: self.target_columns(),
            ignore_private_columns: self.ignore_private_columns.then_some(true),
        )
    }

    /// Returns the options of a comparison of places.
    pub(super) fn geo(&self) -> GeoMatch {
        set!(
            GeoMatch::new(),
            distance: self.distance,
            unit: self.unit.as_ref(),
            bidirectional: self.bidirectional.then_some(true),
            target_columns: self.target_columns(),
            ignore_private_columns: self.ignore_private_columns.then_some(true),
        )
    }

    fn target_columns(&self) -> Option<Vec<String>> {
        (!self.target_columns.is_empty()).then(|| self.target_columns.clone())
    }

    /// Returns the chosen kinds with their options. Without a kind, the service chooses.
    pub(super) fn match_types(&self, kinds: &[Kind]) -> Result<MatchTypes> {
        self.check(kinds)?;
        let mut types = MatchTypes::default();
        if kinds.contains(&Kind::Exact) {
            types = types.and_exact(self.exact());
        }
        if kinds.contains(&Kind::Geo) {
            types = types.and_geo(self.geo());
        }
        Ok(types)
    }
}
