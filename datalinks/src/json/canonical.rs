//! JSON in a canonical form, in which equal values have equal texts.
//!
//! The form is that of RFC 8785 (JSON Canonicalization Scheme), with one difference: integers beyond 2^53 keep all digits.

use datalinks_gen::Row;
use serde_json::{Number, Value};

/// Integers up to this bound, 2^53, are exact as double-precision numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns the canonical text of a row without its metadata columns, whose names begin with an underscore.
pub(crate) fn row_without_metadata(row: &Row) -> Vec<u8> {
    let mut text = Vec::new();
    object(row.iter().filter(|(name, _)| !name.starts_with('_')), &mut text);
    text
}

/// Returns the canonical text of a value.
pub(crate) fn value(value: &Value) -> Vec<u8> {
    let mut text = Vec::new();
    append(value, &mut text);
    text
}

/// Returns the canonical text of a number.
pub(crate) fn number(number: &Number) -> String {
    if let Some(integer) = number.as_i64() {
        return integer.to_string();
    }
    match (number.as_u64(), number.as_f64()) {
        (Some(integer), _) => integer.to_string(),
        (None, Some(double)) => self::double(double),
        (None, None) => number.to_string(),
    }
}

/// Appends a value. The parser limits the depth of values, and so the recursion.
fn append(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Null => text.extend_from_slice(b"null"),
        Value::Bool(value) => text.extend_from_slice(if *value { b"true" } else { b"false".as_slice() }),
        Value::Number(value) => text.extend_from_slice(number(value).as_bytes()),
        Value::String(value) => string(value, text),
        Value::Array(items) => {
            text.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                append(item, text);
            }
            text.push(b']');
        }
        Value::Object(members) => object(members.iter(), text),
    }
}

fn object<'a>(members: impl Iterator<Item = (&'a String, &'a Value)>, text: &mut Vec<u8>) {
    let mut members: Vec<_> = members.collect();
    members.sort_unstable_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
    text.push(b'{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        string(name, text);
        text.push(b':');
        append(value, text);
    }
    text.push(b'}');
}

/// Appends a string. The serializer uses the escapes of RFC 8785.
fn string(value: &str, text: &mut Vec<u8>) {
    // A string can be serialized, and writing to a vector cannot fail.
    let _ = serde_json::to_writer(text, value);
}

/// Returns a number in the form of ECMAScript, in which `5.0` is `5`.
fn double(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return format!("{value:.0}");
    }
    // The shortest digits that are read as the same number, of which the serializer chooses the nearest. `{:e}` may choose
    // another one of two.
    let Some(text) = Number::from_f64(value.abs()).map(|number| number.to_string()) else {
        return value.to_string();
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let count = |text: &str| i32::try_from(text.len()).unwrap_or(i32::MAX);
    // The decimal point stands after this number of digits.
    let point = count(whole) + exponent - (count(&all) - count(digits));
    let digits = digits.trim_end_matches('0');
    let (length, exponent) = (count(digits), point - 1);
    let sign = if value < 0.0 { "-" } else { "" };
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    match point {
        _ if (length..=21).contains(&point) => format!("{sign}{digits}{}", zeros(point - length)),
        1..=21 => {
            let (whole, rest) = digits.split_at(usize::try_from(point).unwrap_or_default());
            format!("{sign}{whole}.{rest}")
        }
        -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            let plus = if exponent < 0 { "" } else { "+" };
            format!("{sign}{first}{point}{rest}e{plus}{exponent}")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn of(text: &str) -> String {
        String::from_utf8(value(&serde_json::from_str(text).unwrap())).unwrap()
    }

    #[test]
    fn numbers_have_the_form_of_rfc_8785() {
        // The samples of appendix B of the RFC, by the bits of the number.
        for (bits, text) in [
            (0x0000_0000_0000_0000, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            assert_eq!(double(f64::from_bits(bits)), text, "{bits:x}");
        }
    }

    #[test]
    fn equal_values_have_equal_texts() {
        assert_eq!(of("5.0"), of("5"));
        assert_eq!(of("1e18"), of("1000000000000000000"));
        assert_eq!(of("-0.0"), "0");
        assert_ne!(of("9007199254740993"), of("9007199254740992"));
        assert_eq!(of("18446744073709551615"), "18446744073709551615");
        assert_ne!(of("5"), of("\"5\""));
        assert_eq!(of(r#"{"b":1,"a":[true,null]}"#), r#"{"a":[true,null],"b":1}"#);
        // In UTF-16, a letter beyond U+FFFF comes before U+FB01.
        assert_eq!(of("{\"\u{fb01}\":1,\"\u{1f600}\":2}"), "{\"\u{1f600}\":2,\"\u{fb01}\":1}");
    }

    #[test]
    fn metadata_columns_are_left_out() {
        let row = json!({ "title": "Alien", "__metadata": { "score": 0.5 }, "_id": 1 });
        assert_eq!(row_without_metadata(row.as_object().unwrap()), br#"{"title":"Alien"}"#);
    }

    #[test]
    fn strings_have_the_escapes_of_rfc_8785() {
        // The sample of section 3.2.2 of the RFC.
        assert_eq!(of(r#""\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/""#), r#""€$\u000f\nA'B\"\\\\\"/""#);
        // Only control characters below U+0020 are escaped.
        for code in 0..=0x1f_u8 {
            let escape = match code {
                8 => r"\b".to_owned(),
                9 => r"\t".to_owned(),
                10 => r"\n".to_owned(),
                12 => r"\f".to_owned(),
                13 => r"\r".to_owned(),
                code => format!("\\u{code:04x}"),
            };
            assert_eq!(value(&char::from(code).to_string().into()), format!("\"{escape}\"").into_bytes());
        }
        assert_eq!(of("\"\u{7f}\u{2028}\u{1f600}\""), "\"\u{7f}\u{2028}\u{1f600}\"");
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_the_same_number(number in prop::num::f64::NORMAL) {
            prop_assert_eq!(double(number).parse::<f64>().unwrap(), number);
        }
    }
}
