//! The sentences of an answer whose values are in no row.

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation as _;

use super::{evidence::Evidence, named_values, payload::AutoRagStep};

/// Maximum length of the text that is checked, in bytes.
const MAX_TEXT: usize = 100_000;

/// Maximum number of sentences that are reported.
const MAX_SENTENCES: usize = 1_000;

/// Abbreviations that do not end a sentence.
const ABBREVIATIONS: &[&str] =
    &["mr", "mrs", "ms", "dr", "prof", "st", "no", "vs", "e.g", "i.e", "jr", "sr", "approx", "ca"];

/// A sentence of an answer that names values that are in no row of its steps.
///
/// This is a hint to what a person should check, and no proof. A value that is found may still be used wrongly, and an answer
/// may rightly have a value that is in no row, such as a sum or a rounded number.
///
/// These are the values of a sentence:
///
/// - text between `"…"`, `“…”`, `„…“`, `«…»` or `` `…` ``
/// - dates in the form `2024-05-01`
/// - numbers, written with digits. A comma and a point may separate decimals or thousands. Signs, the digits inside words
///   (`1980s`, `20th`) and the numbers of a list do not count.
/// - names: words with a capital letter in a row. A single such word at the start of a sentence is not taken for a name, and
///   names of months and days (in English) are not, either. Scripts without capital letters have no names here.
///
/// A value is found if it is a part of a value of a row, as whole words. Letter case, accents, spaces and forms of letters do not
/// matter. Numbers are compared by value. A value is also found if it is in the question or in the name of a column, and a
/// number if it is the number of rows of a step. The text of a query that an answer repeats is not checked.
///
/// At most the first 100,000 bytes of an answer are checked, and at most 1,000 sentences are reported.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UnsupportedSentence {
    /// The sentence.
    pub sentence: String,
    /// The values that are in no row, in the order of the sentence.
    pub values: Vec<String>,
}

impl UnsupportedSentence {
    /// Creates a sentence with the values that are in no row.
    pub fn new<V: Into<String>>(sentence: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self { sentence: sentence.into(), values: values.into_iter().map(Into::into).collect() }
    }
}

/// Returns the sentences of an answer with values that are in no row of its steps.
pub(super) fn find_unsupported(
    question: &str,
    response: &str,
    steps: &[AutoRagStep],
) -> Vec<UnsupportedSentence> {
    let mut end = response.len().min(MAX_TEXT);
    while !response.is_char_boundary(end) {
        end -= 1;
    }
    let mut text = response[..end].to_owned();
    for step in steps.iter().filter(|step| !step.query.trim().is_empty()) {
        text = text.replace(step.query.trim(), " ");
    }
    let evidence = Evidence::new(question, steps);
    let mut found = Vec::new();
    for sentence in sentences(&text) {
        let values = named_values::missing(sentence, &evidence);
        if !values.is_empty() {
            found.push(UnsupportedSentence::new(sentence.trim(), values));
        }
        if found.len() == MAX_SENTENCES {
            break;
        }
    }
    found
}

/// Returns the sentences of a text, by the rules of Unicode. Initials and common abbreviations do not end a sentence.
fn sentences(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    let mut start = 0;
    for (index, part) in text.split_sentence_bound_indices() {
        let end = index + part.len();
        if !goes_on(part) || end == text.len() {
            found.push(&text[start..end]);
            start = end;
        }
    }
    found.retain(|sentence| !sentence.trim().is_empty());
    found
}

/// Returns `true` if a sentence that ends here goes on.
fn goes_on(part: &str) -> bool {
    if part.ends_with(['\n', '\r', '\u{2029}']) {
        return false;
    }
    let Some(rest) = part.trim_end().strip_suffix('.') else { return false };
    let word = rest
        .rsplit(|letter: char| letter.is_whitespace() || "(\"'“".contains(letter))
        .next()
        .unwrap_or_default();
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    is_initial || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn step(rows: &[Value]) -> AutoRagStep {
        let rows = rows.iter().map(|row| row.as_object().unwrap().clone()).collect();
        AutoRagStep::new("find", r#"Ontology("cinema/films")"#, "", rows)
    }

    fn values(question: &str, response: &str) -> Vec<String> {
        let steps = [step(&[
            json!({ "title": "Alien", "director": "Ridley Scott", "year": 1979, "budget": 11_000_000.5 }),
            json!({ "title": "The Lord of the Rings: The Two Towers", "director": "Peter Jackson", "year": "2002",
                    "released": "2002-12-18T00:00:00Z", "cast": [{ "actor": "Élodie Durand" }], "_source": "Hidden" }),
        ])];
        let found = find_unsupported(question, response, &steps);
        found.into_iter().flat_map(|sentence| sentence.values).collect()
    }

    #[test]
    fn values_of_rows_are_found_in_every_form() {
        for response in [
            "Alien was directed by Ridley Scott in 1979.",
            "RIDLEY SCOTT's film “alien” cost 11,000,000.5 dollars.",
            "Director Ridley Scott made it.",
            "There are 2 films.",
            "It was released on 2002-12-18, in December 2002.",
            "Elodie Durand plays in The Two Towers.",
            "1. Alien\n2. The Lord of the Rings\n",
            "However, the film in question is Alien. Nothing else was found.",
            "I found `Alien`, from the 1970s.",
            "The query Ontology(\"cinema/films\") found 2 rows.",
            "It is version 1,2.3,4.5.",
            "The budget was \"11,000,000.5\".",
            "",
        ] {
            assert_eq!(values("", response), [""; 0], "{response}");
        }
    }

    #[test]
    fn values_that_are_in_no_row_are_reported() {
        for (response, expected) in [
            ("Alien was directed by James Cameron in 1986.", &["James Cameron", "1986"][..]),
            ("It is called \"Aliens\".", &["Aliens"]),
            ("The budget was \"11,000,001\".", &["11,000,001"]),
            ("The budget was \"11,000,000.5 dollars\".", &["11,000,000.5 dollars"]),
            ("It was made in \"1979, 2002\".", &["1979, 2002"]),
            ("“Heat” is from 1995.", &["Heat", "1995"]),
            ("It was released on 2002-12-19.", &["2002-12-19"]),
            ("The director is Ridley Jackson.", &["Ridley Jackson"]),
            ("James Cameron directed it.", &["James Cameron"]),
            ("It cost 11 million: 11,000,001 dollars.", &["11", "11,000,001"]),
            ("It was written by Philip K. Dick.", &["Philip K. Dick"]),
            ("The source is Hidden.", &["Hidden"]),
            ("The film stars Sigourney Weaver, and Sigourney Weaver again.", &["Sigourney Weaver"]),
            ("The Beatles sing.", &["Beatles"]),
            ("Ali was found in the film called Ali.", &["Ali"]),
        ] {
            assert_eq!(values("", response), expected, "{response}");
        }
    }

    #[test]
    fn question_is_known() {
        assert_eq!(
            values("Which film of James Cameron is after 1986?", "James Cameron has none after 1986."),
            [""; 0]
        );
        assert_eq!(values("", "James Cameron has none after 1986."), ["James Cameron", "1986"]);
    }

    /// What the rules cannot tell. A change of these rules shows here.
    #[test]
    fn known_mistakes_of_the_hint() {
        // Sums, rounded numbers and numbers as words.
        assert_eq!(values("", "Together they cost 13 million."), ["13"]);
        // Parts of a date are numbers of the rows.
        assert_eq!(values("", "There are 12 of them, and 18 more."), [""; 0]);
        assert_eq!(values("", "There are seven films."), [""; 0]);
        // A noun with a capital letter is taken for a name.
        assert_eq!(values("", "The German Kino shows Alien."), ["German Kino"]);
        // A value that is found may be used wrongly.
        assert_eq!(values("", "Peter Jackson directed Alien."), [""; 0]);
        // A single name at the start of a sentence.
        assert_eq!(values("", "Cameron directed it."), [""; 0]);
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        let text = "Dr. Smith met J. R. R. Tolkien. They ate 3.5 kg! Was it good? Yes.\n- a list\n- its end";
        let found: Vec<&str> = sentences(text).into_iter().map(str::trim).collect();
        assert_eq!(
            found,
            [
                "Dr. Smith met J. R. R. Tolkien.",
                "They ate 3.5 kg!",
                "Was it good?",
                "Yes.",
                "- a list",
                "- its end"
            ]
        );
        assert_eq!(sentences("これは映画です。監督は誰ですか。").len(), 2);
    }

    #[test]
    fn long_answers_are_checked_within_limits() {
        let long = "Käse 1. ".repeat(50_000);
        assert!(find_unsupported("", &long, &[]).len() <= MAX_SENTENCES);
        assert_eq!((MAX_TEXT, MAX_SENTENCES), (100_000, 1_000));
    }

    proptest! {
        #[test]
        fn any_text_is_checked(
            question: String,
            response in r#"(\PC|[ "“”«».,:\n0-9-]|[A-Z][a-z]+ |2024-0[1-9]-11|1,000\.5){0,40}"#,
            value: String,
        ) {
            let steps = [step(&[json!({ "title": value })])];
            for sentence in find_unsupported(&question, &response, &steps) {
                prop_assert!(!sentence.values.is_empty());
                for value in &sentence.values {
                    prop_assert!(sentence.sentence.contains(value.as_str()), "{sentence:?}");
                }
            }
        }

        #[test]
        fn text_of_a_row_is_supported(
            response in r#"([a-z.,:\n"“”0-9 -]|[A-Z][a-z]+ |2024-0[1-9]-11|1,000\.5){0,60}"#,
        ) {
            let steps = [step(&[json!({ "text": response })])];
            prop_assert_eq!(find_unsupported("", &response, &steps), []);
        }
    }
}
