//! All missing parts, several at a time.

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
use crate::{client::DataLinks, error::Error};

/// Sends what is missing, and notes what arrives. The first part that fails for good ends it, and with it the
/// parts that are on their way.
pub(super) async fn send_missing(
    client: &DataLinks,
    work: &mut Work,
    settings: &UploadSettings,
    journal: &mut Option<Journal>,
) -> Result<(), Error> {
    let missing = work.missing();
    let meter = metered(work, Lifetime::new(work.issued, settings.url_lifetime));
    let storage = Arc::new(Storage::new(client, settings.attempts_per_part, Arc::clone(&meter)));
    let put = |part| Arc::clone(&storage).put(part);
    let mut warned = false;
    let mut tell = || {
        let now = meter.read();
        if let Some(slow) = now.expiry_forecast.as_ref().filter(|_| !std::mem::replace(&mut warned, true)) {
            warn(slow, settings);
        }
        if let Some(observer) = &settings.progress {
            observer(&now);
        }
    };
    if meter.read().expiry_forecast.is_some() {
        // URLs of a journal that are older than they are assumed to live.
        tell();
    }
    let mut waiting = missing.into_iter();
    let mut flying: FuturesUnordered<_> = waiting.by_ref().take(settings.concurrency).map(put).collect();
    loop {
        // Both branches may be dropped and asked again without losing anything.
        tokio::select! {
            biased;
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
                tell();
            }
            () = meter.changed.notified() => tell(),
        }
    }
}

/// Warns that the URLs expire before all parts are sent. The upload goes on.
fn warn(slow: &ExpiryForecast, settings: &UploadSettings) {
    tracing::warn!(
        bytes_per_second = slow.bytes_per_second,
        missing_bytes = slow.missing,
        needed_s = slow.needed.map(|needed| needed.as_secs()),
        left_s = slow.left.as_secs(),
        url_lifetime_s = settings.url_lifetime.as_secs(),
        concurrency = settings.concurrency,
        "upload is too slow: the presigned URLs will probably expire before all parts are sent"
    );
}

/// A meter on which stands what arrived in an earlier run.
fn metered(work: &Work, lifetime: Lifetime) -> Arc<Meter> {
    let parts = || work.items.iter().flat_map(|item| &item.parts);
    let meter = Meter::new(parts().map(|part| part.size).sum(), parts().count(), lifetime);
    for item in &work.items {
        let there = item.parts.iter().filter(|part| item.tags.contains_key(&part.number));
        there.for_each(|part| meter.arrived_earlier(part.size));
    }
    meter
}
