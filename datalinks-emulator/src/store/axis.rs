//! Latitude and longitude in the names of columns.

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Axis {
    Latitude,
    Longitude,
}

impl Axis {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Latitude => Self::Longitude,
            Self::Longitude => Self::Latitude,
        }
    }
}

/// The words that a column of a pair ends with, longer ones first.
const ENDINGS: [(&str, Axis); 6] = [
    ("latitude", Axis::Latitude),
    ("longitude", Axis::Longitude),
    ("long", Axis::Longitude),
    ("lat", Axis::Latitude),
    ("lon", Axis::Longitude),
    ("lng", Axis::Longitude),
];

/// Splits a name like `home_lat` into what stands before and the axis. Letter case does not count.
pub(super) fn split(name: &str) -> Option<(String, Axis)> {
    let name = name.to_lowercase();
    ENDINGS.iter().find_map(|(ending, axis)| Some((name.strip_suffix(ending)?.to_owned(), *axis)))
}
