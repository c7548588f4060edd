//! Uploading files in parts, whole or step by step.
//!
//! The parts go to a storage at presigned URLs. Those are secrets: they are kept in types that do not
//! print themselves, and no error, log or observer gets one.

mod abandoned;
mod by_hand;
mod end;
mod file;
mod files;
mod journal;
mod lifetime;
mod local;
mod meter;
mod options;
mod pieces;
mod put;
mod refusal;
mod send;
mod settings;
mod work;

pub use by_hand::{FinishUpload, Upload, UploadedPart};
pub(crate) use by_hand::{bytes, checked};
pub use file::{UploadFile, Uploaded};
pub use files::{UploadFileStatus, UploadFiles, UploadedFile, UploadedFiles};
pub use lifetime::TooSlow;
pub use meter::UploadProgress;
