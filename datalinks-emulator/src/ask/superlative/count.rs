//! The number of rows that a question with a superlative asks for.

/// Maximum count. Larger numbers are taken for years or names, unless they stand directly before the superlative or
/// directly behind "top".
const MAX_COUNT: u64 = 999;

/// Maximum number of words between a count and the superlative.
const MAX_DISTANCE: usize = 6;

const UNITS: [&str; 19] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Words for numbers or ordinals that the rule does not interpret.
const UNREAD: [&str; 20] = [
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "dozen",
    "dozens",
    "few",
    "several",
    "couple",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "half",
];

/// Words that can precede a count that is separated from the superlative by other words.
const BEFORE_COUNT: [&str; 9] = ["the", "which", "what", "me", "show", "list", "find", "name", "give"];

/// Prepositions: a noun behind one names the set to search, not the requested rows.
const PREPOSITIONS: [&str; 13] =
    ["of", "in", "among", "from", "across", "by", "at", "on", "for", "to", "than", "since", "over"];

/// Words between a preposition and its noun.
const DETERMINERS: [&str; 9] = ["the", "all", "these", "those", "his", "her", "their", "our", "my"];

const PLURAL_VERBS: [&str; 3] = ["are", "were", "have"];
const PLURALS: [&str; 5] = ["people", "men", "women", "children", "data"];
const NOT_PLURALS: [&str; 6] = ["was", "has", "does", "this", "its", "always"];

/// The number of rows that a question asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Count {
    /// The question names the number.
    Named(u64),
    /// The question asks for one row.
    One,
    /// The question asks for several rows, or for a number that the rule cannot read.
    Unknown,
}

impl Count {
    /// Reads the count that belongs to the superlative at index `at` of the question. Words of the column's name do not
    /// count as nouns for rows.
    pub(super) fn read(words: &[&str], at: usize, column: &[String]) -> Self {
        if words.iter().any(|word| UNREAD.contains(word) || is_ordinal(word)) {
            return Self::Unknown;
        }
        let mut counts = Vec::new();
        let mut is_unclear = false;
        for run in runs(words) {
            match NumberRole::of(&run, words, at) {
                NumberRole::Other
                    if value(&run.words).is_none_or(|value| (2..=MAX_COUNT).contains(&value)) =>
                {
                    is_unclear = true;
                }
                NumberRole::Other => {}
                NumberRole::Count { max } => {
                    match value(&run.words).filter(|value| (1..=max).contains(value)) {
                        Some(value) => counts.push(value),
                        None => is_unclear = true,
                    }
                }
            }
        }
        match counts.as_slice() {
            [count] if !is_unclear => Self::Named(*count),
            [] if !is_unclear && !is_plural(words, column) => Self::One,
            _ => Self::Unknown,
        }
    }

    /// Returns `true` if a number or a number word follows the word at index `at`.
    pub(super) fn follows(words: &[&str], at: usize) -> bool {
        words.get(at + 1).is_some_and(|word| is_number(word) || UNREAD.contains(word))
    }
}

/// A sequence of consecutive number words.
struct NumberWords<'a> {
    start: usize,
    words: Vec<&'a str>,
}

impl NumberWords<'_> {
    fn end(&self) -> usize {
        self.start + self.words.len()
    }
}

fn runs<'a>(words: &[&'a str]) -> Vec<NumberWords<'a>> {
    let mut runs: Vec<NumberWords<'a>> = Vec::new();
    for (at, word) in words.iter().enumerate().filter(|(_, word)| is_number(word)) {
        match runs.last_mut() {
            Some(run) if run.end() == at => run.words.push(word),
            _ => runs.push(NumberWords { start: at, words: vec![word] }),
        }
    }
    runs
}

/// The role of a sequence of number words in the question.
enum NumberRole {
    /// A count with this maximum.
    Count {
        max: u64,
    },
    Other,
}

impl NumberRole {
    fn of(run: &NumberWords<'_>, words: &[&str], at: usize) -> Self {
        let word = |at: Option<usize>| at.and_then(|at| words.get(at)).copied().unwrap_or_default();
        let before = word(run.start.checked_sub(1));
        if run.end() == at {
            let max = if PREPOSITIONS.contains(&before) { MAX_COUNT } else { u64::MAX };
            return Self::Count { max };
        }
        if run.start == at + 1 {
            let max = if before == "top" { u64::MAX } else { MAX_COUNT };
            return Self::Count { max };
        }
        let after = word(Some(run.end()));
        let is_near = run.end() < at && at - run.end() <= MAX_DISTANCE;
        let is_introduced = BEFORE_COUNT.contains(&before) || run.start == 0;
        let is_elsewhere = PREPOSITIONS.contains(&word(run.start.checked_sub(2)));
        if is_near && is_introduced && !is_elsewhere && (after == "of" || is_plural_noun(after)) {
            Self::Count { max: MAX_COUNT }
        } else {
            Self::Other
        }
    }
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit()) || UNITS.contains(&word) || TENS.contains(&word)
}

fn is_ordinal(word: &str) -> bool {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the value of a sequence: digits, one word, or two words such as "twenty" and "five".
fn value(run: &[&str]) -> Option<u64> {
    let unit = |word: &str| UNITS.iter().zip(1..).find_map(|(name, value)| (*name == word).then_some(value));
    let tens =
        |word: &str| TENS.iter().zip(2..).find_map(|(name, value)| (*name == word).then_some(value * 10));
    match run {
        [word] => unit(word).or_else(|| tens(word)).or_else(|| word.parse().ok()),
        [first, second] => Some(tens(first)? + unit(second).filter(|unit| *unit < 10)?),
        _ => None,
    }
}

/// Returns `true` if the question asks for several rows. Nouns behind a preposition do not count, as in "the oldest of
/// the films".
fn is_plural(words: &[&str], column: &[String]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let before = words.get(..at).unwrap_or_default();
        let introduced = before.iter().rev().find(|word| !DETERMINERS.contains(word));
        let is_noun = is_plural_noun(word) && !column.iter().any(|part| part == word);
        PLURAL_VERBS.contains(word) || is_noun && !introduced.is_some_and(|word| PREPOSITIONS.contains(word))
    })
}

fn is_plural_noun(word: &str) -> bool {
    let ends =
        word.len() > 2 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    PLURALS.contains(&word) || ends && !NOT_PLURALS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::Count::{Named, One, Unknown};
    use super::*;

    #[test]
    fn count_is_read_or_unknown() {
        for (question, expected) in [
            ("which film is the largest", One),
            ("which one is the largest", One),
            ("the largest of the films", One),
            ("the largest film of 1995", One),
            ("which of all films has the largest size", One),
            ("the twenty largest", Named(20)),
            ("the twelve largest films", Named(12)),
            ("the twenty five largest films", Named(25)),
            ("the largest 7 films", Named(7)),
            ("the 1000 largest", Named(1000)),
            ("which 3 films have the largest runtime", Named(3)),
            ("the three cities with the largest population", Named(3)),
            ("show me 20 films with the largest runtime", Named(20)),
            ("which two of the films are largest", Named(2)),
            ("which cities are the largest", Unknown),
            ("the largest cities", Unknown),
            ("who are the largest", Unknown),
            ("the films with the largest score", Unknown),
            ("the hundred and five largest films", Unknown),
            ("the 1 500 largest films", Unknown),
            ("the ten twenty largest films", Unknown),
            ("the 0 largest films", Unknown),
            ("the 99999999999999999999999 largest films", Unknown),
            ("a dozen of the largest films", Unknown),
            ("the second largest city", Unknown),
            ("the 3rd largest city", Unknown),
            ("the largest 2019 film", Unknown),
            ("in 2019 largest", Unknown),
            ("the 3 largest 5 films", Unknown),
            ("of the 5 films the largest", Unknown),
        ] {
            let words: Vec<&str> = question.split(' ').collect();
            let at = words.iter().position(|word| *word == "largest").unwrap();
            assert_eq!(Count::read(&words, at, &[]), expected, "{question}");
        }
    }
}
