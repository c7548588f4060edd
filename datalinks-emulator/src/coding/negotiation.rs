//! The headers that name content codings.

use http::{HeaderMap, header};

use super::Coding;

/// Maximum number of characters of an unknown content coding in a message.
const SHOWN: usize = 40;

/// A coding of a body that is not known.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Unknown(pub(crate) String);

/// Returns the names of all codings.
pub(crate) fn names() -> Vec<&'static str> {
    Coding::ALL.iter().map(|coding| coding.name()).collect()
}

/// Returns the coding of a body by `Content-Encoding`, or `None` if it is not compressed.
pub(crate) fn of_body(headers: &HeaderMap) -> Result<Option<Coding>, Unknown> {
    let named: Vec<String> = list(headers, &header::CONTENT_ENCODING)
        .filter(|name| !matches!(name.as_str(), "" | "identity"))
        .collect();
    match named.as_slice() {
        [] => Ok(None),
        [name] => by_name(name).map(Some).ok_or_else(|| unknown(name)),
        _ => Err(unknown(&named.join(", "))),
    }
}

/// Returns the coding that a client prefers by `Accept-Encoding`, or `None` if it names none that is known.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Coding> {
    let (mut best, mut best_weight) = (None, 0);
    let named: Vec<(String, u16)> =
        list(headers, &header::ACCEPT_ENCODING).filter_map(|item| weighted(&item)).collect();
    for coding in Coding::ALL {
        let named_by = |name: &str| by_name(name) == Some(*coding);
        let own = named.iter().find(|(name, _)| named_by(name));
        let weight =
            own.or_else(|| named.iter().find(|(name, _)| name == "*")).map_or(0, |(_, weight)| *weight);
        if weight > best_weight {
            (best, best_weight) = (Some(*coding), weight);
        }
    }
    best
}

/// Returns the items of a header, in lower case.
fn list(headers: &HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = String> {
    let values = headers.get_all(name).iter();
    values
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(|item| String::from_utf8_lossy(item.trim_ascii()).to_ascii_lowercase())
}

fn by_name(name: &str) -> Option<Coding> {
    let name = if name == "x-gzip" { "gzip" } else { name };
    Coding::ALL.iter().copied().find(|coding| coding.name() == name)
}

/// Returns the name and the weight of an item, in thousandths. `None` if the weight is not valid.
fn weighted(item: &str) -> Option<(String, u16)> {
    let Some((name, parameter)) = item.split_once(';') else { return Some((item.to_owned(), 1000)) };
    let weight: f64 = parameter.trim().strip_prefix("q=")?.trim().parse().ok()?;
    (0.0..=1.0).contains(&weight).then(|| (name.trim().to_owned(), (weight * 1000.0) as u16))
}

fn unknown(named: &str) -> Unknown {
    Unknown(named.chars().take(SHOWN).collect())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: header::HeaderName, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn coding_of_a_body_is_read_from_the_headers() {
        let of = |values: &[&'static str]| of_body(&headers(header::CONTENT_ENCODING, values));
        for identity in [&[][..], &["identity"], &["", " identity , "]] {
            assert_eq!(of(identity), Ok(None), "{identity:?}");
        }
        for gzip in [&["gzip"][..], &["X-GZip"], &["identity", "gzip"]] {
            assert_eq!(of(gzip), Ok(Some(Coding::Gzip)), "{gzip:?}");
        }
        for other in [&["deflate"][..], &["gzip, gzip"], &["x", "gzip"], &["gzip;q=1"]] {
            assert!(of(other).is_err(), "{other:?}");
        }
        for coding in Coding::ALL {
            assert_eq!(of(&[coding.name()]), Ok(Some(*coding)));
        }
        let Unknown(shown) = of(&[Box::leak("x".repeat(1000).into_boxed_str())]).unwrap_err();
        assert_eq!(shown.len(), SHOWN);
    }

    #[test]
    fn client_chooses_the_coding_of_a_response() {
        let accepted = |value: &'static str| accepted(&headers(header::ACCEPT_ENCODING, &[value]));
        for gzip in ["gzip", "x-gzip", "deflate, GZIP", "gzip;q=0.5, *;q=0", "br;q=0, zstd; q=0, *"] {
            assert_eq!(accepted(gzip), Some(Coding::Gzip), "{gzip}");
        }
        for none in ["", "identity", "deflate", "gzip;q=0", "*;q=0", "gzip;q=2", "gzip;x"] {
            assert_eq!(accepted(none), None, "{none}");
        }
        assert_eq!(accepted("gzip;q=0.1, br;q=0.1, zstd;q=0.1"), Coding::ALL.first().copied());
        for coding in Coding::ALL {
            let only = format!("{}, *;q=0.5", coding.name());
            let mut given = HeaderMap::new();
            given.insert(header::ACCEPT_ENCODING, only.parse().unwrap());
            assert_eq!(super::accepted(&given), Some(*coding));
        }
    }
}
