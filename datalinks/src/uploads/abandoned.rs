//! A warning about an upload that is dropped before it ends.

use uuid::Uuid;

/// Logs what stays on the service if it is dropped before [`ended`](Self::ended) is called. Nothing is aborted,
/// because a destructor cannot wait for a response.
#[derive(Default)]
pub(super) struct Abandoned(Option<Left>);

/// The part of a dropped upload that may stay on the service.
pub(super) enum Left {
    /// The request that starts an upload was sent, and its response with the id was not received.
    Unnamed { files: String },
    /// An upload into a dataset.
    Upload { upload_id: String, key: String },
    /// A session of several files.
    Session(Uuid),
}

impl Abandoned {
    /// Sets what a drop leaves on the service from now on.
    pub(super) fn leaves(&mut self, left: Left) {
        self.0 = Some(left);
    }

    /// Sets the session that a drop leaves on the service from now on.
    pub(super) fn leaves_session(&mut self, session: Option<Uuid>) {
        self.0 = session.map(Left::Session);
    }

    /// Disables the warning, because the result reports what is left.
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
                "upload dropped while it started; the service may keep an upload without parts, whose id is not known"
            ),
            Some(Left::Upload { upload_id, key }) => tracing::warn!(
                upload_id,
                key,
                "upload dropped before it finished; continue with its journal, or abort it with Dataset::abort_upload if \
                 its ingestion has not started"
            ),
            Some(Left::Session(session)) => tracing::warn!(
                %session,
                "upload of several files dropped before it finished; continue with its journal, or abort it with \
                 UploadSession::abort"
            ),
        }
    }
}
