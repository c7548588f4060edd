//! Rows in a buffer, compared with those that `serde_json` writes.

use std::{fmt, panic::AssertUnwindSafe};

use proptest::{collection::vec, prelude::*, sample::select};
use serde::{
    Serialize, Serializer,
    ser::{
        Error as _, SerializeMap as _, SerializeSeq as _, SerializeStruct as _, SerializeStructVariant as _,
        SerializeTuple as _, SerializeTupleStruct as _, SerializeTupleVariant as _,
    },
};
use serde_json::value::RawValue;

use super::*;

/// Names that the serializer gets as they are in the source of a type.
const NAMES: [&str; 6] = ["a", "", "a\"b", "tab\t", "é", "longer than one block of sixteen bytes"];

/// A value of any shape of serde's data model.
#[derive(Clone, Debug)]
enum Shape {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    I128(i128),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    U128(u128),
    F32(f32),
    F64(f64),
    Char(char),
    Str(String),
    /// Text that arrives in parts.
    Displayed(Vec<String>),
    Bytes(Vec<u8>),
    None,
    Some(Box<Shape>),
    Unit,
    UnitStruct,
    UnitVariant(&'static str),
    Newtype(Box<Shape>),
    NewtypeVariant(&'static str, Box<Shape>),
    Seq(Vec<Shape>, bool),
    Tuple(Vec<Shape>),
    TupleStruct(Vec<Shape>),
    TupleVariant(&'static str, Vec<Shape>),
    Map(Vec<(Shape, Shape)>, bool),
    Struct(Vec<(&'static str, Shape)>),
    StructVariant(&'static str, Vec<(&'static str, Shape)>),
    Raw(Box<RawValue>),
    /// A different text for formats that people read.
    Readable,
    Fail,
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => to.serialize_bool(*value),
            Self::I8(value) => to.serialize_i8(*value),
            Self::I16(value) => to.serialize_i16(*value),
            Self::I32(value) => to.serialize_i32(*value),
            Self::I64(value) => to.serialize_i64(*value),
            Self::I128(value) => to.serialize_i128(*value),
            Self::U8(value) => to.serialize_u8(*value),
            Self::U16(value) => to.serialize_u16(*value),
            Self::U32(value) => to.serialize_u32(*value),
            Self::U64(value) => to.serialize_u64(*value),
            Self::U128(value) => to.serialize_u128(*value),
            Self::F32(value) => to.serialize_f32(*value),
            Self::F64(value) => to.serialize_f64(*value),
            Self::Char(value) => to.serialize_char(*value),
            Self::Str(value) => to.serialize_str(value),
            Self::Displayed(parts) => to.collect_str(&Parts(parts)),
            Self::Bytes(value) => to.serialize_bytes(value),
            Self::None => to.serialize_none(),
            Self::Some(value) => to.serialize_some(value),
            Self::Unit => to.serialize_unit(),
            Self::UnitStruct => to.serialize_unit_struct("Unit"),
            Self::UnitVariant(name) => to.serialize_unit_variant("Enum", 0, name),
            Self::Newtype(value) => to.serialize_newtype_struct("Newtype", value),
            Self::NewtypeVariant(name, value) => to.serialize_newtype_variant("Enum", 1, name, value),
            Self::Seq(items, sized) => {
                let mut list = to.serialize_seq(sized.then_some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Tuple(items) => {
                let mut list = to.serialize_tuple(items.len())?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::TupleStruct(items) => {
                let mut list = to.serialize_tuple_struct("Tuple", items.len())?;
                items.iter().try_for_each(|item| list.serialize_field(item))?;
                list.end()
            }
            Self::TupleVariant(name, items) => {
                let mut list = to.serialize_tuple_variant("Enum", 2, name, items.len())?;
                items.iter().try_for_each(|item| list.serialize_field(item))?;
                list.end()
            }
            Self::Map(members, sized) => {
                let mut map = to.serialize_map(sized.then_some(members.len()))?;
                for (at, (key, value)) in members.iter().enumerate() {
                    if at % 2 == 0 {
                        map.serialize_entry(key, value)?;
                    } else {
                        map.serialize_key(key)?;
                        map.serialize_value(value)?;
                    }
                }
                map.end()
            }
            Self::Struct(fields) => {
                let mut object = to.serialize_struct("Struct", fields.len())?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    object.serialize_field(name, value)?;
                    if at % 2 == 1 {
                        object.skip_field("skipped")?;
                    }
                }
                object.end()
            }
            Self::StructVariant(name, fields) => {
                let mut object = to.serialize_struct_variant("Enum", 3, name, fields.len())?;
                fields.iter().try_for_each(|(name, value)| object.serialize_field(name, value))?;
                object.end()
            }
            Self::Raw(value) => value.serialize(to),
            Self::Readable => {
                let text = if to.is_human_readable() { "for people" } else { "for machines" };
                to.serialize_str(text)
            }
            Self::Fail => Err(S::Error::custom("no value")),
        }
    }
}

struct Parts<'a>(&'a [String]);

impl fmt::Display for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| f.write_str(part))
    }
}

impl Shape {
    /// Returns `true` if the value can be written without a change.
    fn is_writable(&self) -> bool {
        match self {
            Self::F32(value) => value.is_finite(),
            Self::F64(value) => value.is_finite(),
            Self::Some(value) | Self::Newtype(value) | Self::NewtypeVariant(_, value) => value.is_writable(),
            Self::Seq(items, _)
            | Self::Tuple(items)
            | Self::TupleStruct(items)
            | Self::TupleVariant(_, items) => items.iter().all(Self::is_writable),
            Self::Map(members, _) => members.iter().all(|(key, value)| key.is_key() && value.is_writable()),
            Self::Struct(fields) | Self::StructVariant(_, fields) => {
                fields.iter().all(|(_, value)| value.is_writable())
            }
            Self::Fail => false,
            _ => true,
        }
    }

    fn is_key(&self) -> bool {
        match self {
            Self::Some(key) | Self::Newtype(key) => key.is_key(),
            Self::Char(_) | Self::Str(_) | Self::Displayed(_) | Self::UnitVariant(_) | Self::Readable => true,
            _ => false,
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,6}", "[a-z]{0,40}", "[\\x00-\\x7f]{0,20}", "(?s).{0,20}"]
}

fn raw() -> impl Strategy<Value = Shape> {
    let texts =
        ["{ \"digits\" : 1.0000000000000000000001 }", "-0", "1E400", "[ ]", "\"\\u005f\"", "{\"NaN\":null}"];
    select(texts.to_vec()).prop_map(|text| Shape::Raw(RawValue::from_string(text.to_owned()).unwrap()))
}

fn leaf() -> impl Strategy<Value = Shape> {
    let numbers = prop_oneof![
        any::<i8>().prop_map(Shape::I8),
        any::<i16>().prop_map(Shape::I16),
        any::<i32>().prop_map(Shape::I32),
        any::<i64>().prop_map(Shape::I64),
        any::<i128>().prop_map(Shape::I128),
        any::<u8>().prop_map(Shape::U8),
        any::<u16>().prop_map(Shape::U16),
        any::<u32>().prop_map(Shape::U32),
        any::<u64>().prop_map(Shape::U64),
        any::<u128>().prop_map(Shape::U128),
        any::<f32>().prop_map(Shape::F32),
        any::<f64>().prop_map(Shape::F64),
    ];
    let rare = select(vec![Shape::F64(f64::NAN), Shape::F32(f32::NEG_INFINITY), Shape::Fail]);
    let words = prop_oneof![
        any::<char>().prop_map(Shape::Char),
        text().prop_map(Shape::Str),
        vec(text(), 0..4).prop_map(Shape::Displayed),
        vec(any::<u8>(), 0..4).prop_map(Shape::Bytes),
        raw(),
        select(&NAMES[..]).prop_map(Shape::UnitVariant),
    ];
    let others =
        select(vec![Shape::None, Shape::Unit, Shape::UnitStruct, Shape::Readable, Shape::Bool(true)]);
    prop_oneof![60 => numbers, 60 => words, 40 => others, 1 => rare]
}

fn key() -> impl Strategy<Value = Shape> {
    let key = prop_oneof![
        30 => text().prop_map(Shape::Str),
        5 => any::<char>().prop_map(Shape::Char),
        5 => select(&NAMES[..]).prop_map(Shape::UnitVariant),
        5 => vec(text(), 0..3).prop_map(Shape::Displayed),
        1 => leaf(),
    ];
    prop_oneof![
        10 => key.boxed(),
        1 => text().prop_map(|key| Shape::Newtype(Box::new(Shape::Some(Box::new(Shape::Str(key)))))).boxed(),
    ]
}

fn shape() -> impl Strategy<Value = Shape> {
    leaf().prop_recursive(6, 48, 5, |inner| {
        let name = select(&NAMES[..]);
        let items = vec(inner.clone(), 0..5);
        let fields = vec((name.clone(), inner.clone()), 0..5);
        prop_oneof![
            inner.clone().prop_map(|value| Shape::Some(Box::new(value))),
            inner.clone().prop_map(|value| Shape::Newtype(Box::new(value))),
            (name.clone(), inner.clone())
                .prop_map(|(name, value)| Shape::NewtypeVariant(name, Box::new(value))),
            (items.clone(), any::<bool>()).prop_map(|(items, sized)| Shape::Seq(items, sized)),
            items.clone().prop_map(Shape::Tuple),
            items.clone().prop_map(Shape::TupleStruct),
            (name.clone(), items).prop_map(|(name, items)| Shape::TupleVariant(name, items)),
            (vec((key(), inner), 0..5), any::<bool>())
                .prop_map(|(members, sized)| Shape::Map(members, sized)),
            fields.clone().prop_map(Shape::Struct),
            (name, fields).prop_map(|(name, fields)| Shape::StructVariant(name, fields)),
        ]
    })
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// A row that fails adds nothing, and a row that was removed can be added again.
    #[test]
    fn buffer_has_the_rows_that_serde_json_writes(rows in vec(shape(), 0..8), pops in vec(any::<bool>(), 8)) {
        let mut buffer = Buffer::new(b"[");
        let mut expected: Vec<String> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let json = serde_json::to_string(row);
            let added = buffer.add(index, row);
            match json {
                Ok(json) if row.is_writable() && json.starts_with('{') => {
                    prop_assert!(added.is_ok(), "{row:?}: {added:?}");
                    expected.push(json);
                }
                _ => prop_assert!(added.is_err(), "{row:?}"),
            }
            prop_assert_eq!(buffer.size(), expected.join(",").len());
            if pops[index] && let Some(row) = buffer.pop() {
                prop_assert_eq!(&row, expected.last().unwrap().as_bytes());
                buffer.add_encoded(index, &row);
            }
        }
        for (row, expected) in buffer.rows.iter().zip(&expected) {
            prop_assert_eq!(&buffer.bytes[row.bytes.clone()], expected.as_bytes());
        }
        let expected = format!("[{}]", expected.join(","));
        let sealed = buffer.seal(b"]").bytes;
        prop_assert_eq!(std::str::from_utf8(&sealed).unwrap(), expected);
    }
}

/// Regression: the first bytes of a row whose `Serialize` panics stayed in the buffer, and were sent.
#[test]
fn row_that_panics_adds_nothing() {
    #[derive(Serialize)]
    struct Row {
        a: u8,
        b: Panicking,
    }
    struct Panicking;

    impl Serialize for Panicking {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("no value")
        }
    }
    let row = |n: u8| std::collections::BTreeMap::from([("n", n)]);
    for rows in [0, 1] {
        let mut buffer = Buffer::new(b"[");
        (0..rows).for_each(|index| buffer.add(index, &row(1)).unwrap());
        let add = || buffer.add(rows, &Row { a: 1, b: Panicking });
        assert!(std::panic::catch_unwind(AssertUnwindSafe(add)).is_err());
        let mut other = Buffer { bytes: buffer.bytes.clone(), rows: buffer.rows.clone(), start: 1 };
        buffer.add(rows, &row(2)).unwrap();
        let expected = if rows == 0 { "[{\"n\":2}]" } else { "[{\"n\":1},{\"n\":2}]" };
        assert_eq!(std::str::from_utf8(&buffer.seal(b"]").bytes).unwrap(), expected);
        let expected = if rows == 0 { "[{\"n\":3}]" } else { "[{\"n\":1},{\"n\":3}]" };
        other.add_encoded(rows, b"{\"n\":3}");
        assert_eq!(std::str::from_utf8(&other.seal(b"]").bytes).unwrap(), expected);
    }
}

#[test]
fn deep_rows_are_written() {
    let mut row = Shape::Map(Vec::new(), true);
    for _ in 0..200 {
        row = Shape::Struct(vec![("a", Shape::Seq(vec![row], true))]);
    }
    let mut buffer = Buffer::new(b"");
    buffer.add(0, &row).unwrap();
    assert_eq!(buffer.seal(b"").bytes, serde_json::to_vec(&row).unwrap());
}

#[test]
fn buffer_that_reserves_memory_does_not_grow() {
    let fill = |buffer: &mut Buffer| {
        (0..100).for_each(|index| {
            buffer.add(index, &serde_json::Map::from_iter([("n".to_owned(), index.into())])).unwrap()
        });
    };
    let capacity = |buffer: &Buffer| (buffer.rows.capacity(), buffer.bytes.capacity());
    let (mut first, mut next) = (Buffer::new(b"["), Buffer::new(b"["));
    fill(&mut first);
    next.reserve_as(&first);
    let reserved = capacity(&next);
    fill(&mut next);
    assert_eq!(capacity(&next), reserved);
}
