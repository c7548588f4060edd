//! Links between columns.

use http::StatusCode;
use serde::Serialize;

use super::{Call, unsupported};
use crate::answer::Answer;
use crate::body::Fields;
use crate::lock;
use crate::problem::Problem;
use crate::store::Right;
use crate::store::{ColumnName, DatasetName, Link};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    origin: String,
    destination: String,
    match_type: &'static str,
    hits: u64,
}

/// The links at either end of which a dataset stands. All links of the emulator are active, so
/// both operations that list links list the same.
pub(super) fn read(call: &Call<'_>) -> Result<Answer, Problem> {
    let name = call.dataset_name();
    let store = lock::read(&call.state.store);
    store.find(&name)?;
    let links = store.links().iter().filter(|link| link.touches(&name));
    let listed: Vec<Listed> = links
        .map(|link| Listed {
            origin: link.from.identifier(),
            destination: link.to.identifier(),
            match_type: "ExactMatch",
            hits: store.hits(link),
        })
        .collect();
    if listed.is_empty() {
        return Ok(Answer::empty().status(StatusCode::NO_CONTENT));
    }
    Ok(Answer::json(&listed))
}

pub(super) fn add(call: &Call<'_>) -> Result<Answer, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let from = end(call, &mut fields, "from");
    let to = end(call, &mut fields, "to");
    let kind: String = fields.required("matchType");
    if !matches!(kind.as_str(), "ExactMatch" | "GeoMatch" | "") {
        fields.wrong("matchType", "ExactMatch or GeoMatch");
    }
    let threshold = threshold(&mut fields);
    fields.finish()?;
    if kind == "GeoMatch" {
        return Err(Problem::not_implemented(
            "what a GeoMatch link compares is not public, so the emulator has ExactMatch links only; use one of \
             these or the service",
        ));
    }
    if let Some(name) = threshold {
        return Err(Problem::not_implemented(format!(
            "the formula behind options.{name} is not public; leave it out or set it to 0"
        )));
    }
    let link = Link { from, to };
    if link.from == link.to {
        return Err(Problem::bad_request("a column cannot be linked to itself; name two columns"));
    }
    let mut store = lock::write(&call.state.store);
    call.sight(&store).check(&link.from.dataset, Right::Write)?;
    call.sight(&store).check(&link.to.dataset, Right::Read)?;
    let new = store.add_link(link)?;
    Ok(Answer::empty().status(if new { StatusCode::CREATED } else { StatusCode::OK }))
}

/// One end of a link, as a request writes it.
fn end(call: &Call<'_>, fields: &mut Fields<'_>, name: &str) -> ColumnName {
    if !fields.has(name) {
        fields.missing(name);
    }
    let Some(mut object) = fields.object(name) else {
        return ColumnName { dataset: DatasetName::new("", "", ""), column: String::new() };
    };
    let username: String = object.required("username");
    let space = call.space_of(&username, &object.required::<String>("namespace"));
    let dataset = space.dataset(object.required::<String>("dataset"));
    let column = object.required("columnName");
    fields.close(object);
    ColumnName { dataset, column }
}

/// The first option that asks for a threshold other than none.
fn threshold(fields: &mut Fields<'_>) -> Option<&'static str> {
    let mut options = fields.object("options")?;
    let mut asked = None;
    for name in ["minDistinct", "minVariation"] {
        match options.raw(name).map(|raw| raw.get().parse::<f64>()) {
            None => {}
            Some(Ok(value)) => asked = asked.or((value != 0.0).then_some(name)),
            Some(Err(_)) => options.wrong(name, "a number"),
        }
    }
    // Those of GeoMatch, which is refused as a whole, and whatever else clients send along.
    fields.close(options.drained());
    asked
}

pub(super) fn preview(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("previewLinks"))
}

pub(super) fn rebuild(_: &Call<'_>) -> Result<Answer, Problem> {
    Err(unsupported("rebuildLinks"))
}
