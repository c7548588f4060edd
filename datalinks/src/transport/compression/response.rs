//! The coding of a response.

use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};

use super::{coding::Coding, decoder::Decoder};

/// Maximum number of characters of an unknown coding in a message.
const SHOWN: usize = 40;

/// A response in a coding that cannot be decompressed.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Unsupported {
    /// The names in `Content-Encoding`.
    pub(crate) named: String,
    /// The feature of this crate that is missing, or `None` if there is none.
    pub(crate) feature: Option<&'static str>,
}

/// Returns a decoder for the body of a response, or `None` if the body is not compressed. Removes the headers that describe the
/// compressed body.
pub(crate) fn of_response(headers: &mut HeaderMap) -> Result<Option<Decoder>, Unsupported> {
    // Most responses are not compressed.
    if !headers.contains_key(CONTENT_ENCODING) {
        return Ok(None);
    }
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let names: Vec<String> = values
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned())
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
        .collect();
    let coding = match names.as_slice() {
        [] => return Ok(None),
        [name] => Coding::named(name),
        _ => None,
    };
    match coding.and_then(|coding| Some(Decoder::new(coding, coding.decoder()?))) {
        Some(decoder) => {
            headers.remove(CONTENT_ENCODING);
            headers.remove(CONTENT_LENGTH);
            Ok(Some(decoder))
        }
        None => Err(Unsupported {
            named: names.join(", ").chars().take(SHOWN).collect(),
            feature: coding.map(Coding::feature),
        }),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn response(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(CONTENT_LENGTH, HeaderValue::from(7))]);
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn coding_is_read_from_the_headers() {
        for plain in [&[][..], &["identity"], &["", " Identity , "]] {
            let mut headers = response(plain);
            assert!(of_response(&mut headers).unwrap().is_none(), "{plain:?}");
            assert!(headers.contains_key(CONTENT_LENGTH));
        }
        for named in
            [&["gzip", "br"][..], &["gzip, gzip"], &["deflate"], &["gzip;q=1"], &["zstd", "identity", "x"]]
        {
            let unsupported = of_response(&mut response(named)).unwrap_err();
            assert_eq!(unsupported.feature, None, "{unsupported:?}");
        }
        let long = of_response(&mut response(&[Box::leak("x".repeat(1000).into_boxed_str())])).unwrap_err();
        assert_eq!(long.named.len(), SHOWN);
        for coding in Coding::ALL {
            let mut headers = response(&["identity", coding.name()]);
            match of_response(&mut headers) {
                Ok(decoder) => {
                    assert_eq!(decoder.unwrap().coding(), coding);
                    assert!(headers.is_empty(), "they describe the compressed body: {headers:?}");
                }
                Err(unsupported) => assert_eq!(unsupported.feature, Some(coding.feature())),
            }
        }
    }
}
