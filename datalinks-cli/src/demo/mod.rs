//! The demo: create, ingest, link, query, ask, and run a pipeline on real input.
//!
//! The embedded emulator and, with `--live`, the service are called by the same code.

mod place;
mod print;
mod steps;
mod tables;

use clap::Args;

use crate::failure::Result;
use place::Place;

/// The options of the demo.
#[derive(Args)]
pub(crate) struct Options {
    /// Service at DL_HOST with DL_API_KEY instead of the emulator
    ///
    /// The demo writes two datasets, and its question costs model tokens.
    #[arg(long)]
    live: bool,
}

impl Options {
    /// Returns `true` if the service is called instead of the emulator.
    pub(crate) fn is_live(&self) -> bool {
        self.live
    }
}

/// Namespace of the datasets unless another one is given.
const NAMESPACE: &str = "cinema";

/// Runs all steps in order and prints their results.
pub(crate) async fn run(options: &Options, namespace: Option<&str>) -> Result {
    let namespace = namespace.unwrap_or(NAMESPACE);
    let place = if options.live { Place::live()? } else { Place::emulator().await? };
    print::title(&place.name)?;

    let films = place.client.dataset(namespace, "films")?;
    let people = place.client.dataset(namespace, "people")?;
    steps::create(&films, &people).await?;
    steps::ingest(&place, &films, &people).await?;
    steps::link(&place.client, &films, &people).await?;
    steps::query(&films).await?;
    steps::query_sorted(&films).await?;
    steps::query_over_link(&films).await?;
    steps::ask(&films).await?;
    match &place.proxy {
        Some(proxy) => steps::pipeline(&place, proxy, namespace).await?,
        None => print::line("Skipped the pipeline, which needs the ingest proxy: set DL_INGEST_PROXY.")?,
    }

    print::end(place.is_live())?;
    place.close().await;
    Ok(())
}
