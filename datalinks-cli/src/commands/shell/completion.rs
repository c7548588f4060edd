//! What can be typed at some place of a line.

use super::line::COMMANDS;
use super::syntax;
use crate::terminal::escape;

/// The functions of the query language, as they are typed.
const FUNCTIONS: [&str; 7] =
    ["filter(", "follow(", "limit(", "searchAround()", "find(", "sortAscending(", "sortDescending("];

/// The formats of results.
const FORMATS: [&str; 4] = ["csv", "json", "ndjson", "table"];

/// The names that are known.
pub(super) trait Source {
    /// Returns the datasets, as `NAMESPACE/DATASET`.
    fn datasets(&self) -> Vec<String>;

    /// Returns the columns of a dataset.
    fn columns(&self, dataset: &str) -> Vec<String>;
}

/// Returns where the completed word begins, in bytes, and what it can become.
///
/// The line editor writes the candidates to the terminal as they are, so names with control characters are left out.
pub(super) fn complete(before: &str, source: &impl Source) -> (usize, Vec<String>) {
    let (begin, mut candidates) = candidates(before, source);
    candidates.retain(|candidate| escape(candidate) == candidate.as_str());
    (begin, candidates)
}

fn candidates(before: &str, source: &impl Source) -> (usize, Vec<String>) {
    if before.starts_with('.') {
        return command(before, source);
    }
    let open = syntax::open(before);
    let begin = match open.quote {
        Some((_, begin)) => begin,
        None => word(before),
    };
    let (head, typed) = before.split_at(begin);
    let outside = head.trim_end_matches(['"', '\'']).trim_end();
    let names_dataset = ["Ontology(", "find("].iter().any(|function| outside.ends_with(function));
    let candidates = if names_dataset {
        let quote = |name: String| match open.quote {
            Some((quote, _)) => format!("{name}{quote})"),
            None => format!("\"{name}\")"),
        };
        let datasets = source.datasets().into_iter();
        return (begin, datasets.filter(|name| name.starts_with(typed)).map(quote).collect());
    } else if open.quote.is_some() {
        // A value.
        Vec::new()
    } else if open.parentheses > 0 {
        match dataset(before) {
            Some(dataset) => source.columns(dataset),
            None => Vec::new(),
        }
    } else if outside.ends_with('.') {
        FUNCTIONS.map(str::to_owned).into()
    } else if outside.is_empty() {
        vec!["Ontology(\"".to_owned()]
    } else {
        Vec::new()
    };
    (begin, candidates.into_iter().filter(|name| name.starts_with(typed)).collect())
}

/// Completes a command of the shell or its argument.
fn command(before: &str, source: &impl Source) -> (usize, Vec<String>) {
    let begin = before.rfind(' ').map_or(0, |space| space + 1);
    let (head, typed) = before.split_at(begin);
    let candidates = match head.trim_end() {
        "" => COMMANDS.map(str::to_owned).into(),
        ".format" | ".last" => FORMATS.map(str::to_owned).into(),
        ".columns" => source.datasets(),
        _ => Vec::new(),
    };
    (begin, candidates.into_iter().filter(|name: &String| name.starts_with(typed)).collect())
}

/// Returns where the last word begins. Names of columns may have letters of any language.
fn word(text: &str) -> usize {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '/';
    text.char_indices()
        .rev()
        .take_while(|(_, letter)| is_part(*letter))
        .last()
        .map_or(text.len(), |(at, _)| at)
}

/// Returns the dataset that the columns belong to: the one that was named last.
pub(super) fn dataset(before: &str) -> Option<&str> {
    let (at, function) = ["Ontology(", "find("]
        .iter()
        .filter_map(|function| Some((before.rfind(function)?, function)))
        .max_by_key(|(at, _)| *at)?;
    let rest = &before[at + function.len()..];
    let (name, _) = rest.split_once(')')?;
    Some(name.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Cinema;

    impl Source for Cinema {
        fn datasets(&self) -> Vec<String> {
            ["cinema/films", "cinema/people", "music/songs"].map(str::to_owned).into()
        }

        fn columns(&self, dataset: &str) -> Vec<String> {
            match dataset {
                "cinema/films" => ["title", "year", "länge"].map(str::to_owned).into(),
                "people" => ["name"].map(str::to_owned).into(),
                _ => Vec::new(),
            }
        }
    }

    /// Returns the line with each candidate.
    fn lines(before: &str) -> Vec<String> {
        let (begin, candidates) = complete(before, &Cinema);
        candidates.into_iter().map(|candidate| format!("{}{candidate}", &before[..begin])).collect()
    }

    #[test]
    fn datasets_are_completed_with_and_without_quotes() {
        assert_eq!(lines("Ontology(\"mu"), ["Ontology(\"music/songs\")"]);
        assert_eq!(lines("Ontology('cinema/f"), ["Ontology('cinema/films')"]);
        assert_eq!(lines("Ontology(mu"), ["Ontology(\"music/songs\")"]);
        assert_eq!(lines("Ontology(").len(), 3);
        assert_eq!(
            lines("Ontology(\"cinema/films\").searchAround().find(\"cinema/p"),
            ["Ontology(\"cinema/films\").searchAround().find(\"cinema/people\")"]
        );
    }

    #[test]
    fn columns_are_those_of_the_dataset_named_last() {
        assert_eq!(lines("Ontology(\"cinema/films\").filter(y"), ["Ontology(\"cinema/films\").filter(year"]);
        assert_eq!(
            lines("Ontology(\"cinema/films\").filter(year > 1 && l"),
            ["Ontology(\"cinema/films\").filter(year > 1 && länge"]
        );
        let text = "Ontology(\"cinema/films\").searchAround().find(people).filter(";
        assert_eq!(lines(text), [format!("{text}name")]);
        assert!(lines("Ontology(\"cinema/films\").filter(title == \"y").is_empty(), "a value");
        assert!(lines("Ontology(nothing).filter(y").is_empty());
    }

    /// The name of a column could change the title of the window and the line that was typed.
    #[test]
    fn names_with_control_characters_are_not_completed() {
        struct Hostile;
        impl Source for Hostile {
            fn datasets(&self) -> Vec<String> {
                ["n/a\u{1b}]0;title\u{7}", "n/b\nOntology(", "n/c"].map(str::to_owned).into()
            }

            fn columns(&self, _: &str) -> Vec<String> {
                ["a\u{202e}b", "c"].map(str::to_owned).into()
            }
        }
        assert_eq!(complete("Ontology(\"n", &Hostile).1, ["n/c\")"]);
        assert_eq!(complete(".columns n", &Hostile).1, ["n/c"]);
        assert_eq!(complete("Ontology(\"n/c\").filter(", &Hostile).1, ["c"]);
    }

    #[test]
    fn functions_and_commands_are_completed() {
        assert_eq!(lines("On"), ["Ontology(\""]);
        assert_eq!(lines("Ontology(a).so"), ["Ontology(a).sortAscending(", "Ontology(a).sortDescending("]);
        assert_eq!(lines(".la"), [".last"]);
        assert_eq!(lines(".format j"), [".format json"]);
        assert_eq!(lines(".last c"), [".last csv"]);
        assert_eq!(lines(".columns mu"), [".columns music/songs"]);
        assert!(lines("? On").is_empty());
    }

    #[test]
    fn functions_are_those_of_the_query_language() {
        let query = "Ontology(a).filter(x > 1).searchAround().find(b).follow(c).sortAscending(x).sortDescending(x).limit(1)";
        datalinks_emulator::query::parse(query).unwrap();
        for function in FUNCTIONS {
            assert!(query.contains(function), "{function}");
        }
    }

    #[test]
    fn any_place_of_any_line_can_be_completed() {
        for text in ["Ontology(\"é", "é(", "\"", "'\\", ").", "find(", "find()x", ".", ". ", "? é"] {
            for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                let (begin, _) = complete(&text[..end], &Cinema);
                assert!(begin <= end);
            }
        }
    }
}
