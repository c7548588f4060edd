//! Rows of Arrow arrays as JSON text.

use std::collections::HashSet;

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, OffsetSizeTrait, RecordBatch,
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

use super::time::{self, Zone};
use crate::read::bad_row::NOT_UTF8;

/// Lists, objects and maps within each other. JSON readers usually allow 128.
const DEPTH: usize = 100;

const NOT_FINITE: &str = "the number is not finite";
const NO_TIME: &str = "the value is no date or time that can be written";

/// The rows of a batch.
pub(super) struct Rows {
    columns: Vec<Member>,
}

/// A column that JSON cannot hold.
pub(super) struct Unwritable {
    pub(super) column: String,
    pub(super) reason: String,
}

/// A value that JSON cannot hold.
pub(super) struct Problem {
    /// The index of its column in the batch.
    pub(super) column: usize,
    at: String,
    reason: &'static str,
}

/// How arrays are written.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Whether bytes are strings in UTF-8. Otherwise they are written in hexadecimal.
    pub(super) binary_as_string: bool,
}

impl Rows {
    /// Takes a batch, and the columns that were read again in another view, each with its index in the batch.
    pub(super) fn new(
        batch: &RecordBatch,
        coarse: &[(usize, ArrayRef)],
        style: Style,
    ) -> Result<Self, Unwritable> {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns()).enumerate();
        let columns = columns.map(|(index, (field, array))| {
            let coarse = coarse.iter().find(|(of, _)| *of == index).map(|(_, array)| array);
            let values = Values::new(array, coarse, style, 1);
            let values = values.map_err(|reason| Unwritable { column: field.name().clone(), reason })?;
            Ok(Member::new(field.name(), values))
        });
        Ok(Self { columns: columns.collect::<Result<_, _>>()? })
    }

    /// Appends a row. If a value cannot be written, the text shows it all the same, but is no JSON then. The first such
    /// value is returned.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) -> Option<Problem> {
        let mut first = None;
        out.push(b'{');
        for (index, member) in self.columns.iter().enumerate() {
            let mut found = None;
            member.write(index, row, out, &mut found);
            first = first.or(found.map(|found| Problem { column: index, ..found }));
        }
        out.push(b'}');
        first
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, at {}", self.reason, self.at.trim_start_matches('.'))
    }
}

/// A member of an object.
struct Member {
    name: String,
    /// The name as JSON, with the colon.
    key: Vec<u8>,
    values: Values,
}

impl Member {
    fn new(name: &str, values: Values) -> Self {
        let mut key = Vec::new();
        json(name, &mut key);
        key.push(b':');
        Self { name: name.to_owned(), key, values }
    }

    fn write(&self, index: usize, row: usize, out: &mut Vec<u8>, problem: &mut Option<Problem>) {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(&self.key);
        within(
            problem,
            || {
                if self.name.contains(['.', '[', '"']) {
                    format!(".{:?}", self.name)
                } else {
                    format!(".{}", self.name)
                }
            },
            |problem| self.values.write(row, out, problem),
        );
    }
}

/// Writes the value at an index, and reports it if JSON cannot hold it.
type Write = Box<dyn Fn(usize, &mut Vec<u8>, &mut Option<Problem>) + Send>;

/// The values of an array.
struct Values {
    array: ArrayRef,
    write: Write,
}

impl Values {
    /// `coarse` is the same array in the other view, if there is one.
    fn new(array: &ArrayRef, coarse: Option<&ArrayRef>, style: Style, depth: usize) -> Result<Self, String> {
        if depth > DEPTH {
            return Err(format!("its values are nested deeper than {DEPTH} levels"));
        }
        let inner = |array: &ArrayRef, coarse: Option<&ArrayRef>| Self::new(array, coarse, style, depth + 1);
        let write = match array.data_type() {
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
            DataType::List(_) => list::<i32>(array, &inner, coarse)?,
            DataType::LargeList(_) => list::<i64>(array, &inner, coarse)?,
            DataType::FixedSizeList(_, _) => {
                let array = array.as_fixed_size_list().clone();
                let items = inner(array.values(), coarse.map(|coarse| coarse.as_fixed_size_list().values()))?;
                let length = array.value_length() as usize;
                Box::new(move |row, out: &mut Vec<u8>, problem: &mut _| {
                    let start = array.value_offset_at(row);
                    items_of(&items, start..start + length, out, problem);
                })
            }
            DataType::Struct(fields) => {
                let array = array.as_struct();
                let mut names = HashSet::new();
                let mut members = Vec::with_capacity(fields.len());
                for (index, field) in fields.iter().enumerate() {
                    if !names.insert(field.name()) {
                        return Err(format!(
                            "its objects have two members that are named {:?}",
                            field.name()
                        ));
                    }
                    let coarse = coarse.map(|coarse| coarse.as_struct().column(index));
                    members.push(Member::new(field.name(), inner(array.column(index), coarse)?));
                }
                Box::new(move |row, out: &mut Vec<u8>, problem: &mut _| {
                    out.push(b'{');
                    for (index, member) in members.iter().enumerate() {
                        member.write(index, row, out, problem);
                    }
                    out.push(b'}');
                })
            }
            DataType::Map(_, _) => {
                let array = array.as_map().clone();
                let coarse = coarse.map(|coarse| coarse.as_map());
                if array.keys().data_type().is_nested() {
                    return Err(format!("its maps have keys of the type {}", array.keys().data_type()));
                }
                let keys = inner(array.keys(), coarse.map(|coarse| coarse.keys()))?;
                let values = inner(array.values(), coarse.map(|coarse| coarse.values()))?;
                Box::new(move |row, out: &mut Vec<u8>, problem: &mut _| {
                    let offsets = array.value_offsets();
                    entries_of(
                        &keys,
                        &values,
                        offsets[row] as usize..offsets[row + 1] as usize,
                        out,
                        problem,
                    );
                })
            }
            other => return Err(format!("its values are of the type {other}")),
        };
        Ok(Self { array: array.clone(), write })
    }

    fn write(&self, row: usize, out: &mut Vec<u8>, problem: &mut Option<Problem>) {
        if self.array.is_null(row) {
            out.extend_from_slice(b"null");
        } else {
            (self.write)(row, out, problem);
        }
    }
}

/// Adds to the place of a problem where the value stands that it was found in.
fn within(
    problem: &mut Option<Problem>,
    at: impl FnOnce() -> String,
    write: impl FnOnce(&mut Option<Problem>),
) {
    let mut found = None;
    write(&mut found);
    if let (None, Some(mut found)) = (&problem, found) {
        found.at.insert_str(0, &at());
        *problem = Some(found);
    }
}

fn report(problem: &mut Option<Problem>, reason: &'static str) {
    problem.get_or_insert(Problem { column: 0, at: String::new(), reason });
}

/// Appends a value as JSON.
fn json<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // A Vec takes all that is written, and numbers and strings can always be serialized.
    let _ = serde_json::to_writer(out, value);
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
            report(problem, NOT_UTF8);
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

fn list<O: OffsetSizeTrait>(
    array: &ArrayRef,
    inner: &dyn Fn(&ArrayRef, Option<&ArrayRef>) -> Result<Values, String>,
    coarse: Option<&ArrayRef>,
) -> Result<Write, String> {
    let array = array.as_list::<O>().clone();
    let items = inner(array.values(), coarse.map(|coarse| coarse.as_list::<O>().values()))?;
    Ok(Box::new(move |row, out, problem| {
        let offsets = array.value_offsets();
        items_of(&items, offsets[row].as_usize()..offsets[row + 1].as_usize(), out, problem);
    }))
}

fn items_of(items: &Values, range: std::ops::Range<usize>, out: &mut Vec<u8>, problem: &mut Option<Problem>) {
    let start = range.start;
    out.push(b'[');
    for index in range {
        if index > start {
            out.push(b',');
        }
        within(problem, || format!("[{}]", index - start), |problem| items.write(index, out, problem));
    }
    out.push(b']');
}

/// Appends a map as an object. Keys that are no strings are written as strings.
fn entries_of(
    keys: &Values,
    values: &Values,
    range: std::ops::Range<usize>,
    out: &mut Vec<u8>,
    problem: &mut Option<Problem>,
) {
    let first = range.start;
    let mut seen = HashSet::new();
    out.push(b'{');
    for index in range {
        if index > first {
            out.push(b',');
        }
        let start = out.len();
        within(
            problem,
            || ".key".to_owned(),
            |problem| {
                if keys.array.is_null(index) {
                    report(problem, "a key of the map is null");
                }
                keys.write(index, out, problem);
            },
        );
        if out.get(start) != Some(&b'"') {
            out.insert(start, b'"');
            out.push(b'"');
        }
        let key = out[start..].to_vec();
        let shown = String::from_utf8_lossy(&key).into_owned();
        out.push(b':');
        within(
            problem,
            || format!("[{shown}]"),
            |problem| {
                // An object would keep one of the two.
                if !seen.insert(key) {
                    report(problem, "the map has this key twice");
                }
                values.write(index, out, problem);
            },
        );
    }
    out.push(b'}');
}
