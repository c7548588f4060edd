//! What stands behind the question mark of a URL.

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use crate::response::Problem;

/// Items on a page when nothing else is asked for, as the service has it.
const PAGE: usize = 25;

/// A value of the query string, decoded. A plus sign is taken as it is: it belongs to an offset.
pub(crate) fn value(query: &str, name: &str) -> Result<Option<String>, Problem> {
    raw(query, name).map(|raw| decoded(name, &raw.replace('+', "%2B"))).transpose()
}

/// A text, which may have been written as forms write it: a plus sign is a space.
pub(crate) fn text(query: &str, name: &str) -> Result<Option<String>, Problem> {
    raw(query, name).map(|raw| decoded(name, raw)).transpose()
}

/// A text that must be there.
pub(crate) fn required(query: &str, name: &str) -> Result<String, Problem> {
    text(query, name)?.ok_or_else(|| Problem::bad_request(format!("{name} is missing; add ?{name}=...")))
}

/// A whole number from 0 on.
pub(crate) fn number(query: &str, name: &str) -> Result<Option<usize>, Problem> {
    let Some(text) = text(query, name)? else { return Ok(None) };
    let number =
        text.parse().map_err(|_| Problem::bad_request(format!("{name} must be a whole number from 0 on")))?;
    Ok(Some(number))
}

/// How many items go on a page.
pub(crate) fn page_size(query: &str) -> Result<usize, Problem> {
    Ok(number(query, "pageSize")?.unwrap_or(PAGE))
}

/// Returns whether a parameter is given more than once, with values that are not the same.
pub(crate) fn given_differently(query: &str, name: &str) -> bool {
    let mut values = all(query, name);
    values.next().is_some_and(|first| values.any(|other| other != first))
}

fn raw<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    all(query, name).next()
}

/// The values of a parameter as they are written.
fn all<'a>(query: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(move |(own, _)| is_named(own, name)).map(|(_, value)| value)
}

/// Whether a name, which may be percent-encoded, is this one.
fn is_named(own: &str, name: &str) -> bool {
    own == name || form_urlencoded::parse(own.as_bytes()).next().is_some_and(|(own, _)| own == name)
}

fn decoded(name: &str, raw: &str) -> Result<String, Problem> {
    // The decoder of forms replaces what is not UTF-8.
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
    fn values_are_found_by_their_whole_name() {
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
