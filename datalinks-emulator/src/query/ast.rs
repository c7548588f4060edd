//! The tree of a query.

use serde::Serialize;

/// A query: the dataset where it starts, and the clauses that follow.
///
/// The [`Display`](std::fmt::Display) form is the canonical text of the query, which [`parse`](super::parse) reads
/// back to the same tree. There are a few exceptions:
///
/// - Conditions separated by commas are written with `&&`, and each group among them gets parentheses. If one of them
///   is nested as deeply as the parser allows, the canonical text is nested too deeply.
/// - The canonical text may be longer than the parsed text, because of spaces and, once a query has run, full names of
///   datasets. It may then exceed the maximum length.
/// - A tree that was not made by the parser may have no text that the parser accepts: a group of fewer than two
///   conditions, a step over 0 links, a dataset with a blank name, or more clauses or deeper groups than the parser allows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Query {
    /// The name of the first dataset as written: `namespace/dataset`, or only the name of the dataset.
    pub dataset: String,
    /// The clauses in the order in which they are applied.
    pub clauses: Vec<Clause>,
}

impl Query {
    /// Creates a query for all rows of a dataset.
    pub fn all(dataset: impl Into<String>) -> Self {
        Self { dataset: dataset.into(), clauses: Vec::new() }
    }
}

/// One clause of a query, written as a method call.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Clause {
    /// Keeps the rows that meet the condition: `.filter(...)` or `.filter().column("...")`.
    Filter(Condition),
    /// Replaces the rows by the linked rows of a dataset: `.searchAround(...).find("...").follow(...)`.
    SearchAround(SearchAround),
    /// Sorts the rows: `.sortAscending(...)`, `.sortDescending(...)` or `.sort(..., ASC|DESC)`.
    Sort(Sort),
    /// Keeps at most this number of rows: `.limit(...)`.
    Limit(u64),
}

/// A step over links to the rows of a dataset.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SearchAround {
    /// The name in `find` as written.
    pub dataset: String,
    /// Maximum number of links between a row before the step and a row that it finds, 1 to 16.
    pub depth: u32,
    /// Columns of the dataset before the step. Only links at these columns are followed. If empty, all links are.
    pub follow: Vec<String>,
}

impl SearchAround {
    /// The depth if `searchAround()` has no number.
    pub const DEFAULT_DEPTH: u32 = 1;

    /// Creates a step over one link at any column to a dataset.
    pub fn find(dataset: impl Into<String>) -> Self {
        Self { dataset: dataset.into(), depth: Self::DEFAULT_DEPTH, follow: Vec::new() }
    }
}

/// A column to sort by. Of consecutive sorts, the first is the primary one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Sort {
    /// The name of the column.
    pub column: String,
    /// The sort direction.
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
/// Groups are preserved as written: `(a == 1 && b == 2) && c == 3` is a group of two parts. Conditions separated by commas
/// are the parts of one [`All`](Self::All).
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// At least one of the conditions holds: `a || b`.
    Any(Vec<Condition>),
    /// All conditions hold: `a && b`.
    All(Vec<Condition>),
    /// A comparison of a field with a value.
    Compare(Comparison),
}

/// A field compared with a value.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Comparison {
    /// The name of the column.
    pub field: String,
    /// The comparison operator.
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
    /// All operators. Those with two characters come first, because a parser must try them first.
    pub(super) const ALL: [Self; 6] = [Self::Eq, Self::Ne, Self::Le, Self::Ge, Self::Lt, Self::Gt];

    /// Returns the operator as written in queries.
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
