//! Ontology: links the datasets that a run has created.
//!
//! - Level 1 links a column with itself, without a check.
//! - Level 2 links columns of the same name in two datasets if any values match.
//! - Level 3 links columns of different names, as a model proposes.

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

/// A link in an event.
#[derive(Debug, Serialize)]
pub(super) struct LinkReport {
    from: String,
    to: String,
    level: u8,
    hits: u64,
}

/// A link and its level.
pub(super) type Leveled = (u8, Link);

fn exact(from: ColumnName, to: ColumnName) -> Link {
    Link { from, to, matching: MatchKind::ExactMatch.plain(), state: LinkState::Active }
}

/// Returns the links of levels 1 and 2, which do not need a model.
fn by_name(view: CallerView<'_>, job: &PipelineJob) -> Vec<Leveled> {
    let new: Vec<&DatasetName> = job.known.made.iter().map(|(name, _)| name).collect();
    let indexes: Map<&DatasetName, usize> = new.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let mut links: Vec<Leveled> = Vec::new();
    for (at, name) in new.iter().enumerate() {
        let Some(own) = view.store.dataset(name) else { continue };
        links.extend(data_columns(own).map(|column| (1, exact(name.column(column), name.column(column)))));
        for (other_name, other) in view
            .in_namespace(&job.namespace)
            .filter(|(other, _)| indexes.get(other).is_none_or(|own| *own > at))
        {
            let both = data_columns(own).filter(|column| other.columns().number(column).is_some());
            let links_of = both.map(|column| exact(name.column(column), other_name.column(column)));
            links.extend(links_of.filter(|link| hits(view.store, link) > 0).map(|link| (2, link)));
        }
    }
    links
}

/// Returns the columns with data, without the metadata columns of inference steps.
fn data_columns(dataset: &Dataset) -> impl Iterator<Item = &str> {
    dataset.columns().names().filter(|name| !name.starts_with('_'))
}

/// Asks the model for the links of level 3. A link without matching values is sent back to the model.
pub(super) async fn by_model(
    resources: &Resources,
    job: &PipelineJob,
    session: &ModelSession<'_>,
) -> Result<Vec<Leveled>, ModelError> {
    let prompt = {
        let store = read(&resources.store);
        let new_datasets = job.known.made.iter().map(|(name, _)| name.to_string()).collect();
        let data = catalog(CallerView::new(&store, &job.caller), &job.namespace);
        Prompt::of("ontology", TASK, &Material { new_datasets, data, instructions: job.instructions() })?
    };
    let prompt = prompt
        .model(job.llm.ontology_model.as_deref().or(job.llm.model.as_deref()))
        .temperature(job.llm.ontology_temperature);
    session
        .ask_again(prompt, job.eval_retries, |json| {
            let response: ModelLinks = parse_response(json)?;
            let store = read(&resources.store);
            let view = CallerView::new(&store, &job.caller);
            let others =
                response.links.into_iter().filter(|proposed| proposed.from.column != proposed.to.column);
            others.map(|proposed| Ok((3, link(view, job, proposed)?))).collect()
        })
        .await
}

fn link(view: CallerView<'_>, job: &PipelineJob, proposed: ProposedLink) -> Result<Link, String> {
    let from = end(view, job, proposed.from)?;
    if !job.known.made.iter().any(|(new, _)| *new == from.dataset) {
        return Err(format!("{} is not one of the new datasets", from.dataset));
    }
    let link = exact(from, end(view, job, proposed.to)?);
    if hits(view.store, &link) == 0 {
        return Err(format!("no value of {} is one of {}", link.from.identifier(), link.to.identifier()));
    }
    Ok(link)
}

fn end(view: CallerView<'_>, job: &PipelineJob, proposed: End) -> Result<ColumnName, String> {
    let End { dataset, column } = proposed;
    let mut known = view.in_namespace(&job.namespace);
    let known = known.find(|(name, _)| name.to_string() == dataset || name.name == dataset);
    let (name, own) = known.ok_or_else(|| format!("there is no dataset {dataset:?}"))?;
    if !own.has_column(&column) {
        return Err(format!("{name} has no column {column:?}"));
    }
    Ok(name.column(column))
}

/// Returns all links of a run with their reports for the event. The links of the model come last.
pub(super) fn with_reports(
    store: &Store,
    job: &PipelineJob,
    judged: Vec<Leveled>,
) -> Vec<(Link, LinkReport)> {
    let links = by_name(CallerView::new(store, &job.caller), job).into_iter().chain(judged);
    let with_reports = links.map(|(level, link)| {
        let (from, to) = (link.from.identifier(), link.to.identifier());
        let report = LinkReport { from, to, level, hits: hits(store, &link) };
        (link, report)
    });
    with_reports.collect()
}
