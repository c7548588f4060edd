//! The endpoint that returns the settings, the datasets and the links between them.

use std::sync::Arc;

use serde::Serialize;

use super::clock;
use crate::concurrency::work::background;
use crate::linking::hits;
use crate::models::Models;
use crate::response::ApiResponse;
use crate::state::State;
use crate::store::{ColumnName, Dataset, DatasetName, Link, MatchKind, Store};

#[derive(Serialize)]
struct Overview<'a> {
    version: &'static str,
    user: &'a str,
    users: Vec<String>,
    seed: u64,
    strict: Strict,
    /// Description of the configured model. `None` if responses are rule-based.
    model: Option<String>,
    clock: clock::ClockReport,
    datasets: Vec<Listed<'a>>,
    links: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Strict {
    responses: bool,
    fields: bool,
}

#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    rows: usize,
    columns: usize,
    description: Option<&'a str>,
}

#[derive(Serialize)]
struct Name<'a> {
    owner: &'a str,
    namespace: &'a str,
    dataset: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    from: End<'a>,
    to: End<'a>,
    kind: MatchKind,
    hits: u64,
    active: bool,
}

#[derive(Serialize)]
struct End<'a> {
    #[serde(flatten)]
    dataset: Name<'a>,
    column: &'a str,
}

pub(super) async fn read(state: &Arc<State>) -> ApiResponse {
    // All parts are read from one state, because it may be replaced afterwards.
    let (store, users, seed) = {
        let _guard = state.generations.hold().await;
        (state.snapshot(), state.accounts.users(), state.ids.seed())
    };
    let state = Arc::clone(state);
    background(move || {
        let settings = &state.settings;
        ApiResponse::json(&Overview {
            version: env!("CARGO_PKG_VERSION"),
            user: settings.first().0,
            users,
            seed,
            strict: Strict { responses: settings.strict.responses, fields: settings.strict.fields },
            model: state.models.as_ref().map(Models::shown),
            clock: clock::ClockReport::of(&state),
            datasets: store.datasets().map(|(name, dataset)| Listed::new(name, dataset)).collect(),
            links: store.links().iter().map(|link| Line::new(&store, link)).collect(),
        })
    })
    .await
}

impl<'a> Listed<'a> {
    fn new(name: &'a DatasetName, dataset: &'a Dataset) -> Self {
        Self {
            name: Name::new(name),
            rows: dataset.rows().len(),
            columns: dataset.column_names().len(),
            description: dataset.definition.data_description.as_deref(),
        }
    }
}

impl<'a> Name<'a> {
    fn new(name: &'a DatasetName) -> Self {
        Self { owner: &name.owner, namespace: &name.namespace, dataset: &name.name }
    }
}

impl<'a> Line<'a> {
    fn new(store: &Store, link: &'a Link) -> Self {
        Self {
            from: End::new(&link.from),
            to: End::new(&link.to),
            kind: link.kind(),
            hits: hits(store, link),
            active: link.is_active(),
        }
    }
}

impl<'a> End<'a> {
    fn new(end: &'a ColumnName) -> Self {
        Self { dataset: Name::new(&end.dataset), column: &end.column }
    }
}
