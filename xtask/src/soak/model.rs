//! The rows of one client as the emulator must have them.

use std::collections::{BTreeMap, BTreeSet};

/// Number of rows of a batch, and of a file.
pub(super) const ROWS: u64 = 20;

/// A stored row: the number of its batch, and the number in the batch.
pub(super) type FoundRow = (u64, u64);

/// The rows in the emulator by dataset.
pub(super) type Found = BTreeMap<String, Vec<FoundRow>>;

/// A change of a dataset that has no response yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Change {
    Create(String),
    Clear(String),
    Delete(String),
    Rename(String, String),
}

/// The datasets of one client with the numbers of their batches.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    /// The batches that must be stored.
    pub(super) datasets: BTreeMap<String, BTreeSet<u64>>,
    /// The batches with an ambiguous outcome, which may be stored until the next restart.
    pub(super) ambiguous: BTreeSet<u64>,
    /// The batches of finished uploads, which the emulator still reads.
    pub(super) promised: BTreeSet<u64>,
    /// The change with an ambiguous outcome. The client waits for the next restart.
    pub(super) pending: Option<Change>,
}

impl Model {
    /// Applies a change that was acknowledged.
    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Create(name) => {
                self.datasets.entry(name).or_default();
            }
            Change::Clear(name) => {
                self.datasets.entry(name).or_default().clear();
            }
            Change::Delete(name) => {
                self.datasets.remove(&name);
            }
            Change::Rename(old, new) => {
                if let Some(batches) = self.datasets.remove(&old) {
                    self.datasets.insert(new, batches);
                }
            }
        }
    }

    /// Records a batch that was acknowledged.
    pub(super) fn stored(&mut self, dataset: &str, batch: u64) {
        self.datasets.entry(dataset.to_owned()).or_default().insert(batch);
    }

    /// Compares the model with all rows in the emulator, and decides what was ambiguous.
    ///
    /// `restarted` says that no earlier request is in progress, so that what is missing will stay missing.
    /// `read` says that the emulator has read all files.
    pub(super) fn compare(&mut self, found: &Found, restarted: bool, read: bool) -> Result<(), String> {
        if restarted {
            self.decide(found);
        }
        let (expected, names): (Vec<&String>, Vec<&String>) =
            (self.datasets.keys().collect(), found.keys().collect());
        if expected != names {
            return Err(format!("the datasets are {names:?} instead of {expected:?}"));
        }
        for (name, rows) in found {
            self.compare_dataset(name, rows)?;
        }
        if read && !self.promised.is_empty() {
            return Err(format!("uploads without their rows: {:?}", self.promised));
        }
        if restarted {
            self.ambiguous.clear();
        }
        Ok(())
    }

    /// Compares one dataset. Batches must be complete and in one dataset only.
    pub(super) fn compare_dataset(&mut self, name: &str, rows: &[FoundRow]) -> Result<(), String> {
        let mut batches: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (batch, row) in rows {
            batches.entry(*batch).or_default().push(*row);
        }
        let stored = self.datasets.entry(name.to_owned()).or_default();
        if let Some(lost) = stored.iter().find(|batch| !batches.contains_key(batch)) {
            return Err(format!("{name}: batch {lost} was acknowledged and is lost"));
        }
        for (batch, rows) in batches {
            if !rows.iter().copied().eq(0..ROWS) {
                return Err(format!("{name}: batch {batch} has the rows {rows:?}"));
            }
            let known =
                stored.contains(&batch) || self.ambiguous.remove(&batch) || self.promised.remove(&batch);
            if !known {
                return Err(format!("{name}: batch {batch} was removed, not sent, or is in another dataset"));
            }
            stored.insert(batch);
        }
        Ok(())
    }

    /// Decides by the rows in the emulator if the pending change was made.
    fn decide(&mut self, found: &Found) {
        let Some(change) = self.pending.take() else { return };
        let made = match &change {
            Change::Create(name) => found.contains_key(name),
            Change::Delete(name) => !found.contains_key(name),
            Change::Rename(old, new) => !found.contains_key(old) && found.contains_key(new),
            Change::Clear(name) => {
                let kept = self.datasets.get(name).into_iter().flatten();
                let there: BTreeSet<u64> =
                    found.get(name).into_iter().flatten().map(|(batch, _)| *batch).collect();
                !kept.into_iter().any(|batch| there.contains(batch))
            }
        };
        if made {
            self.apply(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(batches: &[u64]) -> Vec<FoundRow> {
        batches.iter().flat_map(|batch| (0..ROWS).map(|row| (*batch, row))).collect()
    }

    fn found(datasets: &[(&str, &[u64])]) -> Found {
        datasets.iter().map(|(name, batches)| ((*name).to_owned(), rows(batches))).collect()
    }

    fn model() -> Model {
        let mut model = Model::default();
        model.stored("a", 1);
        model.stored("a", 2);
        model.apply(Change::Create("b".to_owned()));
        model.ambiguous.insert(3);
        model
    }

    #[test]
    fn acknowledged_batches_must_be_there_once() {
        assert_eq!(model().compare(&found(&[("a", &[1, 2]), ("b", &[])]), false, true), Ok(()));
        for wrong in [
            found(&[("a", &[1]), ("b", &[])]),
            found(&[("a", &[1, 2, 2]), ("b", &[])]),
            found(&[("a", &[1, 2]), ("b", &[2])]),
            found(&[("a", &[1, 2, 4]), ("b", &[])]),
            found(&[("a", &[1, 2])]),
            found(&[("a", &[1, 2]), ("b", &[]), ("c", &[])]),
        ] {
            assert!(model().compare(&wrong, true, true).is_err(), "{wrong:?}");
        }
        let mut part = found(&[("a", &[1, 2]), ("b", &[])]);
        part.get_mut("a").unwrap().pop();
        assert!(model().compare(&part, true, true).unwrap_err().contains("batch 2 has the rows"));
    }

    #[test]
    fn ambiguous_batch_is_decided_by_the_restart() {
        let (with, without) = (found(&[("a", &[1, 2]), ("b", &[3])]), found(&[("a", &[1, 2]), ("b", &[])]));
        let mut late = model();
        late.compare(&without, false, true).unwrap();
        late.compare(&with, false, true).unwrap();
        assert!(late.compare(&without, true, true).is_err(), "it was seen");
        let mut never = model();
        never.compare(&without, true, true).unwrap();
        assert!(never.compare(&with, true, true).is_err(), "nothing was in progress any more");
    }

    #[test]
    fn ambiguous_change_is_decided_by_the_restart() {
        let there = found(&[("a", &[1, 2]), ("b", &[])]);
        for (change, made) in [
            (Change::Create("c".to_owned()), found(&[("a", &[1, 2]), ("b", &[]), ("c", &[])])),
            (Change::Clear("a".to_owned()), found(&[("a", &[]), ("b", &[])])),
            (Change::Delete("b".to_owned()), found(&[("a", &[1, 2])])),
            (Change::Rename("a".to_owned(), "A".to_owned()), found(&[("A", &[1, 2]), ("b", &[])])),
        ] {
            for seen in [&there, &made] {
                let mut model = model();
                model.pending = Some(change.clone());
                assert_eq!(model.compare(seen, true, true), Ok(()), "{change:?}");
                assert_eq!(model.pending, None);
            }
            let mut half = model();
            half.pending = Some(change);
            assert!(half.compare(&found(&[("a", &[1]), ("b", &[])]), true, true).is_err());
        }
    }

    #[test]
    fn finished_upload_must_be_there_once_files_are_read() {
        let mut model = model();
        model.promised.insert(7);
        let without = found(&[("a", &[1, 2]), ("b", &[])]);
        model.compare(&without, true, false).unwrap();
        assert!(model.compare(&without, true, true).unwrap_err().contains('7'));
        model.compare(&found(&[("a", &[1, 2]), ("b", &[7])]), true, true).unwrap();
        assert!(model.compare(&without, true, true).is_err());
    }
}
