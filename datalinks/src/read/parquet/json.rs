//! Rows of Arrow arrays as JSON text.

use std::collections::HashSet;

use arrow_array::{Array, ArrayRef, OffsetSizeTrait, RecordBatch, cast::AsArray};
use arrow_schema::DataType;

use super::{
    leaf::leaf,
    value::{Problem, Style, Write, json, report},
};

/// The rows of a batch.
pub(super) struct Rows {
    columns: Vec<Member>,
}

/// A column that JSON cannot hold.
pub(super) struct Unwritable {
    pub(super) column: String,
    pub(super) reason: String,
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
            let values = Values::new(array, coarse, style);
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

/// The values of an array.
struct Values {
    array: ArrayRef,
    write: Write,
}

impl Values {
    /// `coarse` is the same array in the other view, if there is one. The recursion ends with the schema of the file, whose
    /// depth is limited.
    fn new(array: &ArrayRef, coarse: Option<&ArrayRef>, style: Style) -> Result<Self, String> {
        let inner = |array: &ArrayRef, coarse: Option<&ArrayRef>| Self::new(array, coarse, style);
        let write = match array.data_type() {
            DataType::List(_) => list::<i32>(array, inner, coarse)?,
            DataType::LargeList(_) => list::<i64>(array, inner, coarse)?,
            DataType::FixedSizeList(_, _) => fixed_list(array, inner, coarse)?,
            DataType::Struct(_) => object(array, inner, coarse)?,
            DataType::Map(_, _) => map(array, inner, coarse)?,
            _ => leaf(array, coarse, style)?,
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

fn list<O: OffsetSizeTrait>(
    array: &ArrayRef,
    inner: impl Fn(&ArrayRef, Option<&ArrayRef>) -> Result<Values, String>,
    coarse: Option<&ArrayRef>,
) -> Result<Write, String> {
    let array = array.as_list::<O>().clone();
    let items = inner(array.values(), coarse.map(|coarse| coarse.as_list::<O>().values()))?;
    Ok(Box::new(move |row, out, problem| {
        let offsets = array.value_offsets();
        items_of(&items, offsets[row].as_usize()..offsets[row + 1].as_usize(), out, problem);
    }))
}

fn fixed_list(
    array: &ArrayRef,
    inner: impl Fn(&ArrayRef, Option<&ArrayRef>) -> Result<Values, String>,
    coarse: Option<&ArrayRef>,
) -> Result<Write, String> {
    let array = array.as_fixed_size_list().clone();
    let items = inner(array.values(), coarse.map(|coarse| coarse.as_fixed_size_list().values()))?;
    let length = usize::try_from(array.value_length()).unwrap_or(0);
    Ok(Box::new(move |row, out, problem| {
        let start = array.value_offset_at(row);
        items_of(&items, start..start + length, out, problem);
    }))
}

fn object(
    array: &ArrayRef,
    inner: impl Fn(&ArrayRef, Option<&ArrayRef>) -> Result<Values, String>,
    coarse: Option<&ArrayRef>,
) -> Result<Write, String> {
    let array = array.as_struct();
    let mut names = HashSet::new();
    let mut members = Vec::with_capacity(array.num_columns());
    for (index, field) in array.fields().iter().enumerate() {
        if !names.insert(field.name()) {
            return Err(format!("its objects have two members that are named {:?}", field.name()));
        }
        let coarse = coarse.map(|coarse| coarse.as_struct().column(index));
        members.push(Member::new(field.name(), inner(array.column(index), coarse)?));
    }
    Ok(Box::new(move |row, out, problem| {
        out.push(b'{');
        for (index, member) in members.iter().enumerate() {
            member.write(index, row, out, problem);
        }
        out.push(b'}');
    }))
}

fn map(
    array: &ArrayRef,
    inner: impl Fn(&ArrayRef, Option<&ArrayRef>) -> Result<Values, String>,
    coarse: Option<&ArrayRef>,
) -> Result<Write, String> {
    let array = array.as_map().clone();
    let coarse = coarse.map(|coarse| coarse.as_map());
    if array.keys().data_type().is_nested() {
        return Err(format!("its maps have keys of the type {}", array.keys().data_type()));
    }
    let keys = inner(array.keys(), coarse.map(|coarse| coarse.keys()))?;
    let values = inner(array.values(), coarse.map(|coarse| coarse.values()))?;
    Ok(Box::new(move |row, out, problem| {
        let offsets = array.value_offsets();
        entries_of(&keys, &values, offsets[row] as usize..offsets[row + 1] as usize, out, problem);
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
