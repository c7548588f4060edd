//! What a dataset is about, suggested from a sample.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;

use super::Call;
use crate::answer::Answer;
use crate::body::Fields;
use crate::problem::Problem;
use crate::store::OrderedTexts;
use crate::suggest::{self, Sample};

#[derive(Serialize)]
struct Description {
    description: String,
}

#[derive(Serialize)]
struct Schema {
    schema: OrderedTexts,
}

pub(super) fn description<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Answer, Problem>> {
    async move {
        let sample = sample(call)?;
        let description = match call.model("suggesting a description")? {
            Some(asker) => suggest::ask_description(&asker, &sample).await?,
            None => {
                let description = suggest::description(&sample);
                call.spend(&[&sample.text(), &description]);
                description
            }
        };
        Ok(Answer::json(&Description { description }))
    }
    .boxed()
}

pub(super) fn schema<'a>(call: &'a Call<'a>) -> BoxFuture<'a, Result<Answer, Problem>> {
    async move {
        let sample = sample(call)?;
        let schema = match call.model("suggesting a schema")? {
            Some(asker) => suggest::ask_schema(&asker, &sample).await?,
            None => {
                let schema = suggest::schema(&sample);
                let written: Vec<&str> = schema.iter().map(|(_, text)| text).collect();
                call.spend(&[&sample.text(), &written.concat()]);
                schema
            }
        };
        Ok(Answer::json(&Schema { schema }))
    }
    .boxed()
}

fn sample<'a>(call: &'a Call<'_>) -> Result<Sample<'a>, Problem> {
    let mut fields = Fields::read(&call.body)?;
    let mut sample = Sample { rows: fields.required_rows("sample"), ..Sample::default() };
    sample.model = fields.optional("model");
    let _: Option<String> = fields.optional("provider");
    if let Some(mut current) = fields.object("currentValue") {
        sample.description = current.optional("description");
        sample.schema = current.optional("schema").unwrap_or_default();
        fields.close(current);
    }
    fields.finish()?;
    Ok(sample)
}
