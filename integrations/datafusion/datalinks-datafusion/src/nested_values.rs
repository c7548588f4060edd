//! Lists, structs and maps of an `INSERT INTO` as JSON.

use std::sync::{Arc, LazyLock, OnceLock};

use datafusion::arrow::{
    array::{Array, ArrayRef, AsArray as _},
    datatypes::{DataType, Field, FieldRef, Float16Type, Float32Type, Float64Type},
    error::ArrowError,
    json::{
        Encoder, EncoderFactory, EncoderOptions,
        writer::{NullableEncoder, make_encoder},
    },
};
use serde_json::value::RawValue;

use crate::times::Times;

/// The settings of the encoders of numbers, which do not need the checks below.
static PLAIN: LazyLock<EncoderOptions> = LazyLock::new(EncoderOptions::default);

/// Returns the values as JSON.
///
/// # Errors
///
/// Returns an error for the first value that JSON cannot have as it is. Values that are in no row of the array, or below a null,
/// are not looked at.
pub(crate) fn nested(array: &ArrayRef) -> Result<Vec<Option<Box<RawValue>>>, String> {
    let field = Arc::new(Field::new("value", array.data_type().clone(), true));
    let problem = Problem::default();
    let factory = Arc::new(Checks(problem.clone()));
    let options = EncoderOptions::default().with_explicit_nulls(true).with_encoder_factory(factory);
    let mut encoder = make_encoder(&field, array.as_ref(), &options).map_err(|error| error.to_string())?;
    let mut values = Vec::with_capacity(array.len());
    for at in 0..array.len() {
        if array.is_null(at) {
            values.push(None);
            continue;
        }
        let mut json = Vec::new();
        encoder.encode(at, &mut json);
        if let Some(problem) = problem.0.get() {
            return Err(problem.clone());
        }
        let json = String::from_utf8(json).map_err(|error| error.to_string())?;
        values.push(Some(RawValue::from_string(json).map_err(|error| error.to_string())?));
    }
    Ok(values)
}

/// The first value that JSON cannot have. An encoder returns no error.
#[derive(Clone, Debug, Default)]
struct Problem(Arc<OnceLock<String>>);

impl Problem {
    fn set(&self, what: impl FnOnce() -> String) {
        self.0.get_or_init(what);
    }
}

/// Creates encoders for the types whose own encoders write something else for some values: null for a number that is not finite,
/// the text of an error for a date outside the calendar, and an empty value for a null of a dictionary.
#[derive(Debug)]
struct Checks(Problem);

impl EncoderFactory for Checks {
    fn make_default_encoder<'a>(
        &self,
        field: &'a FieldRef,
        array: &'a dyn Array,
        options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let problem = self.0.clone();
        let encoder: Box<dyn Encoder + 'a> = match array.data_type() {
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                Box::new(Number { array, encoder: make_encoder(field, array, &PLAIN)?, problem })
            }
            kind if kind.is_temporal() => Box::new(Time { array, times: Times::new(array)?, problem }),
            DataType::Dictionary(..) => {
                let Some(dictionary) = array.as_any_dictionary_opt() else { return Ok(None) };
                let values = dictionary.values();
                // Without values, every row is null, and the keys cannot be read.
                let keys = if values.is_empty() { Vec::new() } else { dictionary.normalized_keys() };
                Box::new(Dictionary { keys, encoder: make_encoder(field, values.as_ref(), options)? })
            }
            _ => return Ok(None),
        };
        Ok(Some(NullableEncoder::new(encoder, array.logical_nulls())))
    }
}

/// Encodes numbers that may not be finite.
struct Number<'a> {
    array: &'a dyn Array,
    encoder: NullableEncoder<'a>,
    problem: Problem,
}

impl Encoder for Number<'_> {
    fn encode(&mut self, at: usize, out: &mut Vec<u8>) {
        let is_finite = match self.array.data_type() {
            DataType::Float16 => self.array.as_primitive::<Float16Type>().value(at).is_finite(),
            DataType::Float32 => self.array.as_primitive::<Float32Type>().value(at).is_finite(),
            _ => self.array.as_primitive::<Float64Type>().value(at).is_finite(),
        };
        if !is_finite {
            self.problem.set(|| {
                "a list or struct has a number that is not finite, and JSON has no such number".to_owned()
            });
        }
        self.encoder.encode(at, out);
    }
}

/// Encodes dates, times, timestamps, durations and intervals.
struct Time<'a> {
    array: &'a dyn Array,
    times: Times<'a>,
    problem: Problem,
}

impl Encoder for Time<'_> {
    fn encode(&mut self, at: usize, out: &mut Vec<u8>) {
        let Some(text) = self.times.text(at) else {
            let kind = self.array.data_type();
            return self.problem.set(|| {
                format!("a list or struct has a value of the type {kind} that is not in the calendar")
            });
        };
        // No format has a character that JSON escapes.
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }
}

/// Encodes the values of a dictionary, some of which may be null.
struct Dictionary<'a> {
    keys: Vec<usize>,
    encoder: NullableEncoder<'a>,
}

impl Encoder for Dictionary<'_> {
    fn encode(&mut self, at: usize, out: &mut Vec<u8>) {
        if let Some(key) = self.keys.get(at) {
            self.encoder.encode(*key, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::{
        array::{
            ArrowPrimitiveType, Date32Array, Date64Array, DictionaryArray, DurationSecondArray,
            FixedSizeListArray, Float16Array, Float32Array, Float64Array, Int32Array,
            IntervalMonthDayNanoArray, LargeListArray, LargeListViewArray, ListArray, ListViewArray,
            MapArray, NullArray, RunArray, StringArray, StructArray, Time32SecondArray,
            Time64NanosecondArray, TimestampSecondArray,
        },
        buffer::{NullBuffer, OffsetBuffer},
        datatypes::{Int32Type, IntervalMonthDayNano},
    };

    use super::*;

    type F16 = <Float16Type as ArrowPrimitiveType>::Native;

    /// Puts each value into a value of its own, of every type that has other values.
    fn wrapped(leaf: &ArrayRef) -> Vec<ArrayRef> {
        let count = leaf.len();
        let field = Arc::new(Field::new("v", leaf.data_type().clone(), true));
        let ones = || OffsetBuffer::from_lengths(vec![1; count]);
        let of_struct = |array: ArrayRef| {
            let field = Arc::new(Field::new("v", array.data_type().clone(), true));
            Arc::new(StructArray::from(vec![(field, array)])) as ArrayRef
        };
        let list = ListArray::new(Arc::clone(&field), ones(), Arc::clone(leaf), None);
        let names = StringArray::from_iter_values((0..count).map(|at| at.to_string()));
        let map_fields = vec![Arc::new(Field::new("k", DataType::Utf8, false)), Arc::clone(&field)];
        let entries =
            StructArray::new(map_fields.clone().into(), vec![Arc::new(names), Arc::clone(leaf)], None);
        let map_field = Arc::new(Field::new("e", DataType::Struct(map_fields.into()), false));
        let keys = || (0..count as i32).collect::<Vec<_>>();
        let ends = Int32Array::from_iter_values((0..count as i32).map(|at| at + 1));
        vec![
            Arc::new(list.clone()),
            Arc::new(ListViewArray::from(list.clone())),
            Arc::new(LargeListArray::new(
                Arc::clone(&field),
                OffsetBuffer::from_lengths(vec![1; count]),
                Arc::clone(leaf),
                None,
            )),
            Arc::new(LargeListViewArray::new(
                Arc::clone(&field),
                (0..count as i64).collect::<Vec<_>>().into(),
                vec![1; count].into(),
                Arc::clone(leaf),
                None,
            )),
            Arc::new(FixedSizeListArray::new(Arc::clone(&field), 1, Arc::clone(leaf), None)),
            Arc::new(MapArray::new(map_field, ones(), entries, None, false)),
            of_struct(Arc::clone(leaf)),
            of_struct(Arc::new(list)),
            of_struct(Arc::new(DictionaryArray::new(Int32Array::from(keys()), Arc::clone(leaf)))),
            of_struct(Arc::new(RunArray::<Int32Type>::try_new(&ends, leaf).unwrap())),
        ]
    }

    fn texts(array: &ArrayRef) -> Vec<Option<String>> {
        let values = nested(array).unwrap_or_else(|error| panic!("{}: {error}", array.data_type()));
        values.into_iter().map(|value| value.map(|json| json.get().to_owned())).collect()
    }

    #[test]
    fn values_that_json_cannot_have_are_rejected() {
        let (calendar, finite) = ("not in the calendar", "not finite");
        let leaves: [(ArrayRef, &str); 10] = [
            (Arc::new(Date32Array::from(vec![0, i32::MAX])), calendar),
            (Arc::new(Date64Array::from(vec![0, i64::MAX])), calendar),
            (Arc::new(TimestampSecondArray::from(vec![0, i64::MAX])), calendar),
            (Arc::new(TimestampSecondArray::from(vec![0, i64::MIN]).with_timezone("+01:00")), calendar),
            (Arc::new(Time32SecondArray::from(vec![0, -1])), calendar),
            (Arc::new(Time64NanosecondArray::from(vec![0, i64::MAX])), calendar),
            (Arc::new(DurationSecondArray::from(vec![0, i64::MAX])), calendar),
            (Arc::new(Float16Array::from(vec![F16::ZERO, F16::INFINITY])), finite),
            (Arc::new(Float32Array::from(vec![0.0, f32::NAN])), finite),
            (Arc::new(Float64Array::from(vec![0.0, f64::NEG_INFINITY])), finite),
        ];
        for (leaf, what) in leaves {
            for array in wrapped(&leaf) {
                let error = nested(&array).unwrap_err();
                assert!(error.contains(what), "{}: {error}", array.data_type());
                // The row with the value is not part of the slice.
                assert_eq!(texts(&array.slice(0, 1)).len(), 1);
                assert!(nested(&array.slice(1, 1)).is_err());
            }
        }
    }

    #[test]
    fn values_below_a_null_are_not_looked_at() {
        let nan = || Arc::new(Float64Array::from(vec![1.0, f64::NAN])) as ArrayRef;
        let nulls = || Some(NullBuffer::from(vec![true, false]));
        let field = Arc::new(Field::new("v", DataType::Float64, true));
        let list = ListArray::new(Arc::clone(&field), OffsetBuffer::from_lengths([1, 1]), nan(), nulls());
        let fixed = FixedSizeListArray::new(Arc::clone(&field), 1, nan(), nulls());
        let fields = StructArray::new(vec![field].into(), vec![nan()], nulls());
        for (array, json) in [
            (Arc::new(list) as ArrayRef, "[1.0]"),
            (Arc::new(fixed), "[1.0]"),
            (Arc::new(fields), r#"{"v":1.0}"#),
        ] {
            assert_eq!(texts(&array), [Some(json.to_owned()), None]);
        }
    }

    /// Regression: a null among the values of a dictionary was written as an empty text.
    #[test]
    fn nulls_of_dictionaries_are_null() {
        let keys = || Int32Array::from(vec![Some(1), Some(0), None]);
        let words = Arc::new(StringArray::from(vec![Some("a"), None]));
        for (values, expected) in [
            (words as ArrayRef, ["[null]", r#"["a"]"#, "[null]"]),
            (Arc::new(NullArray::new(2)), ["[null]"; 3]),
        ] {
            let dictionary = Arc::new(DictionaryArray::new(keys(), values)) as ArrayRef;
            let found = texts(&wrapped_in_list(dictionary));
            assert_eq!(found, expected.map(|json| Some(json.to_owned())));
        }
        let none = DictionaryArray::new(Int32Array::new_null(1), Arc::new(NullArray::new(0)));
        assert_eq!(texts(&wrapped_in_list(Arc::new(none))), [Some("[null]".to_owned())]);
    }

    fn wrapped_in_list(values: ArrayRef) -> ArrayRef {
        let field = Arc::new(Field::new("v", values.data_type().clone(), true));
        let ones = OffsetBuffer::from_lengths(vec![1; values.len()]);
        Arc::new(ListArray::new(field, ones, values, None))
    }

    #[test]
    fn intervals_and_times_are_text() {
        let interval =
            IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(i32::MAX, i32::MIN, 1)]);
        let times = [
            Arc::new(interval) as ArrayRef,
            Arc::new(Time32SecondArray::from(vec![3_661])),
            Arc::new(DurationSecondArray::from(vec![90])),
            Arc::new(TimestampSecondArray::from(vec![0]).with_timezone("+01:00")),
        ];
        let found: Vec<_> =
            times.into_iter().flat_map(|leaf| texts(&wrapped_in_list(leaf))).flatten().collect();
        assert_eq!(
            found,
            [
                r#"["2147483647 mons -2147483648 days 0.000000001 secs"]"#,
                r#"["01:01:01"]"#,
                r#"["PT90S"]"#,
                r#"["1970-01-01T01:00:00+01:00"]"#
            ]
        );
    }
}
