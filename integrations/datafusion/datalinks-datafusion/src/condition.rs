//! Conditions of SQL in the query language of the service.
//!
//! A condition is translated so that the service returns a row if the condition is true for it. A translation is exact if the
//! service returns no other rows. It never leaves out a row, so the engine can compute an inexact one again.
//!
//! The rules of the query language, by which a translation is exact (`datalinks-emulator/docs/decisions.md`):
//!
//! - A null or missing value meets only `!=`. In SQL it meets no comparison, so `!=` is written as `<` or `>`.
//! - Two sides that look like numbers compare as numbers, even if both are strings. Strings of SQL that look like numbers are
//!   therefore compared by the engine.
//! - Other values compare as text by code point, as strings of SQL do.

use datafusion::{
    arrow::datatypes::Schema,
    common::ScalarValue,
    logical_expr::{BinaryExpr, Expr, Operator},
};
use datalinks::{Filter, field};

use crate::column_type::{ColumnType, EXACT_INTEGERS};

/// Maximum number of operators above a comparison. The service does not document a maximum.
const MAX_DEPTH: usize = 16;

/// Maximum length of a condition in bytes. The service does not document a maximum for queries.
const MAX_LENGTH: usize = 4_096;

/// A condition in the query language.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) filter: Filter,
    /// The service returns only rows for which the condition of SQL is true.
    pub(crate) is_exact: bool,
}

/// Translates a condition, or returns `None` if the engine has to compute it.
pub(crate) fn translate(expr: &Expr, schema: &Schema) -> Option<Condition> {
    let condition = Translation { schema }.condition(expr, true, 0)?;
    condition.filter.to_text().ok().filter(|text| text.len() <= MAX_LENGTH).map(|_| condition)
}

struct Translation<'a> {
    schema: &'a Schema,
}

impl Translation<'_> {
    /// Translates the condition that `expr` is `wanted`. Null is neither true nor false.
    fn condition(&self, expr: &Expr, wanted: bool, depth: usize) -> Option<Condition> {
        if depth > MAX_DEPTH {
            return None;
        }
        let below = |expr: &Expr, wanted: bool| self.condition(expr, wanted, depth + 1);
        match expr {
            Expr::Alias(alias) => below(&alias.expr, wanted),
            Expr::Not(inner) => below(inner, !wanted),
            Expr::IsTrue(inner) if wanted => below(inner, true),
            Expr::IsNotTrue(inner) if !wanted => below(inner, true),
            Expr::IsFalse(inner) if wanted => below(inner, false),
            Expr::IsNotFalse(inner) if !wanted => below(inner, false),
            Expr::IsNull(inner) => self.null(inner, wanted),
            Expr::IsNotNull(inner) => self.null(inner, !wanted),
            Expr::Column(_) => self.compare(expr, Operator::Eq, &ScalarValue::Boolean(Some(wanted))),
            Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) => {
                let both = (below(left, wanted), below(right, wanted));
                // A conjunction is false if one of its operands is.
                if (*op == Operator::And) == wanted { and(both.0, both.1) } else { or(both.0, both.1) }
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                let op = if wanted { *op } else { op.negate()? };
                match (&**left, &**right) {
                    (column, Expr::Literal(value, _)) => self.compare(column, op, value),
                    (Expr::Literal(value, _), column) => self.compare(column, op.swap()?, value),
                    _ => None,
                }
            }
            Expr::Between(between) => {
                let (Expr::Literal(low, _), Expr::Literal(high, _)) = (&*between.low, &*between.high) else {
                    return None;
                };
                if between.negated == wanted {
                    let below = self.compare(&between.expr, Operator::Lt, low);
                    or(below, self.compare(&between.expr, Operator::Gt, high))
                } else {
                    let above = self.compare(&between.expr, Operator::GtEq, low);
                    and(above, self.compare(&between.expr, Operator::LtEq, high))
                }
            }
            Expr::InList(list) => {
                let is_in = list.negated != wanted;
                let op = if is_in { Operator::Eq } else { Operator::NotEq };
                let compare = |item: &Expr| match item {
                    Expr::Literal(value, _) => self.compare(&list.expr, op, value),
                    _ => None,
                };
                list.list.iter().map(compare).reduce(if is_in { or } else { and })?
            }
            _ => None,
        }
    }

    /// Translates the condition that a column is null, or that it is not.
    fn null(&self, expr: &Expr, is_null: bool) -> Option<Condition> {
        let (name, column_type) = self.column(expr)?;
        let name = || field(name);
        let filter = match (column_type, is_null) {
            (ColumnType::Boolean, true) => name().ne(true).and(name().ne(false)),
            (ColumnType::Boolean, false) => name().eq(true).or(name().eq(false)),
            // Every value other than null meets one of the two comparisons.
            (ColumnType::Integer | ColumnType::Number, false) => name().le(0).or(name().gt(0)),
            (ColumnType::Text, false) => name().le("a").or(name().gt("a")),
            // A comparison that only null meets does not exist.
            (_, true) => return None,
        };
        written(filter, true)
    }

    /// Translates the comparison of a column with a value.
    fn compare(&self, expr: &Expr, op: Operator, value: &ScalarValue) -> Option<Condition> {
        let (name, column_type) = self.column(expr)?;
        match (column_type, value) {
            (ColumnType::Boolean, ScalarValue::Boolean(Some(value))) => match op {
                Operator::Eq => written(field(name).eq(*value), true),
                Operator::NotEq => written(field(name).eq(!*value), true),
                _ => None,
            },
            // Beyond 2^53, a service that computes with floating-point numbers would take different integers for equal.
            (ColumnType::Integer, ScalarValue::Int64(Some(value)))
                if value.unsigned_abs() < EXACT_INTEGERS =>
            {
                written(comparison(name, op, *value)?, true)
            }
            // Arrow orders minus zero before zero, and the service does not.
            (ColumnType::Number, ScalarValue::Float64(Some(value)))
                if value.abs() < EXACT_INTEGERS as f64 && !(*value == 0.0 && value.is_sign_negative()) =>
            {
                written(comparison(name, op, *value)?, true)
            }
            (
                ColumnType::Text,
                ScalarValue::Utf8(Some(value))
                | ScalarValue::LargeUtf8(Some(value))
                | ScalarValue::Utf8View(Some(value)),
            ) => {
                if !looks_like_number(value) {
                    written(comparison(name, op, value.as_str())?, true)
                } else if op == Operator::Eq && !looks_like_nan(value) {
                    // `'5'` also equals 5.0 there.
                    written(field(name).eq(value.as_str()), false)
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    fn column<'e>(&self, expr: &'e Expr) -> Option<(&'e str, ColumnType)> {
        let Expr::Column(column) = expr else {
            return None;
        };
        let (_, field) = self.schema.column_with_name(&column.name)?;
        Some((&column.name, ColumnType::of(field.data_type())?))
    }
}

/// Returns the condition if it can be written in the query language.
fn written(filter: Filter, is_exact: bool) -> Option<Condition> {
    filter.to_text().ok()?;
    Some(Condition { filter, is_exact })
}

fn comparison<V>(name: &str, op: Operator, value: V) -> Option<Filter>
where
    V: Into<datalinks::query::FilterValue> + Clone,
{
    let column = field(name);
    Some(match op {
        Operator::Eq => column.eq(value),
        Operator::NotEq => column.clone().lt(value.clone()).or(column.gt(value)),
        Operator::Lt => column.lt(value),
        Operator::LtEq => column.le(value),
        Operator::Gt => column.gt(value),
        Operator::GtEq => column.ge(value),
        _ => return None,
    })
}

/// A conjunction without one of its operands only returns more rows.
fn and(left: Option<Condition>, right: Option<Condition>) -> Option<Condition> {
    match (left, right) {
        (Some(left), Some(right)) => Some(Condition {
            filter: left.filter.and(right.filter),
            is_exact: left.is_exact && right.is_exact,
        }),
        (Some(one), None) | (None, Some(one)) => Some(Condition { is_exact: false, ..one }),
        (None, None) => None,
    }
}

fn or(left: Option<Condition>, right: Option<Condition>) -> Option<Condition> {
    let (left, right) = (left?, right?);
    Some(Condition { filter: left.filter.or(right.filter), is_exact: left.is_exact && right.is_exact })
}

/// Returns `true` if the service could read the text as a number. The service does not document which texts it reads, so
/// this includes every text that begins like a number, and the words for infinity.
fn looks_like_number(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['+', '-', '.'])
        || text.starts_with(char::is_numeric)
        || text.parse::<f64>().is_ok()
        || looks_like_nan(text)
}

/// Returns `true` if the service could read the text as NaN, which does not equal itself.
fn looks_like_nan(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['+', '-']).to_ascii_lowercase();
    text == "nan" || text.starts_with("nan(")
}

#[cfg(test)]
mod tests {
    use datafusion::{
        arrow::datatypes::Field,
        logical_expr::{col, lit},
    };

    use super::*;

    fn schema() -> Schema {
        let types = [
            ("year", ColumnType::Integer),
            ("rating", ColumnType::Number),
            ("seen", ColumnType::Boolean),
            ("title", ColumnType::Text),
        ];
        Schema::new(types.map(|(name, kind)| Field::new(name, kind.data_type(), true)).to_vec())
    }

    fn of(expr: Expr) -> Option<(String, bool)> {
        translate(&expr, &schema()).map(|found| (found.filter.to_text().unwrap(), found.is_exact))
    }

    fn exact(text: &str) -> Option<(String, bool)> {
        Some((text.to_owned(), true))
    }

    #[test]
    fn comparisons_never_let_null_through() {
        assert_eq!(of(col("year").gt_eq(lit(2012_i64))), exact(r#""year" >= 2012"#));
        assert_eq!(of(lit(2012_i64).gt(col("year"))), exact(r#""year" < 2012"#));
        assert_eq!(of(col("year").not_eq(lit(5_i64))), exact(r#"("year" < 5) || ("year" > 5)"#));
        assert_eq!(of(!col("title").eq(lit("a"))), exact(r#"("title" < "a") || ("title" > "a")"#));
        assert_eq!(of(!col("seen")), exact(r#""seen" == false"#));
        assert_eq!(of(col("seen").is_null()), exact(r#"("seen" != true) && ("seen" != false)"#));
        assert_eq!(of(col("rating").is_not_null()), exact(r#"("rating" <= 0) || ("rating" > 0)"#));
        assert_eq!(of(col("year").is_null()), None);
        assert_eq!(of(col("year").eq(lit(ScalarValue::Int64(None)))), None);
    }

    #[test]
    fn strings_that_look_like_numbers_are_left_to_the_engine() {
        for text in ["5", "-1", " 7", ".5", "inf", "1e3", "2049: a film", "٣"] {
            assert_eq!(of(col("title").lt(lit(text))), None, "{text}");
            assert_eq!(of(col("title").not_eq(lit(text))), None, "{text}");
            assert_eq!(of(col("title").eq(lit(text))), Some((format!(r#""title" == "{text}""#), false)));
        }
        // No number equals them, so the service could leave out the row itself.
        for text in ["NaN", "nan", " -NAN", "nan(1)"] {
            assert_eq!(of(col("title").eq(lit(text))), None, "{text}");
            assert_eq!(of(col("title").lt(lit(text))), None, "{text}");
            assert_eq!(of(col("title").in_list(vec![lit("a"), lit(text)], false)), None, "{text}");
        }
        assert_eq!(of(col("title").eq(lit("Nancy"))), exact(r#""title" == "Nancy""#));
        assert_eq!(of(col("title").lt(lit(""))), exact(r#""title" < """#));
    }

    #[test]
    fn values_that_cannot_be_written_are_left_to_the_engine() {
        assert_eq!(of(col("title").eq(lit("back\\slash"))), None);
        assert_eq!(of(col("year").eq(lit(1_i64 << 53))), None);
        assert_eq!(of(col("rating").lt(lit(-0.0))), None);
        assert_eq!(of(col("rating").lt(lit(f64::NAN))), None);
        assert_eq!(of(col("seen").lt(lit(true))), None);
        assert_eq!(of(col("title").eq(lit("x".repeat(MAX_LENGTH)))), None);
        assert_eq!(of(col("other").eq(lit("x"))), None);
    }

    #[test]
    fn operators_combine_exact_and_inexact_conditions() {
        let year = || col("year").lt(lit(5_i64));
        let unknown = || col("title").like(lit("a%"));
        let inexact = Some((r#""year" < 5"#.to_owned(), false));
        assert_eq!(of(year().and(unknown())), inexact);
        assert_eq!(of(year().or(unknown())), None);
        // `NOT (a OR b)` is true if both are false.
        let filter = !(col("year").gt_eq(lit(5_i64)).or(unknown()));
        assert_eq!(of(filter), inexact);
        assert_eq!(of(!(year().and(unknown()))), None);
        assert_eq!(of(!(year().and(col("seen")))), exact(r#"("year" >= 5) || ("seen" == false)"#));
        assert_eq!(
            of(col("year").between(lit(1_i64), lit(3_i64))),
            exact(r#"("year" >= 1) && ("year" <= 3)"#)
        );
        assert_eq!(
            of(col("year").not_between(lit(1_i64), lit(3_i64))),
            exact(r#"("year" < 1) || ("year" > 3)"#)
        );
        assert_eq!(
            of(col("title").in_list(vec![lit("a"), lit("b")], false)),
            exact(r#"("title" == "a") || ("title" == "b")"#)
        );
        assert_eq!(of(col("title").in_list(vec![lit("5"), lit("b")], true)), {
            Some((r#"("title" < "b") || ("title" > "b")"#.to_owned(), false))
        });
    }

    #[test]
    fn nesting_has_a_limit() {
        let deep = (0..100).fold(col("seen"), |expr, _| Expr::Not(Box::new(expr)));
        assert_eq!(of(deep), None);
    }
}
