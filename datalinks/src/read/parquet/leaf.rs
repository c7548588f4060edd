//! Values of arrays that are not nested as JSON text.

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType,
    cast::AsArray,
    types::{
        Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DecimalType,
        DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
        Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
        IntervalDayTimeType, IntervalYearMonthType, Time32MillisecondType, Time32SecondType,
        Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use serde::Serialize;

use super::{
    time::{self, Zone},
    value::{Problem, Style, Write, json, report},
};
use crate::read::bad_row::not_utf8;

const NOT_FINITE: &str = "the number is not finite";
const NO_TIME: &str = "the value is no date or time that can be written";

/// How the values of an array are written.
pub(super) fn leaf(array: &ArrayRef, coarse: Option<&ArrayRef>, style: Style) -> Result<Write, String> {
    Ok(match array.data_type() {
        DataType::Null => Box::new(|_, out: &mut Vec<u8>, _: &mut _| out.extend_from_slice(b"null")),
        DataType::Boolean => {
            let array = array.as_boolean().clone();
            Box::new(move |row, out: &mut Vec<u8>, _: &mut _| json(&array.value(row), out)) as Write
        }
        DataType::Int8 => integers::<Int8Type>(array),
        DataType::Int16 => integers::<Int16Type>(array),
        DataType::Int32 => integers::<Int32Type>(array),
        DataType::Int64 => integers::<Int64Type>(array),
        DataType::UInt8 => integers::<UInt8Type>(array),
        DataType::UInt16 => integers::<UInt16Type>(array),
        DataType::UInt32 => integers::<UInt32Type>(array),
        DataType::UInt64 => integers::<UInt64Type>(array),
        DataType::Float16 => numbers::<Float16Type>(array, |value, out| float(value.to_f32(), out)),
        DataType::Float32 => numbers::<Float32Type>(array, float),
        DataType::Float64 => numbers::<Float64Type>(array, float),
        DataType::Decimal32(precision, scale) => decimals::<Decimal32Type>(array, *precision, *scale),
        DataType::Decimal64(precision, scale) => decimals::<Decimal64Type>(array, *precision, *scale),
        DataType::Decimal128(precision, scale) => decimals::<Decimal128Type>(array, *precision, *scale),
        DataType::Decimal256(precision, scale) => decimals::<Decimal256Type>(array, *precision, *scale),
        DataType::Utf8View => {
            let array = array.as_string_view().clone();
            Box::new(move |row, out: &mut Vec<u8>, _: &mut _| json(array.value(row), out))
        }
        DataType::BinaryView => {
            let array = array.as_binary_view().clone();
            Box::new(move |row, out: &mut Vec<u8>, problem: &mut _| {
                bytes(array.value(row), style, out, problem);
            })
        }
        DataType::FixedSizeBinary(_) => {
            let array = array.as_fixed_size_binary().clone();
            Box::new(move |row, out: &mut Vec<u8>, _: &mut _| hexadecimal(array.value(row), out))
        }
        DataType::Date32 => times::<Date32Type>(array, time::date),
        DataType::Date64 => times::<Date64Type>(array, time::date_of_milliseconds),
        DataType::Time32(TimeUnit::Second) => {
            times::<Time32SecondType>(array, |value| time::time(value.into(), TimeUnit::Second))
        }
        DataType::Time32(_) => {
            times::<Time32MillisecondType>(array, |value| time::time(value.into(), TimeUnit::Millisecond))
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            times::<Time64MicrosecondType>(array, |value| time::time(value, TimeUnit::Microsecond))
        }
        DataType::Time64(_) => {
            times::<Time64NanosecondType>(array, |value| time::time(value, TimeUnit::Nanosecond))
        }
        DataType::Timestamp(unit, zone) => {
            let (unit, zone) = (*unit, Zone::of(zone.as_deref()));
            match (unit, coarse) {
                (TimeUnit::Second, _) => timestamps::<TimestampSecondType>(array, unit, zone),
                (TimeUnit::Millisecond, _) => timestamps::<TimestampMillisecondType>(array, unit, zone),
                (TimeUnit::Microsecond, _) => timestamps::<TimestampMicrosecondType>(array, unit, zone),
                (TimeUnit::Nanosecond, Some(seconds))
                    if matches!(seconds.data_type(), DataType::Timestamp(TimeUnit::Second, _)) =>
                {
                    int96(array, seconds, zone)
                }
                (TimeUnit::Nanosecond, _) => timestamps::<TimestampNanosecondType>(array, unit, zone),
            }
        }
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => durations::<DurationSecondType>(array, *unit),
            TimeUnit::Millisecond => durations::<DurationMillisecondType>(array, *unit),
            TimeUnit::Microsecond => durations::<DurationMicrosecondType>(array, *unit),
            TimeUnit::Nanosecond => durations::<DurationNanosecondType>(array, *unit),
        },
        DataType::Interval(IntervalUnit::DayTime) => {
            intervals(array, coarse.ok_or("its intervals were not read whole")?)
        }
        other => return Err(format!("its values are of the type {other}")),
    })
}

fn integers<T: ArrowPrimitiveType<Native: Serialize>>(array: &ArrayRef) -> Write {
    let array = array.as_primitive::<T>().clone();
    Box::new(move |row, out, _| json(&array.value(row), out))
}

/// Writes numbers that may not be finite.
fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef, write: fn(T::Native, &mut Vec<u8>) -> bool) -> Write {
    let array = array.as_primitive::<T>().clone();
    Box::new(move |row, out, problem| {
        if !write(array.value(row), out) {
            report(problem, NOT_FINITE);
        }
    })
}

/// Whether the number is finite.
fn float<T: Copy + Serialize + Into<f64>>(value: T, out: &mut Vec<u8>) -> bool {
    let wide: f64 = value.into();
    if wide.is_finite() {
        json(&value, out);
    } else {
        out.extend_from_slice(if wide.is_nan() {
            b"NaN"
        } else if wide > 0.0 {
            b"Infinity"
        } else {
            b"-Infinity"
        });
    }
    wide.is_finite()
}

fn decimals<T: DecimalType>(array: &ArrayRef, precision: u8, scale: i8) -> Write {
    let array = array.as_primitive::<T>().clone();
    Box::new(move |row, out, _| {
        out.extend_from_slice(T::format_decimal(array.value(row), precision, scale).as_bytes());
    })
}

/// Appends bytes as a string.
fn bytes(value: &[u8], style: Style, out: &mut Vec<u8>, problem: &mut Option<Problem>) {
    if !style.binary_as_string {
        return hexadecimal(value, out);
    }
    match std::str::from_utf8(value) {
        Ok(text) => json(text, out),
        Err(_) => {
            json(&String::from_utf8_lossy(value), out);
            report(problem, not_utf8(&[]));
        }
    }
}

fn hexadecimal(value: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for byte in value {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
    out.push(b'"');
}

/// Writes dates and times as strings; one that has none shows its number.
fn times<T>(array: &ArrayRef, text: impl Fn(T::Native) -> Option<String> + Send + 'static) -> Write
where
    T: ArrowPrimitiveType<Native: Into<i64>>,
{
    let array = array.as_primitive::<T>().clone();
    Box::new(move |row, out, problem| match text(array.value(row)) {
        Some(text) => json(&text, out),
        None => {
            let number: i64 = array.value(row).into();
            json(&number, out);
            report(problem, NO_TIME);
        }
    })
}

fn timestamps<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef, unit: TimeUnit, zone: Zone) -> Write {
    times::<T>(array, move |value| time::timestamp(time::split(value, unit), zone))
}

fn int96(nanoseconds: &ArrayRef, seconds: &ArrayRef, zone: Zone) -> Write {
    let nanoseconds = nanoseconds.as_primitive::<TimestampNanosecondType>().clone();
    let seconds = seconds.as_primitive::<TimestampSecondType>().clone();
    Box::new(move |row, out, problem| {
        let instant = time::join(seconds.value(row), nanoseconds.value(row));
        match instant.and_then(|instant| time::timestamp(instant, zone)) {
            Some(text) => json(&text, out),
            None => {
                json(&seconds.value(row), out);
                report(problem, NO_TIME);
            }
        }
    })
}

fn durations<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef, unit: TimeUnit) -> Write {
    times::<T>(array, move |value| Some(time::duration(value, unit)))
}

fn intervals(array: &ArrayRef, months: &ArrayRef) -> Write {
    let array = array.as_primitive::<IntervalDayTimeType>().clone();
    let months = months.as_primitive::<IntervalYearMonthType>().clone();
    Box::new(move |row, out, _| {
        let value = array.value(row);
        let nanoseconds = i128::from(value.milliseconds) * 1_000_000;
        json(&time::interval(months.value(row), value.days, nanoseconds), out);
    })
}
