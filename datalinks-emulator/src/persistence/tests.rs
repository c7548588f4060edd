//! A state in a data directory, with a crash or a failure at every step.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, RwLock};

use super::data_dir::DataDir;
use super::test_file_system::{self, FsCall, TestFileSystem};
use super::{DataDirError, Persist, PersistedState, StateError, StateStore};
use crate::concurrency::lock::write;
use crate::runtime::{Clock, Ids, Kind};
use crate::store::{ColumnName, DatasetName, Definition, GrantScope, InputRow, Link, Role, Store, Timing};

/// A small state.
#[derive(Debug)]
struct World {
    ids: Ids,
    clock: Clock,
    store: RwLock<Store>,
    state_store: StateStore,
}

impl PersistedState for World {
    fn parts(&self) -> Vec<&dyn Persist> {
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
            state_store: StateStore::default(),
        }
    }

    /// Opens a state whose process ends after this number of calls of the operating system. Returns `None` if it ends
    /// before the directory is open.
    fn open(root: &Path, calls: usize) -> Option<Self> {
        Self::open_on(root, false, &Arc::new(TestFileSystem::that_dies_after(calls))).ok()
    }

    fn open_on(root: &Path, sync: bool, fs: &Arc<TestFileSystem>) -> Result<Self, DataDirError> {
        let world = Self::new();
        world.state_store.open(&world, DataDir::open_on(root, sync, Arc::<TestFileSystem>::clone(fs))?)?;
        Ok(world)
    }

    fn export(&self) -> String {
        String::from_utf8(self.state_store.export(self).unwrap()).unwrap()
    }

    /// Applies a change of [`CHANGES`].
    fn change(&self, number: usize) -> Result<(), StateError> {
        self.state_store.transaction(self, || CHANGES[number](self, &mut write(&self.store)))
    }
}

fn films() -> DatasetName {
    DatasetName::new("ana", "cinema", "Films")
}

fn rows(store: &mut Store, name: &DatasetName, json: &str) {
    let rows: Vec<InputRow<'_>> = serde_json::from_str(json).unwrap();
    store.find_mut(name).unwrap().append(rows);
}

/// Changes of the state, in order.
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
        store.shares_mut().grant(GrantScope::from(&films()), "bo".into(), Role::Editor, Timing::default());
    },
    |_, store| store.rename(&films(), "movies").unwrap(),
    // A new dataset takes the old name of another one.
    |_, store| {
        store.create(films(), Definition::default()).unwrap();
        rows(store, &films(), r#"[{"new":1}]"#);
    },
    // The renames form a cycle.
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

/// Applies the changes from one on until one fails, and returns the number of committed changes.
fn go_on(world: &World, from: usize) -> usize {
    for (index, change) in CHANGES.iter().enumerate().skip(from) {
        if world.state_store.transaction(world, || change(world, &mut write(&world.store))).is_err() {
            return index;
        }
    }
    CHANGES.len()
}

/// Returns the states after each number of changes.
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
fn reopened_directory_contains_committed_state() {
    let root = tempfile::tempdir().unwrap();
    let states = expected();
    for (index, change) in CHANGES.iter().enumerate() {
        let world = World::open(root.path(), usize::MAX).unwrap();
        assert_eq!(world.export(), states[index]);
        world.state_store.transaction(&world, || change(&world, &mut write(&world.store))).unwrap();
        assert_eq!(world.export(), states[index + 1]);
    }
    let world = World::open(root.path(), usize::MAX).unwrap();
    assert_eq!(world.export(), states[CHANGES.len()]);
    let mut files: Vec<String> = world_files(root.path());
    files.sort();
    assert_eq!(
        files,
        [
            ".gitignore",
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
    let mut files = Vec::new();
    let mut next = vec![root.to_owned()];
    while let Some(dir) = next.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                next.push(entry.path());
            } else {
                files.push(entry.path().strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    files
}

#[test]
fn crash_at_any_step_keeps_committed_changes() {
    let states = expected();
    for steps in 0.. {
        let root = tempfile::tempdir().unwrap();
        // The process ends twice after the same number of calls, and then runs to the end.
        let (mut committed, mut deaths) = (0, 0);
        while committed < CHANGES.len() {
            let world = match deaths {
                2 => World::open(root.path(), usize::MAX),
                _ => World::open(root.path(), steps),
            };
            let Some(world) = world else {
                deaths += 1;
                assert!(deaths <= 2);
                continue;
            };
            // The change in flight is committed completely or not at all.
            let found = states.iter().position(|state| *state == world.export());
            let found = found.unwrap_or_else(|| panic!("{steps} steps: an unknown state {}", world.export()));
            assert!(
                found == committed || found == committed + 1,
                "{steps} steps: {found} instead of {committed}"
            );
            committed = go_on(&world, found);
            deaths += usize::from(committed < CHANGES.len());
        }
        if deaths == 0 {
            assert!(steps > 50, "no crash was tested");
            break;
        }
    }
}

#[test]
fn transaction_reloads_state_after_failed_commit() {
    let root = tempfile::tempdir().unwrap();
    let world = World::open(root.path(), usize::MAX).unwrap();
    let act = |change: usize| {
        world.state_store.transaction(&world, || CHANGES[change](&world, &mut write(&world.store)))
    };
    act(0).unwrap();
    let state = world.export();
    // The state can neither be written nor reloaded.
    let (journal, garbage) = (root.path().join("journal"), root.path().join("links.json"));
    std::fs::create_dir(&journal).unwrap();
    std::fs::write(&garbage, "{").unwrap();
    assert!(act(2).is_err() && act(2).is_err());
    std::fs::remove_dir(&journal).unwrap();
    assert!(act(1).unwrap_err().to_string().contains("links.json"));
    // The change that was made in memory meanwhile is rejected and rolled back.
    let since = world.state_store.rollbacks();
    CHANGES[1](&world, &mut write(&world.store));
    std::fs::remove_file(&garbage).unwrap();
    assert!(world.state_store.flush(&world, since).is_err());
    assert_eq!(world.export(), state);
    world.state_store.flush(&world, world.state_store.rollbacks()).unwrap();
    act(1).unwrap();
    assert_eq!(world.export(), expected()[2]);
}

/// A flushed change was reported as committed although the failure of another change had rolled it back.
#[test]
fn rolled_back_change_is_not_reported_as_committed() {
    let root = tempfile::tempdir().unwrap();
    let world = World::open(root.path(), usize::MAX).unwrap();
    let act = |change: usize| {
        world.state_store.transaction(&world, || CHANGES[change](&world, &mut write(&world.store)))
    };
    act(0).unwrap();
    let state = world.export();
    let since = world.state_store.rollbacks();
    CHANGES[1](&world, &mut write(&world.store));
    // Another change fails, and its rollback includes the uncommitted change.
    let journal = root.path().join("journal");
    std::fs::create_dir(&journal).unwrap();
    assert!(act(2).is_err());
    std::fs::remove_dir(&journal).unwrap();
    // The second half of the first change must not be committed alone.
    CHANGES[2](&world, &mut write(&world.store));
    let error = world.state_store.flush(&world, since).unwrap_err().to_string();
    assert!(error.contains("rolled back"), "{error}");
    assert_eq!(world.export(), state);
    drop(world);
    assert_eq!(World::open(root.path(), usize::MAX).unwrap().export(), state);
}

/// A commit created the directory again with its own files alone, and the state could not be opened any more.
#[test]
fn removed_or_replaced_directory_rejects_changes() {
    let base = tempfile::tempdir().unwrap();
    let (root, away) = (base.path().join("state"), base.path().join("away"));
    let world = World::open(&root, usize::MAX).unwrap();
    let act = |change: usize| {
        world.state_store.transaction(&world, || CHANGES[change](&world, &mut write(&world.store)))
    };
    act(0).unwrap();
    let state = world.export();
    std::fs::rename(&root, &away).unwrap();
    let rejected = act(1).unwrap_err().to_string();
    assert!(rejected.contains("was removed or replaced"), "{rejected}");
    assert!(world.state_store.snapshot(&world, "s").is_err() && world.state_store.reset(&world).is_err());
    assert!(!root.exists(), "the directory is not created again");
    // Another emulator may use a new directory of this name by now.
    let other = World::open(&root, usize::MAX).unwrap();
    let content_before = content(&root);
    assert!(act(1).is_err());
    assert_eq!(content(&root), content_before);
    drop(other);
    // The state is usable once the directory is back.
    std::fs::remove_dir_all(&root).unwrap();
    std::fs::rename(&away, &root).unwrap();
    world.state_store.transaction(&world, || ()).unwrap();
    assert_eq!(world.export(), state);
    act(1).unwrap();
}

#[test]
fn decided_commit_is_applied_later() {
    let root = tempfile::tempdir().unwrap();
    let states = expected();
    let world = World::open(root.path(), usize::MAX).unwrap();
    let act = |change: usize| {
        world.state_store.transaction(&world, || CHANGES[change](&world, &mut write(&world.store)))
    };
    act(0).unwrap();
    // The journal can be written, but a directory stands where the file of rows belongs.
    let rows = root.path().join("datasets/ana/cinema/%46ilms/rows.ndjson");
    std::fs::create_dir_all(rows.join("in the way")).unwrap();
    act(2).unwrap();
    let state = world.export();
    assert!(act(3).is_err(), "no further change before the commit is applied");
    std::fs::remove_dir_all(&rows).unwrap();
    world.state_store.transaction(&world, || ()).unwrap();
    assert_eq!(world.export(), state);
    drop(world);
    let world = World::open(root.path(), usize::MAX).unwrap();
    assert_eq!(world.export(), state);
    assert_ne!(state, states[1]);
}

/// An operation on the whole state.
#[derive(Clone, Copy, Debug)]
enum Act {
    Change(usize),
    Snapshot(&'static str),
    Restore(&'static str),
    DeleteSnapshot(&'static str),
    /// Imports the state after this number of changes.
    Import(usize),
    Reset,
}

const ACTS: &[Act] = &[
    Act::Change(0),
    Act::Snapshot("a"),
    Act::Change(1),
    Act::Change(2),
    Act::Change(3),
    Act::Snapshot("B"),
    Act::Restore("a"),
    Act::Change(1),
    Act::Import(8),
    Act::Snapshot("a"),
    Act::Reset,
    Act::Restore("B"),
    Act::DeleteSnapshot("B"),
    Act::Import(0),
    Act::Restore("a"),
];

impl Act {
    fn apply(self, world: &World, states: &[String]) -> Result<(), StateError> {
        match self {
            Self::Change(number) => world.change(number),
            Self::Snapshot(name) => world.state_store.snapshot(world, name),
            Self::Restore(name) => world.state_store.restore(world, name),
            Self::DeleteSnapshot(name) => world.state_store.delete_snapshot(name),
            Self::Import(changes) => world.state_store.import(world, states[changes].as_bytes()),
            Self::Reset => world.state_store.reset(world),
        }
    }
}

/// A state, and the documents of the snapshots by file name.
type Everything = (String, BTreeMap<String, String>);

/// Returns the state and the snapshots after each number of operations.
fn expected_everything(states: &[String]) -> Vec<Everything> {
    let (memory, mut snapshots) = (World::new(), BTreeMap::new());
    let mut all = vec![(memory.export(), snapshots.clone())];
    for act in ACTS {
        act.apply(&memory, states).unwrap();
        let file = |name| format!("{}.ndjson", super::names::encode(name));
        match act {
            Act::Snapshot(name) => drop(snapshots.insert(file(name), memory.export())),
            Act::DeleteSnapshot(name) => drop(snapshots.remove(&file(name))),
            _ => {}
        }
        all.push((memory.export(), snapshots.clone()));
    }
    all
}

/// Reads the state and the snapshots of a directory.
fn everything(root: &Path) -> Everything {
    let state = World::open(root, usize::MAX).unwrap().export();
    let Ok(snapshots) = std::fs::read_dir(root.join("snapshots")) else { return (state, BTreeMap::new()) };
    let snapshots = snapshots.map(|file| file.unwrap()).map(|file| {
        let content = std::fs::read_to_string(file.path()).unwrap();
        (file.file_name().into_string().unwrap(), content)
    });
    (state, snapshots.collect())
}

#[test]
fn crash_during_snapshot_import_or_restore_keeps_one_state_or_the_other() {
    let states = expected();
    let expected = expected_everything(&states);
    for calls in 0.. {
        let root = tempfile::tempdir().unwrap();
        let (mut committed, mut deaths) = (0, 0);
        while committed < ACTS.len() {
            let calls = if deaths == 2 { usize::MAX } else { calls };
            let done = World::open(root.path(), calls).map_or(0, |world| {
                let act = |act: &&Act| act.apply(&world, &states).is_ok();
                ACTS[committed..].iter().take_while(act).count()
            });
            committed += done;
            if committed < ACTS.len() {
                deaths += 1;
                assert!(deaths <= 2, "{calls} calls");
                // The operation in flight is committed completely or not at all.
                let found = everything(root.path());
                let after = expected[committed + 1] == found;
                assert!(
                    after || expected[committed] == found,
                    "{calls} calls: {:?} left {found:#?}",
                    ACTS[committed]
                );
                committed += usize::from(after && expected[committed] != found);
            }
        }
        assert_eq!(everything(root.path()), expected[ACTS.len()], "{calls} calls");
        if deaths == 0 {
            assert!(calls > 100, "no crash was tested");
            break;
        }
    }
}

/// Simulates a power failure after some calls, and returns a directory with the remaining files.
fn after_power_failure(base: &Path, calls: &[FsCall], keeps: &mut dyn FnMut() -> bool) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    test_file_system::SimulatedDisk::after(base, calls).fail(copy.path(), keeps);
    copy
}

/// Makes all changes and returns the calls of the operating system.
fn calls_of_all_changes(base: &Path, sync: bool) -> Vec<FsCall> {
    let fs = Arc::new(TestFileSystem::default());
    let world = World::open_on(&base.join("new/data"), sync, &fs).unwrap();
    for number in 0..CHANGES.len() {
        world.change(number).unwrap();
        fs.answered(number + 1);
    }
    fs.calls()
}

#[test]
fn synced_changes_survive_a_power_failure_after_any_call() {
    let base = tempfile::tempdir().unwrap();
    let (calls, states) = (calls_of_all_changes(base.path(), true), expected());
    assert!(calls.len() > 100, "{} calls", calls.len());
    let mut chance = 0_u64;
    let mut by_chance = || {
        chance = crate::runtime::mix(chance);
        chance & 1 == 0
    };
    for end in 0..=calls.len() {
        let answered = calls[..end].iter().rev().find_map(|call| match call {
            FsCall::Answered(changes) => Some(*changes),
            _ => None,
        });
        let answered = answered.unwrap_or_default();
        let mut nothing = || false;
        let how: [&mut dyn FnMut() -> bool; 2] = [&mut nothing, &mut by_chance];
        for keeps in how {
            let left = after_power_failure(base.path(), &calls[..end], keeps);
            let fs = Arc::default();
            let world = World::open_on(&left.path().join("new/data"), true, &fs);
            let world = world.unwrap_or_else(|error| panic!("after {end} calls: {error}"));
            let state = world.export();
            assert!(
                states[answered..].iter().take(2).any(|own| *own == state),
                "after {end} calls, {:?}: not the state after {answered} committed changes: {state}",
                &calls[end.saturating_sub(3)..end]
            );
        }
    }
}

#[test]
fn every_directory_with_a_changed_name_is_synced() {
    let base = tempfile::tempdir().unwrap();
    let calls = calls_of_all_changes(base.path(), true);
    let end = calls.len();
    for (number, call) in calls.iter().enumerate() {
        let changed = match call {
            FsCall::CreateDir(path) | FsCall::RemoveFile(path) => vec![path],
            FsCall::Rename(from, to) => vec![from, to],
            _ => continue,
        };
        let answer = calls[number..].iter().position(|call| matches!(call, FsCall::Answered(_)));
        let until = &calls[number..answer.map_or(end, |at| number + at)];
        for path in changed {
            let dir = path.parent().unwrap();
            let synced = |call: &FsCall| match call {
                FsCall::SyncDir(other) => other == dir,
                // The directory was removed, together with its names.
                FsCall::RemoveDir(gone) => dir.starts_with(gone),
                _ => false,
            };
            assert!(until.iter().any(synced), "{} is not synced after {call:?}", dir.display());
        }
    }
}

#[test]
fn power_failure_without_syncing_loses_changes() {
    let base = tempfile::tempdir().unwrap();
    let calls = calls_of_all_changes(base.path(), false);
    assert!(!calls.iter().any(|call| matches!(call, FsCall::Sync(_) | FsCall::SyncDir(_))));
    let left = after_power_failure(base.path(), &calls, &mut || false);
    assert_eq!(std::fs::read_dir(left.path()).unwrap().count(), 0);
}

#[test]
fn journal_of_a_failed_commit_is_not_applied() {
    let fs = Arc::new(TestFileSystem::default());
    let root = tempfile::tempdir().unwrap();
    let world = World::open_on(root.path(), true, &fs).unwrap();
    world.change(0).unwrap();
    let before = world.export();
    // The complete journal is written, but the disk does not confirm it, so it is removed.
    fs.fail(|call| matches!(call, FsCall::Sync(path) if path.ends_with("journal")));
    let error = world.change(2).unwrap_err();
    assert!(matches!(error, StateError::NotPersisted(_)), "{error}");
    assert!(!root.path().join("journal").exists());
    // The journal cannot be removed either, so the outcome after a restart is unknown.
    fs.fail(|call| match call {
        FsCall::Sync(path) | FsCall::RemoveFile(path) => path.ends_with("journal") && path.exists(),
        _ => false,
    });
    let error = world.change(2).unwrap_err();
    assert!(matches!(error, StateError::Unconfirmed(_)), "{error}");
    assert!(error.to_string().contains("may or may not be persisted"), "{error}");
    assert!(root.path().join("journal").exists());
    // Other changes are rejected until the journal is removed.
    assert!(world.change(1).is_err());
    fs.fail(|_| false);
    assert_eq!(world.export(), before);
    world.change(1).unwrap();
    let after = world.export();
    drop(world);
    assert_eq!(World::open(root.path(), usize::MAX).unwrap().export(), after);
}

#[test]
fn unconfirmed_write_is_reported_as_unconfirmed() {
    let fs = Arc::new(TestFileSystem::default());
    let root = tempfile::tempdir().unwrap();
    let world = World::open_on(root.path(), true, &fs).unwrap();
    world.change(0).unwrap();
    let set = || world.state_store.transaction(&world, || world.clock.set(chrono::DateTime::UNIX_EPOCH));
    fs.fail(|call| matches!(call, FsCall::SyncDir(_)));
    let error = set().unwrap_err();
    assert!(matches!(error, StateError::Unconfirmed(_)), "{error}");
    assert!(!error.to_string().contains("nothing was changed"), "{error}");
    // Memory and directory are equal, and the unconfirmed write is synced before the next change is committed.
    fs.fail(|_| false);
    assert!(world.clock.is_set());
    let calls = fs.calls().len();
    world.change(1).unwrap();
    let first = fs.calls().into_iter().skip(calls).find(|call| matches!(call, FsCall::SyncDir(_)));
    assert_eq!(first, Some(FsCall::SyncDir(root.path().to_owned())));
    let error = {
        fs.fail(|call| matches!(call, FsCall::SyncDir(dir) if dir.ends_with("snapshots")));
        world.state_store.snapshot(&world, "a").unwrap_err()
    };
    assert!(matches!(error, StateError::Unconfirmed(_)), "{error}");
    assert_eq!(world.state_store.snapshots().unwrap(), ["a"]);
}

#[test]
fn export_and_snapshot_contain_only_committed_changes() {
    let root = tempfile::tempdir().unwrap();
    let world = World::open(root.path(), usize::MAX).unwrap();
    world.change(0).unwrap();
    let before = world.export();
    // An uncommitted change is committed by an export, or is not part of it.
    CHANGES[1](&world, &mut write(&world.store));
    let journal = root.path().join("journal");
    std::fs::create_dir(&journal).unwrap();
    let rows = root.path().join("datasets/ana/cinema/%46ilms/rows.ndjson");
    std::fs::create_dir(&rows).unwrap();
    assert!(world.state_store.export(&world).is_err());
    CHANGES[1](&world, &mut write(&world.store));
    assert!(world.state_store.snapshot(&world, "a").is_err());
    std::fs::remove_dir(&journal).unwrap();
    std::fs::remove_dir(&rows).unwrap();
    assert_eq!(world.state_store.snapshots().unwrap(), [""; 0]);
    assert_eq!(world.export(), before);
    CHANGES[1](&world, &mut write(&world.store));
    let after = world.export();
    assert_ne!(after, before);
    drop(world);
    assert_eq!(World::open(root.path(), usize::MAX).unwrap().export(), after);
}

#[test]
fn ingest_does_not_write_the_definition() {
    let fs = Arc::new(TestFileSystem::default());
    let root = tempfile::tempdir().unwrap();
    let world = World::open_on(root.path(), false, &fs).unwrap();
    world.change(0).unwrap();
    world.change(1).unwrap();
    let calls = fs.calls().len();
    world
        .state_store
        .transaction(&world, || rows(&mut write(&world.store), &films(), r#"[{"a":1}]"#))
        .unwrap();
    let touched = |path: &Path| path.ends_with("rows.ndjson") || path.ends_with("journal");
    for call in fs.calls().into_iter().skip(calls) {
        match &call {
            FsCall::Create(path)
            | FsCall::Append(path)
            | FsCall::Write(path, _)
            | FsCall::RemoveFile(path) => {
                assert!(touched(path), "{call:?}");
            }
            call => panic!("{call:?}"),
        }
    }
}

#[test]
fn only_our_own_unfinished_files_are_removed() {
    let root = tempfile::tempdir().unwrap();
    let world = World::open(root.path(), usize::MAX).unwrap();
    world.change(0).unwrap();
    world.state_store.snapshot(&world, "a").unwrap();
    let state = world.export();
    drop(world);
    let unfinished = ".datalinks-emulator-abcdef123456.tmp";
    for dir in ["", "datasets/ana", "snapshots"] {
        std::fs::write(root.path().join(dir).join(unfinished), "half").unwrap();
    }
    std::fs::create_dir(root.path().join(".others")).unwrap();
    let others = [".others/x.tmp", ".swap.tmp", &format!(".others/{unfinished}")];
    for path in others {
        std::fs::write(root.path().join(path), "of others").unwrap();
    }
    let world = World::open(root.path(), usize::MAX).unwrap();
    assert_eq!(world.export(), state);
    drop(world);
    let files = world_files(root.path());
    assert_eq!(files.iter().filter(|path| path.ends_with(".tmp")).count(), others.len(), "{files:?}");
    // A file that is neither temporary nor hidden is rejected and stays.
    std::fs::write(root.path().join("notes.tmp"), "mine").unwrap();
    let error = World::open_on(root.path(), false, &Arc::default()).unwrap_err();
    assert!(error.to_string().contains("notes.tmp: is not part of the state"), "{error}");
    assert_eq!(std::fs::read(root.path().join("notes.tmp")).unwrap(), b"mine");
}

/// Returns the content of all files below a directory. Links are not followed.
#[cfg(unix)]
fn content(root: &Path) -> BTreeMap<String, Vec<u8>> {
    world_files(root)
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(root.join(path)).unwrap()))
        .collect()
}

#[cfg(unix)]
#[test]
fn symbolic_links_in_a_directory_are_rejected_before_any_change() {
    use std::os::unix::fs::symlink;
    for link in [
        "datasets",
        "datasets/ana",
        "datasets/ana/cinema/%46ilms/rows.ndjson",
        "clock.json",
        "snapshots",
        "snapshots/a.ndjson",
        "uploads",
        "journal",
        "lock",
        "emulator.json",
    ] {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let world = World::open(root.path(), usize::MAX).unwrap();
        (0..2).for_each(|number| world.change(number).unwrap());
        world.state_store.snapshot(&world, "a").unwrap();
        drop(world);
        let (path, target) = (root.path().join(link), outside.path().join("target"));
        if path.exists() {
            std::fs::rename(&path, &target).unwrap();
        } else {
            std::fs::write(&target, "of others").unwrap();
        }
        symlink(&target, &path).unwrap();
        let before = content(outside.path());
        let error = World::open_on(root.path(), false, &Arc::default()).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(format!("{error}: {cause}").contains("link"), "{link}: {error}: {cause}");
        assert_eq!(content(outside.path()), before, "{link}");
    }
}

#[cfg(unix)]
#[test]
fn symbolic_links_created_while_an_emulator_runs_are_not_followed() {
    use std::os::unix::fs::symlink;
    for (link, is_file) in [
        ("datasets/ana/cinema/%46ilms/rows.ndjson", true),
        ("datasets/ana/cinema/%46ilms", false),
        ("datasets", false),
        ("journal", true),
        ("ids.json", true),
    ] {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let world = World::open(root.path(), usize::MAX).unwrap();
        (0..2).for_each(|number| world.change(number).unwrap());
        let (path, target) = (root.path().join(link), outside.path().join("target"));
        if path.exists() {
            std::fs::rename(&path, &target).unwrap();
        } else {
            assert!(is_file);
            std::fs::write(&target, "of others").unwrap();
        }
        symlink(&target, &path).unwrap();
        let before = content(outside.path());
        // The change is rejected, or stays in the journal until the link is gone.
        let _ = world.change(2);
        assert_eq!(content(outside.path()), before, "{link}");
    }
}
