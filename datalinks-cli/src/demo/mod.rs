//! The demo: create, ingest, link, query, ask, and run a pipeline on real input.
//!
//! The embedded emulator and, with `--live`, the service are called by the same code.

mod place;
mod print;
mod steps;
mod tables;

use clap::Args;

use place::Place;

/// The options of the demo.
#[derive(Args)]
pub(crate) struct Options {
    /// Service at DL_HOST with DL_API_KEY instead of the emulator
    ///
    /// The demo writes two datasets, and its question costs model tokens.
    #[arg(long)]
    live: bool,

    /// Namespace of the datasets
    #[arg(long, env = "DL_NAMESPACE", default_value = "cinema")]
    namespace: String,
}

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Runs all steps in order and prints their results.
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
        None => print::line("Skipped the pipeline, which needs the ingest proxy: set DL_INGEST_PROXY."),
    }

    print::end(place.is_live());
    place.close().await;
    Ok(())
}
