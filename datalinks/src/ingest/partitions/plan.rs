//! The plan of an ingestion in partitions.

use std::{collections::BTreeMap, fmt, ops::Range};

use serde::{Deserialize, Serialize};

use crate::{error::Error, ingest::journal::hash, secrets::Redactor};

/// The part of a source that a partition reads.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum PartitionRange {
    /// The whole source.
    Whole,
    /// Rows by their indexes, from 0.
    Rows(Range<u64>),
    /// Row groups of a Parquet file by their indexes, from 0.
    RowGroups(Range<u64>),
    /// Bytes of a file. The engine decides which of two partitions reads a record on their border.
    Bytes(Range<u64>),
}

impl PartitionRange {
    /// Returns the indexes of the rows, or `None` if the range is not one of rows.
    pub fn rows(&self) -> Option<Range<u64>> {
        match self {
            Self::Rows(rows) => Some(rows.clone()),
            _ => None,
        }
    }

    /// Returns the kind of the range and its bounds.
    fn bounds(&self) -> Option<(&'static str, &Range<u64>)> {
        match self {
            Self::Whole => None,
            Self::Rows(range) => Some(("rows", range)),
            Self::RowGroups(range) => Some(("row groups", range)),
            Self::Bytes(range) => Some(("bytes", range)),
        }
    }
}

impl fmt::Display for PartitionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bounds() {
            None => f.write_str("as a whole"),
            Some((kind, range)) => write!(f, "{kind} {} to {}", range.start, range.end),
        }
    }
}

/// One partition of a plan.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Partition {
    /// The source of the rows, such as the path or the URL of a file.
    ///
    /// Errors and `Debug` show a URL without its user, password and query. A [`JournalDirectory`] writes the source as it is to a file, so it
    /// should not have a secret such as the signature of a presigned URL. Another signature would be another source as well, whose
    /// partition has another journal.
    ///
    /// [`JournalDirectory`]: super::JournalDirectory
    pub source: String,
    /// The part of the source.
    pub range: PartitionRange,
}

impl Partition {
    /// Creates a partition that reads a source as a whole.
    pub fn new(source: impl Into<String>) -> Self {
        Self { source: source.into(), range: PartitionRange::Whole }
    }

    /// Creates a partition of rows.
    pub fn rows(source: impl Into<String>, rows: Range<u64>) -> Self {
        Self { source: source.into(), range: PartitionRange::Rows(rows) }
    }

    /// Creates a partition of row groups of a Parquet file.
    pub fn row_groups(source: impl Into<String>, row_groups: Range<u64>) -> Self {
        Self { source: source.into(), range: PartitionRange::RowGroups(row_groups) }
    }

    /// Creates a partition of bytes of a file.
    pub fn bytes(source: impl Into<String>, bytes: Range<u64>) -> Self {
        Self { source: source.into(), range: PartitionRange::Bytes(bytes) }
    }
}

/// Shows the source without the user, the password and the query of a URL.
impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", shown(&self.source), self.range)
    }
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partition").field("source", &shown(&self.source)).field("range", &self.range).finish()
    }
}

/// Returns a source without secrets.
fn shown(source: &str) -> String {
    Redactor::default().text(source, false).into_owned()
}

/// The id of a partition in its plan, which is usable as a file name.
///
/// It contains the number of the partition and a hash of what it reads, so a partition with another source or range has another
/// id.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct PartitionId(String);

impl PartitionId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A list of partitions that together are one input.
///
/// A plan is serialized as the list of its partitions, so that other processes can run them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Vec<Partition>", into = "Vec<Partition>")]
pub struct PartitionPlan {
    partitions: Vec<Partition>,
    ids: Vec<PartitionId>,
}

impl PartitionPlan {
    /// Creates a plan. The number of a partition is its position.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if two partitions read a part of a source twice, or if a range is
    /// empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use datalinks::ingest::partitions::{Partition, PartitionPlan};
    ///
    /// let parts = [Partition::new("a.csv"), Partition::row_groups("b.parquet", 0..4)];
    /// assert_eq!(PartitionPlan::new(parts.clone())?.partitions().len(), 2);
    ///
    /// let twice = [Partition::row_groups("b.parquet", 3..8)];
    /// let error = PartitionPlan::new(parts.into_iter().chain(twice)).unwrap_err();
    /// assert!(error.to_string().contains("partitions 1 and 2"), "{error}");
    /// # Ok::<(), datalinks::Error>(())
    /// ```
    pub fn new(partitions: impl IntoIterator<Item = Partition>) -> Result<Self, Error> {
        let partitions: Vec<Partition> = partitions.into_iter().collect();
        check(&partitions)?;
        let ids = partitions.iter().enumerate().map(|(number, partition)| {
            // Not the text of the partition, in which two sources may be equal.
            let text = format!("{}, {}", partition.source, partition.range);
            PartitionId(format!("{number:06}-{:016x}", hash(text.as_bytes())))
        });
        let ids = ids.collect();
        Ok(Self { partitions, ids })
    }

    /// Returns the partitions, by their number.
    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }

    /// Returns the ids of the partitions, by their number.
    pub fn ids(&self) -> &[PartitionId] {
        &self.ids
    }

    /// Returns a partition with its id.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the plan has no partition with this number.
    pub fn partition(&self, number: usize) -> Result<(&Partition, &PartitionId), Error> {
        self.partitions.get(number).zip(self.ids.get(number)).ok_or_else(|| {
            Error::invalid(format!("there is no partition {number}: the plan has {}", self.partitions.len()))
        })
    }
}

impl TryFrom<Vec<Partition>> for PartitionPlan {
    type Error = Error;

    fn try_from(partitions: Vec<Partition>) -> Result<Self, Error> {
        Self::new(partitions)
    }
}

impl From<PartitionPlan> for Vec<Partition> {
    fn from(plan: PartitionPlan) -> Self {
        plan.partitions
    }
}

/// Rejects partitions that read a part of a source twice.
fn check(partitions: &[Partition]) -> Result<(), Error> {
    let mut sources: BTreeMap<&str, Vec<(usize, &PartitionRange)>> = BTreeMap::new();
    for (number, partition) in partitions.iter().enumerate() {
        if partition.range.bounds().is_some_and(|(_, range)| range.is_empty()) {
            return Err(Error::invalid(format!("partition {number} is empty: {partition}")));
        }
        sources.entry(&partition.source).or_default().push((number, &partition.range));
    }
    for (source, mut ranges) in sources {
        ranges.sort_by_key(|(_, range)| range.bounds().map(|(kind, range)| (kind, range.start)));
        for pair in ranges.windows(2) {
            let [(first, one), (second, other)] = pair else { continue };
            let is_apart = match (one.bounds(), other.bounds()) {
                (Some((kind, one)), Some((other_kind, other))) => {
                    kind == other_kind && one.end <= other.start
                }
                _ => false,
            };
            if !is_apart {
                let (first, second) = (first.min(second), first.max(second));
                let what =
                    format!("partitions {first} and {second} may read the same rows of {}", shown(source));
                return Err(Error::invalid(what)
                    .advice("rows would be stored twice; plan parts of one kind that do not overlap"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plan_rejects_parts_that_overlap() {
        let rows = |range| Partition::rows("a", range);
        assert!(PartitionPlan::new([]).unwrap().partitions().is_empty());
        PartitionPlan::new([rows(5..9), rows(0..5), Partition::new("b"), Partition::bytes("c", 0..3)])
            .unwrap();
        for (parts, reason) in [
            (vec![rows(0..5), rows(4..9)], "partitions 0 and 1"),
            (vec![rows(4..9), Partition::new("b"), rows(0..5)], "partitions 0 and 2"),
            (vec![Partition::new("b"), Partition::new("b")], "partitions 0 and 1"),
            (vec![rows(0..5), Partition::new("a")], "partitions 0 and 1"),
            (vec![rows(0..5), Partition::row_groups("a", 7..9)], "partitions 0 and 1"),
            (vec![rows(5..5)], "partition 0 is empty: a, rows 5 to 5"),
        ] {
            let error = PartitionPlan::new(parts).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }

    /// Regression: errors had the signature of a presigned URL, and the password of a URL.
    #[test]
    fn secrets_in_sources_are_in_no_text() {
        for url in
            ["https://a:canary@h/x?X-Amz-Signature=canary", "https://h/x?t=canary", "s3://k:canary@b/x"]
        {
            let overlap = PartitionPlan::new([Partition::new(url), Partition::new(url)]).unwrap_err();
            let empty = PartitionPlan::new([Partition::rows(url, 3..3)]).unwrap_err();
            let partition = Partition::new(url);
            let shown = [partition.to_string(), format!("{partition:?}")];
            for text in [overlap.to_string(), empty.to_string()].iter().chain(&shown) {
                assert!(!text.contains("canary"), "{text}");
            }
            // The source itself is kept, and another secret is another partition.
            let id = |source: &str| PartitionPlan::new([Partition::new(source)]).unwrap().ids()[0].clone();
            assert_ne!(id(url), id(&url.replace("canary", "other")));
            assert_eq!(
                id(url).as_str(),
                format!("000000-{:016x}", hash(format!("{url}, as a whole").as_bytes()))
            );
        }
    }

    #[test]
    fn ids_are_stable_across_releases() {
        let plan = PartitionPlan::new([Partition::new("a.csv"), Partition::row_groups("b", 0..4)]).unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(
            text,
            r#"[{"source":"a.csv","range":"whole"},{"source":"b","range":{"rowGroups":{"start":0,"end":4}}}]"#
        );
        assert_eq!(serde_json::from_str::<PartitionPlan>(&text).unwrap(), plan);
        assert_eq!(plan.ids()[0].as_str(), format!("000000-{:016x}", hash(b"a.csv, as a whole")));
        assert_eq!(plan.ids()[1].as_str(), format!("000001-{:016x}", hash(b"b, row groups 0 to 4")));
        assert!(plan.partition(2).unwrap_err().to_string().contains("the plan has 2"));
        let twice = r#"[{"source":"a","range":"whole"},{"source":"a","range":"whole"}]"#;
        assert!(serde_json::from_str::<PartitionPlan>(twice).is_err());
    }
}
