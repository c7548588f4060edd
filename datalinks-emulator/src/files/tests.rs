//! A state in a folder, killed at every step.

use std::path::Path;
use std::sync::RwLock;

use super::disk::Disk;
use super::{Keeper, Kept, Part};
use crate::clock::Clock;
use crate::ids::{Ids, Kind};
use crate::lock::write;
use crate::store::{ColumnName, DatasetName, Definition, InputRow, Link, Place, Role, Store, Timing};

/// A small state.
struct World {
    ids: Ids,
    clock: Clock,
    store: RwLock<Store>,
    keeper: Keeper,
}

impl Kept for World {
    fn parts(&self) -> Vec<&dyn Part> {
        vec![&self.ids, &self.clock, &self.store]
    }

    fn replaced(&self) {}
}

impl World {
    fn new() -> Self {
        Self {
            ids: Ids::new(3),
            clock: Clock::default(),
            store: RwLock::default(),
            keeper: Keeper::default(),
        }
    }

    /// A state in a folder that dies after so many steps.
    fn open(root: &Path, steps: usize) -> Option<Self> {
        let world = Self::new();
        let disk = Disk::open(root, false).unwrap();
        disk.folder.dies.after(steps);
        world.keeper.open(&world, disk).ok()?;
        Some(world)
    }

    fn export(&self) -> String {
        String::from_utf8(self.keeper.export(self)).unwrap()
    }
}

fn films() -> DatasetName {
    DatasetName::new("ana", "cinema", "Films")
}

fn rows(store: &mut Store, name: &DatasetName, json: &str) {
    let rows: Vec<InputRow<'_>> = serde_json::from_str(json).unwrap();
    store.find_mut(name).unwrap().append(rows);
}

/// What happens, one after the other.
const CHANGES: &[fn(&World, &mut Store)] = &[
    |_, store| store.create(films(), Definition::default()).unwrap(),
    |_, store| rows(store, &films(), r#"[{"b":1.10,"a":{"x":[1,2]}},{"a":"ä\n"}]"#),
    |world, store| {
        world.ids.next(Kind::Session);
        rows(store, &films(), r#"[{"c":null}]"#);
        store.find_mut(&films()).unwrap().set_sort_order(vec!["c".into()]);
    },
    |_, store| {
        let people = films().space().dataset("people");
        store
            .create(
                people.clone(),
                Definition { data_description: Some("who".into()), ..Definition::default() },
            )
            .unwrap();
        rows(store, &people, r#"[{"a":1}]"#);
        let end = |dataset| ColumnName { dataset, column: "a".into() };
        store.add_link(Link::exact(end(films()), end(people))).unwrap();
        store.shares_mut().grant(Place::from(&films()), "bo".into(), Role::Editor, Timing::default());
    },
    |_, store| store.rename(&films(), "movies").unwrap(),
    // What has the old name of something else.
    |_, store| {
        store.create(films(), Definition::default()).unwrap();
        rows(store, &films(), r#"[{"new":1}]"#);
    },
    // Names in a circle.
    |_, store| {
        store.rename(&films(), "tmp").unwrap();
        store.rename(&films().space().dataset("movies"), "Films").unwrap();
        store.rename(&films().space().dataset("tmp"), "movies").unwrap();
        rows(store, &films(), r#"[{"after":"the circle"}]"#);
    },
    |_, store| store.rename_namespace(&films().space(), "kino").unwrap(),
    |_, store| {
        let films = DatasetName::new("ana", "kino", "Films");
        store.clear(&films).unwrap();
        rows(store, &films, r#"[{"fresh":true}]"#);
    },
    |_, store| store.remove(&DatasetName::new("ana", "kino", "people")).unwrap(),
];

/// Carries out the changes from one on, until one is not kept. How many were kept.
fn go_on(world: &World, from: usize) -> usize {
    for (index, change) in CHANGES.iter().enumerate().skip(from) {
        if world.keeper.whole(world, || change(world, &mut write(&world.store))).is_err() {
            return index;
        }
    }
    CHANGES.len()
}

/// The state after each number of changes.
fn expected() -> Vec<String> {
    let world = World::new();
    let mut states = vec![world.export()];
    for change in CHANGES {
        change(&world, &mut write(&world.store));
        states.push(world.export());
    }
    states
}

#[test]
fn a_folder_gives_back_what_was_put_in() {
    let root = tempfile::tempdir().unwrap();
    let states = expected();
    for (index, change) in CHANGES.iter().enumerate() {
        let world = World::open(root.path(), usize::MAX).unwrap();
        assert_eq!(world.export(), states[index]);
        world.keeper.whole(&world, || change(&world, &mut write(&world.store))).unwrap();
        assert_eq!(world.export(), states[index + 1]);
    }
    let world = World::open(root.path(), usize::MAX).unwrap();
    assert_eq!(world.export(), states[CHANGES.len()]);
    let mut files: Vec<String> = world_files(root.path());
    files.sort();
    assert_eq!(
        files,
        [
            "clock.json",
            "datasets/ana/kino/%46ilms/dataset.json",
            "datasets/ana/kino/%46ilms/rows.ndjson",
            "datasets/ana/kino/movies/dataset.json",
            "datasets/ana/kino/movies/rows.ndjson",
            "emulator.json",
            "ids.json",
            "lock",
            "shares.ndjson",
        ]
    );
}

fn world_files(root: &Path) -> Vec<String> {
    let folder = super::folder::Folder::new(root.to_owned(), false);
    folder.files(&[]).unwrap().into_iter().map(|(path, _)| path).collect()
}

#[test]
fn death_at_any_step_loses_what_was_not_kept_and_nothing_else() {
    let states = expected();
    for steps in 0.. {
        let root = tempfile::tempdir().unwrap();
        // Dies once, goes on, dies again as often.
        let (mut kept, mut deaths) = (0, 0);
        while kept < CHANGES.len() {
            let world = match deaths {
                2 => World::open(root.path(), usize::MAX),
                _ => World::open(root.path(), steps),
            };
            let Some(world) = world else {
                deaths += 1;
                assert!(deaths <= 2);
                continue;
            };
            // The change in flight may have been kept or not, but not half of it.
            let found = states.iter().position(|state| *state == world.export());
            let found = found.unwrap_or_else(|| panic!("{steps} steps: an unknown state {}", world.export()));
            assert!(found == kept || found == kept + 1, "{steps} steps: {found} instead of {kept}");
            kept = go_on(&world, found);
            deaths += usize::from(kept < CHANGES.len());
        }
        if deaths == 0 {
            assert!(steps > 50, "the test killed nothing");
            break;
        }
    }
}

#[test]
fn what_is_astray_is_brought_back_before_anything_counts() {
    let root = tempfile::tempdir().unwrap();
    let world = World::open(root.path(), usize::MAX).unwrap();
    let act =
        |change: usize| world.keeper.whole(&world, || CHANGES[change](&world, &mut write(&world.store)));
    act(0).unwrap();
    let state = world.export();
    // It can neither be written nor read again.
    let (journal, garbage) = (root.path().join("journal"), root.path().join("links.json"));
    std::fs::create_dir(&journal).unwrap();
    std::fs::write(&garbage, "{").unwrap();
    assert!(act(1).is_err() && act(1).is_err());
    std::fs::remove_dir(&journal).unwrap();
    assert!(act(1).unwrap_err().to_string().contains("links.json"));
    // What waited meanwhile is refused, and gone.
    let since = world.keeper.taken_back();
    CHANGES[1](&world, &mut write(&world.store));
    std::fs::remove_file(&garbage).unwrap();
    assert!(world.keeper.keep(&world, since).is_err());
    assert_eq!(world.export(), state);
    world.keeper.keep(&world, world.keeper.taken_back()).unwrap();
    act(1).unwrap();
    assert_eq!(world.export(), expected()[2]);
}

/// A change that waited was reported as kept although the failure of another change had taken it back.
#[test]
fn a_change_that_was_taken_back_is_not_reported_as_kept() {
    let root = tempfile::tempdir().unwrap();
    let world = World::open(root.path(), usize::MAX).unwrap();
    let act =
        |change: usize| world.keeper.whole(&world, || CHANGES[change](&world, &mut write(&world.store)));
    act(0).unwrap();
    let state = world.export();
    let since = world.keeper.taken_back();
    CHANGES[1](&world, &mut write(&world.store));
    // Another change fails, and takes back what is not committed yet.
    let journal = root.path().join("journal");
    std::fs::create_dir(&journal).unwrap();
    assert!(act(2).is_err());
    std::fs::remove_dir(&journal).unwrap();
    // The second half of the first change must not be kept alone.
    CHANGES[2](&world, &mut write(&world.store));
    let error = world.keeper.keep(&world, since).unwrap_err().to_string();
    assert!(error.contains("taken back"), "{error}");
    assert_eq!(world.export(), state);
    drop(world);
    assert_eq!(World::open(root.path(), usize::MAX).unwrap().export(), state);
}

#[test]
fn a_decided_commit_is_carried_out_later() {
    let root = tempfile::tempdir().unwrap();
    let states = expected();
    let world = World::open(root.path(), usize::MAX).unwrap();
    let act =
        |change: usize| world.keeper.whole(&world, || CHANGES[change](&world, &mut write(&world.store)));
    act(0).unwrap();
    // The journal can be written, and the file of rows cannot: something is in its way.
    let rows = root.path().join("datasets/ana/cinema/%46ilms/rows.ndjson");
    std::fs::create_dir_all(rows.join("in the way")).unwrap();
    act(2).unwrap();
    let state = world.export();
    assert!(act(3).is_err(), "nothing more until that is done");
    std::fs::remove_dir_all(&rows).unwrap();
    world.keeper.whole(&world, || ()).unwrap();
    assert_eq!(world.export(), state);
    drop(world);
    let world = World::open(root.path(), usize::MAX).unwrap();
    assert_eq!(world.export(), state);
    assert_ne!(state, states[1]);
}
