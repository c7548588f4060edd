//! All missing parts, several at a time.

use std::sync::Arc;

use futures::{StreamExt as _, stream::FuturesUnordered};

use super::{
    journal::{Journal, Line},
    meter::Meter,
    put::Storage,
    settings::UploadSettings,
    work::Work,
};
use crate::{DataLinks, Error};

/// Sends what is missing, and notes what arrives. The first part that fails for good ends it, and with it the
/// parts that are on their way.
pub(super) async fn send_missing(
    client: &DataLinks,
    work: &mut Work,
    settings: &UploadSettings,
    journal: &mut Option<Journal>,
) -> Result<(), Error> {
    let missing = work.missing();
    let meter = metered(work);
    let storage = Arc::new(Storage::new(client, settings.attempts_per_part, Arc::clone(&meter))?);
    let put = |part| Arc::clone(&storage).put(part);
    let tell = || {
        if let Some(observer) = &settings.progress {
            observer(&meter.read());
        }
    };
    let mut waiting = missing.into_iter();
    let mut flying: FuturesUnordered<_> = waiting.by_ref().take(settings.concurrency).map(put).collect();
    loop {
        // Both branches may be dropped and asked again without losing anything.
        tokio::select! {
            biased;
            arrived = flying.next() => {
                let Some(arrived) = arrived else { return Ok(()) };
                let (part, tag) = arrived?;
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

/// A meter on which stands what arrived in an earlier run.
fn metered(work: &Work) -> Arc<Meter> {
    let parts = || work.items.iter().flat_map(|item| &item.parts);
    let meter = Meter::new(parts().map(|part| part.size).sum(), parts().count());
    for item in &work.items {
        let there = item.parts.iter().filter(|part| item.tags.contains_key(&part.number));
        there.for_each(|part| meter.arrived(part.size, part.size));
    }
    meter
}
