//! Scores of rows: the share of a question's words that a row contains.
//!
//! The service returns rows of agents with a score and does not document its computation. The emulator uses the share
//! of the question's words that occur in the row's values.

use std::collections::HashSet;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::query::FoundRows;
use crate::store::RowView;

/// The column with the score. It replaces a stored column of this name.
const METADATA: &str = "__metadata";

/// The distinct words of a question in lower case.
#[derive(Debug)]
pub(crate) struct QuestionWords(HashSet<String>);

impl QuestionWords {
    pub(crate) fn of(question: &str) -> Self {
        let mut found = HashSet::new();
        let mut lower = String::new();
        for word in words(question) {
            to_lowercase(word, &mut lower);
            if !found.contains(&lower) {
                found.insert(lower.clone());
            }
        }
        Self(found)
    }

    /// Returns the share of the words that occur in the data columns of a row, from 0 to 1, rounded to four decimals.
    /// Returns 0 for a question without words.
    fn score(&self, row: &RowView<'_>) -> f64 {
        let data = row.row.cells().filter(|(column, _)| !row.columns.name(*column).starts_with('_'));
        let mut seen: HashSet<&str> = HashSet::new();
        let mut lower = String::new();
        for word in data.filter_map(|(_, cell)| cell.as_text()).flat_map(words) {
            if seen.len() == self.0.len() {
                break;
            }
            to_lowercase(word, &mut lower);
            seen.extend(self.0.get(&lower).map(String::as_str));
        }
        if self.0.is_empty() {
            return 0.0;
        }
        (seen.len() as f64 / self.0.len() as f64 * 10_000.0).round() / 10_000.0
    }
}

/// Splits a text into runs of letters and digits.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Writes a word in lower case into a buffer, so that scoring a row does not allocate for each word.
fn to_lowercase(word: &str, lower: &mut String) {
    lower.clear();
    lower.extend(word.chars().flat_map(char::to_lowercase));
}

/// Rows found for a question, each with its score in [`METADATA`].
pub(crate) struct ScoredRows<'a> {
    found: FoundRows<'a>,
    question: QuestionWords,
}

impl<'a> ScoredRows<'a> {
    pub(crate) fn new(found: FoundRows<'a>, question: &str) -> Self {
        Self { found, question: QuestionWords::of(question) }
    }
}

impl Serialize for ScoredRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for row in self.found.rows() {
            let score = self.question.score(&row);
            list.serialize_element(&ScoredRow { row, score })?;
        }
        list.end()
    }
}

struct ScoredRow<'a> {
    row: RowView<'a>,
    score: f64,
}

#[derive(Serialize)]
struct Metadata {
    score: f64,
}

impl Serialize for ScoredRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let cells = self.row.row.cells().map(|(column, cell)| (self.row.columns.name(column), cell));
        for (name, cell) in cells.filter(|(name, _)| *name != METADATA) {
            map.serialize_entry(name, cell)?;
        }
        map.serialize_entry(METADATA, &Metadata { score: self.score })?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::{Caller, CallerView};
    use crate::query::{self, Query};
    use crate::store::{DatasetName, Definition, Store};

    /// Returns the scored rows of a dataset as JSON.
    fn scored(rows: &str, question: &str) -> String {
        let mut store = Store::default();
        let name = DatasetName::new("ana", "cinema", "films");
        store.create(name.clone(), Definition::default()).unwrap();
        store.find_mut(&name).unwrap().append(serde_json::from_str(rows).unwrap());
        let caller = Caller::of("ana");
        let query = Query::all(name.to_string());
        let outcome = query::run(CallerView::new(&store, &caller), &query, &name.space()).unwrap();
        let found = FoundRows::new(&store, &outcome, usize::MAX);
        serde_json::to_string(&ScoredRows::new(found, question)).unwrap()
    }

    #[test]
    fn score_is_the_share_of_question_words_in_the_row() {
        for (question, score) in [
            ("alien", "1.0"),
            ("Who directed ALIEN 3?", "0.5"),
            ("Alien, alien, ALIEN!", "1.0"),
            ("aliens", "0.0"),
            ("alien or ripley or nobody", "0.5"),
            ("alien or heat", "0.3333"),
            ("ÄRGER 19.79", "1.0"),
            ("title hidden", "0.0"),
            ("?", "0.0"),
            ("", "0.0"),
        ] {
            let row = r#""title":"Alien 3","note":["Ripley",{"x":"ärger"}],"at":19.79,"_own":"hidden""#;
            let expected = format!(r#"[{{{row},"__metadata":{{"score":{score}}}}}]"#);
            assert_eq!(scored(&format!("[{{{row}}}]"), question), expected, "{question}");
        }
    }

    #[test]
    fn score_replaces_a_stored_metadata_column() {
        let rows = r#"[{"__metadata":{"score":7,"own":1},"title":"Heat","__metadata_x":"kept"}]"#;
        assert_eq!(
            scored(rows, "Heat"),
            r#"[{"title":"Heat","__metadata_x":"kept","__metadata":{"score":1.0}}]"#
        );
    }
}
