//! Comparison of responses with the OpenAPI document that this crate is generated from.
//!
//! A service changes on another day than its clients. Unknown fields and unknown values of enums are kept by this crate, so
//! an application does not notice them. A [`DriftObserver`] does: it compares each response with the document and collects
//! what the document does not have. [`survey`] makes reading calls, so that there are responses to compare.
//!
//! Only names of fields, values of enums, types, statuses and media types are collected, without secrets. Values of rows are
//! not.
//!
//! # Examples
//!
//! ```
//! # use datalinks_emulator::Emulator;
//! use datalinks::{DataLinks, drift::{self, DriftObserver}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = Emulator::start().await?;
//! # let (host, key) = (emulator.api_url(), emulator.api_key());
//! let observer = DriftObserver::new();
//! let dl = DataLinks::builder(host, key).observe_drift(&observer).build()?;
//! drift::survey(&dl).await; // or the calls of the application
//! let report = observer.report();
//! assert!(report.is_empty(), "{}", report.to_markdown());
//! # Ok(())
//! # }
//! ```

mod compare;
mod declared;
mod found;
mod observer;
mod report;
mod survey;

pub use declared::contract_version;
pub use found::{Drift, DriftKind};
pub use observer::DriftObserver;
pub use report::DriftReport;
pub use survey::{SURVEY_LIMIT, SurveyCall, survey};

#[cfg(test)]
mod tests;
