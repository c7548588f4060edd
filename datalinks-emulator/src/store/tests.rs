use super::*;
use crate::store::Role;

fn name(namespace: &str, name: &str) -> DatasetName {
    DatasetName::new("ana", namespace, name)
}

fn space(name: &str) -> Namespace {
    Namespace::new("ana", name)
}

fn store() -> Store {
    let mut store = Store::default();
    for (dataset, rows) in [
        ("films", r#"[{"title":"Alien","director":"Scott"},{"title":"Heat","director":"Mann"}]"#),
        ("people", r#"[{"name":"Scott"},{"name":"Scott "},{"name":"Varda"}]"#),
    ] {
        let dataset = name("cinema", dataset);
        store.create(dataset.clone(), Definition::default()).unwrap();
        store.find_mut(&dataset).unwrap().append(serde_json::from_str(rows).unwrap());
    }
    store
}

fn link() -> Link {
    Link::exact(name("cinema", "films").column("director"), name("cinema", "people").column("name"))
}

#[test]
fn namespace_exists_as_long_as_it_has_datasets() {
    let mut store = store();
    let cinema = space("cinema");
    store.shares_mut().grant(GrantScope::from(&cinema), "bo".into(), Role::Viewer, Timing::default());
    store.remove(&name("cinema", "films")).unwrap();
    store.remove(&name("cinema", "people")).unwrap();
    assert_eq!(store.shares().of(&GrantScope::from(&cinema)).count(), 0, "its shares are removed");
    assert_eq!(store.remove_namespace(&cinema), Err(StoreError::NoSuchNamespace(cinema)));
}

#[test]
fn names_are_unique_and_case_sensitive() {
    let mut store = store();
    let films = name("cinema", "films");
    assert_eq!(
        store.create(films.clone(), Definition::default()),
        Err(StoreError::DatasetExists(films.clone()))
    );
    store.create(name("cinema", "Films"), Definition::default()).unwrap();
    assert_eq!(store.rename(&films, "Films"), Err(StoreError::DatasetExists(name("cinema", "Films"))));
}

#[test]
fn links_and_shares_follow_renames() {
    let mut store = store();
    assert_eq!(store.add_link(link()), Ok(true));
    assert_eq!(store.add_link(link()), Ok(false));
    let films = name("cinema", "films");
    store.shares_mut().grant(GrantScope::from(&films), "bo".into(), Role::Editor, Timing::default());
    store.rename(&films, "movies").unwrap();
    store.rename_namespace(&space("cinema"), "kino").unwrap();
    let origins: Vec<String> = store.links().iter().map(|link| link.from.identifier()).collect();
    assert_eq!(origins, ["ri.ana.kino.movies.director"]);
    assert_eq!(store.shares().of(&GrantScope::from(&name("kino", "movies"))).count(), 1);
    store.clear(&name("kino", "movies")).unwrap();
    assert_eq!(store.links().iter().count(), 0);
    assert!(store.find(&name("kino", "movies")).unwrap().rows().is_empty());
}

#[test]
fn link_to_unknown_column_is_rejected() {
    let mut store = store();
    let mut bad = link();
    bad.to.column = "surname".into();
    let message = store.add_link(bad).unwrap_err().to_string();
    assert!(message.contains("no column surname") && message.contains("are name"), "{message}");
}

#[test]
fn rename_to_existing_namespace_is_rejected() {
    let mut store = store();
    store.create(name("other", "x"), Definition::default()).unwrap();
    let (other, cinema) = (space("other"), space("cinema"));
    assert_eq!(store.rename_namespace(&other, "cinema"), Err(StoreError::NamespaceExists(cinema)));
}

#[test]
fn many_datasets_of_a_namespace_take_steps_in_proportion() {
    crate::concurrency::work::tests::assert_proportional(5_000, |size| {
        let mut store = Store::default();
        for number in 0..size {
            let dataset = name("many", &format!("d{number}"));
            store.create(dataset.clone(), Definition::default()).unwrap();
            store.find_mut(&dataset).unwrap().append(serde_json::from_str(r#"[{"k":1}]"#).unwrap());
            store.add_link(Link::exact(dataset.column("k"), dataset.column("k"))).unwrap();
        }
        store.rename_namespace(&space("many"), "more").unwrap();
        assert_eq!(store.links().iter().filter(|link| link.from.dataset.namespace == "more").count(), size);
        store.remove_namespace(&space("more")).unwrap();
        assert_eq!((store.links().len(), store.datasets().count()), (0, 0));
    });
}

#[test]
fn snapshot_is_not_affected_by_later_changes() {
    let mut store = store();
    store.add_link(link()).unwrap();
    let snapshot = store.clone();
    let films = name("cinema", "films");
    store.find_mut(&films).unwrap().append(serde_json::from_str(r#"[{"title":"Ran"}]"#).unwrap());
    store.rename(&films, "movies").unwrap();
    store.shares_mut().grant(
        GrantScope::from(&space("cinema")),
        "bo".into(),
        Role::Viewer,
        Timing::default(),
    );
    assert_eq!(snapshot.find(&films).unwrap().rows().len(), 2);
    assert_eq!(snapshot.links().iter().next().map(|link| link.from.dataset.clone()), Some(films));
    assert_eq!(snapshot.shares().of(&GrantScope::from(&space("cinema"))).count(), 0);
    assert_eq!(store.find(&name("cinema", "movies")).unwrap().rows().len(), 3);
}
