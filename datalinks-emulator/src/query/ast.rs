//! A query as a tree, and the tree as text again.

use std::fmt;

/// A query: where it starts and what it does from there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Query {
    /// The name of the first dataset, as written.
    pub(crate) dataset: String,
    pub(crate) calls: Vec<Call>,
}

/// One step of a query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    /// `.filter(...)`: keeps the rows that fit.
    Filter(Expr),
    /// `.searchAround().find("...")`: goes to the linked rows of another dataset.
    Hop(String),
}

/// A condition on a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Compare(Comparison),
}

/// A field compared with a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) field: String,
    pub(crate) op: Op,
    pub(crate) value: String,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    /// All of them, those of two characters first, as a reader must try them.
    pub(crate) const ALL: [Self; 6] = [Self::Eq, Self::Ne, Self::Le, Self::Ge, Self::Lt, Self::Gt];

    pub(crate) fn text(self) -> &'static str {
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

impl Query {
    /// A query for all rows of a dataset.
    pub(crate) fn all(dataset: impl Into<String>) -> Self {
        Self { dataset: dataset.into(), calls: Vec::new() }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ontology({})", Quoted(&self.dataset))?;
        self.calls.iter().try_for_each(|call| write!(f, "{call}"))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(expr) => write!(f, ".filter({expr})"),
            Self::Hop(dataset) => write!(f, ".searchAround().find({})", Quoted(dataset)),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, between) = match self {
            Self::Compare(comparison) => return write!(f, "{comparison}"),
            Self::Or(parts) => (parts, " || "),
            Self::And(parts) => (parts, " && "),
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(between)?;
            }
            match part {
                Self::Compare(comparison) => write!(f, "{comparison}")?,
                nested => write!(f, "({nested})")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", Word(&self.field), self.op.text(), Word(&self.value))
    }
}

/// Text in double quotes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for part in self.0.split_inclusive(['"', '\\']) {
            match part.strip_suffix(['"', '\\']) {
                Some(head) => write!(f, "{head}\\{}", &part[head.len()..])?,
                None => f.write_str(part)?,
            }
        }
        f.write_str("\"")
    }
}

/// Text without quotes where it needs none.
struct Word<'a>(&'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let simple = !self.0.is_empty()
            && self.0.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if simple { f.write_str(self.0) } else { Quoted(self.0).fmt(f) }
    }
}
