//! Text without the differences that people overlook.

use icu_normalizer::{DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed};

/// The differences that folding removes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Folding {
    /// Letter case.
    pub(crate) case: bool,
    /// Whitespace and invisible characters.
    pub(crate) spaces: Spaces,
    /// Accents and other marks above and below letters.
    pub(crate) accents: bool,
    /// Other forms of a character, such as full-width letters and ligatures (Unicode NFKD).
    pub(crate) forms: bool,
}

/// The treatment of whitespace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Spaces {
    Keep,
    /// One space between words, and none around the text.
    Collapse,
    Remove,
}

impl Folding {
    /// Removes all differences.
    pub(crate) const ALL: Self = Self { case: true, spaces: Spaces::Remove, accents: true, forms: true };

    /// Removes all differences except those between words.
    pub(crate) const WORDS: Self = Self { spaces: Spaces::Collapse, ..Self::ALL };

    /// Returns the text without the differences.
    pub(crate) fn apply(self, text: &str) -> String {
        let decomposed = if self.forms {
            DecomposingNormalizerBorrowed::new_nfkd().normalize(text)
        } else {
            DecomposingNormalizerBorrowed::new_nfd().normalize(text)
        };
        let classes = CanonicalCombiningClassMapBorrowed::new();
        let mut folded = String::with_capacity(decomposed.len());
        let mut space = false;
        for letter in decomposed.chars() {
            // Marks attached to a letter, below it and above it. Other marks are part of the letters of their scripts.
            if self.accents && (200..=240).contains(&classes.get_u8(letter)) {
                continue;
            }
            if self.spaces != Spaces::Keep && is_space(letter) {
                space = true;
                continue;
            }
            if space && self.spaces == Spaces::Collapse && !folded.is_empty() {
                folded.push(' ');
            }
            space = false;
            folded.push(letter);
        }
        if self.case { folded.to_lowercase() } else { folded }
    }
}

/// Returns `true` for whitespace and for invisible characters that separate or join words.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_that_people_overlook_are_removed() {
        for (one, other) in [
            ("Ridley Scott", "ridley  scott "),
            ("Café", "CAFE"),
            ("Cafe\u{301}", "Café"),
            ("Garçon", "garcon"),
            ("ﬁlm", "film"),
            ("Ａｌｉｅｎ", "Alien"),
            ("New\u{a0}York", "New York"),
            ("Zero\u{200b}Width", "ZeroWidth"),
        ] {
            assert_eq!(Folding::ALL.apply(one), Folding::ALL.apply(other), "{one:?} {other:?}");
        }
        for (one, other) in [("Alien", "Aliens"), ("की", "क"), ("ø", "o"), ("1.0", "10")] {
            assert_ne!(Folding::ALL.apply(one), Folding::ALL.apply(other), "{one:?} {other:?}");
        }
        assert_eq!(Folding::WORDS.apply("  Ridley \n Scott "), "ridley scott");
    }

    #[test]
    fn each_difference_is_removed_alone() {
        let none = Folding { case: false, spaces: Spaces::Keep, accents: false, forms: false };
        assert_eq!(none.apply("ﬁ A b"), "ﬁ A b");
        assert_eq!(Folding { case: true, ..none }.apply("A b"), "a b");
        assert_eq!(Folding { spaces: Spaces::Collapse, ..none }.apply(" A  b"), "A b");
        assert_eq!(Folding { accents: true, ..none }.apply("É"), "E");
        assert_eq!(Folding { forms: true, ..none }.apply("ﬁ"), "fi");
    }
}
