//! What stands behind the question mark of a URL.

use percent_encoding::percent_decode_str;

use crate::problem::Problem;

/// A value of the query string, decoded. A plus sign is taken as it is: it belongs to an offset.
pub(crate) fn value(query: &str, name: &str) -> Result<Option<String>, Problem> {
    let raw = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let Some(raw) = raw else { return Ok(None) };
    match percent_decode_str(raw).decode_utf8() {
        Ok(value) => Ok(Some(value.into_owned())),
        Err(_) => Err(Problem::bad_request(format!("{name} is not UTF-8; percent-encode it as UTF-8"))),
    }
}

/// A value that must be there.
pub(crate) fn required(query: &str, name: &str) -> Result<String, Problem> {
    value(query, name)?.ok_or_else(|| Problem::bad_request(format!("{name} is missing; add ?{name}=...")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_whole_name() {
        let query = "dataset=a%20b&data=1+1&empty=";
        assert_eq!(value(query, "data").unwrap().as_deref(), Some("1+1"));
        assert_eq!(required(query, "dataset").unwrap(), "a b");
        assert_eq!(value(query, "empty").unwrap().as_deref(), Some(""));
        assert_eq!(value(query, "set").unwrap(), None);
        assert_eq!(required("a=%ff", "a").unwrap_err().status, 400);
        assert!(required(query, "owner").unwrap_err().message.starts_with("owner is missing"));
    }
}
