//! The options of an INSERT.

use std::path::Path;

use datalinks::ingest::Ingest;
use datalinks_datafusion::InsertRow;

use crate::{
    arguments::{Delivery, Insert},
    failure::{Failure, Result},
};

/// Default of `--max-batch-bytes`, which is that of `datalinks ingest`.
const MAX_BATCH_BYTES: usize = 4 << 20;

/// Checks that journals are continued only on purpose, and that there are some to continue.
pub(super) fn check_journal(insert: &Insert) -> Result {
    let Some(directory) = &insert.journal else { return Ok(()) };
    let name = directory.display();
    match (is_used(directory), insert.resume) {
        (true, false) => Err(Failure::usage(format!(
            "the directory {name} is not empty, so it may have journals of an earlier run; nothing was sent"
        ))
        .next("add --resume to continue it, with the same statement and options")
        .next(format!(
            "remove the journals in {name} only to send all rows again, also those that are stored"
        ))),
        (false, true) => {
            Err(Failure::usage(format!("there are no journals in {name} to resume; nothing was sent"))
                .next("leave out --resume to begin a run, if no earlier run has sent rows"))
        }
        _ => Ok(()),
    }
}

fn is_used(directory: &Path) -> bool {
    std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some())
}

/// Returns the change of an ingestion by the options.
pub(super) fn ingest_settings(
    options: &Insert,
) -> impl Fn(Ingest<InsertRow>) -> Ingest<InsertRow> + Send + Sync + 'static {
    let bytes = options.max_batch_bytes.unwrap_or(MAX_BATCH_BYTES);
    let (batch_size, concurrency, delivery) = (options.batch_size, options.concurrency, options.delivery);
    let (reconcile_by, dead_letter) = (options.reconcile_by.clone(), options.dead_letter.clone());
    move |ingest| {
        let mut ingest = ingest.max_batch_bytes(bytes);
        if let Some(rows) = batch_size {
            ingest = ingest.batch_size(rows);
        }
        if let Some(requests) = concurrency {
            ingest = ingest.concurrency(requests);
        }
        if let Some(delivery) = delivery {
            ingest = ingest.delivery(match delivery {
                Delivery::AtLeastOnce => datalinks::Delivery::AtLeastOnce,
                Delivery::AtMostOnce => datalinks::Delivery::AtMostOnce,
                Delivery::Reconciled => datalinks::Delivery::Reconciled,
            });
        }
        if let Some(column) = &reconcile_by {
            ingest = ingest.reconcile_by(column);
        }
        if let Some(path) = &dead_letter {
            ingest = ingest.dead_letters(path);
        }
        ingest
    }
}
