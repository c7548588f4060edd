//! URLs of settings as they are shown.

use reqwest::Url;

/// Returns a URL without its user and password.
pub(super) fn without_credentials(text: &str) -> String {
    let mut shown = text.to_owned();
    if let Ok(mut url) = Url::parse(text)
        && (!url.username().is_empty() || url.password().is_some())
    {
        // Only URLs without a host have no user, and they do not get here.
        let _ = url.set_username("").and_then(|()| url.set_password(None));
        shown = url.to_string();
    }
    // Without a scheme, the user is parsed as one, and a password with a slash is parsed as a path.
    match shown.rsplit_once('@') {
        Some((_, rest)) => rest.to_owned(),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proxy `ana:secret@proxy:3128` was shown with its password.
    #[test]
    fn passwords_in_urls_are_not_shown() {
        for text in [
            "http://ana:canary@proxy:3128",
            "ana:canary@proxy:3128",
            "http://ana:canary/1@proxy:3128",
            "http://ana:12/canary@proxy:3128",
            "http://ana:12@canary:1/2@proxy:3128",
            "//ana:canary@proxy:3128",
        ] {
            let shown = without_credentials(text);
            assert!(!shown.contains("canary") && shown.contains("proxy:3128"), "{text}: {shown}");
        }
        for text in ["https://api.example.com/api/v1", "not a URL"] {
            assert_eq!(without_credentials(text), text);
        }
    }
}
