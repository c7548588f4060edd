//! `datalinks pipeline`: runs of the ingest proxy.

mod answer;
mod events;
mod follow;
mod hints;
mod run;
mod trace;

use super::verbs;

verbs! {
    /// Start, follow and answer runs of the ingest proxy, which models, ingests and links data
    ///
    /// The proxy is that of DL_INGEST_PROXY or of the profile. A run goes on at the service when nobody follows it.
    pub(crate) struct Arguments;

    Run(run::Arguments) => run::run,
    Follow(follow::Arguments) => follow::run,
    Answer(answer::Arguments) => answer::run,
    Trace(trace::Arguments) => trace::run,
}
