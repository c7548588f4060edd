//! Files, clocks and random numbers of the machine, which only one room names.
//!
//! A port to a platform that has none of them, such as WebAssembly in a browser, then changes that room and nothing else.

use std::collections::BTreeSet;

use super::{
    rooms::{House, room_of},
    tree::Tree,
};

/// The room.
const ROOM: &str = "platform";

/// Beginnings of paths that lead to the machine.
const PATHS: [&[&str]; 11] = [
    &["async_std"],
    &["fastrand"],
    &["fs4"],
    &["getrandom"],
    &["rand"],
    &["std", "env", "temp_dir"],
    &["std", "fs"],
    &["std", "thread", "sleep"],
    &["std", "time", "Instant"],
    &["tokio", "fs"],
    &["tokio", "time"],
];

/// Ends of paths that read a clock, or make random ids. The types themselves are values.
const CALLS: [&[&str]; 6] = [
    &["Local", "now"],
    &["SystemTime", "now"],
    &["Utc", "now"],
    &["Uuid", "new_v4"],
    &["Uuid", "now_v7"],
    &["RandomState", "new"],
];

/// Returns a line for each path outside the room, by file. Crates without the room are not checked.
pub(super) fn strays(tree: &Tree, house: &House) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if house.rank(ROOM).is_none() {
        return found;
    }
    for module in &tree.modules {
        let file = &tree.files[module.file];
        if room_of(file, &[]) == ROOM {
            continue;
        }
        let paths = module.imports.iter().map(|import| &import.path);
        for path in paths.chain(module.references.iter().map(|reference| &reference.path)) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let is_stray = PATHS.iter().any(|start| path.starts_with(start))
                || CALLS.iter().any(|end| path.ends_with(end));
            if is_stray {
                found.insert(format!("{file} names {}: go through crate::{ROOM}", path.join("::")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_one_room_names_the_machine() {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("c/src");
        fs::create_dir_all(&source).unwrap();
        let write = |name: &str, text: &str| fs::write(source.join(name), text).unwrap();
        write("lib.rs", "mod a;\nmod platform;\n");
        fs::create_dir(source.join("platform")).unwrap();
        write("platform/mod.rs", "pub use std::fs::File;\npub fn now() { std::time::SystemTime::now(); }\n");
        write(
            "a.rs",
            "use std::{fs::File, time::{Duration, SystemTime}};\nuse crate::platform::now;\n\
             fn f(at: SystemTime) { SystemTime::now(); tokio::time::sleep(Duration::ZERO); now(); }\n\
             #[cfg(test)]\nmod tests { use std::fs; }\n",
        );
        let tree = Tree::read(directory.path(), "c/src").unwrap();
        let house = House { crate_name: "c", rooms: &["lib.rs", "a.rs", "platform"] };
        let found: Vec<String> = strays(&tree, &house).into_iter().collect();
        let named: Vec<&str> = found.iter().map(|line| line.split(' ').nth(2).unwrap()).collect();
        assert_eq!(named, ["SystemTime::now:", "std::fs::File:", "tokio::time::sleep:"]);
        let without = House { crate_name: "c", rooms: &["lib.rs", "a.rs"] };
        assert!(strays(&tree, &without).is_empty());
    }
}
