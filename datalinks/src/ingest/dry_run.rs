//! A run that sends nothing.

use bytes::Bytes;
use futures::future::BoxFuture;

use super::{
    engine::{Acknowledged, Deliver},
    reconcile::Key,
};
use crate::error::Error;

/// Acknowledges every request without sending it.
pub(super) struct DryRun;

impl Deliver for DryRun {
    fn deliver(&self, _body: Bytes, _retry_ambiguous: bool) -> BoxFuture<'_, Result<Acknowledged, Error>> {
        Box::pin(std::future::ready(Ok(Acknowledged { indexed: None, repeated: false, attempts: 1 })))
    }

    fn row_count(&self) -> BoxFuture<'_, Result<u64, Error>> {
        Box::pin(std::future::ready(Ok(0)))
    }

    fn find_keys<'a>(
        &'a self,
        _column: &'a str,
        _keys: &'a [Key],
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn dataset_name(&self) -> String {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{client::DataLinks, ingest::Delivery};

    #[tokio::test]
    async fn dry_run_makes_batches_and_writes_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let (journal, letters) = (directory.path().join("journal"), directory.path().join("letters"));
        // Nobody listens at this address.
        let client = DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
        let dataset = client.dataset("n", "d").unwrap();
        let mut rows: Vec<_> = (0..25).map(|n| json!({ "n": n })).collect();
        rows[7] = json!([7]);
        let ingest = dataset.ingest(rows).batch_size(10).journal(&journal).dead_letters(&letters);
        let summary = ingest.delivery(Delivery::Reconciled).dry_run().unwrap().finish().await.unwrap();
        let counts = summary.counts;
        assert_eq!((counts.stored, counts.failed, counts.batches), (24, 1, 3));
        assert!(counts.bytes > 24 * 7, "{}", counts.bytes);
        assert!(!journal.exists() && !letters.exists());
        let invalid = dataset.ingest([json!({})]).max_batch_bytes(0).dry_run();
        assert_eq!(invalid.map(|_| ()).unwrap_err().kind(), crate::ErrorKind::InvalidInput);
    }
}
