//! The request that runs inference steps and stores nothing.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{client::DataLinks, error::Error, types::Listing};

/// Sends a preview. `written` is the request body with its rows, and `fields` has all its other members.
pub(super) async fn preview<U: DeserializeOwned>(
    client: &DataLinks,
    fields: &Map<String, Value>,
    written: Bytes,
) -> Result<Listing<U>, Error> {
    let mut fields = fields.clone();
    fields.insert("data".to_owned(), Value::Array(Vec::new()));
    let body = serde_json::from_value(fields.into())
        .map_err(|error| Error::invalid("the options of the preview cannot be encoded").caused_by(error))?;
    let call = client.call().with_body(written);
    let result = call.client().preview_infer(&body).await;
    call.finish_list(result).map(Listing::read)
}
