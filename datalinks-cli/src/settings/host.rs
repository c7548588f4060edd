//! The base URL of the API.

use reqwest::Url;

/// The base URL of the service.
pub(super) const DEFAULT: &str = "https://api.datalinks.com/api/v1";

/// The prefix of all paths of the API.
const PREFIX: &str = "/api/v1";

/// Returns the base URL with the prefix of the API. The vendor documents both forms, with and without the prefix.
pub(super) fn with_prefix(host: &str) -> String {
    let host = host.trim();
    match Url::parse(host) {
        Ok(url) if url.path() == "/" && url.query().is_none() && url.fragment().is_none() => {
            format!("{}{PREFIX}", host.trim_end_matches('/'))
        }
        // The client reports invalid URLs.
        _ => host.trim_end_matches('/').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_is_added_if_there_is_no_path() {
        for (host, expected) in [
            ("https://api.example.com", "https://api.example.com/api/v1"),
            ("https://api.example.com/", "https://api.example.com/api/v1"),
            ("https://api.example.com/api/v1/", "https://api.example.com/api/v1"),
            ("https://example.com/other", "https://example.com/other"),
            ("api.example.com", "api.example.com"),
        ] {
            assert_eq!(with_prefix(host), expected);
        }
    }
}
