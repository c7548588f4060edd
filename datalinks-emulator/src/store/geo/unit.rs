//! Units of distance.

use serde::{Deserialize, Serialize};

/// A unit of distance.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Deserialize, Serialize)]
pub(crate) enum Unit {
    #[default]
    #[serde(rename = "km")]
    Kilometers,
    #[serde(rename = "m")]
    Meters,
    #[serde(rename = "mi")]
    Miles,
    #[serde(rename = "nmi")]
    NauticalMiles,
    #[serde(rename = "ft")]
    Feet,
}

impl Unit {
    /// The known units, for messages.
    pub(crate) const KNOWN: &str = "km, m, mi, nmi or ft, or one of their names in full";

    /// Parses a unit, abbreviated or in full, in either spelling and any case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.trim().to_lowercase().as_str() {
            "km" | "kilometre" | "kilometres" | "kilometer" | "kilometers" => Self::Kilometers,
            "m" | "metre" | "metres" | "meter" | "meters" => Self::Meters,
            "mi" | "mile" | "miles" => Self::Miles,
            "nmi" | "nautical mile" | "nautical miles" | "nauticalmiles" => Self::NauticalMiles,
            "ft" | "foot" | "feet" => Self::Feet,
            _ => return None,
        })
    }

    /// Returns the length of the unit in kilometers.
    pub(crate) fn in_km(self) -> f64 {
        match self {
            Self::Kilometers => 1.0,
            Self::Meters => 0.001,
            Self::Miles => 1.609_344,
            Self::NauticalMiles => 1.852,
            Self::Feet => 0.000_304_8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_parsed_and_serialized() {
        for (text, unit, short) in [
            ("KM", Unit::Kilometers, "\"km\""),
            ("Kilometers", Unit::Kilometers, "\"km\""),
            ("metres", Unit::Meters, "\"m\""),
            (" miles ", Unit::Miles, "\"mi\""),
            ("nmi", Unit::NauticalMiles, "\"nmi\""),
            ("feet", Unit::Feet, "\"ft\""),
        ] {
            assert_eq!(Unit::parse(text), Some(unit), "{text}");
            assert_eq!(serde_json::to_string(&unit).unwrap(), short);
        }
        assert_eq!(Unit::parse("parsec"), None);
        assert!((Unit::Miles.in_km() / Unit::Feet.in_km() - 5280.0).abs() < 1e-9);
    }
}
