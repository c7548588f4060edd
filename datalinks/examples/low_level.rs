//! A typed call without the façade's comforts: `cargo run -p datalinks --features raw --example low_level`.

use std::time::Duration;

use datalinks::raw::{Ctx, PathSegment, api};
use datalinks_emulator::Emulator;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start().await?;
    // Not `Client::new`: its total time limit would end healthy streams. A proxy of the environment does not reach this
    // machine.
    let http = reqwest::Client::builder().connect_timeout(Duration::from_secs(30)).no_proxy().build()?;
    let client = api::Client::new_with_client(&emulator.api_url(), http, Ctx::bearer(emulator.api_key())?);

    let (namespace, films) = (PathSegment::new("cinema")?, PathSegment::new("films")?);
    client.create_dataset(&namespace, &films, &Default::default()).await?;

    let row = serde_json::Map::from_iter([("title".to_owned(), "Alien".into())]);
    let body = api::types::IngestRequest {
        data: api::types::DataArray(vec![row]),
        infer: None,
        link: None,
        curate: None,
        data_description: None,
        schema_definition: None,
        additional_instructions: None,
    };
    let answer = client.ingest_data(&namespace, &films, &body).await?;
    println!("{}: {} row indexed", answer.status(), answer.indexed);

    let info = client.get_dataset_information(&PathSegment::own(), &namespace, &films).await?;
    println!("{} holds {} row: {:?}", info.dataset.name, info.metadata.row_count, info.metadata.column_names);

    let missing = PathSegment::new("series")?;
    if let Err(error) = client.ingest_data(&namespace, &missing, &body).await {
        println!("series: {:?}", error.status());
    }
    Ok(())
}
