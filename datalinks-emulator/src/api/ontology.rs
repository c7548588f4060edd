//! Handlers that add, remove and curate active links.

use std::collections::BTreeSet;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;

use super::call::OperationCall;
use super::links::{Listed, may_write};
use crate::accounts::CallerView;
use crate::concurrency::lock::{read, write};
use crate::concurrency::work::{Map, background};
use crate::linking::{self, Suggestions, candidates, choose, describe, hits, propose_links};
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::store::{
    ColumnName, Dataset, DatasetName, Link, LinkState, MatchKind, Namespace, Right, StoreError,
};

/// A link in a request: the identifiers of its columns and its kind.
struct LinkSpec {
    origin: String,
    destination: String,
    kind: MatchKind,
}

/// Activates links and turns active ones back into suggestions. Checks everything before it changes anything.
pub(super) fn save(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let name = call.dataset_name();
    let mut fields = Fields::read(&call.body)?;
    let (remove, add) = (links(call, &mut fields, "remove"), links(call, &mut fields, "add"));
    fields.finish()?;
    let mut store = write(&call.state.store);
    store.find(&name)?;
    let view = call.view(&store);
    let existing = ExistingLinks::of(view, &name);
    let columns = Columns::of(view);
    let remove: Vec<Link> = remove.iter().filter_map(|spec| existing.find(spec)).collect();
    let add: Vec<Link> =
        add.iter().map(|spec| spec.link(&existing, &columns, &name)).collect::<Result<_, _>>()?;
    remove.iter().chain(&add).try_for_each(|link| may_write(view, link))?;
    for link in remove {
        store.links_mut().set_state(&link, LinkState::Suggested);
    }
    for link in add {
        store.add_link(link)?;
    }
    Ok(ApiResponse::empty())
}

fn links(call: &OperationCall<'_>, fields: &mut Fields<'_>, name: &str) -> Vec<LinkSpec> {
    let mut links = Vec::new();
    for mut link in fields.objects(name) {
        let (origin, destination) =
            (identifier(call, &mut link, "origin"), identifier(call, &mut link, "destination"));
        let kind: String = link.required("matchType");
        match MatchKind::parse(&kind) {
            Some(kind) => links.push(LinkSpec { origin, destination, kind }),
            None if kind.is_empty() => {}
            None => link.wrong("matchType", "ExactMatch or GeoMatch"),
        }
        // The number of hits in the request is ignored.
        fields.close(link);
    }
    links
}

/// Reads the identifier of a column. Resolves the owner in it.
fn identifier(call: &OperationCall<'_>, link: &mut Fields<'_>, name: &str) -> String {
    let text: String = link.required(name);
    match text.strip_prefix("ri.").and_then(|rest| rest.split_once('.')) {
        Some((owner, rest)) => format!("ri.{}.{rest}", call.owner(owner)),
        None => text,
    }
}

/// The links of a dataset by the identifiers of their columns and by their kind.
struct ExistingLinks<'a>(Map<(String, String, MatchKind), &'a Link>);

impl<'a> ExistingLinks<'a> {
    fn of(view: CallerView<'a>, name: &DatasetName) -> Self {
        let mut links = Map::default();
        for link in view.store.links().iter().filter(|link| link.touches(name)) {
            // If names contain dots, two links can have the same identifiers. The first one wins.
            links.entry((link.from.identifier(), link.to.identifier(), link.kind())).or_insert(link);
        }
        Self(links)
    }

    /// Returns the existing link with these identifiers and this kind.
    fn find(&self, spec: &LinkSpec) -> Option<Link> {
        let LinkSpec { origin, destination, kind } = spec;
        self.0.get(&(origin.clone(), destination.clone(), *kind)).map(|link| (*link).clone())
    }
}

impl LinkSpec {
    /// Returns the existing link of this description, or a new active one.
    fn link(
        &self,
        existing: &ExistingLinks<'_>,
        columns: &Columns<'_>,
        name: &DatasetName,
    ) -> Result<Link, Problem> {
        if let Some(link) = existing.find(self) {
            return Ok(link);
        }
        let (from, to) = (columns.find(&self.origin)?, columns.find(&self.destination)?);
        let link = Link { from, to, matching: self.kind.plain(), state: LinkState::Active };
        if link.touches(name) {
            return Ok(link);
        }
        Err(Problem::bad_request(format!(
            "the link from {} to {} does not touch {name}; save it with one of the datasets that it links",
            self.origin, self.destination
        )))
    }
}

/// The datasets that the caller sees, by the prefix of their columns' identifiers.
struct Columns<'a> {
    prefixes: Map<String, Vec<(&'a DatasetName, &'a Dataset)>>,
    /// The distinct lengths of the prefixes, in bytes.
    lengths: BTreeSet<usize>,
}

impl<'a> Columns<'a> {
    fn of(view: CallerView<'a>) -> Self {
        let mut prefixes: Map<String, Vec<(&DatasetName, &Dataset)>> = Map::default();
        for (name, dataset) in view.datasets() {
            prefixes.entry(name.prefix()).or_default().push((name, dataset));
        }
        let lengths = prefixes.keys().map(String::len).collect();
        Self { prefixes, lengths }
    }

    /// Returns the column with this identifier. Names may contain dots, so the existing datasets and columns decide
    /// where a name ends.
    fn find(&self, identifier: &str) -> Result<ColumnName, Problem> {
        let splits = self.lengths.iter().filter_map(|length| identifier.split_at_checked(*length));
        let known = splits.filter_map(|(prefix, column)| Some((self.prefixes.get(prefix)?, column)));
        let mut matches = known.flat_map(|(datasets, column)| {
            let having = datasets.iter().filter(move |(_, dataset)| dataset.has_column(column));
            having.map(move |(name, _)| name.column(column))
        });
        match (matches.next(), matches.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Problem::not_found(format!(
                "{identifier:?} names no column; write ri.user.namespace.dataset.column, as getLinks does"
            ))),
            (Some(_), Some(_)) => Err(Problem::bad_request(format!(
                "{identifier:?} matches several columns, because their names contain dots; use addLink"
            ))),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Curated {
    datasets_processed: usize,
    total_selected: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    curated_links: Option<Vec<Listed>>,
}

/// The datasets whose suggestions are curated.
#[derive(Clone)]
enum Scope {
    Dataset(DatasetName),
    Namespace(Namespace),
}

impl Scope {
    fn contains(&self, dataset: &DatasetName) -> bool {
        match self {
            Self::Dataset(name) => dataset == name,
            Self::Namespace(space) => space.contains(dataset),
        }
    }
}

/// Selects among the suggestions, and activates the selection if the request says so.
pub(super) fn curate<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let mut fields = Fields::read(&call.body)?;
        let space = call.space_of("self", &fields.required::<String>("namespace"));
        let dataset = fields.optional::<String>("dataset").map(|name| space.dataset(name));
        let activate = fields.optional("activate").unwrap_or(false);
        let model: Option<String> = fields.optional("model");
        fields.finish()?;
        let scope = dataset.map_or_else(|| Scope::Namespace(space.clone()), Scope::Dataset);
        let datasets_processed = {
            let store = read(&call.state.store);
            let view = call.view(&store);
            match &scope {
                Scope::Dataset(name) => {
                    view.check(name, Right::Write)?;
                    store.find(name)?;
                }
                Scope::Namespace(space) => view.check_all(space, Right::Write)?,
            }
            store.datasets().filter(|(name, _)| scope.contains(name)).count()
        };
        if datasets_processed == 0 {
            return Err(StoreError::NoSuchNamespace(space).into());
        }
        let chosen = match call.model("`curateLinks`")? {
            Some(session) => {
                let (store, caller) = (call.state.snapshot(), call.caller.clone());
                let scope = scope.clone();
                let (links, descriptions) = background(move || {
                    let links = candidates(CallerView::new(&store, &caller), |name| scope.contains(name));
                    let descriptions = Suggestions::of(&store, &links);
                    (links, descriptions)
                })
                .await;
                propose_links(&session, links, descriptions, model.as_deref()).await?
            }
            None => {
                let (store, caller) = (call.state.snapshot(), call.caller.clone());
                let scope = scope.clone();
                let chosen =
                    background(move || choose(CallerView::new(&store, &caller), |name| scope.contains(name)))
                        .await;
                call.spend(&[&describe(&space.name, &chosen)]);
                chosen
            }
        };
        if activate {
            linking::activate(&mut write(&call.state.store), &chosen);
            let curated = Curated { datasets_processed, total_selected: chosen.len(), curated_links: None };
            return Ok(ApiResponse::json(&curated));
        }
        let store = call.state.snapshot();
        Ok(background(move || {
            let listed = chosen.iter().map(|link| Listed::of(link, hits(&store, link))).collect();
            let curated_links = Some(listed);
            ApiResponse::json(&Curated { datasets_processed, total_selected: chosen.len(), curated_links })
        })
        .await)
    }
    .boxed()
}
