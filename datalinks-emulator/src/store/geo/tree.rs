//! A spatial index of locations.

use super::point::{MaxDistance, Point, length};

/// Maximum number of locations that are compared one by one.
const LEAF: usize = 16;

/// Locations in a k-d tree over the three axes of the unit sphere. A node that lies completely within the distance is
/// counted as a whole, so that many locations in one town cost no more than its boundary.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    points: Vec<Point>,
    /// Nodes in depth-first order: the first half of a node follows it.
    nodes: Vec<Node>,
}

/// Some of the locations, and the box around them.
#[derive(Debug)]
struct Node {
    low: [f64; 3],
    high: [f64; 3],
    start: usize,
    end: usize,
    /// Index of the node of the second half.
    second: Option<usize>,
}

impl Node {
    fn around(points: &[Point], start: usize, end: usize) -> Self {
        let mut node = Self { low: [f64::MAX; 3], high: [f64::MIN; 3], start, end, second: None };
        for point in &points[start..end] {
            for (axis, value) in point.0.into_iter().enumerate() {
                node.low[axis] = node.low[axis].min(value);
                node.high[axis] = node.high[axis].max(value);
            }
        }
        node
    }

    fn widest_axis(&self) -> usize {
        let width = |axis: &usize| self.high[*axis] - self.low[*axis];
        (0..3).max_by(|a, b| width(a).total_cmp(&width(b))).unwrap_or_default()
    }

    /// Returns the squares of the chords from a location to the nearest and the farthest point of the box.
    fn span(&self, from: Point) -> (f64, f64) {
        let ([x, y, z], [low_x, low_y, low_z], [high_x, high_y, high_z]) = (from.0, self.low, self.high);
        let near = |value: f64, low: f64, high: f64| (low - value).max(value - high).max(0.0);
        let far = |value: f64, low: f64, high: f64| (value - low).max(high - value);
        (
            length(near(x, low_x, high_x), near(y, low_y, high_y), near(z, low_z, high_z)),
            length(far(x, low_x, high_x), far(y, low_y, high_y), far(z, low_z, high_z)),
        )
    }
}

impl Tree {
    pub(crate) fn new(points: Vec<Point>) -> Self {
        let mut tree = Self { points, nodes: Vec::new() };
        if !tree.points.is_empty() {
            tree.grow(0, tree.points.len());
        }
        tree
    }

    /// Adds the node of some locations and the nodes below it. Halving limits the depth of the recursion.
    fn grow(&mut self, start: usize, end: usize) {
        let node = Node::around(&self.points, start, end);
        let (at, axis) = (self.nodes.len(), node.widest_axis());
        self.nodes.push(node);
        if end - start <= LEAF {
            return;
        }
        let middle = (end - start) / 2;
        self.points[start..end].select_nth_unstable_by(middle, |a, b| a.0[axis].total_cmp(&b.0[axis]));
        self.grow(start, start + middle);
        self.nodes[at].second = Some(self.nodes.len());
        self.grow(start + middle, end);
    }

    /// Returns the number of locations within a distance.
    pub(crate) fn count(&self, from: Point, max: MaxDistance) -> u64 {
        let mut count = 0;
        self.visit(from, max, |locations| {
            count += locations as u64;
            false
        });
        count
    }

    /// Returns `true` if any location is within a distance.
    pub(crate) fn any(&self, from: Point, max: MaxDistance) -> bool {
        let mut any = false;
        self.visit(from, max, |_| {
            any = true;
            true
        });
        any
    }

    /// Calls `enough` with the number of locations within the distance for each node that has some, until it returns
    /// `true`.
    fn visit(&self, from: Point, max: MaxDistance, mut enough: impl FnMut(usize) -> bool) {
        let mut open = if self.nodes.is_empty() { Vec::new() } else { vec![0] };
        while let Some(at) = open.pop() {
            let node = &self.nodes[at];
            let (near, far) = node.span(from);
            if !max.covers(near) {
                continue;
            }
            let locations = if max.covers(far) {
                node.end - node.start
            } else if let Some(second) = node.second {
                open.extend([second, at + 1]);
                continue;
            } else {
                let points = &self.points[node.start..node.end];
                points.iter().filter(|point| max.covers(point.squared(from))).count()
            };
            if locations > 0 && enough(locations) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::point::tests::haversine;
    use super::*;

    fn degrees() -> impl Strategy<Value = (f64, f64)> {
        // Anywhere, in one town, at a pole, at the date line, and repeatedly at the same location.
        prop_oneof![
            (-90.0..=90.0, -180.0..=180.0),
            (48.0..48.3, 11.4..11.8),
            (89.9..=90.0, -180.0..=180.0),
            (-0.1..0.1, prop_oneof![179.9..=180.0, -180.0..=-179.9]),
            Just((48.1, 11.6)),
        ]
    }

    proptest! {
        #[test]
        fn tree_agrees_with_comparing_each_location(
            locations in prop::collection::vec(degrees(), 0..200),
            from in degrees(),
            km in prop_oneof![Just(0.0), 0.0..30.0, 0.0..25_000.0],
        ) {
            let point = |(latitude, longitude)| Point::new(latitude, longitude).unwrap();
            // Rounding may decide at the exact distance.
            prop_assume!(locations.iter().all(|own| {
                let own = haversine(*own, from);
                own == 0.0 || (own - km).abs() > 1e-3
            }));
            let expected = locations.iter().filter(|own| haversine(**own, from) <= km).count() as u64;
            let tree = Tree::new(locations.iter().copied().map(point).collect());
            prop_assert_eq!(tree.count(point(from), MaxDistance::km(km)), expected);
            prop_assert_eq!(tree.any(point(from), MaxDistance::km(km)), expected > 0);
        }
    }
}
