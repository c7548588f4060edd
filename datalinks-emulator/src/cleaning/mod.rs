//! Tasks of the cleaning agent, and the rule that takes its place.

mod rule;

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use rule::{cleaned, code};

use crate::accounts::Caller;
use crate::concurrency::lock::lock;
use crate::persistence::{Change, Files, Persist, Sink, Unreadable, Versioned, once, save_lines};
use crate::store::DatasetName;

/// All tasks, by id.
#[derive(Debug, Default)]
pub(crate) struct Tasks(Mutex<Versioned<BTreeMap<Uuid, Task>>>);

/// A completed cleaning of a dataset. Tasks are completed before their response is sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Task {
    pub(crate) user: String,
    pub(crate) dataset: DatasetName,
    pub(crate) prompts: Vec<String>,
    /// Dataset that contains the cleaned rows.
    pub(crate) output: DatasetName,
    pub(crate) code: Vec<CodeFile>,
}

/// A file of code.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct CodeFile {
    pub(crate) name: String,
    pub(crate) content: String,
}

impl Tasks {
    pub(crate) fn add(&self, id: Uuid, task: Task) {
        lock(&self.0).insert(id, task);
    }

    /// Returns the code of one of the caller's tasks.
    pub(crate) fn code(&self, id: Uuid, caller: &Caller) -> Option<Vec<CodeFile>> {
        let tasks = lock(&self.0);
        let own = |task: &&Task| task.user == caller.user && caller.reaches(&task.dataset);
        tasks.get(&id).filter(own).map(|task| task.code.clone())
    }
}

const PATH: &str = "cleaning.ndjson";

#[derive(Deserialize, Serialize)]
struct StoredTask<T> {
    id: Uuid,
    #[serde(flatten)]
    task: T,
}

impl Persist for Tasks {
    fn changed(&self) -> u64 {
        Versioned::changed(&lock(&self.0))
    }

    fn save(&self, sink: &mut dyn Sink) {
        save_lines(sink, PATH, lock(&self.0).iter().map(|(id, task)| StoredTask { id: *id, task }));
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let tasks = files.take_lines::<StoredTask<Task>>(PATH)?;
        let tasks: BTreeMap<Uuid, Task> =
            once(PATH, tasks.into_iter().map(|stored| (stored.id, stored.task)))?;
        Ok(Box::new(move || **lock(&self.0) = tasks))
    }
}
