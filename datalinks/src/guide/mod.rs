//! The guide: tasks, explained with programs that run.
//!
//! Every program of the guide is compiled with the crate's tests. Those that need a server run against the embedded
//! emulator, in hidden lines, so that they need neither an account nor a network.
//!
//! | To | see |
//! |---|---|
//! | connect to the service, the emulator or through a proxy | [`connecting`] |
//! | send rows and account for each of them | [`ingesting_rows`] |
//! | decide what to do when a response is lost | [`ambiguous_outcomes`] |
//! | handle errors, and set retries | [`errors_and_retries`] |
//! | query datasets, and follow links | [`querying`] |
//! | ask questions | [`asking_questions`] |
//! | let the ingest proxy model and ingest data | [`pipelines`] |
//! | send whole files | [`uploading_files`] |
//! | come from the Python package | [`from_python`] |
//! | test your own code without the service | [`testing`] |

#[doc = include_str!("ambiguous_outcomes.md")]
pub mod ambiguous_outcomes {}

#[doc = include_str!("asking_questions.md")]
pub mod asking_questions {}

#[doc = include_str!("connecting.md")]
pub mod connecting {}

#[doc = include_str!("errors_and_retries.md")]
pub mod errors_and_retries {}

#[doc = include_str!("from_python.md")]
pub mod from_python {}

#[doc = include_str!("ingesting_rows.md")]
pub mod ingesting_rows {}

#[doc = include_str!("pipelines.md")]
pub mod pipelines {}

#[doc = include_str!("querying.md")]
pub mod querying {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("uploading_files.md")]
pub mod uploading_files {}

#[cfg(test)]
mod time_limits;
