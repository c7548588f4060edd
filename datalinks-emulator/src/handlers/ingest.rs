//! Creating datasets, putting rows in, and previewing that.

use http::StatusCode;
use serde::Serialize;

use super::{Call, check_name};
use crate::answer::Answer;
use crate::body::Fields;
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
    let (rows, definition) = rows_and_definition(call)?;
    let indexed = rows.len();
    let mut store = write(&call.state.store);
    let dataset = store.find_mut(&name)?;
    dataset.definition.update(definition);
    dataset.append(rows);
    Ok(Answer::json(&Indexed { indexed }))
}

pub(super) fn preview(call: &Call<'_>) -> Result<Answer, Problem> {
    let (rows, _) = rows_and_definition(call)?;
    Ok(Answer::json(&rows))
}

/// Reads the body of an ingest or a preview, and runs its steps.
fn rows_and_definition<'a>(call: &'a Call<'_>) -> Result<(Vec<InputRow<'a>>, Definition), Problem> {
    let mut fields = Fields::read(&call.body)?;
    let rows = fields.required_rows("data");
    let steps = Steps::take(&mut fields);
    let definition = definition(&mut fields);
    let curate = fields.optional::<bool>("curate") == Some(true);
    // Only steps with a model have a use for it.
    let _: Option<String> = fields.optional("additionalInstructions");
    let link = wanted_links(&mut fields);
    fields.finish()?;
    if let Some(kind) = link {
        return Err(no_discovery(kind));
    }
    if curate {
        return Err(Problem::not_implemented(
            "`curate` needs a language model, and the emulator has none; leave it out or use the service",
        ));
    }
    Ok((steps.run(rows)?, definition))
}

pub(super) fn no_discovery(kind: &str) -> Problem {
    Problem::not_implemented(format!(
        "`link.{kind}` asks for links to be discovered, whose formulas are not public; leave it out and add the \
         links you want with addLink"
    ))
}

/// The first kind of link that shall be discovered. A kind that is present counts even as null.
pub(super) fn wanted_links(fields: &mut Fields<'_>) -> Option<&'static str> {
    let mut link = fields.object("link")?;
    let wanted =
        ["ExactMatch", "GeoMatch"].into_iter().filter(|kind| link.mentions(kind)).collect::<Vec<_>>();
    link.ignore(&wanted);
    fields.close(link);
    wanted.first().copied()
}
