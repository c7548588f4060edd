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

/// Suffixes of the columns of a pair. Longer ones come first.
const ENDINGS: [(&str, Axis); 6] = [
    ("latitude", Axis::Latitude),
    ("longitude", Axis::Longitude),
    ("long", Axis::Longitude),
    ("lat", Axis::Latitude),
    ("lon", Axis::Longitude),
    ("lng", Axis::Longitude),
];

/// Splits a name such as `home_lat` into its prefix and its axis, ignoring letter case.
pub(super) fn split(name: &str) -> Option<(String, Axis)> {
    let name = name.to_lowercase();
    ENDINGS.iter().find_map(|(ending, axis)| Some((name.strip_suffix(ending)?.to_owned(), *axis)))
}
