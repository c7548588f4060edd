//! Tests of the texts that the builder writes, and of the calls that it rejects.

use proptest::prelude::*;
use proptest::sample::select;

use super::{
    filter::{Filter, field},
    text::QueryText,
};
use crate::error::ErrorKind;

fn films() -> QueryText {
    QueryText::dataset("cinema", "films")
}

#[test]
fn builder_writes_every_call_as_documented() {
    let all = r#"Ontology("cinema/films")"#;
    for (query, calls) in [
        (films(), ""),
        (films().filter(field("year").ge(2012)), r#".filter("year" >= 2012)"#),
        (films().filter(Filter::raw("year >= 2012")), ".filter(year >= 2012)"),
        (films().sort_ascending("year"), r#".sortAscending("year")"#),
        (films().sort_descending("running time"), r#".sortDescending("running time")"#),
        (films().limit(1), ".limit(1)"),
        (films().limit(u64::MAX), ".limit(18446744073709551615)"),
        (films().search_around("people"), r#".searchAround().find("people")"#),
        (films().search_around("cinema/people"), r#".searchAround().find("cinema/people")"#),
        (films().search_around_within("people", 1), r#".searchAround(1).find("people")"#),
        (films().search_around_within("people", 5), r#".searchAround(5).find("people")"#),
        (
            films().search_around("people").follow(["director"]),
            r#".searchAround().find("people").follow("director")"#,
        ),
        (
            films().search_around_within("people", 2).follow(vec!["director".to_owned(), "it's".to_owned()]),
            r#".searchAround(2).find("people").follow("director", "it's")"#,
        ),
        (films().sort_ascending("5\" disk"), r#".sortAscending('5" disk')"#),
        (films().call("get()"), ".get()"),
        (films().call(".filter().column(\"year > 2000\")"), r#".filter().column("year > 2000")"#),
    ] {
        assert_eq!(query.build().unwrap(), format!("{all}{calls}"));
    }
    let raw = QueryText::raw("OntologyObject(films)").limit(2);
    assert_eq!(raw.build().unwrap(), "OntologyObject(films).limit(2)");
}

#[test]
fn builder_keeps_the_order_of_calls() {
    let query = films()
        .limit(5)
        .sort_descending("year")
        .sort_ascending("title")
        .filter(field("country").ne("Japan"))
        .search_around("people")
        .follow(["director"])
        .limit(3)
        .search_around("films")
        .sort_ascending("year");
    let calls = [
        r#"Ontology("cinema/films")"#,
        "limit(5)",
        r#"sortDescending("year")"#,
        r#"sortAscending("title")"#,
        r#"filter("country" != "Japan")"#,
        r#"searchAround()"#,
        r#"find("people")"#,
        r#"follow("director")"#,
        "limit(3)",
        r#"searchAround()"#,
        r#"find("films")"#,
        r#"sortAscending("year")"#,
    ];
    assert_eq!(query.build().unwrap(), calls.join("."));
}

#[test]
fn builder_rejects_calls_without_a_documented_meaning_and_names_the_item_to_use() {
    let hop = || films().search_around("people");
    for (query, problem, advice) in [
        (films().limit(0), "limit is 0", "remove limit"),
        (
            films().search_around_within("people", 0),
            "is 0: expected at least 1 link",
            "search_around for 1 link",
        ),
        (films().search_around(""), "has no name", "QueryText::call"),
        (films().follow(["a"]), "follow does not come after", "directly after search_around"),
        (hop().limit(1).follow(["a"]), "follow does not come after", "directly after search_around"),
        (hop().follow(["a"]).follow(["b"]), "follow does not come after", "call follow once"),
        (hop().follow([""; 0]), "follow has no column", "remove follow"),
        (hop().follow(["a", "b\\c"]), r#"column "b\\c" has a backslash"#, "QueryText::call"),
        (films().sort_ascending("a\nb"), "control character", "QueryText::call"),
        (films().sort_descending("\"'"), "both kinds of quotes", "QueryText::call"),
        (films().filter(field("a").eq("\\")), "backslash", "Filter::raw"),
        (QueryText::dataset("cinema", "a/b"), "slash", "QueryText::raw"),
        (QueryText::without_dataset("cinema"), "no dataset", "QueryBuilder::query_text"),
    ] {
        // The first fault is the one that is reported.
        let error = query.sort_ascending("\\later").limit(0).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let message = error.to_string();
        assert!(message.contains(problem), "{message}");
        assert!(message.contains(advice) && message.contains("nothing was sent"), "{message}");
    }
}

#[test]
fn builder_does_not_check_follow_after_raw_text() {
    let raw = QueryText::raw("Ontology(a).searchAround().find(b)").follow(["c"]);
    assert_eq!(raw.build().unwrap(), r#"Ontology(a).searchAround().find(b).follow("c")"#);
    let call = films().call("searchAround(2).find(b)").follow(["c"]);
    assert!(call.build().unwrap().ends_with(r#".find(b).follow("c")"#));
}

#[test]
fn query_texts_are_equal_if_they_are_written_alike() {
    assert_eq!(QueryText::raw(r#"Ontology("cinema/films")"#), films());
    assert_eq!(films().limit(0), films().limit(0));
    assert_ne!(films(), films().limit(1));
    assert_ne!(films().limit(0), films());
}

/// A call of the builder with the names and values that it takes.
#[derive(Clone, Debug)]
enum Step {
    Filter { field: String, value: String, or: bool },
    SearchAround { dataset: String, depth: u32 },
    SearchAroundAlong { dataset: String, columns: Vec<String> },
    Sort { column: String, descending: bool },
    Limit(u64),
}

impl Step {
    fn append(&self, query: QueryText) -> QueryText {
        match self {
            Self::Filter { field: name, value, or } => {
                let (left, right) = (field(name).eq(value), field(value).lt(name));
                query.filter(if *or { left.or(right) } else { left.and(right) })
            }
            Self::SearchAround { dataset, depth } => query.search_around_within(dataset, *depth),
            Self::SearchAroundAlong { dataset, columns } => query.search_around(dataset).follow(columns),
            Self::Sort { column, descending: true } => query.sort_descending(column),
            Self::Sort { column, descending: false } => query.sort_ascending(column),
            Self::Limit(rows) => query.limit(*rows),
        }
    }

    /// Returns this call with harmless names and values.
    fn harmless(&self) -> Self {
        let x = || "x".to_owned();
        match self.clone() {
            Self::Filter { or, .. } => Self::Filter { field: x(), value: x(), or },
            Self::SearchAround { depth, .. } => Self::SearchAround { dataset: x(), depth },
            Self::SearchAroundAlong { columns, .. } => {
                Self::SearchAroundAlong { dataset: x(), columns: vec![x(); columns.len()] }
            }
            Self::Sort { descending, .. } => Self::Sort { column: x(), descending },
            Self::Limit(rows) => Self::Limit(rows),
        }
    }
}

/// Generates any text, often with special characters of the language.
fn hostile() -> impl Strategy<Value = String> {
    let parts = select(vec![
        "\"",
        "'",
        "(",
        ")",
        ".",
        ",",
        "&&",
        "||",
        "==",
        "<",
        " ",
        "/",
        "a",
        "é",
        ".limit(1)",
        "\u{2028}",
        "\\",
        "\n",
    ]);
    // The last two are always rejected, so most texts are generated without them.
    let valid =
        select(vec!["'", "(", ")", ".", ",", "||", "==", " ", "a", ".limit(1)", "'a", "' || 'a' == 'a"]);
    let join = |parts: Vec<&str>| parts.concat();
    prop_oneof![
        4 => prop::collection::vec(valid, 1..6).prop_map(join),
        2 => prop::collection::vec(parts, 0..6).prop_map(join),
        1 => any::<String>(),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (hostile(), hostile(), any::<bool>()).prop_map(|(field, value, or)| Step::Filter {
            field,
            value,
            or
        }),
        (hostile(), 0..4_u32).prop_map(|(dataset, depth)| Step::SearchAround { dataset, depth }),
        (hostile(), prop::collection::vec(hostile(), 0..3))
            .prop_map(|(dataset, columns)| Step::SearchAroundAlong { dataset, columns }),
        (hostile(), any::<bool>()).prop_map(|(column, descending)| Step::Sort { column, descending }),
        (0..4_u64).prop_map(Step::Limit),
    ]
}

/// Replaces everything in quotes by `Q`. Returns `None` if a quote is not closed.
fn outside_quotes(text: &str) -> Option<String> {
    let (mut outside, mut rest) = (String::new(), text);
    while let Some(open) = rest.find(['"', '\'']) {
        let quote = rest[open..].chars().next()?;
        outside += &rest[..open];
        outside.push('Q');
        let inside = &rest[open + 1..];
        rest = &inside[inside.find(quote)? + 1..];
    }
    Some(outside + rest)
}

proptest! {
    /// The unquoted part of a query depends on the calls only, not on a name or a value.
    #[test]
    fn builder_never_leaves_a_special_character_outside_quotes(
        namespace in hostile(),
        name in hostile(),
        steps in prop::collection::vec(step(), 0..5),
    ) {
        let query = steps.iter().fold(QueryText::dataset(&namespace, &name), |query, step| step.append(query));
        let harmless = steps.iter().fold(films(), |query, step| step.harmless().append(query));
        if let Ok(text) = query.build() {
            prop_assert!(!text.contains('\\') && !text.contains(char::is_control), "{}", text);
            prop_assert_eq!(outside_quotes(&text), outside_quotes(&harmless.build().unwrap()), "{}", text);
        }
    }
}
