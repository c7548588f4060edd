//! Creating datasets, putting rows in, and previewing that.

use http::StatusCode;
use serde::Serialize;

use super::{Call, check_name};
use crate::answer::Answer;
use crate::body::Fields;
use crate::linking::{self, Wanted, suggest_for};
use crate::lock::{read, write};
use crate::problem::Problem;
use crate::steps::Steps;
use crate::store::{Definition, InputRow};

pub(super) fn create(call: &Call<'_>) -> Result<Answer, Problem> {
    let name = call.dataset_name();
    check_name("namespace", &name.namespace)?;
    check_name("dataset", &name.name)?;
    let mut fields = Fields::read(&call.body)?;
    let definition = definition(&mut fields);
    // Older clients send it; every dataset is private all the same.
    let visibility: Option<String> = fields.optional("visibility");
    if visibility.is_some_and(|value| value != "Private" && value != "Public") {
        fields.wrong("visibility", "Private or Public");
    }
    fields.finish()?;
    write(&call.state.store).create(name, definition)?;
    Ok(Answer::empty().status(StatusCode::CREATED))
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

pub(super) fn ingest(call: &Call<'_>) -> Result<Answer, Problem> {
    let name = call.dataset_name();
    read(&call.state.store).find(&name)?;
    let Ingest { rows, definition, links, curate } = Ingest::read(call)?;
    if curate {
        call.script("`curate`")?;
    }
    let indexed = rows.len();
    let mut store = write(&call.state.store);
    let dataset = store.find_mut(&name)?;
    dataset.definition.update(definition);
    let from = dataset.rows().len();
    dataset.append(rows);
    suggest_for(&mut store, &call.caller, &name, from, &links)?;
    if curate {
        linking::curate(&mut store, &call.caller, &name);
    }
    Ok(Answer::json(&Indexed { indexed }))
}

pub(super) fn preview(call: &Call<'_>) -> Result<Answer, Problem> {
    Ok(Answer::json(&Ingest::read(call)?.rows))
}

/// What an ingest, or a preview of one, asks for.
struct Ingest<'a> {
    /// The rows that came out of the steps.
    rows: Vec<InputRow<'a>>,
    definition: Definition,
    links: Wanted,
    curate: bool,
}

impl<'a> Ingest<'a> {
    /// Reads the body, and runs its steps.
    fn read(call: &'a Call<'_>) -> Result<Self, Problem> {
        let mut fields = Fields::read(&call.body)?;
        let rows = fields.required_rows("data");
        let steps = Steps::take(&mut fields);
        let definition = definition(&mut fields);
        let curate = fields.optional::<bool>("curate") == Some(true);
        // Only steps with a model have a use for it.
        let _: Option<String> = fields.optional("additionalInstructions");
        let links = Wanted::take(&mut fields);
        fields.finish()?;
        Ok(Self { rows: steps.run(rows)?, definition, links, curate })
    }
}
