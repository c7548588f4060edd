//! Quoting of names and values in a query.
//!
//! The service does not document how quotes are escaped inside quoted text. A value that requires an escape is
//! rejected, because a wrong guess would change the meaning of the query.

/// Returns `text` in quotes, or the reason why it cannot be written.
pub(super) fn quote(what: &str, text: &str) -> Result<String, String> {
    let rejected = |why: &str| {
        Err(format!(
            "the {what} {text:?} {why}, and the service does not document how the query language escapes that"
        ))
    };
    if text.chars().any(char::is_control) {
        return rejected("has a control character");
    }
    if text.contains('\\') {
        return rejected("has a backslash");
    }
    match (text.contains('"'), text.contains('\'')) {
        (false, _) => Ok(format!("\"{text}\"")),
        (true, false) => Ok(format!("'{text}'")),
        (true, true) => rejected("has both kinds of quotes"),
    }
}

/// Returns the quoted name of a dataset for a step over links, with or without its namespace.
pub(super) fn found(name: &str) -> Result<String, String> {
    if name.trim().is_empty() {
        return Err("the dataset of a step over links has no name".to_owned());
    }
    quote("dataset", name)
}

/// Returns the quoted name of a dataset in a namespace, or the reason why it cannot be written.
pub(super) fn dataset(namespace: &str, name: &str) -> Result<String, String> {
    for (what, part) in [("namespace", namespace), ("dataset", name)] {
        if part.is_empty() {
            return Err(format!("the {what} has no name"));
        }
        if part.contains('/') {
            return Err(format!(
                "the {what} {part:?} has a slash, which separates namespace and dataset in a query"
            ));
        }
    }
    quote("name", &format!("{namespace}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quote_rejects_text_that_needs_an_escape() {
        assert_eq!(quote("value", "a b").unwrap(), "\"a b\"");
        assert_eq!(quote("value", "it's").unwrap(), "\"it's\"");
        assert_eq!(quote("value", "5\" disk").unwrap(), "'5\" disk'");
        for bad in ["both \" and '", "back\\slash", "line\nbreak"] {
            assert!(quote("value", bad).unwrap_err().contains("does not document"), "{bad}");
        }
        assert_eq!(dataset("a", "b c").unwrap(), "\"a/b c\"");
        assert!(dataset("a/b", "c").is_err() && dataset("", "c").is_err());
        assert_eq!(found("b").unwrap(), "\"b\"");
        assert!(found("").is_err() && found(" ").is_err() && found("\\").is_err());
    }
}
