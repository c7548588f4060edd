//! The tree of a query.

use serde::Serialize;

/// A query: the dataset where it starts, and the calls that follow.
///
/// The [`Display`](std::fmt::Display) form is the canonical text of the query, which [`parse`](super::parse) reads
/// back to the same tree. There are a few exceptions:
///
/// - Conditions that are separated by commas are written with `&&`, and each of them that is a group gets parentheses.
///   If one of them already nests as deeply as the parser allows, the text nests too deeply.
/// - The canonical text may be longer than the text that was parsed, because of spaces and, once a query has run, full
///   names of datasets. It may then be longer than the parser allows.
/// - A tree that is not made by the parser may be one that no text has: a group of fewer than two conditions, a step
///   of 0 links, a dataset with a blank name, or more calls or deeper groups than the parser allows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Query {
    /// The name of the first dataset as it is written: `namespace/dataset`, or the name of the dataset alone.
    pub dataset: String,
    /// The calls in the order in which they apply.
    pub calls: Vec<Call>,
}

impl Query {
    /// Creates a query for all rows of a dataset.
    pub fn all(dataset: impl Into<String>) -> Self {
        Self { dataset: dataset.into(), calls: Vec::new() }
    }
}

/// One call of a query.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Call {
    /// Keeps the rows that meet the condition: `.filter(...)` or `.filter().column("...")`.
    Filter(Condition),
    /// Goes to the linked rows of a dataset: `.searchAround(...).find("...").follow(...)`.
    SearchAround(SearchAround),
    /// Sorts the rows: `.sortAscending(...)`, `.sortDescending(...)` or `.sort(..., ASC|DESC)`.
    Sort(Sort),
    /// Keeps at most this number of rows: `.limit(...)`.
    Limit(u64),
}

/// A step over links to the rows of a dataset.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SearchAround {
    /// The name in `find` as it is written.
    pub dataset: String,
    /// Maximum number of links between a row of the dataset that the step leaves and a row that it finds, 1 to 16.
    pub depth: u32,
    /// Columns of the dataset that the step leaves: only links at these columns count. Empty if every link counts.
    pub follow: Vec<String>,
}

impl SearchAround {
    /// The depth of `searchAround()` without a number.
    pub const DEFAULT_DEPTH: u32 = 1;

    /// Creates a step to a dataset over one link at any column.
    pub fn find(dataset: impl Into<String>) -> Self {
        Self { dataset: dataset.into(), depth: Self::DEFAULT_DEPTH, follow: Vec::new() }
    }
}

/// A column to sort by. Of several sorts in a row, the first is the main one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Sort {
    /// The name of the column.
    pub column: String,
    /// The direction in which the values go.
    pub direction: Direction,
}

/// The direction of a sort.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// The smallest value comes first.
    Ascending,
    /// The largest value comes first.
    Descending,
}

/// A condition on a row.
///
/// Groups are kept as they are written: `(a == 1 && b == 2) && c == 3` is a group of two parts. Conditions that are
/// separated by commas are the parts of one [`All`](Self::All).
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// At least one of the conditions holds: `a || b`.
    Any(Vec<Condition>),
    /// All conditions hold: `a && b`.
    All(Vec<Condition>),
    /// A field is compared with a value.
    Compare(Comparison),
}

/// A field compared with a value.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Comparison {
    /// The name of the column.
    pub field: String,
    /// The operator between the two.
    pub operator: Operator,
    /// The value without its quotes.
    pub value: String,
}

/// An operator that compares a field with a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum Operator {
    /// Equal to the value.
    #[serde(rename = "==")]
    Eq,
    /// Different from the value, null or missing.
    #[serde(rename = "!=")]
    Ne,
    /// Less than the value.
    #[serde(rename = "<")]
    Lt,
    /// At most the value.
    #[serde(rename = "<=")]
    Le,
    /// Greater than the value.
    #[serde(rename = ">")]
    Gt,
    /// At least the value.
    #[serde(rename = ">=")]
    Ge,
}

impl Operator {
    /// All operators. Those of two characters come first, as a parser must try them.
    pub(super) const ALL: [Self; 6] = [Self::Eq, Self::Ne, Self::Le, Self::Ge, Self::Lt, Self::Gt];

    /// The operator as queries write it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}
