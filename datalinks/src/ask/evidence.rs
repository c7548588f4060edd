//! The values of rows, for looking up what an answer names.

use std::collections::HashSet;

use memchr::memmem;
use serde_json::Value;

use super::{dates, numbers, payload::AutoRagStep};
use crate::{json::canonical, query::Folding};

/// Separates values, so that no text is found across two of them.
const SEPARATOR: char = '\n';

/// The texts and numbers of the rows of an answer, with those of the question and the names of columns.
pub(super) struct Evidence {
    /// Folded texts.
    text: String,
    /// Numbers without their sign, in canonical form.
    numbers: HashSet<String>,
    /// Folded words of the question and of names of columns.
    common: HashSet<String>,
}

impl Evidence {
    pub(super) fn new(question: &str, steps: &[AutoRagStep]) -> Self {
        let mut evidence = Self { text: String::new(), numbers: HashSet::new(), common: HashSet::new() };
        evidence.add_common(question);
        let mut columns: HashSet<&str> = HashSet::new();
        for step in steps {
            // An answer may say how many rows there are.
            evidence.numbers.insert(step.data.len().to_string());
            for (name, value) in step.data.iter().flatten().filter(|(name, _)| !name.starts_with('_')) {
                if columns.insert(name) {
                    evidence.add_common(name);
                }
                evidence.add(value);
            }
        }
        evidence
    }

    /// Returns `true` if the text is in a value, in the question or in the name of a column, as whole words.
    pub(super) fn has_text(&self, text: &str) -> bool {
        let folded = Folding::WORDS.apply(text);
        if folded.is_empty() {
            return true;
        }
        let is_word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        memmem::find_iter(self.text.as_bytes(), &folded).any(|start| {
            let (before, after) = (self.text.get(..start), self.text.get(start + folded.len()..));
            let before = before.and_then(|before| before.chars().next_back());
            let after = after.and_then(|after| after.chars().next());
            let begins_inside = is_word(before) && is_word(folded.chars().next());
            let ends_inside = is_word(after) && is_word(folded.chars().next_back());
            !begins_inside && !ends_inside
        })
    }

    /// Returns `true` if a date is in a value or in the question, perhaps with a time after it.
    pub(super) fn has_date(&self, date: &str) -> bool {
        memmem::find(self.text.as_bytes(), date.as_bytes()).is_some()
    }

    /// Returns `true` if a number is in a value or in the question, or is the number of rows of a step. Digits that are no
    /// number, such as those of an address, count as found.
    pub(super) fn has_number(&self, number: &str) -> bool {
        let readings = numbers::readings(number);
        readings.is_empty() || readings.iter().any(|reading| self.numbers.contains(reading))
    }

    /// Returns `true` if a word is one of the question or of the name of a column.
    pub(super) fn is_common(&self, word: &str) -> bool {
        self.common.contains(&Folding::WORDS.apply(word))
    }

    fn add_common(&mut self, text: &str) {
        self.add_text(text);
        let words = Folding::WORDS.apply(text);
        let words = words.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        self.common.extend(words.map(str::to_owned));
    }

    fn add_text(&mut self, text: &str) {
        self.text.push_str(&Folding::WORDS.apply(text));
        self.text.push(SEPARATOR);
        self.add_numbers(text);
        // A date is a value of its own in a sentence, so a number next to it ends there.
        let dates = dates::of(text);
        if !dates.is_empty() {
            let mut rest = text.to_owned();
            dates.into_iter().for_each(|date| dates::blank(&mut rest, date));
            self.add_numbers(&rest);
        }
    }

    fn add_numbers(&mut self, text: &str) {
        self.numbers.extend(numbers::of(text).iter().flat_map(|number| numbers::readings(number.text)));
    }

    /// Adds a value and the values inside it. The parser limits the depth, and so the recursion.
    fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add_text(text),
            Value::Number(number) => {
                let text = canonical::number(number);
                self.text.push_str(&text);
                self.text.push(SEPARATOR);
                self.numbers.insert(text.trim_start_matches('-').to_owned());
            }
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Object(members) => members.values().for_each(|value| self.add(value)),
            Value::Null | Value::Bool(_) => {}
        }
    }
}
