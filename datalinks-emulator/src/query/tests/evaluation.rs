//! Tests of the evaluation that do not fit into the table of cases.

use super::{OWNER, dataset_name, found, store};
use crate::accounts::{Caller, CallerView};
use crate::query::{EvalError, explain, parse, read_all, run};
use crate::runtime::Clock;
use crate::store::{DatasetName, Definition, GrantScope, Namespace, Role, Store, Timing};

#[test]
fn exact_spelling_resolves_names_that_differ_in_case() {
    let mut store = store();
    store.create(DatasetName::new("ana", "cinema", "films"), Definition::default()).unwrap();
    let count = |text: &str| found(&store, text).map(|outcome| outcome.last().rows.len());
    assert_eq!((count("Ontology(Films)"), count("Ontology(films)")), (Ok(6), Ok(0)));
    assert!(matches!(count("Ontology(FILMS)"), Err(EvalError::Ambiguous { .. })));
    assert_eq!(count("Ontology(cinema/Films)"), Ok(6));
}

#[test]
fn name_in_several_namespaces_is_ambiguous() {
    let mut store = store();
    store.create(DatasetName::new("ana", "theatre", "films"), Definition::default()).unwrap();
    for text in ["Ontology(films)", "Ontology(Films)"] {
        let candidates = vec!["cinema/Films".to_owned(), "theatre/films".to_owned()];
        let name = text[9..14].to_owned();
        assert_eq!(found(&store, text).unwrap_err(), EvalError::Ambiguous { name, candidates });
    }
}

#[test]
fn slash_in_a_requested_dataset_is_part_of_the_name() {
    let mut store = Store::default();
    for (namespace, name) in [("a", "sl/ash"), ("a/sl", "ash"), ("b", "Sl/ash"), ("b", "sl/aSh")] {
        store.create(DatasetName::new(OWNER, namespace, name), Definition::default()).unwrap();
    }
    let caller = Caller::of(OWNER);
    let read = |namespace: &str, name: &str| {
        let name = DatasetName::new(OWNER, namespace, name);
        let outcome = read_all(&Clock::default(), CallerView::new(&store, &caller), &name)?;
        Ok((outcome.last().dataset.namespace.clone(), outcome.last().dataset.name.clone()))
    };
    let is = |namespace: &str, name: &str| Ok((namespace.to_owned(), name.to_owned()));
    assert!(matches!(found(&store, "Ontology('a/sl/ash')"), Err(EvalError::Ambiguous { .. })));
    assert_eq!(read("a", "sl/ash"), is("a", "sl/ash"));
    assert_eq!(read("a/sl", "ash"), is("a/sl", "ash"));
    assert_eq!(read("A", "SL/ash"), is("a", "sl/ash"));
    assert_eq!(read("b", "Sl/ash"), is("b", "Sl/ash"));
    assert!(matches!(read("b", "sl/ash"), Err(EvalError::Ambiguous { .. })));
    assert!(matches!(read("a", "ash"), Err(EvalError::UnknownDataset { .. })));
}

#[test]
fn executed_query_has_full_names_and_canonical_spelling() {
    let query = "OntologyObject(films).filter('year > 1980', score > 8).sort(year, DESC).limit(2)\
                 .searchAround(1).find(cinema/people).follow('director').searchAround(2).find(films).get()";
    assert_eq!(
        found(&store(), query).unwrap().executed.to_string(),
        "Ontology(\"cinema/Films\").filter(year > 1980 && score > 8).sortDescending(year).limit(2)\
         .searchAround().find(\"cinema/People\").follow(director).searchAround(2).find(\"cinema/Films\")"
    );
}

#[test]
fn explanation_counts_the_rows_of_each_clause() {
    let query = "Ontology(films).filter(score > 7).sortAscending(country).sortDescending(year).limit(2)\
                 .searchAround().find(cinema/people).filter(born > 1920)";
    let outcome = found(&store(), query).unwrap();
    let tree = serde_json::to_value(explain(&outcome, &crate::runtime::Ids::new(1)).unwrap()).unwrap();
    let mut node = &tree;
    let mut seen = Vec::new();
    loop {
        let stat = &node["datasetQueriesStat"];
        seen.push((stat["dataset"].as_str().unwrap().to_owned(), stat["resultCount"].as_u64().unwrap()));
        assert!(node["duration"].as_str().unwrap().starts_with("PT0."));
        match node["children"].as_array().unwrap().as_slice() {
            [child] => node = child,
            children => break assert!(children.is_empty()),
        }
    }
    let expected =
        [("Films", 6), ("Films", 5), ("Films", 5), ("Films", 5), ("Films", 2), ("People", 2), ("People", 1)];
    assert_eq!(seen, expected.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn explanation_of_the_longest_query_can_be_parsed() {
    let query = format!("Ontology(films){}", ".limit(1)".repeat(50));
    let outcome = found(&store(), &query).unwrap();
    let text = serde_json::to_string(&explain(&outcome, &crate::runtime::Ids::new(1))).unwrap();
    let answer = format!("{{\"explainResults\":{text}}}");
    assert!(
        serde_json::from_str::<serde_json::Value>(&answer).is_ok(),
        "within the depth that serde_json reads"
    );
}

#[test]
fn paths_lead_through_readable_datasets_only() {
    let mut store = store();
    let count = |store: &Store, text: &str| {
        let caller = Caller::of("bo");
        let outcome =
            run(CallerView::new(store, &caller), &parse(text).unwrap(), &Namespace::new(OWNER, "cinema"));
        outcome.map(|outcome| outcome.last().rows.len())
    };
    let text = "Ontology(films).searchAround(2).find(actors)";
    for name in ["cinema/Films", "cinema/actors"] {
        store.shares_mut().grant(
            GrantScope::from(&dataset_name(name)),
            "bo".to_owned(),
            Role::Viewer,
            Timing::default(),
        );
    }
    assert!(
        matches!(count(&store, text), Err(EvalError::NoLink { .. })),
        "the roles between them are hidden"
    );
    store.shares_mut().grant(
        GrantScope::from(&dataset_name("cinema/roles")),
        "bo".to_owned(),
        Role::Viewer,
        Timing::default(),
    );
    assert_eq!(count(&store, text), Ok(3));
}

#[test]
fn rows_are_not_limited_by_default() {
    let mut store = Store::default();
    let name = DatasetName::new(OWNER, "cinema", "many");
    store.create(name.clone(), Definition::default()).unwrap();
    let rows: Vec<serde_json::Value> = (0..20_000).map(|n| serde_json::json!({ "n": n % 7 })).collect();
    let rows = serde_json::to_string(&rows).unwrap();
    store.find_mut(&name).unwrap().append(serde_json::from_str(&rows).unwrap());
    let count = |text: &str| found(&store, text).unwrap().last().rows.len();
    assert_eq!(count("Ontology(many)"), 20_000);
    assert_eq!(count("Ontology(many).sortDescending(n)"), 20_000);
    let last = found(&store, "Ontology(many).sortDescending(n).limit(3)").unwrap();
    assert_eq!(last.last().rows, [6, 13, 20], "ties keep the order of the dataset");
}

#[test]
fn error_without_datasets_advises_to_create_one() {
    let error = found(&Store::default(), "Ontology(films)").unwrap_err();
    assert!(error.to_string().contains("there are no datasets yet"), "{error}");
}
