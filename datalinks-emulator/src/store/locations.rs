//! Locations of rows, read from the columns that contain coordinates.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::axis::{Axis, split};
use super::cell::{Cell, Number};
use super::columns::Columns;
use super::geo::{Point, Tree};
use super::row::Row;
use super::rows::Rows;
use crate::concurrency::work::count;

/// The column or columns that contain locations.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum LocationColumn {
    /// One column of texts such as `48.1, 11.6`: latitude and longitude.
    Text(u32),
    /// A column of latitudes and one of longitudes.
    Pair { latitude: u32, longitude: u32 },
}

impl LocationColumn {
    /// Returns the location column that a name belongs to. Both columns of a pair lead to the pair.
    pub(crate) fn named(columns: &Columns, name: &str) -> Option<Self> {
        let own = columns.number(name)?;
        let partner =
            split(name).and_then(|(before, axis)| Some((axis, columns.on_axis(before, axis.other())?)));
        Some(match partner {
            None => Self::Text(own),
            Some((Axis::Latitude, longitude)) => Self::Pair { latitude: own, longitude },
            Some((Axis::Longitude, latitude)) => Self::Pair { latitude, longitude: own },
        })
    }

    /// Returns the name of the column, or of the latitudes of a pair.
    pub(crate) fn name(self, columns: &Columns) -> &str {
        match self {
            Self::Text(column) | Self::Pair { latitude: column, .. } => columns.name(column),
        }
    }

    /// Returns the numbers of its columns.
    pub(crate) fn numbers(self) -> Vec<u32> {
        match self {
            Self::Text(column) => vec![column],
            Self::Pair { latitude, longitude } => vec![latitude, longitude],
        }
    }

    /// Returns all columns that may contain locations, each pair once.
    pub(crate) fn all(columns: &Columns) -> Vec<Self> {
        let mut seen = HashSet::new();
        columns
            .names()
            .filter_map(|name| Self::named(columns, name))
            .filter(|own| seen.insert(*own))
            .collect()
    }

    /// Reads the value of a row.
    fn read(self, row: &Row) -> Value {
        let text = |column| row.get(column).and_then(Cell::link_key);
        match self {
            Self::Text(column) => text(column).map_or(Value::Blank, |text| {
                text.split_once(',').map_or(Value::Other, |(latitude, longitude)| value(latitude, longitude))
            }),
            Self::Pair { latitude, longitude } => match (text(latitude), text(longitude)) {
                (None, None) => Value::Blank,
                (Some(latitude), Some(longitude)) => value(latitude, longitude),
                _ => Value::Other,
            },
        }
    }
}

/// The value of a row in a location column.
enum Value {
    /// No value.
    Blank,
    /// A value that is not a location.
    Other,
    /// A location.
    Location(Point),
}

fn value(latitude: &str, longitude: &str) -> Value {
    let number = |text: &str| Number::parse(text.trim()).map(Number::as_f64);
    let point = number(latitude).and_then(|latitude| Point::new(latitude, number(longitude)?));
    point.map_or(Value::Other, Value::Location)
}

/// The locations of the rows of a dataset.
#[derive(Debug, Default)]
pub(crate) struct Locations {
    upto: usize,
    /// Number of rows with a value.
    filled: usize,
    locations: Vec<(u32, Point)>,
    tree: OnceLock<Tree>,
}

impl Locations {
    /// Reads the locations of the rows from one on.
    pub(crate) fn of(rows: &Rows, from: usize, column: LocationColumn) -> Self {
        let mut own = Self { upto: from, ..Self::default() };
        own.extend(rows, column);
        own
    }

    fn extend(&mut self, rows: &Rows, column: LocationColumn) {
        count(rows.len().saturating_sub(self.upto));
        let first = u32::try_from(self.upto).unwrap_or(u32::MAX);
        for (row, number) in rows.after(self.upto).zip(first..) {
            match column.read(row) {
                Value::Blank => {}
                Value::Other => self.filled += 1,
                Value::Location(point) => {
                    self.filled += 1;
                    self.locations.push((number, point));
                }
            }
        }
        self.upto = rows.len();
    }

    /// Returns these locations with those of newer rows added, or `None` without newer rows.
    pub(super) fn extended(&self, rows: &Rows, column: LocationColumn) -> Option<Self> {
        (self.upto < rows.len()).then(|| {
            let tree = OnceLock::new();
            let mut own =
                Self { upto: self.upto, filled: self.filled, locations: self.locations.clone(), tree };
            own.extend(rows, column);
            own
        })
    }

    /// Returns the rows with a location, in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (u32, Point)> {
        self.locations.iter().copied()
    }

    pub(crate) fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| Tree::new(self.locations.iter().map(|(_, point)| *point).collect()))
    }

    /// Returns `true` if at least half of the values are locations.
    pub(crate) fn are_locations(&self) -> bool {
        !self.locations.is_empty() && self.locations.len() * 2 >= self.filled
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dataset;
    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    fn dataset(rows: &str) -> Dataset {
        let mut dataset = Dataset::default();
        dataset.append(serde_json::from_str(rows).unwrap());
        dataset
    }

    fn locations(rows: &str, name: &str) -> (Vec<u32>, bool) {
        let dataset = dataset(rows);
        let column = LocationColumn::named(dataset.columns(), name).unwrap();
        let locations = Locations::of(dataset.rows(), 0, column);
        (locations.iter().map(|(row, _)| row).collect(), locations.are_locations())
    }

    #[test]
    fn texts_with_coordinates_are_locations() {
        let rows = r#"[{"at":"48.1, 11.6"},{"at":" 48.1,11.6 "},{"at":null},{"at":"Munich"},{"at":"91, 0"},
                       {"at":"1,2,3"},{"at":7},{"at":"-90,-180"},{}]"#;
        assert_eq!(locations(rows, "at"), (vec![0, 1, 7], false), "three of seven");
        assert_eq!(locations(r#"[{"at":"48.1, 11.6"},{"at":"Munich"},{"at":""}]"#, "at"), (vec![0], true));
        assert_eq!(locations(r#"[{"at":""}]"#, "at"), (vec![], false));
    }

    #[test]
    fn latitude_and_longitude_columns_form_a_pair() {
        for (latitude, longitude) in
            [("latitude", "longitude"), ("Lat", "LNG"), ("home_lat", "home_lon"), ("long", "lat")]
        {
            let rows = format!(
                r#"[{{"{latitude}":48.1,"x":1,"{longitude}":"11.6"}},{{"{latitude}":48}},{{"x":2}}]"#
            );
            assert_eq!(locations(&rows, latitude), (vec![0], true), "{latitude}");
            assert_eq!(locations(&rows, longitude), (vec![0], true), "{longitude}");
        }
        let dataset = dataset(r#"[{"a_lon":1,"a_lat":1,"b_lat":1,"c":1}]"#);
        let columns = dataset.columns();
        let names: Vec<&str> =
            LocationColumn::all(columns).into_iter().map(|own| own.name(columns)).collect();
        assert_eq!(names, ["a_lat", "b_lat", "c"]);
    }

    #[test]
    fn many_pairs_take_steps_in_proportion() {
        assert_proportional(10_000, |size| {
            let mut columns = Columns::default();
            for number in 0..size {
                columns.intern(&format!("{number}_lat"));
                columns.intern(&format!("{number}_lon"));
            }
            assert_eq!(LocationColumn::all(&columns).len(), size);
        });
    }

    #[test]
    fn locations_include_new_rows() {
        let mut dataset = dataset(r#"[{"at":"48.1, 11.6"}]"#);
        let column = LocationColumn::Text(0);
        let count = |dataset: &Dataset| dataset.locations(column).iter().count();
        assert_eq!(count(&dataset), 1);
        dataset.append(serde_json::from_str(r#"[{"at":"0,0"},{"at":"x"}]"#).unwrap());
        assert_eq!(count(&dataset), 2);
        assert!(dataset.locations(column).are_locations());
        dataset.clear();
        assert_eq!(count(&dataset), 0);
    }
}
