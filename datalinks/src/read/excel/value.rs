//! Values of cells, and their JSON.

use std::{borrow::Cow, fmt};

use calamine::{CellErrorType, Data, DataRef, ExcelDateTime, ExcelDateTimeType};
use serde::{Serialize, Serializer};

const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;
/// Every integer up to 2^53 is an exact float.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The value of a cell that is not blank.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Bool(bool),
    Number(f64),
    /// An integer with more digits than a float holds.
    Whole(i64),
    Text(Cow<'a, str>),
    /// The error that the cell shows, for example `#N/A`.
    Error(Cow<'static, str>),
    /// A formula whose result is not stored in the file.
    Uncalculated,
}

impl<'a> Value<'a> {
    /// Creates the value of a borrowed cell, or `None` for a blank cell.
    pub(super) fn new(data: DataRef<'a>) -> Option<Self> {
        Some(match data {
            DataRef::Empty => return None,
            DataRef::Bool(value) => Self::Bool(value),
            DataRef::Float(number) => Self::Number(number),
            DataRef::Int(number) => Self::Whole(number),
            DataRef::SharedString(text) => Self::Text(Cow::Borrowed(text)),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                Self::Text(Cow::Owned(text))
            }
            DataRef::DateTime(time) => Self::time(&time),
            DataRef::Error(error) => Self::error(&error),
        })
    }

    /// Creates the value of an owned cell, or `None` for a blank cell.
    pub(super) fn of(data: &'a Data) -> Option<Self> {
        Some(match data {
            Data::Empty => return None,
            Data::Bool(value) => Self::Bool(*value),
            Data::Float(number) => Self::Number(*number),
            Data::Int(number) => Self::Whole(*number),
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
                Self::Text(Cow::Borrowed(text))
            }
            Data::DateTime(time) => Self::time(time),
            Data::Error(error) => Self::error(error),
        })
    }

    fn error(error: &CellErrorType) -> Self {
        Self::Error(Cow::Owned(error.to_string()))
    }

    /// Creates the value of a number with the format of a date, a time or a duration. A number that is none of them
    /// stays a number.
    fn time(time: &ExcelDateTime) -> Self {
        let text = if time.is_duration() { duration(time.as_f64()) } else { date_or_time(time) };
        text.map_or(Self::Number(time.as_f64()), |text| Self::Text(Cow::Owned(text)))
    }

    /// Returns `true` if the cell shows an empty string.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    /// Returns the number of bytes of the string in memory.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            _ => 0,
        }
    }
}

/// Formats the value for a column name or a message.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => match whole(*number) {
                Some(number) => write!(f, "{number}"),
                None => write!(f, "{number}"),
            },
            Self::Whole(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::Error(error) => f.write_str(error),
            Self::Uncalculated => Ok(()),
        }
    }
}

/// An error and a missing result serialize as `null`. The caller checks first if that is acceptable.
impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => match whole(*number) {
                Some(number) => serializer.serialize_i64(number),
                None => serializer.serialize_f64(*number),
            },
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Error(_) | Self::Uncalculated => serializer.serialize_unit(),
        }
    }
}

/// Returns an integer that is exact as a float. A spreadsheet stores only floats, and integers are written without a
/// decimal point.
fn whole(number: f64) -> Option<i64> {
    let exact = number.fract() == 0.0 && number.abs() <= EXACT;
    exact.then_some(number as i64)
}

/// Formats a date at midnight, a time of day without a date, or both, in ISO 8601. Returns `None` for a number that is
/// not a valid date.
///
/// The first day of the 1900 system is 1, and its day 60 is 1900-02-29, which never existed. The first day of the 1904
/// system is 0. Both end with the year 9999. A fraction alone is a time of day.
fn date_or_time(time: &ExcelDateTime) -> Option<String> {
    let days = time.as_f64();
    let is_1904 = *time == ExcelDateTime::new(days, ExcelDateTimeType::DateTime, true);
    // The library rounds to milliseconds, which can advance to the next day.
    let day = ((days * MILLISECONDS_PER_DAY).round() / MILLISECONDS_PER_DAY).floor();
    let is_date = match is_1904 {
        true => (0.0..=2_957_003.0).contains(&day),
        false => (1.0..=2_958_465.0).contains(&day) && day != 60.0,
    };
    let is_clock = days > 0.0 && days < 1.0;
    if !is_date && !is_clock {
        return None;
    }
    let (year, month, day, hour, minute, second, millisecond) = time.to_ymd_hms_milli();
    let clock = format!("{hour:02}:{minute:02}:{second:02}{}", fraction(millisecond.into()));
    let midnight = clock == "00:00:00";
    Some(match (is_clock, midnight) {
        (true, _) => clock,
        (false, true) => format!("{year:04}-{month:02}-{day:02}"),
        (false, false) => format!("{year:04}-{month:02}-{day:02}T{clock}"),
    })
}

/// Formats a duration in hours, minutes and seconds, in ISO 8601. Returns `None` for a number whose milliseconds a
/// float cannot hold.
fn duration(days: f64) -> Option<String> {
    let milliseconds = (days * MILLISECONDS_PER_DAY).round();
    if milliseconds.is_nan() || milliseconds.abs() > EXACT {
        return None;
    }
    let sign = if milliseconds < 0.0 { "-" } else { "" };
    let left = milliseconds.abs() as u64;
    let (hours, minutes, seconds) = (left / 3_600_000, left / 60_000 % 60, left / 1000 % 60);
    Some(format!("{sign}PT{hours}H{minutes}M{seconds}{}S", fraction(left % 1000)))
}

fn fraction(milliseconds: u64) -> String {
    if milliseconds == 0 { String::new() } else { format!(".{milliseconds:03}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(days: f64, is_1904: bool) -> String {
        let time = ExcelDateTime::new(days, ExcelDateTimeType::DateTime, is_1904);
        serde_json::to_string(&Value::new(DataRef::DateTime(time))).unwrap()
    }

    #[test]
    fn number_outside_of_the_date_range_stays_a_number() {
        for (days, shown) in [
            (45_351.0, "\"2024-02-29\""),
            (45_351.5, "\"2024-02-29T12:00:00\""),
            (45_351.000_001, "\"2024-02-29T00:00:00.086\""),
            (0.25, "\"06:00:00\""),
            (0.0, "0"),
            (-0.25, "-0.25"),
            (-36_526.0, "-36526"),
            (1.0, "\"1900-01-01\""),
            (1.75, "\"1900-01-01T18:00:00\""),
            (59.0, "\"1900-02-28\""),
            (60.0, "60"),
            (60.5, "60.5"),
            (59.999_999_999_99, "59.99999999999"),
            (61.0, "\"1900-03-01\""),
            (2_958_465.0, "\"9999-12-31\""),
            (2_958_465.5, "\"9999-12-31T12:00:00\""),
            (2_958_465.999_999_999_5, "2958465.9999999995"),
            (2_958_466.0, "2958466"),
            (20_240_229.0, "20240229"),
            (1e300, "1e+300"),
        ] {
            assert_eq!(date(days, false), shown, "{days}");
        }
        for (days, shown) in [
            (0.0, "\"1904-01-01\""),
            (0.5, "\"12:00:00\""),
            (1.0, "\"1904-01-02\""),
            (43_889.0, "\"2024-02-29\""),
            (2_957_003.0, "\"9999-12-31\""),
            (2_957_004.0, "2957004"),
            (-1.0, "-1"),
        ] {
            assert_eq!(date(days, true), shown, "{days} in the 1904 system");
        }
    }

    #[test]
    fn duration_is_exact_or_stays_a_number() {
        let shown = |days| {
            let time = ExcelDateTime::new(days, ExcelDateTimeType::TimeDelta, false);
            serde_json::to_string(&Value::new(DataRef::DateTime(time))).unwrap()
        };
        assert_eq!(shown(0.0), "\"PT0H0M0S\"");
        assert_eq!(shown(1.5), "\"PT36H0M0S\"");
        assert_eq!(shown(-0.25), "\"-PT6H0M0S\"");
        assert_eq!(shown(0.000_011_585), "\"PT0H0M1.001S\"");
        assert_eq!(shown(1e9), "1000000000");
        assert_eq!(shown(-1e300), "-1e+300");
    }
}
