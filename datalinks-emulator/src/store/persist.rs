//! The store as files.
//!
//! Rows are one file per dataset, in the order of storing, with the keys and digits that they came with. What is
//! said about a dataset is beside them.

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

/// Rows that are taken over at a time when a file is read.
const READ_AT_ONCE: usize = 1_000;

/// What is said about a dataset.
#[derive(Deserialize, Serialize)]
struct StoredDataset {
    #[serde(flatten)]
    name: DatasetName,
    #[serde(flatten)]
    definition: Definition,
    #[serde(default, rename = "sortOrder", skip_serializing_if = "Vec::is_empty")]
    sort_order: Vec<String>,
}

/// What somebody was granted.
#[derive(Deserialize, Serialize)]
struct StoredGrant {
    #[serde(flatten)]
    place: GrantScope,
    user: String,
    #[serde(flatten)]
    grant: Grant,
}

/// The folder of a dataset.
fn folder(name: &DatasetName) -> String {
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
            let Some(kept) = files.take_value::<StoredDataset>(&path)? else { continue };
            let folder = folder(&kept.name);
            if path != format!("{folder}{DEFINITION}") {
                let reason = format!("belongs into {folder}; mend the names in it or move the folder");
                return Err(Unreadable::new(path, reason));
            }
            let mut dataset = Dataset::new(kept.definition);
            load_rows(&mut dataset, files, &rows_path(&folder))?;
            dataset.set_sort_order(kept.sort_order);
            datasets.insert(kept.name, Versioned::from(Arc::new(dataset)));
        }
        let links: Vec<Link> = files.take_value(LINKS)?.unwrap_or_default();
        for end in links.iter().flat_map(|link| [&link.from, &link.to]) {
            if !datasets.contains_key(&end.dataset) {
                let reason = format!("has a link to {}, which is no dataset; leave it out", end.dataset);
                return Err(Unreadable::new(LINKS, reason));
            }
        }
        let mut shares = Shares::default();
        for grant in files.take_lines::<StoredGrant>(SHARES)? {
            let twice = format!("has two shares of one place with {:?}; leave one of them out", grant.user);
            if !shares.restore(grant.place, grant.user, grant.grant) {
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
            let folder = folder(name);
            let kept = || StoredDataset {
                name: name.clone(),
                definition: dataset.definition.clone(),
                sort_order: dataset.sort_order().to_vec(),
            };
            sink.versioned(format!("{folder}{DEFINITION}"), Versioned::changed(dataset), &|| pretty(&kept()));
            if dataset.lines() > 0 {
                sink.append_only(rows_path(&folder), &***dataset);
            }
        }
        save_list(sink, LINKS, self.links().iter());
        let grants = self.shares.all();
        let grants = grants.map(|(place, user, grant)| StoredGrant {
            place: place.clone(),
            user: user.to_owned(),
            grant,
        });
        save_lines(sink, SHARES, grants);
    }
}

fn rows_path(folder: &str) -> String {
    format!("{folder}/rows.ndjson")
}

fn load_rows(dataset: &mut Dataset, files: &mut Files, path: &str) -> Result<(), Unreadable> {
    let content = files.take_append_only(path)?;
    let mut rows: Vec<InputRow<'_>> = Vec::with_capacity(READ_AT_ONCE);
    for row in parse_lines(path, &content) {
        rows.push(row?);
        if rows.len() == READ_AT_ONCE {
            dataset.append(std::mem::take(&mut rows));
        }
    }
    dataset.append(rows);
    Ok(())
}
