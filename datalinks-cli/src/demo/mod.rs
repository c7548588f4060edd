//! The main job on real input: create, ingest, link, query, ask, run a pipeline.
//!
//! The same code talks to the embedded emulator and, with `--live`, to the service.

mod place;
mod print;
mod steps;
mod tables;

use clap::Args;

use place::Place;

/// What the demo can be told.
#[derive(Args)]
pub(crate) struct Options {
    /// Talk to the service at DL_HOST with DL_API_KEY instead of the embedded emulator. It writes two
    /// datasets, and asking costs model tokens.
    #[arg(long)]
    live: bool,

    /// The namespace to work in.
    #[arg(long, env = "DL_NAMESPACE", default_value = "cinema")]
    namespace: String,
}

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Runs all steps, in order, and says what each did.
pub(crate) async fn run(options: &Options) -> Result<(), Failure> {
    let place = if options.live { Place::live()? } else { Place::emulator().await? };
    print::title(&place.name);

    let films = place.client.dataset(&options.namespace, "films")?;
    let people = place.client.dataset(&options.namespace, "people")?;
    steps::create(&films, &people).await?;
    steps::ingest(&place, &films, &people).await?;
    steps::link(&place.client, &films, &people).await?;
    steps::query(&films).await?;
    steps::query_sorted(&films).await?;
    steps::query_over_link(&films).await?;
    steps::ask(&films).await?;
    match &place.proxy {
        Some(proxy) => steps::pipeline(&place, proxy, &options.namespace).await?,
        None => print::line("The pipeline needs the ingest proxy: set DL_INGEST_PROXY to run it too."),
    }

    print::end(place.is_live());
    place.close().await;
    Ok(())
}
