//! Uploading files in parts, as a whole or step by step, and the ingestions of uploads.
//!
//! Parts are sent to presigned URLs of a storage. These URLs are secrets. Types that contain them do not print
//! them, and errors, logs and observers never receive them.

mod abandoned;
mod by_hand;
mod chunks;
mod cleanup;
mod file;
mod files;
mod ingestions;
mod journal;
mod lifetime;
mod local;
mod meter;
mod options;
mod prepared;
mod put;
mod send;
mod session_files;
mod sessions;
mod settings;
mod storage_error;
mod work;

pub use by_hand::{FinishUpload, UploadedPart};
pub use file::{UploadFile, Uploaded};
pub use files::{UploadFiles, UploadedFile, UploadedFiles};
pub use ingestions::{
    Ingestion, IngestionAttributes, IngestionPage, Ingestions, WaitForIngestion, WaitOutcome,
};
pub use lifetime::ExpiryForecast;
pub use meter::{UploadName, UploadProgress};
pub use prepared::{PreparedFile, PreparedSession, PresignedPart, Upload};
pub use session_files::{FinishedFile, SessionFile, SessionStatus, UploadFileStatus};
pub use sessions::{SessionFiles, UploadSession};
