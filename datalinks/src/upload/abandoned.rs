//! Telling of an upload that is dropped on its way.

/// Tells in the log which upload was left behind, unless its end is known. A destructor cannot wait for an answer,
/// so that nothing is given up on the service.
pub(super) struct Abandoned {
    upload_id: String,
    key: String,
    ended: bool,
}

impl Abandoned {
    pub(super) fn unless_ended(upload_id: impl Into<String>, key: impl Into<String>) -> Self {
        Self { upload_id: upload_id.into(), key: key.into(), ended: false }
    }

    pub(super) fn ended(mut self) {
        self.ended = true;
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        if !self.ended {
            tracing::warn!(
                upload_id = self.upload_id,
                key = self.key,
                "an upload was dropped: give it up with Dataset::abort_upload, or go on with its journal"
            );
        }
    }
}
