//! Persistence of the store.
//!
//! Each dataset has a file with its rows, in storage order and with the keys and digits that were ingested, and a file
//! with its definition.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use serde::{Deserialize, Serialize};

use super::shares::Grant;
use super::{Dataset, DatasetName, Definition, GrantScope, InputRow, Link, Shares, Store};
use crate::concurrency::lock::{read, write};
use crate::persistence::{
    AppendOnly as _, Change, Files, Frozen, Persist, Sink, Unreadable, Versioned, encode, parse_lines,
    pretty, save_lines, save_list,
};

const DATASETS: &str = "datasets/";
const DEFINITION: &str = "/dataset.json";
const LINKS: &str = "links.json";
const SHARES: &str = "shares.ndjson";

/// Number of rows that are appended at a time when a file is read.
const BATCH: usize = 1_000;

/// A dataset without its rows, as it is persisted.
#[derive(Deserialize, Serialize)]
struct StoredDataset {
    #[serde(flatten)]
    name: DatasetName,
    #[serde(flatten)]
    definition: Definition,
    #[serde(default, rename = "sortOrder", skip_serializing_if = "Vec::is_empty")]
    sort_order: Vec<String>,
}

/// A share, as it is persisted.
#[derive(Deserialize, Serialize)]
struct StoredGrant {
    #[serde(flatten)]
    scope: GrantScope,
    user: String,
    #[serde(flatten)]
    grant: Grant,
}

/// Returns the directory of a dataset.
fn dir(name: &DatasetName) -> String {
    format!("{DATASETS}{}/{}/{}", encode(&name.owner), encode(&name.namespace), encode(&name.name))
}

impl Persist for RwLock<Store> {
    fn changed(&self) -> u64 {
        let store = read(self);
        let (links, shares) = (Versioned::changed(&store.links), Versioned::changed(&store.shares));
        Versioned::changed(&store.datasets).max(links).max(shares)
    }

    fn save(&self, sink: &mut dyn Sink) {
        read(self).save(sink);
    }

    fn freeze(&self) -> Box<dyn Frozen> {
        Box::new(read(self).clone())
    }

    fn load<'a>(&'a self, files: &mut Files) -> Result<Change<'a>, Unreadable> {
        let mut datasets = BTreeMap::new();
        for path in files.paths(DATASETS, DEFINITION) {
            let Some(stored) = files.take_value::<StoredDataset>(&path)? else { continue };
            let dir = dir(&stored.name);
            if path != format!("{dir}{DEFINITION}") {
                let reason = format!("belongs in {dir}; correct the names in it or move the directory");
                return Err(Unreadable::new(path, reason));
            }
            let mut dataset = Dataset::new(stored.definition);
            load_rows(&mut dataset, files, &rows_path(&dir))?;
            dataset.set_sort_order(stored.sort_order);
            datasets.insert(stored.name, Versioned::from(Arc::new(dataset)));
        }
        let links: Vec<Link> = files.take_value(LINKS)?.unwrap_or_default();
        for end in links.iter().flat_map(|link| [&link.from, &link.to]) {
            if !datasets.contains_key(&end.dataset) {
                let reason =
                    format!("has a link to {}, which is not a dataset; remove the link", end.dataset);
                return Err(Unreadable::new(LINKS, reason));
            }
        }
        let mut shares = Shares::default();
        for grant in files.take_lines::<StoredGrant>(SHARES)? {
            let twice = format!("has two shares of the same data with {:?}; remove one of them", grant.user);
            if !shares.restore(grant.scope, grant.user, grant.grant) {
                return Err(Unreadable::new(SHARES, twice));
            }
        }
        Ok(Box::new(move || {
            let mut store = write(self);
            *store.datasets = Arc::new(datasets);
            *store.links = Arc::new(links.into());
            *store.shares = Arc::new(shares);
        }))
    }
}

impl Frozen for Store {
    fn save(&self, sink: &mut dyn Sink) {
        for (name, dataset) in self.datasets.iter() {
            let dir = dir(name);
            let stored = || StoredDataset {
                name: name.clone(),
                definition: dataset.definition.clone(),
                sort_order: dataset.sort_order().to_vec(),
            };
            sink.versioned(format!("{dir}{DEFINITION}"), Versioned::changed(dataset), &|| pretty(&stored()));
            if dataset.lines() > 0 {
                sink.append_only(rows_path(&dir), &***dataset);
            }
        }
        save_list(sink, LINKS, self.links().iter());
        let grants = self.shares.all();
        let grants = grants.map(|(scope, user, grant)| StoredGrant {
            scope: scope.clone(),
            user: user.to_owned(),
            grant,
        });
        save_lines(sink, SHARES, grants);
    }
}

fn rows_path(dir: &str) -> String {
    format!("{dir}/rows.ndjson")
}

fn load_rows(dataset: &mut Dataset, files: &mut Files, path: &str) -> Result<(), Unreadable> {
    let content = files.take_append_only(path)?;
    let mut rows: Vec<InputRow<'_>> = Vec::with_capacity(BATCH);
    for row in parse_lines(path, &content) {
        rows.push(row?);
        if rows.len() == BATCH {
            dataset.append(std::mem::take(&mut rows));
        }
    }
    dataset.append(rows);
    Ok(())
}
