//! The check on small crates that are made up.

use std::fs;

use super::*;

const HOUSE: House = House { crate_name: "made-up", rooms: &["lib.rs", "upper", "lower", "lowest"] };

fn found(files: &[(&str, &str)]) -> Found {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join("src").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Found::of(&Tree::read(root.path(), "src").unwrap(), &HOUSE)
}

/// A crate with a room on each floor. `upper` and `lower` have two files.
fn crate_with(door: &str, upper: &str, lower: &str) -> Found {
    found(&[
        ("lib.rs", "mod upper;\nmod lower;\nmod lowest;\npub use lower::{Deep, Own};\npub use lowest::Base;"),
        ("upper/mod.rs", "mod hall;"),
        ("upper/hall.rs", upper),
        ("lower/mod.rs", door),
        ("lower/deep.rs", lower),
        ("lowest/mod.rs", "pub struct Base; pub fn base() {}"),
    ])
}

const DOOR: &str = "mod deep;\npub use deep::Deep;\npub struct Own;";

fn shown(arrows: &[Arrow]) -> Vec<String> {
    arrows.iter().map(ToString::to_string).collect()
}

#[test]
fn accepts_arrows_that_point_down() {
    let found = crate_with(
        DOOR,
        "use crate::lower::{Deep, Own};\nfn a() -> crate::lowest::Base { todo(Deep, Own) }",
        "use super::Own;\npub struct Deep(Own, crate::lowest::Base);",
    );
    assert_eq!(found.defects(), 0);
    assert_eq!(found.at_root, ["lib.rs"]);
    let arrows: Vec<_> = found.between_rooms.iter().map(|(from, to)| format!("{from} {to}")).collect();
    assert_eq!(arrows, ["lower lowest", "upper lower", "upper lowest"]);
}

#[test]
fn rejects_files_that_import_each_other() {
    // The door uses what it re-exports, and `deep` uses what the door defines.
    let door = "mod deep;\npub use deep::Deep;\npub struct Own(Deep);";
    let found = crate_with(door, "", "pub struct Deep(Vec<super::Own>);");
    let [(files, cycle)] = &found.cycles[..] else { panic!("{:?}", found.cycles) };
    assert_eq!(files, &["lower/deep.rs", "lower/mod.rs"]);
    assert_eq!((found.rooms_in_cycles.len(), found.imports_in_cycles), (0, 0));
    assert_eq!(
        shown(cycle),
        ["lower/deep.rs -> lower/mod.rs (super::Own)", "lower/mod.rs -> lower/deep.rs (Deep)"]
    );
}

#[test]
fn follows_re_exports_to_the_file_that_defines_the_name() {
    // `a` names `B` by the door, which only re-exports it. The cycle is between `a` and `b`.
    let found = found(&[
        ("lib.rs", "mod upper; mod lower; mod lowest;"),
        ("upper/mod.rs", "mod a; mod b; pub(crate) use self::{a::A, b::*};"),
        ("upper/a.rs", "use super::B; pub struct A(B);"),
        ("upper/b.rs", "pub struct B; impl B { fn a() { let _ = super::a::A; } }"),
        ("lower.rs", ""),
        ("lowest/mod.rs", ""),
    ]);
    let [(_, cycle)] = &found.cycles[..] else { panic!("{:?}", found.cycles) };
    assert_eq!(
        shown(cycle),
        ["upper/a.rs -> upper/b.rs (super::B)", "upper/b.rs -> upper/a.rs (super::a::A)"]
    );
    assert_eq!(found.at_root, ["lib.rs", "lower.rs"]);
    assert_eq!(found.unlisted, ["lower.rs"]);
    assert_eq!(found.stale, ["lower"]);
}

#[test]
fn rejects_upward_imports_wherever_they_are_written() {
    let upward = |lower: &str| shown(&crate_with(DOOR, "pub fn up() {}\npub struct Up;", lower).upward);
    for (code, path) in [
        ("use crate::upper::hall::Up;", "crate::upper::hall::Up"),
        ("use crate::upper::{self, hall};", "crate::upper::hall"),
        ("fn a() { crate::upper::hall::up() }", "crate::upper::hall::up"),
        ("fn a() { use crate::upper::hall; hall::up(); }", "crate::upper::hall"),
        ("fn a() { format!(\"{}\", crate::upper::hall::up()) }", "crate::upper::hall::up"),
        ("macro_rules! a { () => { $crate::upper::hall::Up }; }", "crate::upper::hall::Up"),
        ("struct A { #[serde(with = \"crate::upper::hall\")] b: u8 }", "crate::upper::hall"),
        ("impl super::super::upper::hall::Up {}", "super::super::upper::hall::Up"),
        ("mod inner { use super::super::super::upper::hall::Up; }", "super::super::super::upper::hall::Up"),
    ] {
        let code = format!("pub struct Deep; {code}");
        let expected = format!("lower/deep.rs -> upper/hall.rs ({path})");
        assert!(upward(&code).contains(&expected), "{code}: {:?}", upward(&code));
    }
}

#[test]
fn leaves_tests_documentation_and_variables_alone() {
    let found = crate_with(
        DOOR,
        "pub struct Up;",
        "/// See [`crate::upper::hall::Up`].\npub struct Deep { #[cfg(test)] a: crate::upper::hall::Up }
        impl Deep { #[cfg(test)] fn b(_: crate::upper::hall::Up) {} fn c(deep: u8) -> u8 { let upper = deep; upper } }
        #[cfg(test)] use crate::upper::hall::Up;
        #[test] fn d() { crate::upper::hall::Up; }
        #[cfg(test)] mod tests { use crate::upper::hall::Up; }",
    );
    assert_eq!(found.defects(), 0, "{:?} {:?}", found.upward, found.cycles);
}

#[test]
fn counts_the_imports_between_rooms_of_a_cycle() {
    let upper = "use crate::lower::Own;\nuse crate::lowest::Base;\npub struct Up;";
    let found = crate_with(DOOR, upper, "pub struct Deep(crate::upper::hall::Up);");
    assert_eq!(found.rooms_in_cycles, [["lower", "upper"]]);
    // One of each direction. The import of `lowest` is in no cycle.
    assert_eq!(found.imports_in_cycles, 2);
}

#[test]
fn distinguishes_a_crate_from_a_function_of_its_name() {
    // Both are named `base`. The first arrow is the import of the function.
    let upper = "use crate::upper::hall::base;\nuse crate::lowest::Base;";
    let lower = format!("pub struct Deep; use base::Other; {upper} fn a() {{ base() }}");
    let found = crate_with(DOOR, "pub fn base() {}", &lower);
    assert_eq!(shown(&found.upward), ["lower/deep.rs -> upper/hall.rs (crate::upper::hall::base)"]);
}

#[test]
fn rejects_imports_through_the_root() {
    let found =
        crate_with(DOOR, "use crate::Own; fn a() { crate::Deep; super::super::Base; }", "pub struct Deep;");
    assert_eq!(
        shown(&found.through_root),
        [
            "upper/hall.rs -> lower/mod.rs (crate::Own)",
            "upper/hall.rs -> lower/deep.rs (crate::Deep)",
            "upper/hall.rs -> lowest/mod.rs (super::super::Base)",
        ]
    );
    assert_eq!(found.defects(), 3);
}

#[test]
fn rejects_a_module_without_a_file() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("lib.rs"), "mod gone;").unwrap();
    let error = Tree::read(root.path(), "").err().unwrap();
    assert!(error.contains("no file of the module gone"), "{error}");
}

#[test]
fn finds_the_shortest_cycle_of_a_component() {
    let arrow = |from: &str, to: &str| Arrow {
        from: from.into(),
        to: to.into(),
        path: "p".into(),
        through_root: false,
    };
    let arrows = [
        arrow("a", "b"),
        arrow("b", "c"),
        arrow("c", "a"),
        arrow("c", "d"),
        arrow("d", "c"),
        arrow("e", "a"),
    ];
    let pairs: Vec<_> = arrows.iter().map(|arrow| (arrow.from.clone(), arrow.to.clone())).collect();
    let components = graph::cycles(&pairs);
    assert_eq!(components, [["a", "b", "c", "d"]]);
    assert_eq!(graph::shortest_cycle(&components[0], &arrows), [arrows[3].clone(), arrows[4].clone()]);
}

#[test]
fn a_file_at_the_root_and_its_directory_are_one_room() {
    let found = found(&[
        ("lib.rs", "mod upper; mod lower; mod lowest;"),
        ("upper.rs", "mod hall; use crate::lower::A;"),
        ("upper/hall.rs", "use crate::lower::A;"),
        ("lower/mod.rs", "pub struct A;"),
        ("lowest/mod.rs", ""),
    ]);
    assert_eq!(found.at_root, ["lib.rs", "upper.rs"]);
    assert_eq!(found.between_rooms, [("upper.rs".to_owned(), "lower".to_owned())]);
}

#[test]
fn lists_every_room_once() {
    for house in rooms::HOUSES {
        let names: BTreeSet<_> = house.names().collect();
        assert_eq!(names.len(), house.rooms.len(), "{}", house.crate_name);
    }
}

#[test]
fn verdict_counts_the_defects() {
    assert_eq!(verdict(0), "0 defects of structure (ok)");
    assert_eq!(verdict(2), "2 defects of structure (too many)");
}
