//! Access to the parameters of a query string.

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use crate::response::Problem;

/// Default number of items per page, as in the service.
const PAGE: usize = 25;

/// Returns a decoded parameter in which a plus sign stays a plus sign, as in the offset of a timestamp.
pub(crate) fn value(query: &str, name: &str) -> Result<Option<String>, Problem> {
    raw(query, name).map(|raw| decoded(name, &raw.replace('+', "%2B"))).transpose()
}

/// Returns a decoded parameter in which a plus sign is a space, as in HTML forms.
pub(crate) fn text(query: &str, name: &str) -> Result<Option<String>, Problem> {
    raw(query, name).map(|raw| decoded(name, raw)).transpose()
}

/// Returns a required parameter.
pub(crate) fn required(query: &str, name: &str) -> Result<String, Problem> {
    text(query, name)?.ok_or_else(|| Problem::bad_request(format!("{name} is missing; add ?{name}=...")))
}

/// Returns a parameter that is a whole number of at least 0.
pub(crate) fn number(query: &str, name: &str) -> Result<Option<usize>, Problem> {
    let Some(text) = text(query, name)? else { return Ok(None) };
    let number = text
        .parse()
        .map_err(|_| Problem::bad_request(format!("{name} must be a whole number of at least 0")))?;
    Ok(Some(number))
}

/// Returns the requested number of items per page, or the default.
pub(crate) fn page_size(query: &str) -> Result<usize, Problem> {
    Ok(number(query, "pageSize")?.unwrap_or(PAGE))
}

/// Returns `true` if a parameter occurs more than once with different values.
pub(crate) fn given_differently(query: &str, name: &str) -> bool {
    let mut values = all(query, name);
    values.next().is_some_and(|first| values.any(|other| other != first))
}

fn raw<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    all(query, name).next()
}

/// Returns the encoded values of a parameter.
fn all<'a>(query: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(move |(own, _)| is_named(own, name)).map(|(_, value)| value)
}

/// Returns `true` if a name, which may be percent-encoded, equals this one.
fn is_named(own: &str, name: &str) -> bool {
    own == name || form_urlencoded::parse(own.as_bytes()).next().is_some_and(|(own, _)| own == name)
}

fn decoded(name: &str, raw: &str) -> Result<String, Problem> {
    // The form decoder would silently replace invalid UTF-8.
    if percent_decode_str(raw).decode_utf8().is_err() {
        return Err(Problem::malformed(format!("{name} is not UTF-8; percent-encode it as UTF-8")));
    }
    let pair = format!("={raw}");
    Ok(form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_by_their_full_name() {
        let query = "dataset=a%20b&data=1+1&empty=";
        assert_eq!(value(query, "data").unwrap().as_deref(), Some("1+1"));
        assert_eq!(required(query, "dataset").unwrap(), "a b");
        assert_eq!(required(query, "data").unwrap(), "1 1");
        assert_eq!(value(query, "empty").unwrap().as_deref(), Some(""));
        assert_eq!(value(query, "set").unwrap(), None);
        assert_eq!(value("at=1%2B1+2%3D3=4", "at").unwrap().as_deref(), Some("1+1+2=3=4"));
        assert_eq!(
            text("%61t=1%2B1+2%3D3=4", "at").unwrap().as_deref(),
            Some("1+1 2=3=4"),
            "an encoded name"
        );
        assert_eq!(required("a=%ff", "a").unwrap_err().status, 400);
        assert!(required(query, "owner").unwrap_err().message.starts_with("owner is missing"));
    }
}
