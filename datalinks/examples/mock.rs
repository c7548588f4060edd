//! Unit tests of code that uses the client, without a socket: `cargo run -p datalinks --example mock`.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

use datalinks::{
    DataLinks, Error, ErrorKind,
    testing::{Reply, Script},
};
use serde_json::json;

/// The code under test: stores a film, and creates the dataset if it does not exist yet.
async fn store(dl: &DataLinks, title: &str) -> Result<u64, Error> {
    let films = dl.dataset("cinema", "films")?;
    let row = json!({ "title": title });
    match films.ingest([row.clone()]).await?.into_result() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            films.create().await?;
            films.ingest([row]).await?.into_result()?;
        }
        other => drop(other?),
    }
    u64::try_from(films.info().await?.metadata.row_count)
        .map_err(|error| Error::new(ErrorKind::UnexpectedResponse, "a negative count").caused_by(error))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The dataset is missing, so it is created, and the row is sent again.
    let script = Script::new()
        .reply(Reply::error(404, "NOT_FOUND", "There is no such dataset"))
        .reply(Reply::status(201))
        .reply(Reply::json(json!({ "indexed": 1 })))
        .reply(Reply::json(info(1)));
    let count = store(&script.client(), "Alien").await?;
    for request in script.finish() {
        println!("{request}");
    }
    println!("{count} row");

    // The connection breaks after the row was sent. At least once is the default, so it is sent again.
    let script = Script::new()
        .reply(Reply::lost_response())
        .reply(Reply::json(json!({ "indexed": 1 })))
        .reply(Reply::json(info(2)));
    println!("{} rows after {} requests", store(&script.client(), "Alien").await?, script.finish().len());

    // The key is wrong: the error reaches the caller after one request.
    let script = Script::new().reply(Reply::error(401, "UNAUTHORIZED", "The token is not valid"));
    let error = store(&script.client(), "Alien").await.err().ok_or("it went well")?;
    println!("{}: {}", error.kind(), error.message());
    script.finish();
    Ok(())
}

/// The response of the API to a request for a dataset's information.
fn info(rows: u64) -> serde_json::Value {
    json!({
        "dataset": { "name": "films", "namespace": "cinema", "owner": "ana", "visibility": "Private" },
        "metadata": { "rowCount": rows, "columnNames": ["title"] },
    })
}
