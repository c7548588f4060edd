//! Random conditions over random rows give the same rows with and without pushdown, and over a local table.

use std::sync::Arc;

use crate::support::{Film, Service, local, rows, session};
use datalinks_datafusion::{Pushdown, TableOptions};
use proptest::{collection::vec, option, prelude::*, sample::select};

const TEXTS: [&str; 16] = [
    "",
    "a",
    "A",
    "b",
    "5",
    "5.0",
    " 5",
    "-1",
    "1e1",
    "NaN",
    "inf",
    "ä",
    "\u{10000}",
    "\u{ffff}",
    "it's",
    "true",
];
const NUMBERS: [f64; 8] = [0.0, -1.5, 0.1, 2.0, 5.0, 1e15, 1e-9, 0.30000000000000004];

fn film() -> impl Strategy<Value = Film> {
    let text = || option::of(select(&TEXTS[..]).prop_map(str::to_owned));
    (text(), option::of(-2..6_i64), option::of(select(&NUMBERS[..])), option::of(any::<bool>()), text())
        .prop_map(|(title, year, rating, seen, code)| Film { id: 0, title, year, rating, seen, code })
}

/// Returns conditions as SQL.
fn condition() -> impl Strategy<Value = String> {
    let quoted = || select(&TEXTS[..]).prop_map(|text| format!("'{}'", text.replace('\'', "''")));
    let operator = || select(&["=", "<>", "<", "<=", ">", ">="][..]);
    let integer = (operator(), -3..7_i64).prop_map(|(sign, value)| format!("year {sign} {value}"));
    let number =
        (operator(), select(&NUMBERS[..])).prop_map(|(sign, value)| format!("rating {sign} {value:?}"));
    let text = (select(&["title", "code"][..]), operator(), quoted())
        .prop_map(|(column, sign, value)| format!("{column} {sign} {value}"));
    let list = (select(&["", "NOT "][..]), vec(quoted(), 1..4))
        .prop_map(|(not, values)| format!("title {not}IN ({})", values.join(", ")));
    let range = (select(&["", "NOT "][..]), -3..7_i64, -3..7_i64)
        .prop_map(|(not, low, high)| format!("year {not}BETWEEN {low} AND {high}"));
    let null = (select(&["id", "title", "year", "rating", "seen", "code"][..]), select(&["", "NOT "][..]))
        .prop_map(|(column, not)| format!("{column} IS {not}NULL"));
    let boolean =
        select(&["seen", "seen IS TRUE", "seen IS NOT FALSE", "seen = false", "seen IS UNKNOWN"][..])
            .prop_map(str::to_owned);
    let other = select(&["title LIKE 'a%'", "year = id", "length(code) > 1"][..]).prop_map(str::to_owned);
    let leaf = prop_oneof![
        3 => integer, 3 => number, 4 => text, 1 => list, 1 => range, 1 => null, 1 => boolean, 1 => other
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} AND {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            inner.prop_map(|a| format!("NOT ({a})")),
        ]
    })
}

/// Returns orders that decide every row, with a limit.
fn tail() -> impl Strategy<Value = String> {
    let key = (
        select(&["title", "year", "rating", "seen", "code"][..]),
        select(&["", " DESC", " DESC NULLS LAST", " NULLS FIRST"][..]),
    );
    (vec(key, 0..3), option::of(1..20_usize)).prop_map(|(keys, limit)| {
        let keys: String = keys.iter().map(|(column, order)| format!("{column}{order}, ")).collect();
        let limit = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
        format!("ORDER BY {keys}id{limit}")
    })
}

/// Returns the number of cases. `PROPTEST_CASES` sets another one.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").map_or(24, |cases| cases.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pushed_equals_unpushed(
        mut films in vec(film(), 1..30),
        statements in vec((condition(), tail()), 1..12),
    ) {
        // Whatever the strategy made, each column has values of its kind.
        films.insert(0, Film {
            id: 0,
            title: Some("z".to_owned()),
            year: Some(1),
            rating: Some(0.5),
            seen: Some(true),
            code: Some("z".to_owned()),
        });
        films.iter_mut().enumerate().for_each(|(at, film)| film.id = at as i64);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let expected = session();
            expected.register_table("films", Arc::new(local(&films))).unwrap();
            let service = Service::start(&films).await;
            let mut contexts = Vec::new();
            for pushdown in [Pushdown::Exact, Pushdown::Checked, Pushdown::Off] {
                contexts.push((pushdown, service.session(TableOptions::default().pushdown(pushdown)).await));
            }
            for (condition, tail) in &statements {
                let sql = format!("SELECT * FROM films WHERE {condition} {tail}");
                let wanted = rows(&expected, &sql).await;
                for (pushdown, context) in &contexts {
                    prop_assert_eq!(&rows(context, &sql).await, &wanted, "{:?}: {}", pushdown, sql);
                }
            }
            Ok(())
        })?;
    }
}
