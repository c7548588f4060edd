//! Amounts of money or of tokens.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::{meter::Spent, usd::Usd};
use crate::error::Error;

/// An amount of money or of tokens.
///
/// `FromStr` reads a number and its unit, such as `5USD`, `0.25 USD` or `200000tokens`.
///
/// # Examples
///
/// ```
/// use datalinks::spending::{Amount, Usd};
///
/// assert_eq!("5USD".parse::<Amount>()?, Amount::Usd(Usd::dollars(5)));
/// assert_eq!("200000 tokens".parse::<Amount>()?, Amount::Tokens(200_000));
/// assert!("5EUR".parse::<Amount>().is_err());
/// # Ok::<(), datalinks::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Amount {
    /// US dollars.
    Usd(Usd),
    /// Tokens of models.
    Tokens(u64),
}

impl Amount {
    /// Returns the amount in its smallest unit: billionths of a dollar, or tokens.
    pub(crate) fn units(self) -> u64 {
        match self {
            Self::Usd(usd) => usd.as_nanos(),
            Self::Tokens(tokens) => tokens,
        }
    }

    /// Returns an amount of `units` in the unit of this one.
    pub(crate) fn with_units(self, units: u64) -> Self {
        match self {
            Self::Usd(_) => Self::Usd(Usd::nanos(units)),
            Self::Tokens(_) => Self::Tokens(units),
        }
    }

    /// Returns the part of `spent` that is in the unit of this amount, in its smallest unit.
    pub(crate) fn units_of(self, spent: &Spent) -> u64 {
        match self {
            Self::Usd(_) => spent.cost.as_nanos(),
            Self::Tokens(_) => spent.tokens,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usd(usd) => usd.fmt(f),
            Self::Tokens(tokens) => write!(f, "{tokens} tokens"),
        }
    }
}

impl FromStr for Amount {
    type Err = Error;

    /// # Errors
    ///
    /// Fails if the text has no number, another unit than `USD` or `tokens`, or a fraction of a token.
    fn from_str(text: &str) -> Result<Self, Error> {
        let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(unit);
        let number = number.trim();
        let amount = match unit.to_ascii_lowercase().as_str() {
            "usd" => number.parse().ok().map(Self::Usd),
            "token" | "tokens" if number.bytes().all(|digit| digit.is_ascii_digit()) => {
                number.parse().ok().map(Self::Tokens)
            }
            _ => None,
        };
        amount.ok_or_else(|| {
            Error::invalid(format!(
                "{text:?} is not an amount: expected dollars or tokens, such as 5USD, 0.25USD or 200000tokens"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_a_number_and_a_unit() {
        let read = |text: &str| text.parse::<Amount>().ok().map(|amount| amount.to_string());
        for (text, expected) in [
            ("5USD", "5.00 USD"),
            ("0.001 usd", "0.001 USD"),
            (" 7 Usd", "7.00 USD"),
            ("200000tokens", "200000 tokens"),
            ("1 token", "1 tokens"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["", "5", "USD", "$5", "5EUR", "-5USD", "5USD each", "1.5tokens", "+5tokens", "1e3USD", "5 USD!"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        let json = serde_json::to_string(&[Amount::Tokens(7), Amount::Usd(Usd::dollars(2))]).unwrap();
        assert_eq!(json, r#"[{"tokens":7},{"usd":2.0}]"#);
    }
}
