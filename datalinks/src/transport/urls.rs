//! The URLs that a client parsed last.

use std::sync::{Mutex, PoisonError};

use reqwest::Url;

/// Maximum number of URLs that are kept.
const MOST: usize = 16;
/// Maximum length of the text of a URL that is kept, in bytes.
const LONGEST: usize = 1_024;

/// The URLs that a client parsed last, by their text.
///
/// Parsing a URL takes a tenth of the instructions of a small call, and a client sends most of its requests to few URLs. The
/// texts have no query, so they contain names and no values.
#[derive(Debug, Default)]
pub(crate) struct Urls(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    urls: Vec<(String, Url)>,
    /// Index of the URL that the next new one replaces.
    oldest: usize,
}

impl Urls {
    /// Returns the URL with this text, or `None` if there is none.
    pub(crate) fn get(&self, text: &str) -> Option<Url> {
        // A panic elsewhere cannot leave the list invalid.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, url)) = kept.urls.iter().find(|(known, _)| known == text) {
            return Some(url.clone());
        }
        let url = Url::parse(text).ok()?;
        if text.len() <= LONGEST {
            kept.add((text.to_owned(), url.clone()));
        }
        Some(url)
    }
}

impl Kept {
    fn add(&mut self, new: (String, Url)) {
        match self.urls.get_mut(self.oldest) {
            Some(oldest) => *oldest = new,
            None => self.urls.push(new),
        }
        self.oldest = (self.oldest + 1) % MOST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_equal_those_of_the_parser() {
        let urls = Urls::default();
        // More texts than are kept, each of them twice.
        for number in 0..3 * MOST {
            let text = format!("https://EXAMPLE.com:443/api/v1/a/../{number}/ä b");
            for _ in 0..2 {
                assert_eq!(urls.get(&text), Url::parse(&text).ok());
            }
        }
        assert_eq!(urls.0.lock().unwrap().urls.len(), MOST);
        for wrong in ["", "/user/me", "https://", "https://a:b/"] {
            assert_eq!(urls.get(wrong), None);
        }
    }

    #[test]
    fn long_texts_are_not_kept() {
        let urls = Urls::default();
        let text = format!("https://example.com/{}", "a".repeat(LONGEST));
        assert_eq!(urls.get(&text), Url::parse(&text).ok());
        assert!(urls.0.lock().unwrap().urls.is_empty());
    }
}
