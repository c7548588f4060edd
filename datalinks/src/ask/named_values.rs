//! The values that a sentence names.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    dates::{self, blank},
    evidence::Evidence,
    numbers,
};

/// Words with a capital letter that are no names. Months and days are parts of dates.
const NO_NAMES: &[&str] = &[
    "i",
    "i'm",
    "i've",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Words that often begin a sentence or a title, and are not part of a name.
const OPENINGS: &[&str] =
    &["a", "an", "and", "but", "for", "from", "in", "it", "its", "no", "of", "on", "the", "this", "to"];

/// Pairs of quotes. An apostrophe is none, because it cannot be distinguished from one inside a word.
const QUOTES: &[(char, char)] = &[('"', '"'), ('“', '”'), ('„', '“'), ('«', '»'), ('`', '`')];

/// Returns the values of a sentence that the evidence does not have, in order, each once.
pub(super) fn missing(sentence: &str, evidence: &Evidence) -> Vec<String> {
    let mut missing: Vec<(usize, String)> = Vec::new();
    let mut rest = sentence.to_owned();
    for range in quoted(sentence) {
        let text = sentence[range.clone()].trim().trim_end_matches(['.', ',', ';', ':', '!', '?']);
        if !evidence.has_text(text) && !is_number(text, evidence) {
            missing.push((range.start, text.to_owned()));
        }
        blank(&mut rest, range);
    }
    for range in dates::of(&rest) {
        if !evidence.has_date(&rest[range.clone()]) {
            missing.push((range.start, rest[range.clone()].to_owned()));
        }
        blank(&mut rest, range);
    }
    for number in numbers::of(&rest) {
        if !evidence.has_number(number.text) {
            missing.push((number.range.start, number.text.to_owned()));
        }
    }
    missing.extend(missing_names(&rest, evidence));
    missing.sort_by_key(|(start, _)| *start);
    let mut values: Vec<String> = Vec::new();
    for (_, value) in missing {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

fn is_number(text: &str, evidence: &Evidence) -> bool {
    let numbers = numbers::of(text);
    numbers.len() == 1 && numbers[0].text == text && evidence.has_number(text)
}

/// Returns what is between quotes.
fn quoted(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((start, open)) =
        text[at..].char_indices().find(|(_, letter)| QUOTES.iter().any(|(open, _)| open == letter))
    {
        let inside = at + start + open.len_utf8();
        let end = QUOTES
            .iter()
            .filter(|(own, _)| *own == open)
            .filter_map(|(_, close)| text[inside..].find(*close).map(|end| (inside + end, close.len_utf8())))
            .min();
        at = match end {
            Some((end, length)) => {
                if !text[inside..end].trim().is_empty() {
                    found.push(inside..end);
                }
                end + length
            }
            None => inside,
        };
    }
    found
}

/// A word of a name.
struct Word<'a> {
    start: usize,
    text: &'a str,
}

/// Returns the names that the evidence does not have: words with a capital letter in a row.
fn missing_names(sentence: &str, evidence: &Evidence) -> Vec<(usize, String)> {
    let mut missing = Vec::new();
    for (is_first, name) in names(sentence) {
        let lower = |word: &Word<'_>| word.text.to_lowercase();
        let opening = name.iter().take_while(|word| OPENINGS.contains(&lower(word).as_str())).count();
        let whole = |words: &[Word<'_>]| whole(sentence, words);
        if evidence.has_text(whole(&name)) {
            continue;
        }
        let words = &name[opening..];
        // Words that the question or the columns have may stand before a name, as in `Director Ridley Scott`.
        let common = words.iter().take_while(|word| evidence.is_common(word.text)).count();
        // The first word of a sentence has a capital letter in any case.
        let skipped = usize::from(is_first && opening == 0 && common == 0);
        let rest = &words[common.max(skipped)..];
        let is_no_name =
            |words: &[Word<'_>]| words.iter().all(|word| NO_NAMES.contains(&lower(word).as_str()));
        if is_no_name(rest) || evidence.has_text(whole(rest)) {
            continue;
        }
        missing.push((words[0].start, whole(words).to_owned()));
    }
    missing
}

/// Returns the text from the first to the last of several words.
fn whole<'a>(sentence: &'a str, words: &[Word<'_>]) -> &'a str {
    match words {
        [first, .., last] => &sentence[first.start..last.start + last.text.len()],
        [only] => &sentence[only.start..only.start + only.text.len()],
        [] => "",
    }
}

/// Returns words with a capital letter that follow each other, and whether they begin the sentence or a line.
fn names(sentence: &str) -> Vec<(bool, Vec<Word<'_>>)> {
    let mut names: Vec<(bool, Vec<Word<'_>>)> = Vec::new();
    let mut end_of_name = None;
    let mut end = 0;
    for (start, text) in sentence.unicode_word_indices() {
        let between = &sentence[end..start];
        let is_first = end == 0 || between.contains('\n') || between.contains(": ");
        end = start + text.len();
        let text = text.strip_suffix("'s").or_else(|| text.strip_suffix("’s")).unwrap_or(text);
        if !text.chars().next().is_some_and(char::is_uppercase) {
            end_of_name = None;
            continue;
        }
        let word = Word { start, text };
        let continues = |last: &Word<'_>| {
            let is_initial = last.text.chars().count() == 1;
            between.chars().all(|letter| {
                letter == ' ' || letter == '-' || letter == '&' || (letter == '.' && is_initial)
            })
        };
        match names.last_mut().filter(|_| end_of_name.is_some()) {
            Some((_, name)) if !is_first && name.last().is_some_and(continues) => name.push(word),
            _ => names.push((is_first, vec![word])),
        }
        end_of_name = Some(end);
    }
    // A single letter is no name.
    names.retain(|(_, name)| name.iter().any(|word| word.text.chars().count() > 1));
    names
}
