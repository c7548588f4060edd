//! The names of content codings, and the codings that this build has.

use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};

use super::decoder::{Decode, Decoder};

/// Maximum number of characters of an unknown coding in a message.
const SHOWN: usize = 40;

/// A content coding that this crate knows. Its codec is compiled with its feature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
    Zstd,
}

impl Coding {
    const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Zstd];

    /// Returns the name in headers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Returns the name of the feature of this crate.
    fn feature(self) -> &'static str {
        match self {
            Self::Brotli => "brotli",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Returns the coding with this name. Letter case does not count.
    fn named(name: &str) -> Option<Self> {
        let name = if name.eq_ignore_ascii_case("x-gzip") { "gzip" } else { name };
        Self::ALL.into_iter().find(|coding| coding.name().eq_ignore_ascii_case(name))
    }

    /// Returns a decoder, or `None` if this build has none.
    pub(super) fn decoder(self) -> Option<Box<dyn Decode>> {
        match self {
            #[cfg(feature = "brotli")]
            Self::Brotli => Some(super::codec::brotli_decoder()),
            #[cfg(feature = "gzip")]
            Self::Gzip => Some(super::codec::gzip_decoder()),
            #[cfg(feature = "zstd")]
            Self::Zstd => Some(super::codec::zstd_decoder()),
            #[cfg(not(all(feature = "brotli", feature = "gzip", feature = "zstd")))]
            _ => None,
        }
    }
}

/// A response in a coding that cannot be decompressed.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Unsupported {
    /// The names in `Content-Encoding`.
    pub(crate) named: String,
    /// The feature of this crate that is missing, or `None` if there is none.
    pub(crate) feature: Option<&'static str>,
}

/// Returns the value of `Accept-Encoding` that names the codings of this build, or `None` if it has none.
pub(crate) fn accept() -> Option<HeaderValue> {
    let names = match (cfg!(feature = "gzip"), cfg!(feature = "brotli"), cfg!(feature = "zstd")) {
        (false, false, false) => return None,
        (true, false, false) => "gzip",
        (false, true, false) => "br",
        (false, false, true) => "zstd",
        (true, true, false) => "gzip, br",
        (true, false, true) => "gzip, zstd",
        (false, true, true) => "br, zstd",
        (true, true, true) => "gzip, br, zstd",
    };
    Some(HeaderValue::from_static(names))
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
    use super::*;

    fn response(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(CONTENT_LENGTH, HeaderValue::from(7))]);
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn accepted_codings_are_those_of_the_build() {
        let accepted = accept();
        let names: Vec<&str> =
            accepted.iter().flat_map(|value| value.to_str().unwrap().split(", ")).collect();
        for coding in Coding::ALL {
            assert_eq!(names.contains(&coding.name()), coding.decoder().is_some(), "{coding:?}");
            assert_eq!(Coding::named(&coding.name().to_ascii_uppercase()), Some(coding));
        }
        assert_eq!(Coding::named("x-gzip"), Some(Coding::Gzip));
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
