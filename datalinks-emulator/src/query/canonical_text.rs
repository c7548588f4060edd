//! The canonical text of a query.

use std::fmt::{Display, Formatter, Result};

use super::ast::{Clause, Comparison, Condition, Direction, Query, SearchAround, Sort};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "Ontology({})", Quoted(&self.dataset))?;
        self.clauses.iter().try_for_each(|clause| write!(f, "{clause}"))
    }
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Filter(condition) => write!(f, ".filter({condition})"),
            Self::SearchAround(step) => write!(f, "{step}"),
            Self::Sort(sort) => write!(f, "{sort}"),
            Self::Limit(rows) => write!(f, ".limit({rows})"),
        }
    }
}

impl Display for SearchAround {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.depth {
            Self::DEFAULT_DEPTH => f.write_str(".searchAround()")?,
            depth => write!(f, ".searchAround({depth})")?,
        }
        write!(f, ".find({})", Quoted(&self.dataset))?;
        for (index, column) in self.follow.iter().enumerate() {
            f.write_str(if index == 0 { ".follow(" } else { ", " })?;
            write!(f, "{}", Word(column))?;
        }
        f.write_str(if self.follow.is_empty() { "" } else { ")" })
    }
}

impl Display for Sort {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let name = match self.direction {
            Direction::Ascending => "sortAscending",
            Direction::Descending => "sortDescending",
        };
        write!(f, ".{name}({})", Word(&self.column))
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (parts, between) = match self {
            Self::Compare(comparison) => return write!(f, "{comparison}"),
            Self::Any(parts) => (parts, " || "),
            Self::All(parts) => (parts, " && "),
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(between)?;
            }
            // `&&` binds more tightly than `||`. Parentheses here would nest deeper than the parsed text.
            match (self, part) {
                (_, Self::Compare(_)) | (Self::Any(_), Self::All(_)) => write!(f, "{part}")?,
                (_, nested) => write!(f, "({nested})")?,
            }
        }
        Ok(())
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {} {}", Word(&self.field), self.operator.symbol(), Word(&self.value))
    }
}

/// Quoted text: in double quotes, or in single quotes if that avoids escapes.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.0.contains('"') && !self.0.contains(['\'', '\\']) {
            return write!(f, "'{}'", self.0);
        }
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

/// Text that is quoted only if necessary.
struct Word<'a>(&'a str);

impl Display for Word<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let simple = !self.0.is_empty()
            && self.0.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if simple { f.write_str(self.0) } else { Quoted(self.0).fmt(f) }
    }
}
