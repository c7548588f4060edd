//! Handlers that create datasets, ingest rows and preview an ingest.

use futures::FutureExt;
use futures::future::BoxFuture;
use http::StatusCode;
use serde::Serialize;

use super::call::{OperationCall, check_name};
use crate::concurrency::lock::{read, write};
use crate::concurrency::work::{LARGE, background};
use crate::linking::{self, LinkSelection};
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::steps::{DatasetContext, InferenceSteps, StepRunner};
use crate::store::{Definition, InputRow};

pub(super) fn create(call: &OperationCall<'_>) -> Result<ApiResponse, Problem> {
    let name = call.dataset_name();
    check_name("namespace", &name.namespace)?;
    check_name("dataset", &name.name)?;
    let mut fields = Fields::read(&call.body)?;
    let definition = definition(&mut fields);
    // Older clients send a `visibility`. It is ignored: every dataset is private.
    fields.finish()?;
    write(&call.state.store).create(name, definition)?;
    Ok(ApiResponse::empty().status(StatusCode::CREATED))
}

pub(super) fn definition(fields: &mut Fields<'_>) -> Definition {
    Definition {
        data_description: fields.description("dataDescription"),
        schema_definition: fields.optional("schemaDefinition"),
        field_definition: None,
    }
}

#[derive(Serialize)]
struct Indexed {
    indexed: usize,
}

pub(super) fn ingest<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let name = call.dataset_name();
        let mut context = read(&call.state.store).find(&name)?.definition.clone();
        let Ingest { rows, steps, instructions, definition, links, curate } = Ingest::of(call).await?;
        // The definition in the request takes precedence over the stored one.
        context.update(definition.clone());
        if curate {
            call.provenance.script_part("`curate`")?;
        }
        let rows = infer(call, rows, &steps, DatasetContext::new(&context, instructions)).await?;
        let found = linking::discover_links(call.state, &call.caller, &name, &rows, false, &links).await?;
        let indexed = rows.len();
        {
            let mut store = write(&call.state.store);
            store.append_for(&name, rows, |store| linking::suggest(store, found))?;
            store.find_mut(&name)?.definition.update(definition);
        }
        if curate {
            let chosen = linking::curate(call.state, &call.caller, &name).await;
            call.spend(&[&linking::describe(&name.to_string(), &chosen)]);
        }
        Ok(ApiResponse::json(&Indexed { indexed }))
    }
    .boxed()
}

pub(super) fn preview<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        let Ingest { rows, steps, instructions, definition, .. } = Ingest::of(call).await?;
        let rows = infer(call, rows, &steps, DatasetContext::new(&definition, instructions)).await?;
        Ok(ApiResponse::json(&rows))
    }
    .boxed()
}

/// Runs the inference steps on the rows.
async fn infer<'a>(
    call: &OperationCall<'_>,
    rows: Vec<InputRow<'a>>,
    steps: &InferenceSteps,
    context: DatasetContext,
) -> Result<Vec<InputRow<'a>>, Problem> {
    if let Some(what) = steps.first_model_step() {
        call.model_for_part(&what)?;
    }
    let runner = StepRunner::new(call.state.session(&call.caller.user), context);
    let rows = steps.run(rows, &runner).await?;
    call.state.usage.add(&call.caller.user, call.state.clock.now(), runner.spent());
    Ok(rows)
}

/// The body of an ingest or of its preview.
struct Ingest<'a> {
    rows: Vec<InputRow<'a>>,
    steps: InferenceSteps,
    instructions: Option<String>,
    definition: Definition,
    links: LinkSelection,
    curate: bool,
}

impl<'a> Ingest<'a> {
    /// Reads the body of a call. A large body is read in the background.
    async fn of(call: &'a OperationCall<'_>) -> Result<Self, Problem> {
        if call.body.len() < LARGE {
            return Self::read(&call.body);
        }
        let body = call.body.clone();
        background(move || {
            let ingest = Ingest::read(&body)?;
            let rows = ingest.rows.into_iter().map(InputRow::into_owned).collect();
            Ok(Ingest { rows, ..ingest })
        })
        .await
    }

    fn read(body: &'a [u8]) -> Result<Self, Problem> {
        let mut fields = Fields::read(body)?;
        let ingest = Self {
            rows: fields.required_rows("data"),
            steps: InferenceSteps::take(&mut fields),
            instructions: fields.optional("additionalInstructions"),
            definition: definition(&mut fields),
            links: LinkSelection::parse(&mut fields),
            curate: fields.optional("curate").unwrap_or(false),
        };
        fields.finish()?;
        Ok(ingest)
    }
}
