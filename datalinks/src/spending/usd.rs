//! Amounts of US dollars.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::error::Error;

/// Number of parts of a dollar.
const SCALE: u64 = 1_000_000_000;
/// Number of digits after the decimal point.
const DIGITS: usize = 9;

/// An amount of US dollars, exact to a billionth of a dollar.
///
/// `FromStr` reads a decimal number, such as `0.25`, with at most nine digits after the point. `Display` writes at least two
/// digits after the point and as many more as the amount has, or as many as the format asks for. Serialized as a JSON
/// number of dollars.
///
/// # Examples
///
/// ```
/// use datalinks::spending::Usd;
///
/// let price: Usd = "0.000954".parse()?;
/// assert_eq!(price, Usd::nanos(954_000));
/// assert_eq!(price.to_string(), "0.000954 USD");
/// assert_eq!(format!("{:.2}", Usd::dollars(5)), "5.00 USD");
/// # Ok::<(), datalinks::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Usd(u64);

impl Usd {
    /// Creates an amount of whole dollars.
    pub const fn dollars(dollars: u32) -> Self {
        Self(dollars as u64 * SCALE)
    }

    /// Creates an amount of billionths of a dollar.
    pub const fn nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns the amount in billionths of a dollar.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the amount in dollars, rounded to the nearest number of this type.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / SCALE as f64
    }

    /// Returns the decimal number that the service sent, rounded up to a billionth. Returns `None` for a number that is
    /// negative, not finite or too large.
    ///
    /// `Display` of a float writes the shortest decimal number that reads as the same float. Up to 15 digits, this is the
    /// number of the JSON text.
    pub(crate) fn of_wire(dollars: f64) -> Option<Self> {
        if !dollars.is_finite() {
            return None;
        }
        let text = dollars.to_string();
        let (text, more) = match text.split_once('.') {
            Some((whole, fraction)) if fraction.len() > DIGITS => {
                let (kept, rest) = fraction.split_at(DIGITS);
                (format!("{whole}.{kept}"), rest.bytes().any(|digit| digit != b'0'))
            }
            _ => (text, false),
        };
        // The amount of no usage may be written as a negative zero.
        let text = if dollars == 0.0 { "0" } else { text.as_str() };
        Self(decimal(text)?).0.checked_add(u64::from(more)).map(Self)
    }

    pub(crate) fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub(crate) fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Returns a decimal number in billionths, or `None` if it is not one, has too many digits or is too large.
fn decimal(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || fraction.len() > DIGITS {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(SCALE)?;
    whole.checked_add(format!("{fraction:0<DIGITS$}").parse().ok()?)
}

impl FromStr for Usd {
    type Err = Error;

    /// # Errors
    ///
    /// Fails if the text is not a decimal number of dollars, has more than nine digits after the point, or is too large.
    fn from_str(text: &str) -> Result<Self, Error> {
        decimal(text).map(Self).ok_or_else(|| {
            Error::invalid(format!(
                "{text:?} is not an amount of dollars: expected a decimal number such as 5 or 0.25"
            ))
        })
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = match f.precision() {
            Some(digits) => digits.min(DIGITS),
            None => {
                let zeros =
                    (0..DIGITS).take_while(|zeros| self.0.is_multiple_of(10_u64.pow(*zeros as u32 + 1)));
                (DIGITS - zeros.count()).max(2)
            }
        };
        let unit = 10_u64.pow((DIGITS - digits) as u32);
        let rounded = self.0.saturating_add(unit / 2) / unit * unit;
        let (whole, fraction) = (rounded / SCALE, rounded % SCALE);
        match digits {
            0 => write!(f, "{whole} USD"),
            _ => write!(f, "{whole}.{:0digits$} USD", fraction / unit),
        }
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_without_rounding() {
        for (text, nanos, written) in [
            ("5", 5_000_000_000, "5.00 USD"),
            ("0.1", 100_000_000, "0.10 USD"),
            ("0.000000001", 1, "0.000000001 USD"),
            ("12.340", 12_340_000_000, "12.34 USD"),
            ("18446744073.709551615", u64::MAX, "18446744073.709551615 USD"),
        ] {
            let amount: Usd = text.parse().unwrap();
            assert_eq!((amount.as_nanos(), amount.to_string().as_str()), (nanos, written));
        }
        for text in
            ["", ".", "5.", ".5", "-1", "+1", "1e3", "1,5", "0.0000000001", "18446744073.709551616", "NaN"]
        {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
        assert_eq!(
            format!("{:.2} {:.0}", Usd::nanos(1_995_000_000), Usd::nanos(500_000_000)),
            "2.00 USD 1 USD"
        );
        assert_eq!(serde_json::to_string(&Usd::nanos(100_000_000)).unwrap(), "0.1");
    }

    /// A sum of floats is not a sum of money: 0.1 + 0.2 is above 0.3.
    #[test]
    fn amounts_of_the_wire_are_decimal() {
        let of = |dollars| Usd::of_wire(dollars).map(Usd::as_nanos);
        assert_eq!(of(0.1).unwrap() + of(0.2).unwrap(), of(0.3).unwrap());
        assert_eq!(of(1.0 / 1_048_576.0), Some(954), "rounded up");
        assert_eq!([0.0, -0.0, 1e-12, 123.456].map(of), [Some(0), Some(0), Some(1), Some(123_456_000_000)]);
        assert_eq!([-1.0, f64::NAN, f64::INFINITY, 1e30].map(of), [None; 4]);
    }
}
