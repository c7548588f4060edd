//! The types of columns, which follow from the values.

/// Integers up to this one are floats without a loss.
const LARGEST_EXACT: u64 = 1 << 53;

/// The type of a column that can hold all values that were seen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Kind {
    /// Every value is null. The column is one of strings.
    #[default]
    Null,
    Boolean,
    /// Integers that are also exact as floats.
    SmallInteger,
    Integer,
    Float,
    /// Strings, and the JSON text of all else.
    Text,
}

impl Kind {
    /// Returns the type of a JSON value.
    pub(super) fn of(json: &str) -> Self {
        match json.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'-' | b'0'..=b'9') => Self::of_number(json),
            _ => Self::Text,
        }
    }

    fn of_number(json: &str) -> Self {
        // The float has the sign of a negative zero.
        if json.contains(['.', 'e', 'E']) || json == "-0" {
            return if is_exact(json) { Self::Float } else { Self::Text };
        }
        match json.parse::<i64>() {
            Ok(number) if number.unsigned_abs() <= LARGEST_EXACT => Self::SmallInteger,
            Ok(_) => Self::Integer,
            Err(_) => Self::Text,
        }
    }

    /// Returns the type that can hold the values of both, without a loss of digits.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, two) if one == two => one,
            (Self::Null, kind) | (kind, Self::Null) => kind,
            (Self::SmallInteger, Self::Integer) | (Self::Integer, Self::SmallInteger) => Self::Integer,
            (Self::SmallInteger, Self::Float) | (Self::Float, Self::SmallInteger) => Self::Float,
            _ => Self::Text,
        }
    }
}

/// Returns `true` if the float that is closest to a number is written with the same digits.
fn is_exact(json: &str) -> bool {
    let Ok(float) = json.parse::<f64>() else { return false };
    float.is_finite() && decimal(json).is_some_and(|own| decimal(&format!("{float:e}")) == Some(own))
}

/// Returns the digits of a number without zeros at both ends, and the power of ten of the last digit.
fn decimal(number: &str) -> Option<(String, i64)> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_end_matches('0');
    let zeros = i64::try_from(all.len() - digits.len()).ok()?;
    let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(zeros)?;
    let digits = digits.trim_start_matches('0');
    Some(if digits.is_empty() { (String::new(), 0) } else { (digits.to_owned(), exponent) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_all(values: &[&str]) -> Kind {
        values.iter().fold(Kind::default(), |kind, value| kind.and(Kind::of(value)))
    }

    #[test]
    fn columns_have_the_type_that_loses_nothing() {
        for (values, expected) in [
            (&["null"][..], Kind::Null),
            (&["null", "true", "false"], Kind::Boolean),
            (&["1", "null", "-9007199254740992"], Kind::SmallInteger),
            (&["1", "9223372036854775807"], Kind::Integer),
            (&["9223372036854775808"], Kind::Text),
            (&["1", "0.5", "-1.25e3", "1.10", "100.0", "1E+2", "-0", "0.0", "5e-324"], Kind::Float),
            (&["0.5", "9007199254740993"], Kind::Text),
            (&["0.12345678901234567890"], Kind::Text),
            (&["1e999"], Kind::Text),
            (&["1e-999"], Kind::Text),
            (&["0e99999999999999999999"], Kind::Text),
            (&["1", "\"1\""], Kind::Text),
            (&["1", "true"], Kind::Text),
            (&["[1]"], Kind::Text),
        ] {
            assert_eq!(of_all(values), expected, "{values:?}");
            let reversed: Vec<&str> = values.iter().rev().copied().collect();
            assert_eq!(of_all(&reversed), expected, "{reversed:?}");
        }
    }
}
