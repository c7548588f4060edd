//! Conditions on fields.

use super::quote::quote;

/// A field to compare.
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

/// A field to compare; made by [`field`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field(String);

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Text, written in quotes.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// A number; it must be finite.
    Number(f64),
    /// True or false, written as a bare word. The service does not document how it compares such a value.
    Bool(bool),
}

macro_rules! value_from {
    ($variant:ident: $($source:ty),+) => {$(
        impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

value_from!(Text: &str, String, &String);
value_from!(Integer: i8, i16, i32, i64, i128, u8, u16, u32, u64);
value_from!(Number: f32, f64);
value_from!(Bool: bool);

impl Value {
    fn to_text(&self) -> Result<String, String> {
        match self {
            Self::Text(text) => quote("value", text),
            Self::Integer(number) => Ok(number.to_string()),
            Self::Number(number) if number.is_finite() => Ok(number.to_string()),
            Self::Number(number) => Err(format!("{number} cannot be compared with")),
            Self::Bool(value) => Ok(value.to_string()),
        }
    }
}

macro_rules! comparisons {
    ($($function:ident $sign:literal $meaning:literal;)+) => {
        impl Field {
            $(
                #[doc = concat!("The field is ", $meaning, " this (`", $sign, "`).")]
                pub fn $function(self, value: impl Into<Value>) -> Filter {
                    let text = quote("field", &self.0)
                        .and_then(|field| Ok(format!("{field} {} {}", $sign, value.into().to_text()?)));
                    Filter { text }
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

/// A condition. Combining puts each side in parentheses, because the service does not document which of `&&` and `||`
/// takes precedence.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Filter {
    text: Result<String, String>,
}

impl Filter {
    /// A condition in the words of the query language, taken as it is. The caller answers for what
    /// stands in it.
    pub fn raw(text: impl Into<String>) -> Self {
        Self { text: Ok(text.into()) }
    }

    /// Both hold.
    pub fn and(self, other: Self) -> Self {
        self.combine("&&", other)
    }

    /// One of them holds, or both.
    pub fn or(self, other: Self) -> Self {
        self.combine("||", other)
    }

    /// The text of the condition.
    ///
    /// # Errors
    ///
    /// When a name or a value cannot be written with certainty: one with a backslash, a control
    /// character or both kinds of quotes (the service does not document how they are escaped), or a number that is not
    /// finite. [`Filter::raw`] takes what you know to be right.
    pub fn to_text(&self) -> Result<String, crate::Error> {
        self.text().map(str::to_owned).map_err(|fault| {
            crate::Error::invalid(fault)
                .advice("nothing was sent; change it, or write the condition with Filter::raw")
        })
    }

    pub(super) fn text(&self) -> Result<&str, String> {
        self.text.as_deref().map_err(Clone::clone)
    }

    fn combine(self, sign: &str, other: Self) -> Self {
        let text = self.text.and_then(|left| Ok(format!("({left}) {sign} ({})", other.text?)));
        Self { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_breaks_out() {
        let attack = r#"x" || "1" == "1"#;
        assert_eq!(field("a").eq(attack).to_text().unwrap(), format!("\"a\" == '{attack}'"));
        let error = field("a").eq("x\" || 'y' == 'y").to_text().unwrap_err();
        assert!(error.to_string().contains("Filter::raw"), "{error}");
        assert!(field("a\"b'c").eq(1).and(field("d").eq(2)).to_text().is_err());
        assert!(field("a").lt(f64::NAN).to_text().is_err());
    }
}
