//! Settings of `INSERT INTO` that are plain data.

use std::time::Duration;

use datalinks::{Delivery, ingest::Ingest};
use serde::{Deserialize, Serialize};

use crate::insert_row::InsertRow;

/// Settings of the ingestion of an `INSERT INTO`, which other processes can use.
///
/// | Setting | Default |
/// |---|---|
/// | [`delivery`](Self::delivery), [`reconcile_by`](Self::reconcile_by) | [`Delivery::AtLeastOnce`] |
/// | [`batch_size`](Self::batch_size), [`concurrency`](Self::concurrency), [`reconcile_window`](Self::reconcile_window) | those of [`Ingest`] |
///
/// # Examples
///
/// ```
/// use datalinks_datafusion::{InsertSettings, TableOptions};
///
/// let settings = InsertSettings::default().batch_size(500).reconcile_by("id");
/// let options = TableOptions::default().insert_settings(settings);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct InsertSettings {
    delivery: Mode,
    reconcile_by: Option<String>,
    reconcile_window: Option<Duration>,
    batch_size: Option<usize>,
    concurrency: Option<usize>,
}

/// A delivery mode as data.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Mode {
    #[default]
    AtLeastOnce,
    AtMostOnce,
    Reconciled,
}

impl InsertSettings {
    /// Delivers rows with an ambiguous outcome at most once: they are not sent again, and are reported as failed.
    pub fn at_most_once(mut self) -> Self {
        (self.delivery, self.reconcile_by) = (Mode::AtMostOnce, None);
        self
    }

    /// Reads the dataset after an ambiguous outcome, and sends again the rows whose value in this column it does not have. Every
    /// row needs a value of its own. See [`Ingest::reconcile_by`].
    pub fn reconcile_by(mut self, column: impl Into<String>) -> Self {
        (self.delivery, self.reconcile_by) = (Mode::Reconciled, Some(column.into()));
        self
    }

    /// See [`Ingest::reconcile_window`].
    pub fn reconcile_window(mut self, window: Duration) -> Self {
        self.reconcile_window = Some(window);
        self
    }

    /// Sets the maximum number of rows of a request. See [`Ingest::batch_size`].
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = Some(rows);
        self
    }

    /// Sets the number of requests that each partition sends at the same time. See [`Ingest::concurrency`].
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = Some(requests);
        self
    }

    /// Returns the delivery mode.
    pub fn delivery(&self) -> Delivery {
        match self.delivery {
            Mode::AtLeastOnce => Delivery::AtLeastOnce,
            Mode::AtMostOnce => Delivery::AtMostOnce,
            Mode::Reconciled => Delivery::Reconciled,
        }
    }

    pub(crate) fn apply(&self, ingest: Ingest<InsertRow>) -> Ingest<InsertRow> {
        let mut ingest = ingest.delivery(self.delivery());
        if let Some(column) = &self.reconcile_by {
            ingest = ingest.reconcile_by(column);
        }
        if let Some(window) = self.reconcile_window {
            ingest = ingest.reconcile_window(window);
        }
        if let Some(rows) = self.batch_size {
            ingest = ingest.batch_size(rows);
        }
        if let Some(requests) = self.concurrency {
            ingest = ingest.concurrency(requests);
        }
        ingest
    }
}
