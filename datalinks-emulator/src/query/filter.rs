//! Conditions on rows.

use std::cmp::Ordering;

use super::ast::{Comparison, Condition, Operator};
use crate::store::{Cell, Dataset, Number};

/// A condition whose columns are resolved and whose values are parsed once.
pub(super) enum Filter<'a> {
    Any(Vec<Filter<'a>>),
    All(Vec<Filter<'a>>),
    Compare { column: Option<u32>, operator: Operator, text: &'a str, number: Option<Number> },
}

impl<'a> Filter<'a> {
    pub(super) fn new(condition: &'a Condition, dataset: &Dataset) -> Self {
        let all = |parts: &'a [Condition]| parts.iter().map(|part| Self::new(part, dataset)).collect();
        match condition {
            Condition::Any(parts) => Self::Any(all(parts)),
            Condition::All(parts) => Self::All(all(parts)),
            Condition::Compare(Comparison { field, operator, value }) => Self::Compare {
                column: dataset.columns().number(field),
                operator: *operator,
                text: value,
                number: Number::parse(value),
            },
        }
    }

    pub(super) fn keeps(&self, dataset: &Dataset, row: u32) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.keeps(dataset, row)),
            Self::All(parts) => parts.iter().all(|part| part.keeps(dataset, row)),
            Self::Compare { column, operator, text, number } => {
                let row = dataset.rows().get(row as usize);
                let cell = column.and_then(|column| row?.get(column));
                match cell.and_then(Cell::as_text) {
                    None => *operator == Operator::Ne,
                    Some(own) => holds(*operator, compare(own, text, *number)),
                }
            }
        }
    }
}

/// Compares two numbers by value, and other values as text by code point.
fn compare(own: &str, text: &str, number: Option<Number>) -> Ordering {
    match number.and_then(|number| Some((Number::parse(own)?, number))) {
        Some((own, number)) => own.compare(number),
        None => own.cmp(text),
    }
}

fn holds(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Ne => ordering.is_ne(),
        Operator::Lt => ordering.is_lt(),
        Operator::Le => ordering.is_le(),
        Operator::Gt => ordering.is_gt(),
        Operator::Ge => ordering.is_ge(),
    }
}
