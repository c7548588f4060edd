//! Conditions on the rows of a query.

use std::borrow::Cow;

use super::{fault::Fault, quote::quote};

/// Names a field for a condition.
///
/// # Examples
///
/// ```
/// use datalinks::field;
///
/// let filter = field("year").ge(2012).and(field("country").eq("Japan").or(field("country").eq("India")));
/// assert_eq!(
///     filter.to_text().unwrap(),
///     r#"("year" >= 2012) && (("country" == "Japan") || ("country" == "India"))"#
/// );
/// ```
pub fn field(name: impl Into<String>) -> Field {
    Field(name.into())
}

/// A field of a condition, made by [`field`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field(String);

/// A value that a field is compared with.
///
/// Strings, numbers and `bool` convert into it, so its name is rarely needed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FilterValue {
    /// A string, written in quotes.
    Text(String),
    /// An integer, written in digits.
    Integer(i128),
    /// A number, written in digits without an exponent. A number that is not finite is rejected.
    Number(f64),
    /// A Boolean, written as the bare word `true` or `false`. The service does not document its comparison.
    Bool(bool),
}

macro_rules! value_from {
    ($variant:ident: $($source:ty),+) => {$(
        impl From<$source> for FilterValue {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

value_from!(Text: &str, String, &String, Box<str>, Cow<'_, str>);
value_from!(Integer: i8, i16, i32, i64, i128, u8, u16, u32, u64);
value_from!(Number: f64);
value_from!(Bool: bool);

/// The integers that have the width of a pointer fit into 64 bits.
macro_rules! value_from_size {
    ($($source:ty),+) => {$(
        impl From<$source> for FilterValue {
            fn from(value: $source) -> Self {
                Self::Integer(value as i128)
            }
        }
    )+};
}

value_from_size!(isize, usize);

impl From<f32> for FilterValue {
    /// Keeps the decimal digits of `value`: `0.1_f32` stays `0.1`, as in ingested rows.
    fn from(value: f32) -> Self {
        Self::Number(value.to_string().parse().unwrap_or(f64::from(value)))
    }
}

impl FilterValue {
    fn to_text(&self) -> Result<String, String> {
        match self {
            Self::Text(text) => quote("value", text),
            Self::Integer(number) => Ok(number.to_string()),
            Self::Number(number) if number.is_finite() => Ok(number.to_string()),
            Self::Number(number) => Err(format!("the value {number} is not finite")),
            Self::Bool(value) => Ok(value.to_string()),
        }
    }
}

/// The advice for a name or a value that cannot be written.
const ADVICE: &str = "change it, or write the condition with Filter::raw";

macro_rules! comparisons {
    ($($function:ident $sign:literal $meaning:literal;)+) => {
        impl Field {
            $(
                #[doc = concat!("Creates the condition that the field is ", $meaning, " the value (`", $sign, "`).")]
                pub fn $function(self, value: impl Into<FilterValue>) -> Filter {
                    let text = quote("field", &self.0)
                        .and_then(|field| Ok(format!("{field} {} {}", $sign, value.into().to_text()?)));
                    Filter { text: text.map_err(|fault| Fault::new(fault, ADVICE)), chain: None }
                }
            )+
        }
    };
}

comparisons! {
    eq "==" "equal to";
    ne "!=" "not equal to";
    lt "<" "less than";
    le "<=" "at most";
    gt ">" "greater than";
    ge ">=" "at least";
}

/// A condition on the rows of a query.
///
/// [`field`] starts one. [`and`](Self::and) and [`or`](Self::or) put each operand in parentheses, because the service
/// does not document the precedence of `&&` and `
/// `. A chain of the same operator has one level of parentheses, regardless of its length. The only negation in the
/// language is `!=`.
///
/// The service does not document the comparison of numbers stored as strings, of null and missing values, of dates, and
/// of letter case.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Filter {
    text: Result<String, Fault>,
    /// The operator between the parts of the text, each of which is in parentheses.
    chain: Option<Chain>,
}

/// An operator that combines conditions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Chain {
    And,
    Or,
}

impl Chain {
    fn sign(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
        }
    }
}

impl Filter {
    /// Creates a condition from text in the query language, which is sent as it is.
    ///
    /// The client does not parse the text. Never put untrusted input into it.
    pub fn raw(text: impl Into<String>) -> Self {
        Self { text: Ok(text.into()), chain: None }
    }

    /// Creates the condition that both conditions hold (`&&`).
    pub fn and(self, other: Self) -> Self {
        self.combine(Chain::And, other)
    }

    /// Creates the condition that at least one of the conditions holds (`||`).
    ///
    /// # Examples
    ///
    /// A chain of the same operator has no nested parentheses:
    ///
    /// ```
    /// use datalinks::{Filter, field};
    ///
    /// let filter = ["Japan", "India", "Chile"].map(|name| field("country").eq(name)).into_iter().reduce(Filter::or);
    /// assert_eq!(
    ///     filter.unwrap().to_text()?,
    ///     r#"("country" == "Japan") || ("country" == "India") || ("country" == "Chile")"#
    /// );
    /// # Ok::<(), datalinks::Error>(())
    /// ```
    pub fn or(self, other: Self) -> Self {
        self.combine(Chain::Or, other)
    }

    /// Returns the text of the condition.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if a name or a value cannot be written reliably.
    /// Use [`Filter::raw`] for a text that is known to be valid.
    ///
    /// - Text with a backslash, a control character or both kinds of quotes requires an escape, and the service does
    ///   not document the escapes of the language.
    /// - Numbers must be finite.
    pub fn to_text(&self) -> Result<String, crate::error::Error> {
        self.text().map_err(Fault::into_error)
    }

    pub(super) fn text(&self) -> Result<String, Fault> {
        self.text.clone()
    }

    fn combine(self, chain: Chain, other: Self) -> Self {
        let text = self.part_of(chain).and_then(|mut text| {
            let other = other.part_of(chain)?;
            for part in [" ", chain.sign(), " ", &other] {
                text.push_str(part);
            }
            Ok(text)
        });
        Self { text, chain: Some(chain) }
    }

    /// Returns the text as an operand of a chain. A chain of the same operator needs no further parentheses.
    fn part_of(self, chain: Chain) -> Result<String, Fault> {
        if self.chain == Some(chain) { self.text } else { self.text.map(|text| format!("({text})")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_never_lets_a_value_break_out() {
        let attack = r#"x" || "1" == "1"#;
        assert_eq!(field("a").eq(attack).to_text().unwrap(), format!("\"a\" == '{attack}'"));
        let error = field("a").eq("x\" || 'y' == 'y").to_text().unwrap_err();
        assert!(error.to_string().contains("Filter::raw"), "{error}");
        assert!(field("a\"b'c").eq(1).and(field("d").eq(2)).to_text().is_err());
        assert!(field("d").eq(2).or(field("a").eq("\\")).to_text().is_err());
        assert!(field("a").lt(f64::NAN).to_text().is_err());
        assert!(field("a").lt(f32::INFINITY).to_text().is_err());
    }

    #[test]
    fn filter_nests_only_where_the_operator_changes() {
        let text = |filter: Filter| filter.to_text().unwrap();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(Filter::raw);
        let (ab, cd) = (a.clone().or(b.clone()), c.clone().or(d.clone()));
        assert_eq!(text(ab.clone().or(c.clone())), "(a) || (b) || (c)");
        assert_eq!(text(a.clone().or(cd.clone())), "(a) || (c) || (d)");
        assert_eq!(text(ab.clone().or(cd.clone())), "(a) || (b) || (c) || (d)");
        assert_eq!(text(ab.clone().and(cd)), "((a) || (b)) && ((c) || (d))");
        assert_eq!(text(ab.and(c).and(d)), "((a) || (b)) && (c) && (d)");
        assert_eq!(text(a.and(Filter::raw("b || c"))), "(a) && (b || c)");
        assert_eq!(text(Filter::raw("a || b").or(b)), "(a || b) || (b)");
    }

    #[test]
    fn filter_writes_every_operator_and_every_kind_of_value() {
        let text = |filter: Filter| filter.to_text().unwrap();
        assert_eq!(text(field("a").eq("b c")), r#""a" == "b c""#);
        assert_eq!(text(field("a").ne(String::new())), r#""a" != """#);
        assert_eq!(text(field("a b").lt(-3)), r#""a b" < -3"#);
        assert_eq!(text(field("a").le(u64::MAX)), r#""a" <= 18446744073709551615"#);
        assert_eq!(text(field("a").gt(0.1)), r#""a" > 0.1"#);
        assert_eq!(text(field("a").gt(1e21)), r#""a" > 1000000000000000000000"#);
        assert_eq!(text(field("a").ge(true)), r#""a" >= true"#);
        assert_eq!(text(Filter::raw("a == 1, b == 2")), "a == 1, b == 2");
    }

    #[test]
    fn filter_keeps_the_digits_of_single_precision() {
        assert_eq!(field("a").eq(0.1_f32).to_text().unwrap(), r#""a" == 0.1"#);
        assert_eq!(FilterValue::from(f32::MAX), FilterValue::Number(3.4028235e38));
    }
}
