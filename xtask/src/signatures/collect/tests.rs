//! The walk over the sample crate, whose source is `sample.rs`.

use super::*;
use crate::signatures::document;

fn interface() -> Interface {
    collect(&document::parse(include_str!("sample.json")).unwrap())
}

#[test]
fn separates_names_at_the_root_from_modules() {
    let interface = interface();
    let names: Vec<_> = interface.root_names.iter().map(String::as_str).collect();
    assert_eq!(names, ["Alias", "Choice", "Renamed", "Step"]);
    let modules: Vec<_> = interface.root_modules.iter().map(String::as_str).collect();
    assert_eq!(modules, ["low", "public"]);
}

#[test]
fn finds_foreign_types_in_every_kind_of_signature() {
    let interface = interface();
    let found: Vec<_> = interface
        .foreign
        .iter()
        .map(|(name, places)| format!("{name}: {}", places.iter().cloned().collect::<Vec<_>>().join(" ")))
        .collect();
    assert_eq!(
        found,
        [
            "made::Row: sample::Choice::Left::0 sample::Renamed::take",
            "made::Seen: sample::Choice::impl Seen",
            "made::Step: sample::Alias sample::Choice::impl Seen::Out sample::Renamed::step sample::Step",
            "made::kinds::Kind: sample::Renamed::list sample::public::dynamic",
            "other: sample::low",
            "other::Row: sample::Choice::Right::row sample::Renamed::give",
            "other::Seen: sample::Renamed sample::public::dynamic",
        ]
    );
}
