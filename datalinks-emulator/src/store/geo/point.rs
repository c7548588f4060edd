//! A location, and distances between locations.
//!
//! A location is stored as a point of the unit sphere. The chord between two such points grows with the distance over
//! the ground (the haversine of the angle is a quarter of its square). Comparing distances therefore needs no
//! trigonometry, and neither the poles nor the date line are special cases.

/// The mean radius of the earth in kilometers.
const EARTH_RADIUS: f64 = 6371.0088;

/// A location on the earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point(pub(super) [f64; 3]);

impl Point {
    /// Returns the location at these degrees, or `None` if they are out of range.
    pub(crate) fn new(latitude: f64, longitude: f64) -> Option<Self> {
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return None;
        }
        let ((y, x), (sin, cos)) = (longitude.to_radians().sin_cos(), latitude.to_radians().sin_cos());
        Some(Self([cos * x, cos * y, sin]))
    }

    /// Returns the square of the chord to another location.
    pub(super) fn squared(self, other: Self) -> f64 {
        let ([x, y, z], [other_x, other_y, other_z]) = (self.0, other.0);
        length(x - other_x, y - other_y, z - other_z)
    }
}

/// Returns the square of the length of a vector. Written without iterators, because tests of applications run it
/// unoptimized.
pub(super) fn length(x: f64, y: f64, z: f64) -> f64 {
    x * x + y * y + z * z
}

/// A maximum distance over the ground, stored as the square of the chord.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MaxDistance(f64);

impl MaxDistance {
    /// Creates a distance in kilometers. Half the circumference of the earth covers everything, a negative one nothing.
    pub(crate) fn km(distance: f64) -> Self {
        let angle = distance / EARTH_RADIUS;
        if angle >= std::f64::consts::PI {
            return Self(f64::INFINITY);
        }
        Self(if angle < 0.0 { -1.0 } else { (2.0 * (angle / 2.0).sin()).powi(2) })
    }

    /// Returns `true` if the distance is at least as long as a chord, given as its square.
    pub(super) fn covers(self, squared: f64) -> bool {
        squared <= self.0
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Computes the distance of two locations in kilometers by the haversine formula.
    pub(in crate::store::geo) fn haversine(a: (f64, f64), b: (f64, f64)) -> f64 {
        let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
        let half = |from: f64, to: f64| ((to - from) / 2.0).sin().powi(2);
        let h = half(lat_a, lat_b) + lat_a.cos() * lat_b.cos() * half(a.1.to_radians(), b.1.to_radians());
        2.0 * EARTH_RADIUS * h.sqrt().min(1.0).asin()
    }

    fn close(a: (f64, f64), b: (f64, f64), km: f64) -> bool {
        let point = |(latitude, longitude)| Point::new(latitude, longitude).unwrap();
        let (there, back) = (point(a).squared(point(b)), point(b).squared(point(a)));
        assert_eq!(there.to_bits(), back.to_bits(), "distances are symmetric");
        MaxDistance::km(km).covers(there)
    }

    #[test]
    fn distances_agree_with_the_haversine_formula() {
        let (munich, berlin) = ((48.137_154, 11.576_124), (52.520_007, 13.404_954));
        let (fiji, samoa) = ((-17.0, 179.9), (-17.0, -179.9));
        for (a, b, about) in [
            (munich, berlin, 504.3),
            (fiji, samoa, 21.3),
            ((90.0, 0.0), (90.0, 77.0), 0.0),
            ((0.0, 0.0), (0.0, 180.0), 20_015.1),
        ] {
            let km = haversine(a, b);
            assert!((km - about).abs() < 0.1, "{a:?} to {b:?}: {km}");
            assert!(close(a, b, km + 1e-6), "{a:?} to {b:?}");
            assert!(!close(a, b, km - 1e-3), "{a:?} to {b:?}");
        }
        assert!(close(munich, munich, 0.0));
        assert!(!close(munich, munich, -1.0));
        assert!(close((90.0, 0.0), (-90.0, 0.0), 1e9));
    }

    #[test]
    fn coordinates_out_of_range_are_rejected() {
        for (latitude, longitude) in [(90.1, 0.0), (-91.0, 0.0), (0.0, 180.5), (0.0, -181.0), (f64::NAN, 0.0)]
        {
            assert_eq!(Point::new(latitude, longitude), None, "{latitude}, {longitude}");
        }
    }
}
