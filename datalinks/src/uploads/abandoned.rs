//! Reports an upload that is dropped on its way.

use uuid::Uuid;

/// Reports in the log what was left behind on the service when it is dropped before it [`ended`](Self::ended). A
/// destructor cannot wait for a response, so that nothing is aborted.
#[derive(Default)]
pub(super) struct Abandoned(Option<Left>);

/// What a dropped upload may leave on the service.
pub(super) enum Left {
    /// The request that begins an upload was sent, and its response did not come: the upload cannot be named.
    Unnamed { files: String },
    /// An upload into a dataset.
    Upload { upload_id: String, key: String },
    /// A session of several files.
    Session(Uuid),
}

impl Abandoned {
    /// From here on, a drop leaves this behind.
    pub(super) fn leaves(&mut self, left: Left) {
        self.0 = Some(left);
    }

    /// From here on, a drop leaves this session behind.
    pub(super) fn leaves_session(&mut self, session: Option<Uuid>) {
        self.0 = session.map(Left::Session);
    }

    /// Nothing is left any more that the caller does not learn otherwise.
    pub(super) fn ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        match self.0.take() {
            None => {}
            Some(Left::Unnamed { files }) => tracing::warn!(
                files,
                "an upload was dropped while it began: the service may keep an upload without parts, whose id is not \
                 known"
            ),
            Some(Left::Upload { upload_id, key }) => tracing::warn!(
                upload_id,
                key,
                "an upload was dropped: go on with its journal, or abort it with Dataset::abort_upload if its ingestion \
                 has not begun"
            ),
            Some(Left::Session(session)) => tracing::warn!(
                %session,
                "an upload of several files was dropped: go on with its journal, or abort it with \
                 UploadSession::abort"
            ),
        }
    }
}
