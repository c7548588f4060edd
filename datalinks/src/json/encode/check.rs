//! Strict serialization of JSON.
//!
//! `serde_json` writes NaN and infinity as `null`, and numeric keys as strings, which would store other data than the
//! caller's. The serializer in this file rejects these values. Every other value has the text that `serde_json` writes.
//!
//! Braces, separators and strings without escapes are written here, straight into the buffer. Numbers and strings with
//! escapes are passed on to `serde_json`.

mod key;
mod text;

use serde::{
    Serialize,
    ser::{self, Error as _},
};
use serde_json::Error;

use self::key::Key;

/// Appends `row` to `bytes` as JSON.
pub(crate) fn write<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, row: &T) -> Result<(), Error> {
    row.serialize(Strict(bytes))
}

/// A serializer that appends to a buffer.
struct Strict<'a>(&'a mut Vec<u8>);

/// A list or an object that is being written.
struct Open<'a> {
    bytes: &'a mut Vec<u8>,
    /// `true` until the first element or member is written.
    is_empty: bool,
    /// The text after the last element or member.
    close: &'static str,
}

impl<'a> Open<'a> {
    #[inline]
    fn new(bytes: &'a mut Vec<u8>, open: u8, close: &'static str) -> Self {
        bytes.push(open);
        Self { bytes, is_empty: true, close }
    }

    /// Opens a list or an object that is the value of an enum, in an object with the name of the variant as its key.
    fn variant(bytes: &'a mut Vec<u8>, variant: &str, open: u8, close: &'static str) -> Result<Self, Error> {
        write_key(bytes, variant)?;
        Ok(Self::new(bytes, open, close))
    }

    #[inline]
    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_empty) {
            self.bytes.push(b',');
        }
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.separate();
        value.serialize(Strict(self.bytes))
    }

    #[inline]
    fn member<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.separate();
        text::write(self.bytes, key)?;
        self.bytes.push(b':');
        value.serialize(Strict(self.bytes))
    }

    #[inline]
    fn close(self) {
        self.bytes.extend_from_slice(self.close.as_bytes());
    }
}

/// Writes the start of an object whose only member has this key.
fn write_key(bytes: &mut Vec<u8>, key: &str) -> Result<(), Error> {
    bytes.push(b'{');
    text::write(bytes, key)?;
    bytes.push(b':');
    Ok(())
}

macro_rules! pass_on {
    ($($function:ident: $value:ty),+) => {$(
        #[inline]
        fn $function(self, value: $value) -> Result<(), Error> {
            serde_json::to_writer(self.0, &value)
        }
    )+};
}

impl<'a> ser::Serializer for Strict<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Open<'a>;

    pass_on! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128
    }

    #[inline]
    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        if value.is_finite() { serde_json::to_writer(self.0, &value) } else { Err(not_finite(value)) }
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        if value.is_finite() { serde_json::to_writer(self.0, &value) } else { Err(not_finite(value)) }
    }

    #[inline]
    fn serialize_char(self, value: char) -> Result<(), Error> {
        text::write(self.0, value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Error> {
        text::write(self.0, value)
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        text::write_displayed(self.0, value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.collect_seq(value)
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), Error> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    #[inline]
    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        text::write(self.0, variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        write_key(self.0, variant)?;
        value.serialize(Strict(self.0))?;
        self.0.push(b'}');
        Ok(())
    }

    #[inline]
    fn serialize_seq(self, _length: Option<usize>) -> Result<Open<'a>, Error> {
        Ok(Open::new(self.0, b'[', "]"))
    }

    #[inline]
    fn serialize_tuple(self, _length: usize) -> Result<Open<'a>, Error> {
        Ok(Open::new(self.0, b'[', "]"))
    }

    #[inline]
    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<Open<'a>, Error> {
        Ok(Open::new(self.0, b'[', "]"))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Open<'a>, Error> {
        Open::variant(self.0, variant, b'[', "]}")
    }

    #[inline]
    fn serialize_map(self, _length: Option<usize>) -> Result<Open<'a>, Error> {
        Ok(Open::new(self.0, b'{', "}"))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, _length: usize) -> Result<Fields<'a>, Error> {
        if name.starts_with(PRIVATE) {
            return Ok(Fields::Private { bytes: self.0, name });
        }
        Ok(Fields::Object(Open::new(self.0, b'{', "}")))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Open<'a>, Error> {
        Open::variant(self.0, variant, b'{', "}}")
    }
}

fn not_finite(value: impl std::fmt::Display) -> Error {
    Error::custom(format!("{value} is no JSON number"))
}

macro_rules! sequence {
    ($($part:ident::$function:ident),+) => {$(
        impl ser::$part for Open<'_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn $function<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.element(value)
            }

            #[inline]
            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )+};
}

sequence! {
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
}

impl ser::SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.separate();
        key.serialize(Key(self.bytes))
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.bytes.push(b':');
        value.serialize(Strict(self.bytes))
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl ser::SerializeStructVariant for Open<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.member(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

/// The names of structs by which types of `serde_json` are recognized by its serializer begin with this text: raw JSON
/// (`RawValue`), and numbers with all their digits. Valid JSON does not contain numbers that are not finite.
const PRIVATE: &str = "$serde_json::private::";

/// A struct that is being written.
enum Fields<'a> {
    Object(Open<'a>),
    /// A struct that only `serde_json` can write.
    Private {
        bytes: &'a mut Vec<u8>,
        name: &'static str,
    },
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        match self {
            Self::Object(open) => open.member(key, value),
            Self::Private { bytes, name } => {
                serde_json::to_writer(&mut **bytes, &Private { name, key, value })
            }
        }
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        if let Self::Object(open) = self {
            open.close();
        }
        Ok(())
    }
}

/// A struct with one field, for `serde_json`.
struct Private<'a, T: ?Sized> {
    name: &'static str,
    key: &'static str,
    value: &'a T,
}

impl<T: Serialize + ?Sized> Serialize for Private<'_, T> {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use ser::SerializeStruct as _;

        let mut fields = serializer.serialize_struct(self.name, 1)?;
        fields.serialize_field(self.key, self.value)?;
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn text<T: Serialize>(row: &T) -> Result<String, String> {
        let mut bytes = Vec::new();
        write(&mut bytes, row).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn strict_serializer_agrees_with_serde_json() {
        #[derive(Serialize)]
        enum Kind {
            Unit,
            Tuple(u8, f32),
            Struct { a: Option<i128> },
        }
        #[derive(Serialize)]
        struct Row<'a> {
            text: &'a str,
            nested: BTreeMap<String, Vec<Option<f64>>>,
            kinds: (Kind, Kind, Kind),
            big: u64,
            raw: &'a serde_json::value::RawValue,
            #[serde(flatten)]
            more: serde_json::Map<String, serde_json::Value>,
        }
        let raw =
            serde_json::value::RawValue::from_string("{\"digits\": 1.000000000000000000001}".to_owned())
                .unwrap();
        let row = Row {
            text: "é\n\u{1}\"",
            nested: BTreeMap::from([("x".to_owned(), vec![Some(0.1), None, Some(-1e300)])]),
            kinds: (Kind::Unit, Kind::Tuple(1, 0.5), Kind::Struct { a: Some(-5) }),
            big: u64::MAX,
            raw: &raw,
            more: serde_json::Map::from_iter([("y".to_owned(), serde_json::json!([1, null, "z"]))]),
        };
        assert_eq!(text(&row).unwrap(), serde_json::to_string(&row).unwrap());
        assert_eq!(text(&raw).unwrap(), raw.get());
    }

    #[test]
    fn strict_serializer_rejects_values_that_serde_json_would_change() {
        #[derive(Serialize)]
        struct Deep {
            list: Vec<Option<f64>>,
        }
        assert!(text(&Deep { list: vec![Some(1.0), Some(f64::NAN)] }).unwrap_err().contains("NaN"));
        assert!(text(&f32::INFINITY).unwrap_err().contains("inf"));
        assert!(text(&BTreeMap::from([(1, 2)])).unwrap_err().contains("not a string"));
        assert!(text(&BTreeMap::from([(true, 2)])).is_err());
        assert!(text(&BTreeMap::from([((1, 2), 2)])).is_err());
        assert_eq!(text(&BTreeMap::from([('c', 2)])).unwrap(), r#"{"c":2}"#);
    }
}
