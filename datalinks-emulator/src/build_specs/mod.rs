//! Build specs. As in the contract, they are stored and never run.

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::Caller;
use crate::concurrency::lock::lock;
use crate::persistence::{Change, Files, Persist, Sink, Unreadable, Versioned, once, save_lines};
use crate::store::DatasetName;

/// The build specs of all users, by id.
#[derive(Debug, Default)]
pub(crate) struct BuildSpecs(Mutex<Versioned<BTreeMap<Uuid, BuildSpec>>>);

/// One build spec.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct BuildSpec {
    pub(crate) id: Uuid,
    pub(crate) owner: String,
    pub(crate) version: u64,
    #[serde(flatten)]
    pub(crate) content: Content,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// The part of a build spec that its owner writes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Content {
    pub(crate) sources: Vec<DatasetName>,
    pub(crate) destination: DatasetName,
    /// The code, which is not parsed.
    pub(crate) payload: String,
}

impl BuildSpec {
    /// Returns `true` if the build spec belongs to the caller and the token includes all its datasets.
    fn is_reached_by(&self, caller: &Caller) -> bool {
        self.owner == caller.user && self.content.names().all(|name| caller.reaches(name))
    }
}

impl Content {
    /// Returns the names of all its datasets.
    fn names(&self) -> impl Iterator<Item = &DatasetName> {
        self.sources.iter().chain([&self.destination])
    }
}

impl BuildSpecs {
    /// Stores a new build spec as version 1.
    pub(crate) fn create(&self, id: Uuid, owner: &str, content: Content, now: DateTime<Utc>) -> BuildSpec {
        let owner = owner.to_owned();
        let spec = BuildSpec { id, owner, version: 1, content, created_at: now, updated_at: now };
        lock(&self.0).insert(id, spec.clone());
        spec
    }

    /// Returns the caller's build specs, oldest first.
    pub(crate) fn list(&self, caller: &Caller) -> Vec<BuildSpec> {
        let specs = lock(&self.0);
        let mut own: Vec<_> = specs.values().filter(|spec| spec.is_reached_by(caller)).cloned().collect();
        own.sort_by_key(|spec| (spec.created_at, spec.id));
        own
    }

    /// Returns one of the caller's build specs, or `None` if it does not exist.
    pub(crate) fn find(&self, id: Uuid, caller: &Caller) -> Option<BuildSpec> {
        lock(&self.0).get(&id).filter(|spec| spec.is_reached_by(caller)).cloned()
    }

    /// Replaces the content of one of the caller's build specs. Returns `None` if it does not exist.
    pub(crate) fn replace(
        &self,
        id: Uuid,
        caller: &Caller,
        content: Content,
        now: DateTime<Utc>,
    ) -> Option<BuildSpec> {
        self.find(id, caller)?;
        let mut specs = lock(&self.0);
        let spec = specs.get_mut(&id)?;
        (spec.content, spec.version, spec.updated_at) = (content, spec.version.saturating_add(1), now);
        Some(spec.clone())
    }

    /// Replaces the name of a renamed dataset in the build specs of all users. Versions stay the same, because the owners
    /// changed nothing.
    pub(crate) fn relocate(&self, name: &DatasetName, target: &DatasetName) {
        let mut specs = lock(&self.0);
        if name == target || !specs.values().any(|spec| spec.content.names().any(|own| own == name)) {
            return;
        }
        for spec in specs.values_mut() {
            let Content { sources, destination, payload: _ } = &mut spec.content;
            for own in sources.iter_mut().chain([destination]).filter(|own| *own == name) {
                own.clone_from(target);
            }
        }
    }

    /// Deletes one of the caller's build specs. Returns `false` if it does not exist.
    pub(crate) fn delete(&self, id: Uuid, caller: &Caller) -> bool {
        self.find(id, caller).is_some_and(|spec| lock(&self.0).remove(&spec.id).is_some())
    }
}

const PATH: &str = "build-specs.ndjson";

impl Persist for BuildSpecs {
    fn changed(&self) -> u64 {
        Versioned::changed(&lock(&self.0))
    }

    fn save(&self, sink: &mut dyn Sink) {
        save_lines(sink, PATH, lock(&self.0).values());
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let specs = files.take_lines::<BuildSpec>(PATH)?;
        let specs: BTreeMap<Uuid, BuildSpec> = once(PATH, specs.into_iter().map(|spec| (spec.id, spec)))?;
        Ok(Box::new(move || **lock(&self.0) = specs))
    }
}
