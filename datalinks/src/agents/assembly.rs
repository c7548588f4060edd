//! Puts the task together that the events of a stream are about.

use std::collections::{HashMap, VecDeque};

use super::{
    event::{AgentArtifactUpdate, AgentStatusUpdate},
    proto::empty,
    task::{AgentArtifact, AgentTask, AgentTaskStatus},
};

/// The task that the events so far are about. Takes time in proportion to the events.
#[derive(Default)]
pub(super) struct Assembly {
    /// The task without its artifacts.
    task: Option<AgentTask>,
    /// The artifacts in order, or `None` where a later task has replaced one.
    artifacts: VecDeque<Option<AgentArtifact>>,
    /// The number of artifacts that were put before the first one.
    before: usize,
    places: HashMap<String, Slot>,
}

/// The place of an artifact, counted from the first one that came.
#[derive(Clone, Copy)]
enum Slot {
    /// The number of artifacts from the first one to this one.
    After(usize),
    /// The number of artifacts from this one to the first one.
    Before(usize),
}

impl Assembly {
    /// Takes a task as it stands. Earlier artifacts that it does not name follow its own.
    pub(super) fn whole(&mut self, mut task: AgentTask) {
        let earlier = self.before;
        for artifact in std::mem::take(&mut task.artifacts.items).into_iter().rev() {
            let known = self.places.get(&artifact.artifact_id).copied();
            // A task may name an id twice. Both stay, and updates are about the last of them.
            let named_before = matches!(known, Some(Slot::Before(place)) if place > earlier);
            self.artifacts.push_front(None);
            self.before += 1;
            if !named_before {
                if let Some(known) = known.and_then(|place| self.at(place)) {
                    *known = None;
                }
                self.places.insert(artifact.artifact_id.clone(), Slot::Before(self.before));
            }
            if let Some(first) = self.artifacts.front_mut() {
                *first = Some(artifact);
            }
        }
        self.task = Some(task);
    }

    /// Takes a change of the status.
    pub(super) fn status(&mut self, update: AgentStatusUpdate) {
        self.task(update.task_id, update.context_id).status = update.status;
    }

    /// Takes an artifact, or the next parts of one.
    pub(super) fn artifact(&mut self, update: AgentArtifactUpdate) {
        self.task(update.task_id, update.context_id);
        let AgentArtifactUpdate { artifact, append, .. } = update;
        // Artifacts without an id do not replace each other.
        let named = append || !artifact.artifact_id.is_empty();
        let place = self.places.get(&artifact.artifact_id).copied().filter(|_| named);
        match place.and_then(|place| self.at(place)) {
            Some(Some(known)) if append => {
                known.parts.extend(artifact.parts);
                known.metadata.extend(artifact.metadata);
            }
            Some(known) => *known = Some(artifact),
            None => {
                let place = Slot::After(self.artifacts.len() - self.before);
                self.places.insert(artifact.artifact_id.clone(), place);
                self.artifacts.push_back(Some(artifact));
            }
        }
    }

    /// Returns the task, or `None` if no event was about one.
    pub(super) fn finish(self) -> Option<AgentTask> {
        let mut task = self.task?;
        task.artifacts.items = self.artifacts.into_iter().flatten().collect();
        Some(task)
    }

    fn task(&mut self, id: Option<String>, context_id: Option<String>) -> &mut AgentTask {
        self.task.get_or_insert_with(|| AgentTask {
            id: id.unwrap_or_default(),
            context_id,
            status: AgentTaskStatus::default(),
            artifacts: empty(),
            history: empty(),
            metadata: Default::default(),
            extra: Default::default(),
        })
    }

    fn at(&mut self, place: Slot) -> Option<&mut Option<AgentArtifact>> {
        self.artifacts.get_mut(match place {
            Slot::After(place) => self.before + place,
            Slot::Before(place) => self.before.checked_sub(place)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};

    use super::*;

    fn task(artifacts: &[(&str, &str)]) -> AgentTask {
        let artifact = |(id, text): &(&str, &str)| json!({ "artifactId": id, "parts": [{ "text": text }] });
        let artifacts: Value = artifacts.iter().map(artifact).collect();
        serde_json::from_value(json!({ "id": "t", "status": {}, "artifacts": artifacts })).unwrap()
    }

    fn update(id: &str, text: &str, append: bool) -> AgentArtifactUpdate {
        let artifact = json!({ "artifactId": id, "parts": [{ "text": text }], "metadata": { text: 1 } });
        serde_json::from_value(json!({ "taskId": "t", "artifact": artifact, "append": append })).unwrap()
    }

    fn texts(assembly: Assembly) -> Vec<String> {
        assembly.finish().unwrap().artifacts.items.iter().map(AgentArtifact::text).collect()
    }

    #[test]
    fn artifacts_of_a_task_come_before_those_it_does_not_name() {
        let mut assembly = Assembly::default();
        assert!(Assembly::default().finish().is_none());
        for (id, text) in [("a", "1"), ("b", "2"), ("c", "3")] {
            assembly.artifact(update(id, text, false));
        }
        assembly.whole(task(&[("b", "4"), ("d", "5"), ("d", "6")]));
        assembly.artifact(update("a", "7", true));
        assembly.artifact(update("d", "8", true));
        assembly.artifact(update("e", "9", false));
        assembly.whole(task(&[("e", "10"), ("c", "11")]));
        assembly.artifact(update("b", "12", false));
        assembly.whole(task(&[]));
        assert_eq!(texts(assembly), ["10", "11", "12", "5", "6\n8", "1\n7"]);
    }

    #[test]
    fn artifacts_without_an_id_do_not_replace_each_other() {
        let mut assembly = Assembly::default();
        for (text, append) in [("1", false), ("2", false), ("3", true)] {
            assembly.artifact(update("", text, append));
        }
        assert_eq!(texts(assembly), ["1", "2\n3"]);
    }

    /// Every artifact was looked for among all others.
    #[test]
    fn time_is_in_proportion_to_the_number_of_artifacts() {
        let ids: Vec<String> = (0..30_000).map(|index| format!("step-{index}")).collect();
        let (added, more) = (update("", "a", false), update("", "b", true));
        let named = |update: &AgentArtifactUpdate, id: &String| {
            let artifact = AgentArtifact { artifact_id: id.clone(), ..update.artifact.clone() };
            AgentArtifactUpdate { artifact, ..update.clone() }
        };
        let whole = task(&[("", "c")]);
        let begin = Instant::now();
        let mut assembly = Assembly::default();
        ids.iter().for_each(|id| assembly.artifact(named(&added, id)));
        for id in &ids {
            assembly.artifact(named(&more, id));
            let mut whole = whole.clone();
            whole.artifacts.items[0].artifact_id.clone_from(id);
            assembly.whole(whole);
        }
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
        assert_eq!(texts(assembly), vec!["c"; ids.len()]);
    }
}
