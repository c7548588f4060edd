//! Questions, answered by a fixed rule.
//!
//! No model runs. The rule
//!
//! 1. looks for a value of the namespace's rows in the question, otherwise for the name of a dataset, and otherwise
//!    takes the first dataset,
//! 2. turns a superlative into a sort and, if the number of rows is clear, a limit,
//! 3. plans a query for that choice,
//! 4. follows one link if the query finds rows,
//! 5. reports the rows found.

use futures::FutureExt;
use futures::future::{BoxFuture, ready};

use super::checkpoint::{Checkpoint, Draft, Plan, Planned, Step};
use super::responder::{Metered, RejectedQuery, Responder, RunContext};
use super::superlative::Superlative;
use crate::accounts::CallerView;
use crate::concurrency::work::{background, count};
use crate::query::{self, Clause, Comparison, Condition, EvalError, Operator, Query, SearchAround};
use crate::response::{Problem, SCRIPTED_PREFIX};
use crate::store::{Cell, Dataset, DatasetName, InputRow, MatchKind, Namespace};
use crate::usage::tokens;

/// Minimum number of bytes of a searched value. Shorter values occur in almost any question.
const SHORTEST_VALUE: usize = 2;

/// Maximum number of bytes that are searched for values of rows: for each value, the length of the question. Values
/// beyond this budget are ignored.
pub(crate) const SEARCHED: usize = 1024 * 1024 * 1024;

/// The responder for emulators without a model.
#[derive(Debug)]
pub(crate) struct RuleResponder;

/// The reason why a question has no plan.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("the namespace {0} has no dataset to query; create one and ingest rows first")]
    Empty(String),
    #[error(transparent)]
    Query(#[from] EvalError),
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        Self::not_found(error.to_string())
    }
}

impl Responder for RuleResponder {
    fn plan<'a>(&'a self, context: &'a RunContext) -> BoxFuture<'a, Result<Metered<Plan>, Problem>> {
        let (store, caller, asked) =
            (context.resources.snapshot(), context.caller.clone(), context.asked.clone());
        async move {
            let plan =
                background(move || plan(CallerView::new(&store, &caller), &asked.space, &asked.question))
                    .await?;
            let steps = plan.steps.iter().map(|step| tokens(&step.instruction));
            let tokens = tokens(&context.asked.question) + tokens(&plan.reasoning) + steps.sum::<u64>();
            Ok(Metered { value: plan, tokens })
        }
        .boxed()
    }

    fn query<'a>(
        &'a self,
        _: &'a RunContext,
        done: &'a Checkpoint,
        rejected: &'a [RejectedQuery],
    ) -> BoxFuture<'a, Result<Metered<Draft>, Problem>> {
        let planned = done.plan.steps.get(done.steps.len());
        let draft = match (planned.and_then(|step| Some((step, step.draft.clone()?))), rejected.last()) {
            // The rule has no alternative query.
            (_, Some(rejected)) => {
                Err(Problem::bad_request(format!("{} was rejected: {}", rejected.query, rejected.reason)))
            }
            (None, None) => Err(Problem::internal("the rule planned a step without a query")),
            (Some((step, draft)), None) => {
                let tokens = tokens(&step.instruction) + tokens(&draft.query) + tokens(&draft.reasoning);
                Ok(Metered { value: draft, tokens })
            }
        };
        ready(draft).boxed()
    }

    fn answer<'a>(
        &'a self,
        context: &'a RunContext,
        done: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<Metered<String>, Problem>> {
        let response = answer(&done.steps);
        let read = done.steps.iter().map(|step| tokens(step.data.get()));
        let tokens = tokens(&context.asked.question) + tokens(&response) + read.sum::<u64>();
        ready(Ok(Metered { value: response, tokens })).boxed()
    }
}

/// Returns the plan of the rule for a question.
fn plan(view: CallerView<'_>, namespace: &Namespace, question: &str) -> Result<Plan, AskError> {
    let choice =
        choose(view, namespace, None, question).ok_or_else(|| AskError::Empty(namespace.to_string()))?;
    let found = query::run(view, &choice.query, namespace)?;
    let first = found.executed.to_string();
    let mut steps = vec![planned(choice.instruction, first, choice.reasoning)];
    if let Some((dataset, link)) = neighbor(view, &choice.dataset).filter(|_| !found.last().rows.is_empty()) {
        let mut query = choice.query;
        query.clauses.push(Clause::SearchAround(SearchAround::find(dataset.to_string())));
        let reasoning = format!("{SCRIPTED_PREFIX} The first link of {} leads along {link}.", choice.dataset);
        steps.push(planned(format!("Follow the link to {dataset}"), query.to_string(), reasoning));
    }
    let reasoning =
        format!("{SCRIPTED_PREFIX} A fixed rule chooses {} by what the question mentions.", choice.dataset);
    Ok(Plan { reasoning, steps })
}

fn planned(instruction: String, query: String, reasoning: String) -> Planned {
    Planned { instruction, draft: Some(Draft { query, reasoning }) }
}

/// Returns the results of the steps, in sentences.
fn answer(steps: &[Step]) -> String {
    let mut answer = SCRIPTED_PREFIX.to_owned();
    for step in steps {
        answer.push(' ');
        answer.push_str(&report(step));
    }
    answer
}

/// The first query of a plan.
struct Choice {
    dataset: DatasetName,
    query: Query,
    instruction: String,
    reasoning: String,
}

/// Returns the query that the rule chooses for a question, restricted to `dataset` if it is given. Returns `None` if
/// the caller sees no dataset.
pub(super) fn query_for(
    view: CallerView<'_>,
    namespace: &Namespace,
    dataset: Option<&str>,
    question: &str,
) -> Option<Query> {
    choose(view, namespace, dataset, question).map(|choice| choice.query)
}

fn choose(view: CallerView<'_>, namespace: &Namespace, only: Option<&str>, question: &str) -> Option<Choice> {
    let question = question.to_lowercase();
    let mut choice = choose_rows(view, namespace, only, &question)?;
    let dataset = view.store.dataset(&choice.dataset);
    if let Some(superlative) = dataset.and_then(|dataset| Superlative::read(&question, dataset)) {
        let selection = superlative.in_words();
        choice.instruction.push_str(&format!(", and take {selection}"));
        choice.reasoning.push_str(&format!(" It asks for {selection}."));
        choice.query.clauses.extend(superlative.clauses());
    }
    Some(choice)
}

/// Chooses a dataset, or those of its rows that contain a value mentioned in the question. The question is in lower
/// case.
fn choose_rows(
    view: CallerView<'_>,
    namespace: &Namespace,
    only: Option<&str>,
    question: &str,
) -> Option<Choice> {
    let datasets = || {
        view.in_namespace(namespace)
            .filter(|(name, _)| only.is_none_or(|only| name.name.to_lowercase() == only.to_lowercase()))
    };
    if let Some((dataset, field, value)) = mentioned_value(datasets(), question) {
        let mut query = Query::all(dataset.to_string());
        let filter = Comparison { field: field.to_owned(), operator: Operator::Eq, value: value.to_owned() };
        query.clauses.push(Clause::Filter(Condition::Compare(filter)));
        return Some(Choice {
            instruction: format!("Find the rows of {dataset} whose {field} is {value}"),
            reasoning: format!(
                "{SCRIPTED_PREFIX} The question mentions {value:?}, a value of {field} in {dataset}."
            ),
            dataset: dataset.clone(),
            query,
        });
    }
    let names = || datasets().map(|(name, _)| name);
    let named = names().find(|dataset| {
        let name = dataset.name.to_lowercase();
        mentions(question, &name) || name.strip_suffix('s').is_some_and(|one| mentions(question, one))
    });
    let (dataset, why) = match named {
        Some(dataset) => (dataset, "the question mentions its name, but none of the namespace's values"),
        None => (names().next()?, "it is the first of the namespace, and the question mentions none"),
    };
    Some(Choice {
        instruction: format!("Read {dataset}"),
        reasoning: format!("{SCRIPTED_PREFIX} {dataset} was taken because {why}."),
        dataset: dataset.clone(),
        query: Query::all(dataset.to_string()),
    })
}

/// Returns the longest string value of the rows that the question mentions, or the first of equally long ones.
fn mentioned_value<'a>(
    datasets: impl Iterator<Item = (&'a DatasetName, &'a Dataset)>,
    question: &str,
) -> Option<(&'a DatasetName, &'a str, &'a str)> {
    let mut best = None;
    let mut length = SHORTEST_VALUE - 1;
    let mut searched = 0;
    for (name, dataset) in datasets {
        count(dataset.rows().len());
        for (column, cell) in dataset.rows().iter().flat_map(|row| row.cells()) {
            let Cell::Text(text) = cell else { continue };
            // Trimmed only for the search: the query needs the exact value.
            let own = text.trim().len();
            if searched > SEARCHED {
                return best;
            }
            if own > length && own <= question.len() {
                searched += question.len();
                if mentions(question, &text.trim().to_lowercase()) {
                    length = own;
                    best = Some((name, dataset.columns().name(column), &**text));
                }
            }
        }
    }
    best
}

/// Returns `true` if the words occur in the text as whole words.
fn mentions(text: &str, words: &str) -> bool {
    !words.is_empty()
        && text.match_indices(words).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + words.len()..].chars().next();
            ![before, after].into_iter().flatten().any(char::is_alphanumeric)
        })
}

/// Returns the dataset at the other end of the first active link, and a description of the link.
fn neighbor(view: CallerView<'_>, dataset: &DatasetName) -> Option<(DatasetName, String)> {
    view.store.links().iter().filter(|link| link.is_active()).find_map(|link| {
        let (here, there) =
            if link.from.dataset == *dataset { (&link.from, &link.to) } else { (&link.to, &link.from) };
        let sign = match link.kind() {
            MatchKind::ExactMatch => '=',
            MatchKind::GeoMatch => '≈',
        };
        (here.dataset == *dataset && there.dataset != *dataset && view.sees(&there.dataset))
            .then(|| (there.dataset.clone(), format!("{} {sign} {}", here.column, there.column)))
    })
}

/// Returns the result of a step in a sentence.
fn report(step: &Step) -> String {
    let rows = match step.rows {
        1 => "1 row".to_owned(),
        n => format!("{n} rows"),
    };
    let shown: Vec<InputRow<'_>> = serde_json::from_str(step.data.get()).unwrap_or_default();
    match shown.first() {
        None => format!("{} found {rows}.", step.query),
        Some(first) => {
            let data = first.cells.iter().filter(|(column, _)| !column.starts_with('_'));
            let values = data.filter_map(|(column, cell)| Some((column, cell.as_text()?))).take(3);
            let values: Vec<String> = values.map(|(column, text)| format!("{column} = {text}")).collect();
            format!("{} found {rows}; the first has {}.", step.query, values.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Caller;
    use crate::ask::{AskOptions, AskRequest};
    use crate::store::{Definition, Link, Store};

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
        let end = |name, column| DatasetName::new("ana", "cinema", name).column(column);
        store.add_link(Link::exact(end("films", "director"), end("people", "name"))).unwrap();
        store
    }

    /// Runs the steps of the plan for a question.
    fn run_plan(namespace: &str, question: &str) -> Result<Vec<Step>, AskError> {
        let (store, caller) = (store(), Caller::of("ana"));
        let (view, space) = (CallerView::new(&store, &caller), Namespace::new("ana", namespace));
        let plan = plan(view, &space, question)?;
        let asked = AskRequest { space, question: question.to_owned(), options: AskOptions::default() };
        assert!(plan.reasoning.starts_with(SCRIPTED_PREFIX));
        let steps = plan.steps.into_iter();
        let run = |step: Planned| Step::run(view, &asked, &step.instruction, step.draft.unwrap()).unwrap();
        Ok(steps.map(run).collect())
    }

    fn queries(question: &str) -> Vec<String> {
        run_plan("cinema", question).unwrap().into_iter().map(|step| step.query).collect()
    }

    #[test]
    fn plan_filters_by_the_longest_value_and_follows_one_link() {
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
    fn dataset_name_is_used_if_no_value_is_mentioned() {
        assert_eq!(queries("Which people?")[0], r#"Ontology("cinema/people")"#);
        assert_eq!(queries("Any film?")[0], r#"Ontology("cinema/films")"#);
        assert_eq!(queries("What?")[0], r#"Ontology("cinema/films")"#);
    }

    #[test]
    fn superlative_sorts_and_limits_the_chosen_rows() {
        let all = queries("Who is the oldest of the people?");
        assert_eq!(
            all,
            [
                r#"Ontology("cinema/people").sortAscending(born).limit(1)"#,
                r#"Ontology("cinema/people").sortAscending(born).limit(1).searchAround().find("cinema/films")"#,
            ]
        );
        assert_eq!(
            queries("The two youngest people, Fincher among them?")[0],
            r#"Ontology("cinema/films").filter(director == Fincher)"#,
            "the films have no such column"
        );
    }

    #[test]
    fn answer_begins_with_the_label_of_the_rule() {
        let steps = run_plan("cinema", "Alien 3").unwrap();
        let answer = answer(&steps);
        assert!(answer.starts_with(SCRIPTED_PREFIX));
        assert!(answer.contains("found 1 row; the first has name = Fincher"), "{answer}");
        assert!(steps.iter().all(|step| step.reasoning.starts_with(SCRIPTED_PREFIX)));
        assert_eq!(
            steps[0].data.get(),
            r#"[{"title":"Alien 3","director":"Fincher","__metadata":{"score":1.0}}]"#
        );
        assert!(!answer.contains("__metadata"), "{answer}");
    }

    #[test]
    fn question_about_an_empty_namespace_is_an_error() {
        assert!(matches!(run_plan("other", "Alien"), Err(AskError::Empty(_))));
    }
}
