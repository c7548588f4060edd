//! The emulator's parser reads every string of the builder back as the same tree.

use datalinks::{
    Filter, field,
    query::{FilterValue, QueryText},
};
use datalinks_emulator::query::{
    Clause, Comparison, Condition, Direction, Operator, Query, SearchAround, Sort, parse,
};
use proptest::prelude::*;
use proptest::sample::select;

/// A condition, which the builder and the tree represent in different ways.
#[derive(Clone, Debug)]
enum Test {
    Compare(String, Operator, FilterValue),
    Both(Box<Test>, Box<Test>),
    Either(Box<Test>, Box<Test>),
}

impl Test {
    fn filter(&self) -> Filter {
        match self {
            Self::Compare(name, operator, value) => {
                let (field, value) = (field(name), value.clone());
                match operator {
                    Operator::Eq => field.eq(value),
                    Operator::Ne => field.ne(value),
                    Operator::Lt => field.lt(value),
                    Operator::Le => field.le(value),
                    Operator::Gt => field.gt(value),
                    Operator::Ge => field.ge(value),
                }
            }
            Self::Both(left, right) => left.filter().and(right.filter()),
            Self::Either(left, right) => left.filter().or(right.filter()),
        }
    }

    fn condition(&self) -> Condition {
        match self {
            Self::Compare(field, operator, value) => {
                let value = match value {
                    FilterValue::Text(text) => text.clone(),
                    FilterValue::Integer(number) => number.to_string(),
                    FilterValue::Number(number) => number.to_string(),
                    FilterValue::Bool(value) => value.to_string(),
                    other => panic!("this test does not contain {other:?}: add it"),
                };
                Condition::Compare(Comparison { field: field.clone(), operator: *operator, value })
            }
            Self::Both(left, right) => Condition::All(
                [left, right]
                    .into_iter()
                    .flat_map(|part| match part.condition() {
                        Condition::All(parts) => parts,
                        other => vec![other],
                    })
                    .collect(),
            ),
            Self::Either(left, right) => Condition::Any(
                [left, right]
                    .into_iter()
                    .flat_map(|part| match part.condition() {
                        Condition::Any(parts) => parts,
                        other => vec![other],
                    })
                    .collect(),
            ),
        }
    }

    fn names(&self) -> Vec<&str> {
        match self {
            Self::Compare(field, _, FilterValue::Text(text)) => vec![field, text],
            Self::Compare(field, ..) => vec![field],
            Self::Both(left, right) | Self::Either(left, right) => [left.names(), right.names()].concat(),
        }
    }
}

/// Conditions that a caller chains one by one, for example for a list of ids.
#[test]
fn long_chains_of_conditions_are_parsed_as_one_group() {
    let tests: Vec<Test> =
        (0..1_000).map(|id| Test::Compare("id".to_owned(), Operator::Eq, FilterValue::Integer(id))).collect();
    let parts: Vec<Condition> = tests.iter().map(Test::condition).collect();
    let filters = || tests.iter().map(Test::filter);
    let reversed = |combine: fn(Filter, Filter) -> Filter| {
        filters().rev().reduce(|chain, filter| combine(filter, chain)).unwrap()
    };
    for (filter, expected) in [
        (filters().reduce(Filter::or).unwrap(), Condition::Any(parts.clone())),
        (filters().reduce(Filter::and).unwrap(), Condition::All(parts.clone())),
        (reversed(Filter::or), Condition::Any(parts.clone())),
        (reversed(Filter::and), Condition::All(parts.clone())),
    ] {
        let text = QueryText::dataset("cinema", "films").filter(filter).build().unwrap();
        assert_eq!(parse(&text).unwrap().clauses, [Clause::Filter(expected)]);
    }
}

/// A call of the builder.
#[derive(Clone, Debug)]
enum Step {
    Filter(Test),
    /// A depth of `None` is `search_around` without a depth, and an empty list of columns means no `follow`.
    SearchAround {
        dataset: String,
        depth: Option<u32>,
        columns: Vec<String>,
    },
    Sort(String, Direction),
    Limit(u64),
}

impl Step {
    fn append(&self, query: QueryText) -> QueryText {
        match self {
            Self::Filter(test) => query.filter(test.filter()),
            Self::SearchAround { dataset, depth, columns } => {
                let query = match depth {
                    Some(depth) => query.search_around_within(dataset, *depth),
                    None => query.search_around(dataset),
                };
                if columns.is_empty() { query } else { query.follow(columns) }
            }
            Self::Sort(column, Direction::Ascending) => query.sort_ascending(column),
            Self::Sort(column, Direction::Descending) => query.sort_descending(column),
            Self::Limit(rows) => query.limit(*rows),
        }
    }

    fn call(&self) -> Clause {
        match self {
            Self::Filter(test) => Clause::Filter(test.condition()),
            Self::SearchAround { dataset, depth, columns } => Clause::SearchAround(SearchAround {
                depth: depth.unwrap_or(SearchAround::DEFAULT_DEPTH),
                follow: columns.clone(),
                ..SearchAround::find(dataset)
            }),
            Self::Sort(column, direction) => {
                Clause::Sort(Sort { column: column.clone(), direction: *direction })
            }
            Self::Limit(rows) => Clause::Limit(*rows),
        }
    }

    fn names(&self) -> Vec<&str> {
        match self {
            Self::Filter(test) => test.names(),
            Self::SearchAround { dataset, columns, .. } => {
                [dataset].into_iter().chain(columns).map(String::as_str).collect()
            }
            Self::Sort(column, _) => vec![column],
            Self::Limit(_) => Vec::new(),
        }
    }
}

/// Generates strings in which every special character can occur, mostly without those that need an escape.
fn name() -> impl Strategy<Value = String> {
    let of = |pieces: &'static [&'static str]| {
        prop::collection::vec(select(pieces), 1..5).prop_map(|pieces| pieces.concat())
    };
    prop_oneof![
        6 => of(&["a", "B", "7", " ", "_", "-", ".", ",", "(", ")", "&&", "||", "==", "!", "é", "\u{2028}", "'"]),
        2 => of(&["a", "\"", "(", " || ", "\").limit(1)"]),
        1 => of(&["a", "'", "\"", "\\", "\n"]),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    use Operator::{Eq, Ge, Gt, Le, Lt, Ne};
    let value = prop_oneof![
        4 => name().prop_map(FilterValue::Text),
        1 => Just(FilterValue::Text(String::new())),
        2 => any::<i128>().prop_map(FilterValue::Integer),
        2 => any::<f64>().prop_filter("a finite number", |number| number.is_finite()).prop_map(FilterValue::Number),
        1 => any::<bool>().prop_map(FilterValue::Bool),
    ];
    let compare = (name(), select(vec![Eq, Ne, Lt, Le, Gt, Ge]), value)
        .prop_map(|(field, operator, value)| Test::Compare(field, operator, value));
    compare.prop_recursive(4, 12, 2, |inner| {
        (inner.clone(), inner, any::<bool>()).prop_map(|(left, right, both)| {
            let (left, right) = (Box::new(left), Box::new(right));
            if both { Test::Both(left, right) } else { Test::Either(left, right) }
        })
    })
}

fn step() -> impl Strategy<Value = Step> {
    let dataset = name().prop_filter("a name", |name| !name.trim().is_empty());
    prop_oneof![
        test().prop_map(Step::Filter),
        (dataset, prop::option::of(1..=16_u32), prop::collection::vec(name(), 0..3))
            .prop_map(|(dataset, depth, columns)| Step::SearchAround { dataset, depth, columns }),
        (name(), select(vec![Direction::Ascending, Direction::Descending]))
            .prop_map(|(column, direction)| Step::Sort(column, direction)),
        prop_oneof![1..9_u64, 1..=u64::MAX].prop_map(Step::Limit),
    ]
}

/// Returns `true` if the name needs an escape, which the language does not document.
fn needs_escape(name: &str) -> bool {
    name.contains(|c: char| c == '\\' || c.is_control()) || (name.contains('"') && name.contains('\''))
}

proptest! {
    #[test]
    fn queries_of_the_builder_are_parsed_as_the_same_tree(
        dataset in name(),
        steps in prop::collection::vec(step(), 0..6),
    ) {
        let query = steps.iter().fold(QueryText::dataset("cinema", &dataset), |query, step| step.append(query));
        let mut names = steps.iter().flat_map(Step::names).chain([dataset.as_str()]);
        let is_rejected = names.any(needs_escape);
        match query.build() {
            Ok(text) => {
                prop_assert!(!is_rejected, "{}", text);
                let expected = Query {
                    clauses: steps.iter().map(Step::call).collect(),
                    ..Query::all(format!("cinema/{dataset}"))
                };
                prop_assert_eq!(parse(&text), Ok(expected), "{}", text);
            }
            Err(error) => prop_assert!(is_rejected, "{}", error),
        }
    }
}
