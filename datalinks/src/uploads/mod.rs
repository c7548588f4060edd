//! Uploading files in parts, whole or step by step.
//!
//! The parts go to a storage at presigned URLs. Those are secrets: they are kept in types that do not
//! print themselves, and no error, log or observer gets one.

mod abandoned;
mod by_hand;
mod end;
mod file;
mod files;
mod ingestions;
mod journal;
mod lifetime;
mod local;
mod meter;
mod options;
mod pieces;
mod put;
mod refusal;
mod send;
mod sessions;
mod settings;
mod work;

pub use by_hand::{FinishUpload, Upload, UploadedPart};
pub use file::{UploadFile, Uploaded};
pub use files::{UploadFileStatus, UploadFiles, UploadedFile, UploadedFiles};
pub use ingestions::{Ingestion, IngestionPage, Ingestions, WaitForIngestion, WaitOutcome};
pub use lifetime::ExpiryForecast;
pub use meter::UploadProgress;
pub use sessions::{FinishedFile, PreparedSession, SessionFile, SessionFiles, SessionStatus, UploadSession};
