//! Ontology: links from the new dataset to the ones that are there.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Job;
use crate::access::Sight;
use crate::ask::catalog;
use crate::linking::hits;
use crate::lock::read;
use crate::models::{Asker, ModelError, Prompt, said};
use crate::state::State;
use crate::store::{DatasetName, Link, LinkState, MatchKind, Store};

const TASK: &str = "You find links between datasets: a column of the new dataset and a column of another one whose equal \
                    values mean the same thing. Answer as {\"links\": [{\"column\": \"director\", \"dataset\": \
                    \"cinema/people\", \"otherColumn\": \"name\"}]}, with an empty list if there are none.";

#[derive(Deserialize)]
struct Said {
    links: Vec<Wanted>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    column: String,
    dataset: String,
    other_column: String,
}

/// A link as it is told.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    from: String,
    to: String,
    hits: u64,
}

/// Asks which links there are. They must connect something.
pub(super) async fn links(
    state: &State,
    job: &Job,
    new: &DatasetName,
    asker: &Asker<'_>,
) -> Result<Vec<Link>, ModelError> {
    let data = {
        let store = read(&state.store);
        catalog(Sight::new(&store, &job.caller), &job.namespace)
    };
    let material = json!({ "newDataset": new.to_string(), "data": data, "instructions": job.user_prompt });
    let prompt = Prompt::new("ontology", TASK, material.to_string())
        .model(job.llm.ontology_model.as_deref().or(job.llm.model.as_deref()))
        .temperature(job.llm.ontology_temperature);
    asker
        .ask_again(prompt, job.eval_retries, |json| {
            let said: Said = said(json)?;
            let store = read(&state.store);
            let sight = Sight::new(&store, &job.caller);
            said.links.into_iter().map(|wanted| link(sight, job, new, wanted)).collect()
        })
        .await
}

fn link(sight: Sight<'_>, job: &Job, new: &DatasetName, wanted: Wanted) -> Result<Link, String> {
    let mut others = sight.in_namespace(&job.namespace).filter(|(name, _)| *name != new);
    let other = others.find(|(name, _)| name.to_string() == wanted.dataset || name.name == wanted.dataset);
    let (other, _) = other.ok_or_else(|| format!("there is no other dataset {:?}", wanted.dataset))?;
    for (dataset, column) in [(new, &wanted.column), (other, &wanted.other_column)] {
        if !sight.store.dataset(dataset).is_some_and(|own| own.has_column(column)) {
            return Err(format!("{dataset} has no column {column:?}"));
        }
    }
    let link = Link {
        from: new.column(wanted.column),
        to: other.column(wanted.other_column),
        matching: MatchKind::ExactMatch.plain(),
        state: LinkState::Active,
    };
    if hits(sight.store, &link) == 0 {
        return Err(format!("no value of {} is one of {}", link.from.identifier(), link.to.identifier()));
    }
    Ok(link)
}

/// What is told of the links.
pub(super) fn told(store: &Store, links: &[Link]) -> Vec<Told> {
    let told = links.iter().map(|link| Told {
        from: link.from.identifier(),
        to: link.to.identifier(),
        hits: hits(store, link),
    });
    told.collect()
}
