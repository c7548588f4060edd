//! The steps of the demo, each a few lines of application code.

use datalinks::{
    AskEvent, DataLinks, Dataset, IngestProxy, IngestionResult, PipelineEvent, SchemaDefinition,
    datasets::CreateOutcome, field, pipeline::PipelineSource,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    place::Place,
    print::{detail, item, step},
    tables::{self, Film, Person},
};
use crate::failure::Result;

/// Number of rows per request. Small, so that there are several requests.
const BATCH: usize = 20;

pub(super) async fn create(films: &Dataset, people: &Dataset) -> Result {
    step(1, "Create two datasets with schemas from Rust types")?;
    create_one::<Film>(films, "Feature films of many countries").await?;
    create_one::<Person>(people, "People who made those films").await
}

async fn create_one<T: JsonSchema>(dataset: &Dataset, description: &str) -> Result {
    let created = dataset.create().description(description).schema(SchemaDefinition::of::<T>()).await?;
    let state = match created {
        CreateOutcome::Created => "new",
        CreateOutcome::AlreadyExists => "already exists",
    };
    item(format!("{}/{}: {state}", dataset.namespace().name(), dataset.name()))?;
    Ok(())
}

pub(super) async fn ingest(place: &Place, films: &Dataset, people: &Dataset) -> Result {
    step(2, &format!("Ingest the included tables, {BATCH} rows per request"))?;
    place.reject_one_ingest()?;
    report(films, &films.ingest(tables::films()?).batch_size(BATCH).await?)?;
    place.print_retries()?;
    report(people, &people.ingest(tables::people()?).batch_size(BATCH).await?)?;
    Ok(())
}

fn report<T: Serialize>(dataset: &Dataset, result: &IngestionResult<T>) -> Result {
    item(format!(
        "{}: {} rows stored, {} failed, in {} requests",
        dataset.name(),
        result.successful.len(),
        result.failed.len(),
        result.counts.requests
    ))?;
    for row in result.failed.iter().take(3) {
        detail(format!("row {}: {}", row.index, row.error))?;
    }
    Ok(())
}

pub(super) async fn link(client: &DataLinks, films: &Dataset, people: &Dataset) -> Result {
    step(3, "Link films.director to people.name")?;
    let added = client.add_link(films.column("director"), people.column("name")).await?;
    item(format!("link: {added:?}"))?;
    Ok(())
}

pub(super) async fn query(films: &Dataset) -> Result {
    step(4, "Query with a filter, decoded into a Rust struct")?;
    let query = films.query().filter(field("year").ge(2012).and(field("runtime_minutes").lt(130)));
    item(query.text()?)?;
    let recent: Vec<Film> = query.fetch().await?;
    item(format!("{} films, of which the first are:", recent.len()))?;
    for film in recent.iter().take(4) {
        detail(format!("{} {} ({}, {} min)", film.year, film.title, film.director, film.runtime_minutes))?;
    }
    Ok(())
}

pub(super) async fn query_sorted(films: &Dataset) -> Result {
    step(5, "Sort and limit: the three longest films of Japan")?;
    let query =
        films.query().filter(field("country").eq("Japan")).sort_descending("runtime_minutes").limit(3);
    item(query.text()?)?;
    let longest: Vec<Film> = query.fetch().await?;
    for film in &longest {
        detail(format!("{} min: {} ({})", film.runtime_minutes, film.title, film.year))?;
    }
    Ok(())
}

pub(super) async fn query_over_link(films: &Dataset) -> Result {
    step(6, "Query over the link, from films to their directors")?;
    let query = films.query().filter(field("country").eq("Japan")).search_around("people");
    item(query.text()?)?;
    let directors: Vec<Person> = query.fetch().await?;
    for person in directors.iter().take(4) {
        detail(format!("{}, born {} in {}", person.name, person.born, person.country))?;
    }
    Ok(())
}

pub(super) async fn ask(films: &Dataset) -> Result {
    step(7, "Ask a question and watch the events")?;
    let question = "Who directed Alien?";
    item(question)?;
    let mut events = films.namespace().ask(question).stream().await?;
    while let Some(event) = events.next().await {
        match event? {
            AskEvent::Plan(plan) => detail(format!("plan: {}", plan.steps.join("; ")))?,
            AskEvent::Step(step) => {
                detail(format!("step {}: {} ({} rows)", step.index, step.query, step.data.len()))?;
            }
            AskEvent::Answer(answer) => {
                answer.response.lines().try_for_each(|line| detail(format!("answer: {line}")))?;
            }
            AskEvent::Error(failure) => detail(format!("error: {}", failure.message))?,
            event => detail(event.name())?,
        }
    }
    Ok(())
}

pub(super) async fn pipeline(place: &Place, proxy: &IngestProxy, namespace: &str) -> Result {
    step(8, "Run a pipeline whose stream is cut and resumed")?;
    place.cut_one_stream()?;
    let rows: Vec<Film> = tables::films()?.into_iter().take(10).collect();
    let mut run = proxy
        .run_pipeline(namespace, PipelineSource::rows(&rows)?)
        .user_prompt("Films, one per row")
        .stream()
        .await?;
    item(format!("run {}", run.id()))?;
    while let Some(event) = run.next().await {
        let event = event?;
        detail(format!("{:>2} {}", run.cursor(), event.kind().unwrap_or("(no type)")))?;
        if let PipelineEvent::Error(object) = &event {
            detail(serde_json::to_string(object)?)?;
        }
    }
    item(format!("{} events, none twice", run.cursor()))?;
    place.print_connections()?;
    Ok(())
}
