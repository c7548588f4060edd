//! The Arrow types of a file's columns.

use std::sync::Arc;

use arrow_schema::{DataType, FieldRef, Fields, IntervalUnit, Schema, SchemaRef, TimeUnit};
use parquet::{
    basic::{ConvertedType, Type},
    schema::types::{ColumnDescPtr, SchemaDescriptor},
};

/// The reader that a schema is for. No Arrow type represents an INT96 timestamp or an INTERVAL completely. Columns of
/// these types are read twice, with two types that represent it together.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum View {
    /// INT96 as nanoseconds modulo 2⁶⁴, and the days and milliseconds of an INTERVAL.
    Fine,
    /// INT96 as seconds, and the months of an INTERVAL.
    Coarse,
}

/// Returns `true` if a column needs both views.
pub(super) fn is_read_twice(column: &ColumnDescPtr) -> bool {
    column.physical_type() == Type::INT96 || column.converted_type() == ConvertedType::INTERVAL
}

/// Returns `base`, the schema derived from the file, with the types for a view. Strings and bytes are read as views
/// into pages, so a value of a dictionary page is held once, regardless of the number of rows with it. Dictionaries are
/// read as their values.
pub(super) fn schema_of_view(base: &Schema, columns: &SchemaDescriptor, view: View) -> SchemaRef {
    let mut columns = columns.columns().iter();
    let fields = view_fields(base.fields(), &mut columns, view);
    Arc::new(Schema::new_with_metadata(fields, base.metadata().clone()))
}

fn view_fields<'a>(
    fields: &Fields,
    columns: &mut impl Iterator<Item = &'a ColumnDescPtr>,
    view: View,
) -> Fields {
    fields.iter().map(|field| view_field(field, columns, view)).collect()
}

fn view_field<'a>(
    field: &FieldRef,
    columns: &mut impl Iterator<Item = &'a ColumnDescPtr>,
    view: View,
) -> FieldRef {
    let mut inner = |field: &FieldRef| view_field(field, columns, view);
    let data_type = match field.data_type() {
        DataType::List(item) | DataType::ListView(item) => DataType::List(inner(item)),
        DataType::LargeList(item) | DataType::LargeListView(item) => DataType::LargeList(inner(item)),
        DataType::FixedSizeList(item, length) => DataType::FixedSizeList(inner(item), *length),
        DataType::Map(entry, sorted) => DataType::Map(inner(entry), *sorted),
        DataType::Struct(fields) => DataType::Struct(view_fields(fields, columns, view)),
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
