//! What went wrong in partitions, as a text.

use std::fmt;

/// Largest number of different problems in the text.
const MAX_PROBLEMS: usize = 10;

/// Largest number of partitions of one problem that are named.
const MAX_NUMBERS: usize = 10;

/// The problems of the partitions of an `INSERT INTO`.
///
/// As a text, each problem stands once, with its partitions, and begins with "; ". The text has at most ten problems. The
/// journals have all of them.
///
/// ```
/// use datalinks_datafusion::distributed::Problems;
///
/// let problems = Problems::new(3, [(0, "no permission"), (2, "no permission")]);
/// assert_eq!(problems.to_string(), "; partitions 0 and 2 of 3: no permission");
/// ```
#[derive(Clone, Debug)]
pub struct Problems<P> {
    partitions: usize,
    problems: Vec<(Numbers, P)>,
    /// The number of partitions whose problems are not in the text.
    others: usize,
}

/// The partitions of a problem.
#[derive(Clone, Debug)]
struct Numbers {
    first: Vec<u64>,
    count: usize,
}

impl<P: PartialEq> Problems<P> {
    /// Collects the problems of partitions by their numbers. `partitions` is the number of all partitions of the statement.
    pub fn new(partitions: usize, problems: impl IntoIterator<Item = (u64, P)>) -> Self {
        let mut own = Self { partitions, problems: Vec::new(), others: 0 };
        for (number, problem) in problems {
            let is_full = own.problems.len() == MAX_PROBLEMS;
            match own.problems.iter_mut().find(|(_, earlier)| *earlier == problem) {
                Some((numbers, _)) => numbers.add(number),
                None if is_full => own.others += 1,
                None => own.problems.push((Numbers { first: vec![number], count: 1 }, problem)),
            }
        }
        own
    }

    /// Returns `true` if no partition has a problem.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }
}

impl Numbers {
    fn add(&mut self, number: u64) {
        self.count += 1;
        if self.first.len() < MAX_NUMBERS {
            self.first.push(number);
        }
    }
}

impl<P: fmt::Display> fmt::Display for Problems<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.partitions;
        for (Numbers { first, count }, problem) in &self.problems {
            match first.as_slice() {
                _ if all == 1 => f.write_str("; ")?,
                _ if *count == all => write!(f, "; all {all} partitions: ")?,
                [number] => write!(f, "; partition {number} of {all}: ")?,
                [numbers @ .., last] if *count == first.len() => {
                    let numbers = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
                    write!(f, "; partitions {numbers} and {last} of {all}: ")?;
                }
                _ => write!(f, "; {count} of {all} partitions: ")?,
            }
            problem.fmt(f)?;
        }
        match self.others {
            0 => Ok(()),
            1 => f.write_str("; and 1 more partition, which the journals name"),
            others => write!(f, "; and {others} more partitions, which the journals name"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(partitions: usize, problems: impl IntoIterator<Item = (u64, &'static str)>) -> String {
        Problems::new(partitions, problems).to_string()
    }

    /// Regression: a directory with the journals of another statement gave the same sentence for each of 200 partitions.
    #[test]
    fn equal_problems_stand_once() {
        assert_eq!(text(4, []), "");
        assert_eq!(text(1, [(0, "gone")]), "; gone");
        assert_eq!(text(4, [(3, "gone")]), "; partition 3 of 4: gone");
        assert_eq!(text(2, [(0, "gone"), (1, "gone")]), "; all 2 partitions: gone");
        let two = text(9, [(0, "gone"), (3, "late"), (5, "gone"), (8, "gone")]);
        assert_eq!(two, "; partitions 0, 5 and 8 of 9: gone; partition 3 of 9: late");
        assert_eq!(text(200, (0..10).map(|number| (number, "x"))).matches(", ").count(), 8);
        assert_eq!(text(200, (0..199).map(|number| (number, "gone"))), "; 199 of 200 partitions: gone");
    }

    #[test]
    fn number_of_problems_is_limited() {
        let text = |count: u64| Problems::new(20, (0..count).map(|number| (number, number))).to_string();
        assert!(text(10).ends_with("; partition 9 of 20: 9"));
        assert!(text(11).ends_with("; partition 9 of 20: 9; and 1 more partition, which the journals name"));
        assert!(text(12).ends_with("; and 2 more partitions, which the journals name"));
    }
}
