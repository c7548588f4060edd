//! Questions, answered by a script.
//!
//! No model runs. The script looks for a value of the namespace in the question, failing that for
//! the name of a dataset, failing that it takes the first dataset; it runs a real query for what
//! it chose, follows one link, and reports what the queries found.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::access::Sight;
use crate::query::{self, Call, Comparison, EvalError, Expr, FoundRows, Op, Outcome, Query};
use crate::store::{Cell, DatasetName, Namespace, Store};

/// How every scripted text begins.
pub(crate) const MARK: &str = "[scripted by the emulator, no model ran]";

/// At most this many rows go into a step.
const ROWS_SHOWN: usize = 10;
/// Shorter values would be found in almost any question.
const SHORTEST_VALUE: usize = 2;

/// What the script does for a question.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) reasoning: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) response: String,
}

/// One query of the script and what it found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) instruction: String,
    pub(crate) query: String,
    pub(crate) reasoning: String,
    pub(crate) data: Box<RawValue>,
}

/// Why there is no script.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("the namespace {0} has no dataset to ask; create one and ingest rows first")]
    Empty(String),
    #[error(transparent)]
    Query(#[from] EvalError),
    #[error("a row cannot be written: {0}")]
    Write(#[from] serde_json::Error),
}

/// Writes the script for a question.
pub(crate) fn script(sight: Sight<'_>, namespace: &Namespace, question: &str) -> Result<Script, AskError> {
    let choice = choose(sight, namespace, question).ok_or_else(|| AskError::Empty(namespace.to_string()))?;
    let (first, found) = step(sight, namespace, &choice.query, choice.instruction, choice.reasoning)?;
    let mut response = format!("{MARK} {}", report(sight.store, &first, &found));
    let mut steps = vec![first];
    if let Some((dataset, link)) = neighbour(sight, &choice.dataset).filter(|_| !found.last().rows.is_empty())
    {
        let mut query = choice.query;
        query.calls.push(Call::Hop(dataset.to_string()));
        let instruction = format!("Follow the link to {dataset}");
        let reasoning = format!("{MARK} The first link of {} leads along {link}.", choice.dataset);
        let (next, found) = step(sight, namespace, &query, instruction, reasoning)?;
        response.push(' ');
        response.push_str(&report(sight.store, &next, &found));
        steps.push(next);
    }
    let reasoning = format!("{MARK} A fixed rule chooses {} by what the question mentions.", choice.dataset);
    Ok(Script { reasoning, steps, response })
}

fn step(
    sight: Sight<'_>,
    namespace: &Namespace,
    query: &Query,
    instruction: String,
    reasoning: String,
) -> Result<(Step, Outcome), AskError> {
    let outcome = query::run(sight, query, namespace)?;
    let data = serde_json::value::to_raw_value(&FoundRows::new(sight.store, &outcome, ROWS_SHOWN))?;
    Ok((Step { instruction, query: outcome.executed.to_string(), reasoning, data }, outcome))
}

/// Where the script begins.
struct Choice {
    dataset: DatasetName,
    query: Query,
    instruction: String,
    reasoning: String,
}

fn choose(sight: Sight<'_>, namespace: &Namespace, question: &str) -> Option<Choice> {
    let question = question.to_lowercase();
    if let Some((dataset, field, value)) = mentioned_value(sight, namespace, &question) {
        let mut query = Query::all(dataset.to_string());
        let filter = Comparison { field: field.to_owned(), op: Op::Eq, value: value.to_owned() };
        query.calls.push(Call::Filter(Expr::Compare(filter)));
        return Some(Choice {
            instruction: format!("Find the rows of {dataset} whose {field} is {value}"),
            reasoning: format!("{MARK} The question mentions {value:?}, a value of {field} in {dataset}."),
            dataset: dataset.clone(),
            query,
        });
    }
    let names = || sight.in_namespace(namespace).map(|(name, _)| name);
    let named = names().find(|dataset| {
        let name = dataset.name.to_lowercase();
        mentions(&question, &name) || name.strip_suffix('s').is_some_and(|one| mentions(&question, one))
    });
    let (dataset, why) = match named {
        Some(dataset) => (dataset, "the question mentions its name, but none of the namespace's values"),
        None => (names().next()?, "it is the first of the namespace, and the question mentions none"),
    };
    Some(Choice {
        instruction: format!("Read {dataset}"),
        reasoning: format!("{MARK} {dataset} was taken because {why}."),
        dataset: dataset.clone(),
        query: Query::all(dataset.to_string()),
    })
}

/// The longest text of the namespace's rows that stands in the question; the first of several.
fn mentioned_value<'a>(
    sight: Sight<'a>,
    namespace: &'a Namespace,
    question: &str,
) -> Option<(&'a DatasetName, &'a str, &'a str)> {
    let mut best = None;
    let mut length = SHORTEST_VALUE - 1;
    for (name, dataset) in sight.in_namespace(namespace) {
        for (column, cell) in dataset.rows().iter().flat_map(|row| row.cells()) {
            let Cell::Text(text) = cell else { continue };
            // Trimmed for the search alone: the query needs the value as it is.
            let own = text.trim().len();
            if own > length && own <= question.len() && mentions(question, &text.trim().to_lowercase()) {
                length = own;
                best = Some((name, dataset.columns().name(column), &**text));
            }
        }
    }
    best
}

/// Whether the words stand in the text, not as a part of longer ones.
fn mentions(text: &str, words: &str) -> bool {
    !words.is_empty()
        && text.match_indices(words).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + words.len()..].chars().next();
            ![before, after].into_iter().flatten().any(char::is_alphanumeric)
        })
}

/// The dataset at the other end of the first link, and that link in words.
fn neighbour(sight: Sight<'_>, dataset: &DatasetName) -> Option<(DatasetName, String)> {
    sight.store.links().iter().find_map(|link| {
        let (here, there) =
            if link.from.dataset == *dataset { (&link.from, &link.to) } else { (&link.to, &link.from) };
        (here.dataset == *dataset && there.dataset != *dataset && sight.sees(&there.dataset))
            .then(|| (there.dataset.clone(), format!("{} = {}", here.column, there.column)))
    })
}

/// What a step found, in a sentence.
fn report(store: &Store, step: &Step, found: &Outcome) -> String {
    let stage = found.last();
    let rows = match stage.rows.len() {
        1 => "1 row".to_owned(),
        n => format!("{n} rows"),
    };
    let first = store.dataset(&stage.dataset).and_then(|dataset| {
        let row = dataset.rows().get(*stage.rows.first()? as usize)?;
        let values = row.cells().filter_map(|(column, cell)| Some((column, cell.as_text()?))).take(3);
        let values = values.map(|(column, text)| format!("{} = {text}", dataset.columns().name(column)));
        Some(values.collect::<Vec<_>>().join(", "))
    });
    match first {
        None => format!("{} found {rows}.", step.query),
        Some(first) => format!("{} found {rows}; the first has {first}.", step.query),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Caller;
    use crate::store::{ColumnName, Definition, Link};

    fn store() -> Store {
        let mut store = Store::default();
        for (name, rows) in [
            (
                "films",
                r#"[{"title":"Alien","director":"Ridley Scott"},{"title":"Alien 3","director":"Fincher"}]"#,
            ),
            ("people", r#"[{"name":"Ridley Scott","born":1937},{"name":"Fincher"}]"#),
        ] {
            let name = DatasetName::new("ana", "cinema", name);
            store.create(name.clone(), Definition::default()).unwrap();
            store.find_mut(&name).unwrap().append(serde_json::from_str(rows).unwrap());
        }
        let end = |name, column: &str| ColumnName {
            dataset: DatasetName::new("ana", "cinema", name),
            column: column.into(),
        };
        store.add_link(Link { from: end("films", "director"), to: end("people", "name") }).unwrap();
        store
    }

    fn told(namespace: &str, question: &str) -> Result<Script, AskError> {
        let (store, caller) = (store(), Caller::of("ana"));
        script(Sight::new(&store, &caller), &Namespace::new("ana", namespace), question)
    }

    fn queries(question: &str) -> Vec<String> {
        told("cinema", question).unwrap().steps.into_iter().map(|step| step.query).collect()
    }

    #[test]
    fn the_longest_value_wins_and_one_link_is_followed() {
        assert_eq!(
            queries("Who directed ALIEN 3?"),
            [
                r#"Ontology("cinema/films").filter(title == "Alien 3")"#,
                r#"Ontology("cinema/films").filter(title == "Alien 3").searchAround().find("cinema/people")"#,
            ]
        );
        assert_eq!(
            queries("Who directed Aliens? Fincher?")[0],
            r#"Ontology("cinema/films").filter(director == Fincher)"#
        );
    }

    #[test]
    fn names_come_after_values() {
        assert_eq!(queries("Which people?")[0], r#"Ontology("cinema/people")"#);
        assert_eq!(queries("Any film?")[0], r#"Ontology("cinema/films")"#);
        assert_eq!(queries("What?")[0], r#"Ontology("cinema/films")"#);
    }

    #[test]
    fn the_answer_says_what_it_is() {
        let script = told("cinema", "Alien 3").unwrap();
        assert!(script.response.starts_with(MARK));
        assert!(script.response.contains("found 1 row; the first has name = Fincher"), "{}", script.response);
        assert!(script.steps.iter().all(|step| step.reasoning.starts_with(MARK)));
        assert_eq!(script.steps[0].data.get(), r#"[{"title":"Alien 3","director":"Fincher"}]"#);
    }

    #[test]
    fn an_empty_namespace_has_no_answer() {
        assert!(matches!(told("other", "Alien"), Err(AskError::Empty(_))));
    }
}
