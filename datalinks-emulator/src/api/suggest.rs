//! Handlers that suggest a description or a schema of a dataset from a sample of its rows.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;

use super::call::OperationCall;
use crate::concurrency::work::background;
use crate::request::Fields;
use crate::response::{ApiResponse, Problem};
use crate::steps::suggest::{self, Sample};
use crate::store::OrderedTexts;
use crate::usage::tokens;

#[derive(Serialize)]
struct Description {
    description: String,
}

#[derive(Serialize)]
struct Schema {
    schema: OrderedTexts,
}

pub(super) fn description<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        match call.model("suggesting a description") {
            Ok(Some(session)) => {
                let description = suggest::ask_description(&session, &sample(&call.body)?).await?;
                Ok(ApiResponse::json(&Description { description }))
            }
            allowed => {
                by_rule(call, allowed.map(drop), |sample| {
                    let description = suggest::description(sample);
                    let spent = tokens(&description);
                    (ApiResponse::json(&Description { description }), spent)
                })
                .await
            }
        }
    }
    .boxed()
}

pub(super) fn schema<'a>(call: &'a OperationCall<'a>) -> BoxFuture<'a, Result<ApiResponse, Problem>> {
    async move {
        match call.model("suggesting a schema") {
            Ok(Some(session)) => {
                let schema = suggest::ask_schema(&session, &sample(&call.body)?).await?;
                Ok(ApiResponse::json(&Schema { schema }))
            }
            allowed => {
                by_rule(call, allowed.map(drop), |sample| {
                    let schema = suggest::schema(sample);
                    let written: Vec<&str> = schema.iter().map(|(_, text)| text).collect();
                    let spent = tokens(&written.concat());
                    (ApiResponse::json(&Schema { schema }), spent)
                })
                .await
            }
        }
    }
    .boxed()
}

/// Suggests by a rule, in the background because a sample may be as large as a body. An unreadable body is reported
/// before a rule that strict mode forbids.
async fn by_rule(
    call: &OperationCall<'_>,
    allowed: Result<(), Problem>,
    suggest: fn(&Sample<'_>) -> (ApiResponse, u64),
) -> Result<ApiResponse, Problem> {
    let body = call.body.clone();
    let (answer, spent) = background(move || {
        let sample = sample(&body)?;
        allowed?;
        let (answer, spent) = suggest(&sample);
        Ok::<_, Problem>((answer, spent + tokens(&sample.text())))
    })
    .await?;
    call.state.usage.add(&call.caller.user, call.state.clock.now(), spent);
    Ok(answer)
}

fn sample(body: &[u8]) -> Result<Sample<'_>, Problem> {
    let mut fields = Fields::read(body)?;
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
