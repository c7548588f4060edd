//! Ontology: links of the datasets that a run has made.
//!
//! Level 1 links a column with itself and is approved unseen. Level 2 links columns of the same name in two datasets
//! and is approved when some values match. Level 3 links columns of other names, and a model judges it.

use serde::{Deserialize, Serialize};

use super::job::PipelineJob;
use crate::accounts::CallerView;
use crate::ask::{Catalog, catalog};
use crate::concurrency::lock::read;
use crate::concurrency::work::Map;
use crate::linking::hits;
use crate::models::{ModelError, ModelSession, Prompt, parse_response};
use crate::resources::Resources;
use crate::store::{ColumnName, Dataset, DatasetName, Link, LinkState, MatchKind, Store};

const TASK: &str = "You find links between datasets: a column of a new dataset and a column of another dataset, under \
                    another name, whose equal values mean the same thing. Columns of the same name are linked already. \
                    Answer as {\"links\": [{\"from\": {\"dataset\": \"cinema/films\", \"column\": \"director\"}, \
                    \"to\": {\"dataset\": \"cinema/people\", \"column\": \"name\"}}]}, with an empty list if there are \
                    none; `from` is in one of newDatasets.";

#[derive(Deserialize)]
struct ModelLinks {
    links: Vec<ProposedLink>,
}

#[derive(Deserialize)]
struct ProposedLink {
    from: End,
    to: End,
}

#[derive(Deserialize)]
struct End {
    dataset: String,
    column: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Material<'a> {
    new_datasets: Vec<String>,
    data: Catalog<'a>,
    instructions: &'a str,
}

/// A link as it is told.
#[derive(Debug, Serialize)]
pub(super) struct LinkReport {
    from: String,
    to: String,
    level: u8,
    hits: u64,
}

/// A link of a level.
pub(super) type Leveled = (u8, Link);

fn exact(from: ColumnName, to: ColumnName) -> Link {
    Link { from, to, matching: MatchKind::ExactMatch.plain(), state: LinkState::Active }
}

/// The links of levels 1 and 2, which need no model.
fn by_name(sight: CallerView<'_>, job: &PipelineJob) -> Vec<Leveled> {
    let new: Vec<&DatasetName> = job.known.made.iter().map(|(name, _)| name).collect();
    let places: Map<&DatasetName, usize> = new.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let mut links: Vec<Leveled> = Vec::new();
    for (at, name) in new.iter().enumerate() {
        let Some(own) = sight.store.dataset(name) else { continue };
        links.extend(data_columns(own).map(|column| (1, exact(name.column(column), name.column(column)))));
        for (other_name, other) in sight
            .in_namespace(&job.namespace)
            .filter(|(other, _)| places.get(other).is_none_or(|own| *own > at))
        {
            let both = data_columns(own).filter(|column| other.columns().number(column).is_some());
            let links_of = both.map(|column| exact(name.column(column), other_name.column(column)));
            links.extend(links_of.filter(|link| hits(sight.store, link) > 0).map(|link| (2, link)));
        }
    }
    links
}

/// The columns that hold data, without what steps have written about the rows.
fn data_columns(dataset: &Dataset) -> impl Iterator<Item = &str> {
    dataset.columns().names().filter(|name| !name.starts_with('_'))
}

/// Asks for the links of level 3. They must connect something.
pub(super) async fn by_model(
    resources: &Resources,
    job: &PipelineJob,
    session: &ModelSession<'_>,
) -> Result<Vec<Leveled>, ModelError> {
    let prompt = {
        let store = read(&resources.store);
        let new_datasets = job.known.made.iter().map(|(name, _)| name.to_string()).collect();
        let data = catalog(CallerView::new(&store, &job.caller), &job.namespace);
        Prompt::of("ontology", TASK, &Material { new_datasets, data, instructions: job.wish() })?
    };
    let prompt = prompt
        .model(job.llm.ontology_model.as_deref().or(job.llm.model.as_deref()))
        .temperature(job.llm.ontology_temperature);
    session
        .ask_again(prompt, job.eval_retries, |json| {
            let said: ModelLinks = parse_response(json)?;
            let store = read(&resources.store);
            let sight = CallerView::new(&store, &job.caller);
            let others = said.links.into_iter().filter(|wanted| wanted.from.column != wanted.to.column);
            others.map(|wanted| Ok((3, link(sight, job, wanted)?))).collect()
        })
        .await
}

fn link(sight: CallerView<'_>, job: &PipelineJob, wanted: ProposedLink) -> Result<Link, String> {
    let from = end(sight, job, wanted.from)?;
    if !job.known.made.iter().any(|(new, _)| *new == from.dataset) {
        return Err(format!("{} is not one of the new datasets", from.dataset));
    }
    let link = exact(from, end(sight, job, wanted.to)?);
    if hits(sight.store, &link) == 0 {
        return Err(format!("no value of {} is one of {}", link.from.identifier(), link.to.identifier()));
    }
    Ok(link)
}

fn end(sight: CallerView<'_>, job: &PipelineJob, wanted: End) -> Result<ColumnName, String> {
    let End { dataset, column } = wanted;
    let mut known = sight.in_namespace(&job.namespace);
    let known = known.find(|(name, _)| name.to_string() == dataset || name.name == dataset);
    let (name, own) = known.ok_or_else(|| format!("there is no dataset {dataset:?}"))?;
    if !own.has_column(&column) {
        return Err(format!("{name} has no column {column:?}"));
    }
    Ok(name.column(column))
}

/// All links of a run, those that a model judged last, each with the description that the event of the run has.
pub(super) fn found(store: &Store, job: &PipelineJob, judged: Vec<Leveled>) -> Vec<(Link, LinkReport)> {
    let links = by_name(CallerView::new(store, &job.caller), job).into_iter().chain(judged);
    let told = links.map(|(level, link)| {
        let (from, to) = (link.from.identifier(), link.to.identifier());
        let told = LinkReport { from, to, level, hits: hits(store, &link) };
        (link, told)
    });
    told.collect()
}
