//! `datalinks pipeline run`.

use std::path::PathBuf;

use clap::Args;
use datalinks::pipeline::{InferenceSettings, LlmSettings, PipelineSource, RunPipeline};
use datalinks::read;
use serde::Serialize;
use serde_json::Value;

use super::events;
use crate::commands::model;
use crate::commands::rows::input_failure;
use crate::failure::{Exit, Failure, Result};
use crate::session::Session;
use crate::set::set;

/// Start a run with rows, and show its events until it ends
///
/// The rows are those of files (CSV, JSON, NDJSON), which are sent in one request, or of a URL that the proxy fetches. A model
/// names the datasets, which are created in the namespace of --namespace. Starting a run costs model tokens.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks pipeline run films.csv --namespace cinema --user-prompt 'films and their directors'\n  \
    datalinks pipeline run films.csv --namespace cinema --human-in-the-loop --output ndjson\n  \
    datalinks pipeline run --url https://example.org/films.json --namespace cinema --detach")]
pub(super) struct Arguments {
    /// Files of rows
    #[arg(required_unless_present_any = ["url", "blob_url"])]
    files: Vec<PathBuf>,

    /// URL of the data, which the proxy fetches
    #[arg(long, value_name = "URL", conflicts_with_all = ["files", "blob_url"])]
    url: Option<String>,

    /// URL of a blob with the data, which the proxy fetches
    #[arg(long, value_name = "URL", conflicts_with = "files")]
    blob_url: Option<String>,

    /// Print the id of the run when it has started, and do not follow it
    #[arg(long)]
    detach: bool,

    /// Description of the data and of the desired result
    #[arg(long, value_name = "TEXT")]
    user_prompt: Option<String>,

    /// Let the run stop for questions, which `datalinks pipeline answer` answers
    #[arg(long)]
    human_in_the_loop: bool,

    /// Leave out modeling: the datasets are those of --predefined-schema
    #[arg(long)]
    no_model: bool,

    /// Leave out ingestion: nothing is created
    #[arg(long)]
    no_ingest: bool,

    /// Leave out the links among the datasets
    #[arg(long)]
    no_ontology: bool,

    /// File with the datasets to create, as JSON: an object, or an array of dataset schemas
    #[arg(long, value_name = "FILE")]
    predefined_schema: Option<PathBuf>,

    /// Maximum number of times that the evaluation sends the run back to modeling [default: 3]
    #[arg(long, value_name = "COUNT")]
    max_eval_retries: Option<u32>,

    /// Maximum number of rows that modeling reads [default: 20]
    #[arg(long, value_name = "COUNT")]
    max_rows_for_modeling: Option<u32>,

    /// Maximum number of sample rows per dataset in the preview [default: 10]
    #[arg(long, value_name = "COUNT")]
    max_sample_rows: Option<u32>,

    /// Hint for expansion, which turns multi-valued fields into rows
    #[arg(long, value_name = "TEXT")]
    explosion_helper_prompt: Option<String>,

    /// Hint for coalescence, which groups columns into datasets
    #[arg(long, value_name = "TEXT")]
    coalescence_helper_prompt: Option<String>,

    #[command(flatten)]
    models: Models,
}

#[derive(Args)]
struct Models {
    /// Model of the pipeline itself
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Provider of that model
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,

    /// Temperature for expansion
    #[arg(long, value_name = "NUMBER")]
    explosion_temperature: Option<f64>,

    /// Temperature for coalescence
    #[arg(long, value_name = "NUMBER")]
    coalescence_temperature: Option<f64>,

    /// Temperature for judging proposals
    #[arg(long, value_name = "NUMBER")]
    evaluation_temperature: Option<f64>,

    /// Temperature for linking
    #[arg(long, value_name = "NUMBER")]
    ontology_temperature: Option<f64>,

    /// Model of the inference steps that the run sets up
    #[arg(long, value_name = "NAME")]
    inference_model: Option<String>,

    /// Provider of that model
    #[arg(long, value_name = "NAME")]
    inference_provider: Option<String>,

    /// Model that chooses links
    #[arg(long, value_name = "NAME")]
    ontology_model: Option<String>,

    /// Provider of that model
    #[arg(long, value_name = "NAME")]
    ontology_provider: Option<String>,
}

/// A run that was started and is not followed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Started<'a> {
    run_id: &'a str,
    cursor: u64,
}

pub(super) async fn run(arguments: Arguments, session: &Session) -> Result {
    let namespace = crate::commands::ask::namespace(session).await?;
    let detach = arguments.detach;
    let schema = match &arguments.predefined_schema {
        Some(file) => Some(json(file).await?),
        None => None,
    };
    let source = source(&arguments).await?;
    let builder = session.ingest_proxy().await?.run_pipeline(namespace.name(), source);
    let stop = session.stop_request();
    let run = tokio::select! {
        biased;
        code = stop.requested() => {
            let failure = Failure::interrupted(code);
            return Err(failure.next("check the namespace before you start another run: this one may have started"));
        }
        run = arguments.apply(builder, schema).stream() => run?,
    };
    if detach {
        session.diagnostics().note(&format!("follow it with: datalinks pipeline follow {}", run.id()));
        return session.output.object(&Started { run_id: run.id(), cursor: run.cursor() });
    }
    session.diagnostics().note(&format!("run {}", run.id()));
    events::follow(run, session, &stop).await
}

/// Returns the source. Files are read on a thread that may block.
async fn source(arguments: &Arguments) -> Result<PipelineSource> {
    if let Some(url) = &arguments.url {
        return Ok(PipelineSource::url(url));
    }
    if let Some(url) = &arguments.blob_url {
        return Ok(PipelineSource::blob_url(url));
    }
    let files = arguments.files.clone();
    let rows = tokio::task::spawn_blocking(move || {
        read::files(files).infer_types().rows().collect::<std::result::Result<Vec<_>, _>>()
    });
    let rows = rows.await?.map_err(input_failure)?;
    if rows.is_empty() {
        return Err(Failure::usage("the files have no rows; nothing was started"));
    }
    Ok(PipelineSource::rows(rows)?)
}

/// Reads a file of JSON.
async fn json(file: &PathBuf) -> Result<Value> {
    let text = tokio::fs::read(file)
        .await
        .map_err(|error| Failure::usage(format!("cannot read {}", file.display())).caused_by(&error))?;
    serde_json::from_slice(&text).map_err(|error| {
        let path = file.display().to_string();
        let line = u64::try_from(error.line()).ok();
        Failure::new(Exit::Usage, "the schema is not JSON")
            .caused_by(&error)
            .at(crate::failure::Place::File { path, line })
    })
}

impl Arguments {
    fn apply(self, mut run: RunPipeline, schema: Option<Value>) -> RunPipeline {
        run = run.phases(!self.no_model, !self.no_ingest, !self.no_ontology);
        if self.human_in_the_loop {
            run = run.human_in_the_loop();
        }
        run = set!(
            run,
            predefined_schema: schema,
            user_prompt: self.user_prompt,
            explosion_helper_prompt: self.explosion_helper_prompt,
            coalescence_helper_prompt: self.coalescence_helper_prompt,
            max_eval_retries: self.max_eval_retries,
            max_rows_for_modeling: self.max_rows_for_modeling,
            max_sample_rows: self.max_sample_rows,
        );
        self.models.apply(run)
    }
}

impl Models {
    fn apply(self, mut run: RunPipeline) -> RunPipeline {
        let mut llm = LlmSettings::new();
        let before = llm.clone();
        if self.model.is_some() || self.provider.is_some() {
            llm = llm.model(model(self.model, self.provider));
        }
        llm = set!(
            llm,
            explosion_temperature: self.explosion_temperature,
            coalescence_temperature: self.coalescence_temperature,
            evaluation_temperature: self.evaluation_temperature,
            ontology_temperature: self.ontology_temperature,
        );
        if llm != before {
            run = run.llm(llm);
        }
        let mut inference = InferenceSettings::new();
        let before = inference.clone();
        if self.inference_model.is_some() || self.inference_provider.is_some() {
            inference = inference.model(model(self.inference_model, self.inference_provider));
        }
        if self.ontology_model.is_some() || self.ontology_provider.is_some() {
            inference = inference.ontology_curation_model(model(self.ontology_model, self.ontology_provider));
        }
        if inference == before { run } else { run.inference(inference) }
    }
}
