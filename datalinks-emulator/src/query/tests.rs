use super::eval::Outcome;
use super::*;
use crate::access::{Caller, Sight};
use crate::store::{ColumnName, DatasetName, Definition, Link, Namespace, Store};

fn compare(field: &str, op: Op, value: &str) -> Expr {
    Expr::Compare(Comparison { field: field.into(), op, value: value.into() })
}

fn filter(query: &str) -> Expr {
    match parse(query).map(|query| query.calls) {
        Ok(calls) => match calls.as_slice() {
            [Call::Filter(expr)] => expr.clone(),
            other => panic!("{query}: {other:?}"),
        },
        Err(error) => panic!("{error}"),
    }
}

fn syntax(query: &str) -> (usize, String) {
    match parse(query) {
        Err(QueryError::Syntax { at, expected, .. }) => (at, expected),
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn the_entry_takes_a_name_in_any_dress() {
    for (text, name) in [
        ("Ontology(films)", "films"),
        ("Ontology('my films')", "my films"),
        (r#"OntologyObject("cinema/films")"#, "cinema/films"),
        (" Ontology ( cinema/films ) . get ( ) ", "cinema/films"),
        ("Ontology(my films)", "my films"),
        (r#"Ontology("it's \"it\" \\ ")"#, r#"it's "it" \ "#),
        ("Ontology(films).get()", "films"),
    ] {
        assert_eq!(parse(text), Ok(Query::all(name)), "{text}");
    }
}

#[test]
fn a_condition_has_three_forms() {
    let expected = compare("year", Op::Ge, "2012");
    for text in [
        "Ontology(f).filter(year >= 2012)",
        "Ontology(f).filter(year>=2012)",
        "Ontology(f).filter('year' >= \"2012\")",
        "Ontology(f).filter(\"year >= 2012\")",
        "Ontology(f).filter('\"year\" >= 2012')",
        r#"Ontology(f).filter("\"year\" >= '2012'")"#,
        "Ontology(f).filter().column(\"year >= 2012\")",
        "Ontology(f).filter().column('year >= 2012').get()",
    ] {
        assert_eq!(filter(text), expected, "{text}");
    }
}

#[test]
fn and_binds_closer_than_or() {
    let (a, b, c) = (compare("a", Op::Eq, "1"), compare("b", Op::Ne, "2"), compare("c", Op::Lt, "3"));
    assert_eq!(
        filter("Ontology(f).filter(a==1 || b!=2 && c<3)"),
        Expr::Or(vec![a.clone(), Expr::And(vec![b.clone(), c.clone()])])
    );
    assert_eq!(
        filter("Ontology(f).filter( ( a == 1||b != 2 )&&c < 3 )"),
        Expr::And(vec![Expr::Or(vec![a, b]), c])
    );
}

#[test]
fn words_hold_more_than_letters() {
    assert_eq!(filter("Ontology(f).filter(day >= 2020-01-31)"), compare("day", Op::Ge, "2020-01-31"));
    assert_eq!(filter("Ontology(f).filter(_a.b == -3.5e2)"), compare("_a.b", Op::Eq, "-3.5e2"));
    assert_eq!(filter("Ontology(f).filter(ort == Köln)"), compare("ort", Op::Eq, "Köln"));
    assert_eq!(filter("Ontology(f).filter(a == '')"), compare("a", Op::Eq, ""));
}

#[test]
fn calls_chain() {
    let query = parse(
        "Ontology(films).filter().column('year > 1990').column('year < 2000')\n  .searchAround().find('people')\
         .filter(born < 1950).searchAround().find(cinema/films).get()",
    )
    .unwrap();
    let shapes: Vec<&str> = query
        .calls
        .iter()
        .map(|call| match call {
            Call::Filter(_) => "filter",
            Call::Hop(name) => name.as_str(),
        })
        .collect();
    assert_eq!(shapes, ["filter", "filter", "people", "filter", "cinema/films"]);
}

#[test]
fn what_is_written_reads_back() {
    for text in [
        r#"Ontology("a/b")"#,
        r#"Ontology("a \"b\" \\ c")"#,
        r#"Ontology("f").filter(a == 1 && ("b c" != "d\"e" || x-y < 2.5))"#,
        r#"Ontology("f").filter(a == "").searchAround().find("g h").filter(b >= "ü")"#,
    ] {
        let query = parse(text).unwrap();
        assert_eq!(query.to_string(), text);
        assert_eq!(parse(&query.to_string()).unwrap(), query);
    }
}

#[test]
fn faults_are_pointed_at() {
    for (text, at, expected) in [
        ("films", 0, "Ontology("),
        ("", 0, "Ontology("),
        ("ontology(films)", 0, "Ontology("),
        ("Ontology()", 9, "the name of a dataset"),
        ("Ontology(films", 14, "`)`"),
        ("Ontology('films)", 16, "closing quote '"),
        ("Ontology(films) filter", 16, "`.`"),
        ("Ontology(films).", 16, "name of a call"),
        ("Ontology(films).filter(year >= )", 31, "a value"),
        ("Ontology(films).filter(year = 3)", 28, "a comparison"),
        ("Ontology(films).filter(== 3)", 23, "name of a field"),
        ("Ontology(films).filter(title == The Matrix)", 36, "several words stands in quotes"),
        ("Ontology(films).filter(a == 1 & b == 2)", 30, "`&&`"),
        ("Ontology(films).filter((a == 1)", 31, "`)`"),
        ("Ontology(films).filter(!a == 1)", 23, "name of a field"),
        (r#"Ontology(films).filter("a == 1 b")"#, 31, "closing quote"),
        (r#"Ontology(films).filter("\"a\" = 1")"#, 30, "a comparison"),
        (r#"Ontology(films).filter(a == "C:\temp")"#, 31, "a backslash itself"),
        ("Ontology(films).filter()", 24, ".column("),
        ("Ontology(films).filter().get()", 25, "column("),
        ("Ontology(films).column('a == 1')", 16, "filter() before column"),
        ("Ontology(films).find('x')", 16, "searchAround() before find"),
        ("Ontology(films).searchAround()", 30, ".find("),
        ("Ontology(films).searchAround().filter(a == 1)", 31, "find("),
        ("Ontology(films).get().filter(a == 1)", 21, "nothing follows get()"),
        ("Ontology(films).get(1)", 20, "takes nothing"),
    ] {
        let (own_at, own_expected) = syntax(text);
        assert_eq!(own_at, at, "{text}: {own_expected}");
        assert!(own_expected.contains(expected), "{text}: {own_expected}");
    }
}

#[test]
fn the_message_has_a_caret() {
    let message = parse("Ontology(f)\n  .filter(größe >= )").unwrap_err().to_string();
    let expected = "cannot read the query at character 32: expected a value\n  \
                    \x20 .filter(größe >= )\n                     ^";
    assert_eq!(message, expected);
}

#[test]
fn nesting_has_a_limit() {
    let deep = |n: usize| format!("Ontology(f).filter({}a == 1{})", "(".repeat(n), ")".repeat(n));
    assert!(parse(&deep(64)).is_ok());
    assert!(syntax(&deep(65)).1.contains("at most 64"));
    assert!(syntax(&deep(100_000)).1.contains("at most 64"));
}

#[test]
fn calls_that_are_not_public_are_named() {
    for (text, call) in [
        ("Ontology(f).sort(year)", "sort"),
        ("Ontology(f).filter(a == 1).limit(3)", "limit"),
        ("Ontology(f).searchAround(2).find('x')", "searchAround with options"),
    ] {
        assert_eq!(parse(text), Err(QueryError::UnknownCall { call: call.into() }), "{text}");
    }
}

fn store() -> Store {
    let mut store = Store::default();
    for (namespace, name, rows) in [
        (
            "cinema",
            "Films",
            r#"[{"title":"Alien","year":1979,"director":"Scott"},
                {"title":"Heat","year":"1995","director":"Mann"},
                {"title":"Faces","year":null,"director":" Scott "},
                {"title":"10","director":"Nobody","flag":true,"tags":["a"]}]"#,
        ),
        ("cinema", "people", r#"[{"name":"Mann"},{"name":"Scott","born":1937},{"name":""}]"#),
        ("theatre", "people", r#"[{"name":"Lear"}]"#),
        ("theatre", "plays", r#"[{"title":"Faces"}]"#),
        ("theatre", "halls", "[]"),
        ("opera", "plays", "[]"),
    ] {
        let dataset = DatasetName::new("ana", namespace, name);
        store.create(dataset.clone(), Definition::default()).unwrap();
        store.find_mut(&dataset).unwrap().append(serde_json::from_str(rows).unwrap());
    }
    let end = |namespace, name, column: &str| ColumnName {
        dataset: DatasetName::new("ana", namespace, name),
        column: column.into(),
    };
    let directed = Link::exact(end("cinema", "Films", "director"), end("cinema", "people", "name"));
    let played = Link::exact(end("theatre", "plays", "title"), end("cinema", "Films", "title"));
    store.add_link(directed).unwrap();
    store.add_link(played).unwrap();
    store
}

/// Runs a query as the owner of all these datasets.
fn found(store: &Store, text: &str) -> Result<Outcome, EvalError> {
    let caller = Caller::of("ana");
    run(Sight::new(store, &caller), &parse(text).unwrap(), &Namespace::new("ana", "cinema"))
}

fn rows(text: &str) -> Vec<u32> {
    match found(&store(), text) {
        Ok(outcome) => outcome.last().rows.clone(),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[test]
fn comparisons() {
    for (condition, expected) in [
        ("year > 1980", vec![1]),
        ("year <= 1979", vec![0]),
        ("year == 1979.0", vec![0]),
        ("year == '1995'", vec![1]),
        ("year != 1979", vec![1, 2, 3]),
        ("title == alien", vec![]),
        ("title == Alien", vec![0]),
        ("title < B", vec![0, 3]),
        ("title == 10.0", vec![3]),
        ("flag == true", vec![3]),
        ("tags == '[\"a\"]'", vec![3]),
        ("nothing == 1", vec![]),
        ("nothing != 1", vec![0, 1, 2, 3]),
        ("Year == 1979", vec![]),
        ("director == Mann || director == Scott && year > 1970", vec![0, 1]),
        ("(director == Mann || director == Scott) && year > 1980", vec![1]),
    ] {
        assert_eq!(rows(&format!("Ontology(films).filter({condition})")), expected, "{condition}");
    }
}

#[test]
fn names_are_looked_up_near_first() {
    assert_eq!(rows("Ontology(PEOPLE)"), [0, 1, 2]);
    assert_eq!(rows("Ontology(Theatre/People)"), [0]);
    assert_eq!(rows("Ontology(halls)"), [0u32; 0]);
    let error = |text: &str| found(&store(), text).unwrap_err();
    assert_eq!(
        error("Ontology(plays)"),
        EvalError::Ambiguous {
            name: "plays".into(),
            candidates: vec!["opera/plays".into(), "theatre/plays".into()]
        }
    );
    assert!(matches!(error("Ontology(nope)"), EvalError::UnknownDataset { .. }));
}

#[test]
fn spelling_decides_between_names_that_differ_in_case() {
    let mut store = store();
    store.create(DatasetName::new("ana", "cinema", "films"), Definition::default()).unwrap();
    let run = |text: &str| found(&store, text);
    assert_eq!(run("Ontology(Films)").unwrap().last().rows.len(), 4);
    assert_eq!(run("Ontology(films)").unwrap().last().rows.len(), 0);
    assert!(matches!(run("Ontology(FILMS)").unwrap_err(), EvalError::Ambiguous { .. }));
}

#[test]
fn hops_follow_links_both_ways() {
    assert_eq!(rows("Ontology(films).searchAround().find(people)"), [0, 1]);
    assert_eq!(rows("Ontology(films).filter(title == Faces).searchAround().find(people)"), [1]);
    assert_eq!(rows("Ontology(people).filter(born > 1900).searchAround().find(films)"), [0, 2]);
    assert_eq!(rows("Ontology(people).searchAround().find(films).filter(year > 1990)"), [1]);
    assert_eq!(
        rows("Ontology(films).searchAround().find(theatre/plays).searchAround().find(cinema/films)"),
        [2]
    );
}

#[test]
fn a_hop_needs_a_link() {
    let error = found(&store(), "Ontology(films).searchAround().find(halls)").unwrap_err();
    assert!(error.to_string().contains("no active link leads from cinema/Films to theatre/halls"), "{error}");
}

#[test]
fn the_executed_query_has_full_names() {
    let query = "Ontology(films).filter('year > 1980').searchAround().find(people).get()";
    let outcome = found(&store(), query).unwrap();
    assert_eq!(
        outcome.executed.to_string(),
        r#"Ontology("cinema/Films").filter(year > 1980).searchAround().find("cinema/people")"#
    );
    let tree = explain(&outcome, &crate::ids::Ids::new(1)).unwrap();
    let tree = serde_json::to_value(tree).unwrap();
    assert_eq!(tree["datasetQueriesStat"]["dataset"], "Films");
    assert_eq!(tree["datasetQueriesStat"]["resultCount"], 1);
    assert_eq!(tree["children"][0]["datasetQueriesStat"]["dataset"], "people");
    assert_eq!(tree["children"][0]["children"], serde_json::json!([]));
    assert!(tree["duration"].as_str().unwrap().starts_with("PT0."));
}
