//! Properties of random queries: canonical text parses to the same tree, the parser ends on any text, and evaluation agrees
//! with a naive implementation.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::{OWNER, dataset_name, store_of};
use crate::accounts::{Caller, CallerView};
use crate::query::{
    Clause, Comparison, Condition, Direction, EvalError, Operator, Query, SearchAround, Sort, parse, run,
};
use crate::store::Namespace;

fn condition(
    field: impl Strategy<Value = String> + 'static,
    value: impl Strategy<Value = String> + 'static,
) -> impl Strategy<Value = Condition> {
    let comparison = (field, select(Operator::ALL.as_slice()), value)
        .prop_map(|(field, operator, value)| Condition::Compare(Comparison { field, operator, value }));
    comparison.prop_recursive(4, 16, 3, |inner| {
        let parts = prop::collection::vec(inner, 2..4);
        prop_oneof![parts.clone().prop_map(Condition::Any), parts.prop_map(Condition::All)]
    })
}

/// Generates a query from names, columns and values.
fn query(
    dataset: impl Strategy<Value = String> + Clone + 'static,
    column: impl Strategy<Value = String> + Clone + 'static,
    value: impl Strategy<Value = String> + 'static,
    depth: u32,
) -> impl Strategy<Value = Query> {
    let direction = select(vec![Direction::Ascending, Direction::Descending]);
    let follow = prop::collection::vec(column.clone(), 0..3);
    let sort =
        (column.clone(), direction).prop_map(|(column, direction)| Clause::Sort(Sort { column, direction }));
    let clause = prop_oneof![
        condition(column, value).prop_map(Clause::Filter),
        (dataset.clone(), 1..=depth, follow).prop_map(|(dataset, depth, follow)| Clause::SearchAround(
            SearchAround { dataset, depth, follow }
        )),
        sort,
        prop_oneof![0..8_u64, any::<u64>()].prop_map(Clause::Limit),
    ];
    (dataset, prop::collection::vec(clause, 0..6)).prop_map(|(dataset, clauses)| Query { dataset, clauses })
}

fn any_query() -> impl Strategy<Value = Query> {
    let name = any::<String>().prop_filter("a name", |name| !name.trim().is_empty());
    query(name.boxed(), any::<String>().boxed(), any::<String>(), 16)
}

/// Fragments of queries, which are combined at random.
#[rustfmt::skip]
const FRAGMENTS: [&str; 49] = [
    "Ontology", "OntologyObject", "(", ")", "()", "\"", "'", "\\", ".", ",", " ", "\n", "\t", "filter", "column",
    "searchAround", "find", "follow", "sortAscending", "sortDescending", "sort", "limit", "get", "ASC", "DESC", "&&",
    "||", "==", "!=", "<", "<=", ">", ">=", "=", "!", "1", "17", "-3.5", "films", "a/b", "year", "\"a b\"", "'c'", "ü",
    ";", "Ontology(films)", ".filter(", ".filter().column(", "a == 1",
];

fn fragments() -> impl Strategy<Value = String> {
    prop::collection::vec(select(FRAGMENTS.as_slice()), 0..40).prop_map(|parts| parts.concat())
}

fn check_parse(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(query) => prop_assert_eq!(parse(&query.to_string()), Ok(query)),
        Err(error) => {
            prop_assert!(text.is_char_boundary(error.offset()), "{}", error.offset());
            let message = error.to_string();
            let (_, caret) = message.rsplit_once('\n').unwrap();
            prop_assert!(
                caret.trim_start_matches(' ') == "^" && caret.len() <= 2 + 1 + 60 + 1,
                "{}",
                message
            );
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn canonical_text_parses_to_the_same_tree(query in any_query()) {
        prop_assert_eq!(parse(&query.to_string()), Ok(query));
    }

    #[test]
    fn parser_ends_on_any_text(text in any::<String>()) {
        check_parse(&text)?;
        check_parse(&format!("Ontology(f).filter({text}"))?;
        check_parse(&format!("Ontology(f).{text}"))?;
    }

    #[test]
    fn parser_ends_on_fragments_of_queries(text in fragments()) {
        check_parse(&text)?;
        check_parse(&format!("Ontology(f){text}"))?;
    }

    #[test]
    fn evaluation_agrees_with_naive_implementation(world in world(), query in small_query()) {
        let content = json!({ "datasets": world.datasets, "links": world.links });
        let store = store_of(&content.to_string());
        let caller = Caller::of(OWNER);
        let outcome = run(CallerView::new(&store, &caller), &query, &Namespace::new(OWNER, "n"));
        match (outcome, world.run(&query)) {
            (Ok(outcome), Some((dataset, rows))) => {
                prop_assert_eq!(&outcome.last().dataset, &dataset_name(&dataset));
                prop_assert_eq!(&outcome.last().rows, &rows);
                let steps: Vec<usize> = outcome.trace().iter().map(|step| step.count).collect();
                prop_assert_eq!(steps.len(), query.clauses.len() + 1);
                prop_assert_eq!(steps.last().copied(), Some(rows.len()));
                // Each recorded count equals the rows of the query up to that clause.
                for (clauses, count) in steps.into_iter().enumerate() {
                    let begun = Query { dataset: query.dataset.clone(), clauses: query.clauses[..clauses].to_vec() };
                    prop_assert_eq!(world.run(&begun).map(|(_, rows)| rows.len()), Some(count));
                }
            }
            (Err(EvalError::NoLink { .. }), None) => {}
            (outcome, expected) => prop_assert!(false, "{outcome:?} and {expected:?}"),
        }
    }
}

const DATASETS: [&str; 3] = ["n/a", "n/b", "n/c"];
const COLUMNS: [&str; 3] = ["x", "y", "z"];
const VALUES: [&str; 13] = [
    "null", "1", "2.5", "10", "\"1\"", "\"2.50\"", "\"9\"", "\"1e1\"", "\"a\"", "\"B\"", "\" a \"", "\"\"",
    "true",
];

fn text(from: &'static [&'static str]) -> BoxedStrategy<String> {
    select(from).prop_map(str::to_owned).boxed()
}

fn small_query() -> impl Strategy<Value = Query> {
    query(
        text(&DATASETS),
        text(&COLUMNS),
        select(VALUES.as_slice()).prop_map(|value| value.trim_matches('"').to_owned()),
        4,
    )
}

/// Datasets with links, and a naive evaluation of queries.
#[derive(Clone, Debug)]
struct World {
    datasets: Map<String, Value>,
    links: Vec<Value>,
}

fn world() -> impl Strategy<Value = World> {
    let cell = prop::option::of(select(VALUES.as_slice()));
    let row = [cell.clone(), cell.clone(), cell].prop_map(|cells| {
        let cells = COLUMNS.into_iter().zip(cells);
        let cell = |(column, cell): (&str, Option<&str>)| {
            Some((column.to_owned(), serde_json::from_str(cell?).unwrap()))
        };
        Value::Object(cells.filter_map(cell).collect())
    });
    // The first row has all columns, so that links can be added.
    let rows = prop::collection::vec(row, 0..7).prop_map(|mut rows| {
        rows.insert(0, json!({ "x": null, "y": null, "z": null }));
        Value::Array(rows)
    });
    let end = (select(DATASETS.as_slice()), select(COLUMNS.as_slice()));
    let link =
        (end.clone(), end).prop_map(|(from, to)| json!({ "from": from, "to": to, "kind": "ExactMatch" }));
    ([rows.clone(), rows.clone(), rows], prop::collection::vec(link, 0..5)).prop_map(|(rows, links)| World {
        datasets: DATASETS.into_iter().map(str::to_owned).zip(rows).collect(),
        links,
    })
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Parses a number. All generated numbers are exact.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|_| text.starts_with(|c: char| c.is_ascii_digit()))
}

impl World {
    fn value(&self, dataset: &str, row: u32, column: &str) -> Option<String> {
        text_of(&self.datasets[dataset][row as usize][column])
    }

    fn meets(&self, dataset: &str, row: u32, condition: &Condition) -> bool {
        match condition {
            Condition::Any(parts) => parts.iter().any(|part| self.meets(dataset, row, part)),
            Condition::All(parts) => parts.iter().all(|part| self.meets(dataset, row, part)),
            Condition::Compare(Comparison { field, operator, value }) => {
                let Some(own) = self.value(dataset, row, field) else { return *operator == Operator::Ne };
                let order = match (number(&own), number(value)) {
                    (Some(own), Some(value)) => own.partial_cmp(&value).unwrap(),
                    _ => own.cmp(value),
                };
                match operator {
                    Operator::Eq => order == Ordering::Equal,
                    Operator::Ne => order != Ordering::Equal,
                    Operator::Lt => order == Ordering::Less,
                    Operator::Le => order != Ordering::Greater,
                    Operator::Gt => order == Ordering::Greater,
                    Operator::Ge => order != Ordering::Less,
                }
            }
        }
    }

    /// Returns a sort key that puts numbers before texts.
    fn key(&self, dataset: &str, row: u32, column: &str) -> Option<(u8, f64, String)> {
        let text = self.value(dataset, row, column)?;
        Some(match number(&text) {
            Some(number) => (0, number, String::new()),
            None => (1, 0.0, text),
        })
    }

    fn sort(&self, dataset: &str, rows: &mut [u32], Sort { column, direction }: &Sort) {
        rows.sort_by(|own, other| {
            match (self.key(dataset, *own, column), self.key(dataset, *other, column)) {
                (Some(own), Some(other)) => match direction {
                    Direction::Ascending => own.partial_cmp(&other).unwrap(),
                    Direction::Descending => other.partial_cmp(&own).unwrap(),
                },
                (own, other) => own.is_none().cmp(&other.is_none()),
            }
        });
    }

    /// Returns the links of a dataset: own column, other dataset, other column.
    fn leaving(&self, dataset: &str) -> Vec<(String, String, String)> {
        let text = |link: &Value, end: &str, at: usize| link[end][at].as_str().unwrap().to_owned();
        let both = self.links.iter().flat_map(|link| [(link, "from", "to"), (link, "to", "from")]);
        both.filter(|(link, here, _)| link[*here][0] == dataset)
            .map(|(link, here, there)| (text(link, here, 1), text(link, there, 0), text(link, there, 1)))
            .collect()
    }

    fn search_around(&self, from: &str, rows: &[u32], step: &SearchAround) -> Option<Vec<u32>> {
        // All rows that a path of exactly this length reaches, whether or not a shorter path reaches them too.
        let mut datasets = BTreeSet::from([from.to_owned()]);
        let mut reached: BTreeSet<(String, u32)> = rows.iter().map(|row| (from.to_owned(), *row)).collect();
        let mut is_linked = false;
        let mut found = BTreeSet::new();
        for _ in 0..step.depth {
            let (mut next_datasets, mut next) = (BTreeSet::new(), BTreeSet::new());
            for dataset in &datasets {
                for (own, other, column) in self.leaving(dataset) {
                    if dataset == from && !step.follow.is_empty() && !step.follow.contains(&own) {
                        continue;
                    }
                    next_datasets.insert(other.clone());
                    for (_, row) in reached.iter().filter(|(of, _)| of == dataset) {
                        let key = self.value(dataset, *row, &own).map(|text| text.trim().to_owned());
                        // A row does not match itself in a link from a column to itself.
                        let is_same_column = *dataset == other && own == column;
                        for far in 0..self.datasets[&other].as_array().unwrap().len() as u32 {
                            if is_same_column && far == *row {
                                continue;
                            }
                            let far_key = self.value(&other, far, &column).map(|text| text.trim().to_owned());
                            if key.is_some() && key.as_deref() != Some("") && key == far_key {
                                next.insert((other.clone(), far));
                            }
                        }
                    }
                }
            }
            is_linked |= next_datasets.contains(&step.dataset);
            found.extend(next.iter().filter(|(dataset, _)| *dataset == step.dataset).map(|(_, row)| *row));
            (datasets, reached) = (next_datasets, next);
        }
        is_linked.then(|| found.into_iter().collect())
    }

    /// Evaluates a query. Returns `None` if no link leads to a dataset of the query.
    fn run(&self, query: &Query) -> Option<(String, Vec<u32>)> {
        let mut dataset = query.dataset.clone();
        let mut rows: Vec<u32> = (0..self.datasets[&dataset].as_array()?.len() as u32).collect();
        let mut done = 0;
        while let Some(clause) = query.clauses.get(done) {
            done += 1;
            match clause {
                Clause::Filter(condition) => rows.retain(|row| self.meets(&dataset, *row, condition)),
                Clause::Limit(limit) => rows = rows.into_iter().take(usize::try_from(*limit).ok()?).collect(),
                Clause::SearchAround(step) => {
                    rows = self.search_around(&dataset, &rows, step)?;
                    dataset.clone_from(&step.dataset);
                }
                Clause::Sort(_) => {
                    let sorts: Vec<&Sort> = query.clauses[done - 1..]
                        .iter()
                        .map_while(|clause| match clause {
                            Clause::Sort(sort) => Some(sort),
                            _ => None,
                        })
                        .collect();
                    // The primary sort is applied last, so that the others decide between equal rows.
                    sorts.iter().rev().for_each(|sort| self.sort(&dataset, &mut rows, sort));
                    done += sorts.len() - 1;
                }
            }
        }
        Some((dataset, rows))
    }
}
