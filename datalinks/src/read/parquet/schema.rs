//! The types as which the columns of a file are read.

use std::sync::Arc;

use arrow_schema::{DataType, FieldRef, Fields, IntervalUnit, Schema, SchemaRef, TimeUnit};
use parquet::{
    basic::{ConvertedType, Type},
    schema::types::{ColumnDescPtr, SchemaDescriptor},
};

/// Which of the two readers a schema is for. No type of Arrow holds all of an INT96 timestamp or of an INTERVAL. Columns
/// of these types are read twice, with two types that hold all of it together.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum View {
    /// INT96 as nanoseconds, modulo 2⁶⁴; of an INTERVAL the days and milliseconds.
    Fine,
    /// INT96 as seconds; of an INTERVAL the months.
    Coarse,
}

/// Whether a column needs both views.
pub(super) fn is_read_twice(column: &ColumnDescPtr) -> bool {
    column.physical_type() == Type::INT96 || column.converted_type() == ConvertedType::INTERVAL
}

/// The schema `base`, which was derived from the file, with the types that a view reads. Strings and bytes are read as
/// views into pages: a value of a dictionary page is then held once, in however many rows it stands. Dictionaries are
/// read as their values.
pub(super) fn viewed(base: &Schema, columns: &SchemaDescriptor, view: View) -> SchemaRef {
    let mut columns = columns.columns().iter();
    let fields = each(base.fields(), &mut columns, view);
    Arc::new(Schema::new_with_metadata(fields, base.metadata().clone()))
}

fn each<'a>(fields: &Fields, columns: &mut impl Iterator<Item = &'a ColumnDescPtr>, view: View) -> Fields {
    fields.iter().map(|field| one(field, columns, view)).collect()
}

fn one<'a>(field: &FieldRef, columns: &mut impl Iterator<Item = &'a ColumnDescPtr>, view: View) -> FieldRef {
    let mut inner = |field: &FieldRef| one(field, columns, view);
    let data_type = match field.data_type() {
        DataType::List(item) | DataType::ListView(item) => DataType::List(inner(item)),
        DataType::LargeList(item) | DataType::LargeListView(item) => DataType::LargeList(inner(item)),
        DataType::FixedSizeList(item, length) => DataType::FixedSizeList(inner(item), *length),
        DataType::Map(entry, sorted) => DataType::Map(inner(entry), *sorted),
        DataType::Struct(fields) => DataType::Struct(each(fields, columns, view)),
        // The leaves of the schema are the columns of the file, in the same order.
        leaf => columns.next().map_or_else(|| leaf.clone(), |column| leaf_type(leaf, column, view)),
    };
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

fn leaf_type(leaf: &DataType, column: &ColumnDescPtr, view: View) -> DataType {
    let leaf = match leaf {
        DataType::Dictionary(_, value) => value,
        leaf => leaf,
    };
    match leaf {
        DataType::Timestamp(_, zone) if column.physical_type() == Type::INT96 => {
            let unit = if view == View::Fine { TimeUnit::Nanosecond } else { TimeUnit::Second };
            DataType::Timestamp(unit, zone.clone())
        }
        DataType::Interval(_) => DataType::Interval(match view {
            View::Fine => IntervalUnit::DayTime,
            View::Coarse => IntervalUnit::YearMonth,
        }),
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        other => other.clone(),
    }
}
