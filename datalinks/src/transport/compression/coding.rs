//! The names of content codings, and the codings that this build has.

use http::HeaderValue;

use super::step::Decode;

/// A content coding that this crate knows. Its codec is compiled with its feature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Coding {
    Brotli,
    Gzip,
    Zstd,
}

impl Coding {
    pub(super) const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Zstd];

    /// Returns the name in headers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Returns the name of the feature of this crate.
    pub(super) fn feature(self) -> &'static str {
        match self {
            Self::Brotli => "brotli",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Returns the coding with this name. Letter case does not count.
    pub(super) fn named(name: &str) -> Option<Self> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
