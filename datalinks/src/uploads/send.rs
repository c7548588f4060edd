//! Concurrent sending of all missing parts.

use std::sync::Arc;

use futures::{StreamExt as _, stream::FuturesUnordered};

use super::{
    journal::{Journal, Line},
    lifetime::{ExpiryForecast, Lifetime},
    meter::Meter,
    put::Storage,
    settings::UploadSettings,
    work::Work,
};
use crate::{
    client::DataLinks,
    error::{Error, ErrorKind},
};

/// Sends the missing parts, and records the parts that arrive. The first part that finally fails ends the upload
/// and the parts in flight.
pub(super) async fn send_missing(
    client: &DataLinks,
    work: &mut Work,
    settings: &UploadSettings,
    journal: &mut Option<Journal>,
) -> Result<(), Error> {
    let missing = work.missing();
    let meter = metered(work, Lifetime::new(work.issued, settings.url_lifetime));
    let storage = Arc::new(Storage::new(client, settings.max_attempts_per_part, Arc::clone(&meter)));
    let put = |part| Arc::clone(&storage).put(part);
    let mut warned = false;
    let mut report = || {
        let now = meter.read();
        if let Some(forecast) = now.expiry_forecast.as_ref().filter(|_| !std::mem::replace(&mut warned, true))
        {
            warn(forecast, settings);
        }
        if let Some(observer) = &settings.progress {
            observer(&now);
        }
    };
    // From now on, the upload has a name, and the URLs of a journal may be older than their assumed lifetime.
    report();
    let mut waiting = missing.into_iter();
    let mut flying: FuturesUnordered<_> = waiting.by_ref().take(settings.concurrency).map(put).collect();
    loop {
        // All branches are cancel safe.
        tokio::select! {
            biased;
            () = settings.stopped(), if !flying.is_empty() => {
                return Err(Error::new(ErrorKind::Interrupted, "the upload was stopped before its last part arrived")
                    .advice("no file of the upload is ingested"));
            }
            arrived = flying.next() => {
                let Some(arrived) = arrived else { return Ok(()) };
                let (part, tag) = arrived.map_err(|error| meter.explain(error))?;
                flying.extend(waiting.next().map(put));
                if let Some(journal) = journal {
                    let line = Line::Part { file: part.item, number: part.number, etag: tag.clone() };
                    journal.note(&line).await?;
                }
                if let Some(item) = work.items.get_mut(part.item) {
                    item.tags.insert(part.number, tag);
                }
                report();
            }
            () = meter.changed.notified() => report(),
        }
    }
}

/// Logs that the URLs will probably expire before all parts are sent. The upload continues.
fn warn(forecast: &ExpiryForecast, settings: &UploadSettings) {
    tracing::warn!(
        bytes_per_second = forecast.bytes_per_second,
        missing_bytes = forecast.missing,
        needed_s = forecast.needed.map(|needed| needed.as_secs()),
        left_s = forecast.left.as_secs(),
        url_lifetime_s = settings.url_lifetime.as_secs(),
        concurrency = settings.concurrency,
        "upload is too slow; the presigned URLs will probably expire before all parts are sent"
    );
}

/// Creates a meter that includes the parts of an earlier run.
fn metered(work: &Work, lifetime: Lifetime) -> Arc<Meter> {
    let parts = || work.items.iter().flat_map(|item| &item.parts);
    let meter = Meter::new(parts().map(|part| part.size).sum(), parts().count(), lifetime, work.name());
    for item in &work.items {
        let there = item.parts.iter().filter(|part| item.tags.contains_key(&part.number));
        there.for_each(|part| meter.arrived_earlier(part.size));
    }
    meter
}
