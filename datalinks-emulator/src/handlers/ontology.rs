//! Active links: added, removed, curated.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;

use super::Call;
use super::links::{Listed, may_write};
use crate::access::Sight;
use crate::answer::Answer;
use crate::body::Fields;
use crate::linking::{Suggestions, ask_curation, candidates, choose, hits, in_words};
use crate::lock::{read, write};
use crate::problem::Problem;
use crate::store::{ColumnName, DatasetName, Link, LinkState, MatchKind, Right, StoreError};

/// A link as a request writes it: the identifiers of its columns, and its kind.
struct Written {
    origin: String,
    destination: String,
    kind: MatchKind,
}

/// Makes links active, and active ones suggestions again. All is checked before anything changes.
pub(super) fn save(call: &Call<'_>) -> Result<Answer, Problem> {
    let name = call.dataset_name();
    let mut fields = Fields::read(&call.body)?;
    let (remove, add) = (links(call, &mut fields, "remove"), links(call, &mut fields, "add"));
    fields.finish()?;
    let mut store = write(&call.state.store);
    store.find(&name)?;
    let sight = call.sight(&store);
    let remove: Vec<Link> = remove.iter().filter_map(|own| own.kept(sight, &name)).collect();
    let add: Vec<Link> = add.iter().map(|own| own.link(sight, &name)).collect::<Result<_, _>>()?;
    remove.iter().chain(&add).try_for_each(|link| may_write(sight, link))?;
    for link in remove {
        store.links_mut().set_state(&link, LinkState::Suggested);
    }
    for link in add {
        store.add_link(link)?;
    }
    Ok(Answer::empty())
}

fn links(call: &Call<'_>, fields: &mut Fields<'_>, name: &str) -> Vec<Written> {
    let mut links = Vec::new();
    for mut link in fields.objects(name) {
        let (origin, destination) =
            (identifier(call, &mut link, "origin"), identifier(call, &mut link, "destination"));
        let kind: String = link.required("matchType");
        match MatchKind::parse(&kind) {
            Some(kind) => links.push(Written { origin, destination, kind }),
            None if kind.is_empty() => {}
            None => link.wrong("matchType", "ExactMatch or GeoMatch"),
        }
        // How many hits it had counts for nothing.
        fields.close(link);
    }
    links
}

/// An identifier that names its owner as users are named.
fn identifier(call: &Call<'_>, link: &mut Fields<'_>, name: &str) -> String {
    let text: String = link.required(name);
    match text.strip_prefix("ri.").and_then(|rest| rest.split_once('.')) {
        Some((owner, rest)) => format!("ri.{}.{rest}", call.owner(owner)),
        None => text,
    }
}

impl Written {
    /// The link of a dataset that it means, if there is one.
    fn kept(&self, sight: Sight<'_>, name: &DatasetName) -> Option<Link> {
        let own = |link: &&Link| {
            link.touches(name)
                && link.kind() == self.kind
                && link.from.identifier() == self.origin
                && link.to.identifier() == self.destination
        };
        sight.store.links().iter().find(own).cloned()
    }

    /// The link that it means, be it a new one.
    fn link(&self, sight: Sight<'_>, name: &DatasetName) -> Result<Link, Problem> {
        if let Some(link) = self.kept(sight, name) {
            return Ok(link);
        }
        let (from, to) = (column(sight, &self.origin)?, column(sight, &self.destination)?);
        let link = Link { from, to, matching: self.kind.plain(), state: LinkState::Active };
        if link.touches(name) {
            return Ok(link);
        }
        Err(Problem::bad_request(format!(
            "the link from {} to {} has no end in {name}; save it with a dataset that it links",
            self.origin, self.destination
        )))
    }
}

/// The column that an identifier names. Names may hold dots, so what exists decides where one ends.
fn column(sight: Sight<'_>, identifier: &str) -> Result<ColumnName, Problem> {
    let mut fitting = sight.datasets().filter_map(|(name, dataset)| {
        let column = identifier.strip_prefix(&name.prefix())?;
        dataset.has_column(column).then(|| name.column(column))
    });
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Problem::not_found(format!(
            "{identifier:?} names no column; write ri.user.namespace.dataset.column, as getLinks does"
        ))),
        (Some(_), Some(_)) => Err(Problem::bad_request(format!(
            "{identifier:?} fits several columns, because there are dots in their names; use addLink"
        ))),
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

/// Chooses among suggestions, and makes them active if asked to.
pub(super) fn curate<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Answer, Problem>> {
    async move {
        let mut fields = Fields::read(&call.body)?;
        let space = call.space_of("self", &fields.required::<String>("namespace"));
        let dataset = fields.optional::<String>("dataset").map(|name| space.dataset(name));
        let activate = fields.optional("activate").unwrap_or(false);
        let model: Option<String> = fields.optional("model");
        fields.finish()?;
        let in_scope = |own: &DatasetName| match &dataset {
            Some(name) => own == name,
            None => space.contains(own),
        };
        let datasets_processed = {
            let store = read(&call.state.store);
            let sight = call.sight(&store);
            match &dataset {
                Some(name) => {
                    sight.check(name, Right::Write)?;
                    store.find(name)?;
                }
                None => sight.check_all(&space, Right::Write)?,
            }
            store.datasets().filter(|(name, _)| in_scope(name)).count()
        };
        if datasets_processed == 0 {
            return Err(StoreError::NoSuchNamespace(space).into());
        }
        let chosen = match call.model("`curateLinks`")? {
            Some(asker) => {
                let (links, told) = {
                    let store = read(&call.state.store);
                    let links = candidates(call.sight(&store), in_scope);
                    let told = Suggestions::of(&store, &links);
                    (links, told)
                };
                ask_curation(&asker, links, told, model.as_deref()).await?
            }
            None => {
                let chosen = choose(call.sight(&read(&call.state.store)), in_scope);
                call.spend(&[&in_words(&space.name, &chosen)]);
                chosen
            }
        };
        let mut store = write(&call.state.store);
        let curated_links =
            (!activate).then(|| chosen.iter().map(|link| Listed::of(link, hits(&store, link))).collect());
        if activate {
            chosen.iter().for_each(|link| store.links_mut().set_state(link, LinkState::Active));
        }
        Ok(Answer::json(&Curated { datasets_processed, total_selected: chosen.len(), curated_links }))
    }
    .boxed()
}
