//! The guide: tasks, explained with programs that run.
//!
//! Every program of the guide is compiled with the crate's tests. Those that need a server run against the embedded
//! emulator, in hidden lines, so that they need neither an account nor a network.
//!
//! | To | see |
//! |---|---|
//! | write a first program | [`getting_started`] |
//! | connect to the service, the emulator or through a proxy, and set time limits | [`connecting`] |
//! | send rows and account for each of them | [`ingesting_rows`] |
//! | decide what to do when a response is lost | [`ambiguous_outcomes`] |
//! | query datasets, and follow links | [`querying`] |
//! | ask questions | [`asking_questions`] |
//! | call agents over A2A | [`calling_agents`] |
//! | let the ingest proxy model and ingest data | [`pipelines`] |
//! | send whole files | [`uploading_files`] |
//! | handle errors, and set retries | [`errors_and_retries`] |
//! | read logs and spans, add headers, and observe progress | [`observability`] |
//! | test your own code without the service | [`testing`] |
//! | write a program without async | [`without_async`] |
//! | call single operations of the API | [`low_level_calls`] |
//! | design datasets for questions, as the vendor advises | [`vendor_advice`] |
//! | come from the Python package | [`from_python`] |
//! | compare with other clients, and find the origin of a default | [`comparison`] |
//! | know what is uncertain about the service | [`uncertainties`] |

#[doc = include_str!("ambiguous_outcomes.md")]
pub mod ambiguous_outcomes {}

#[doc = include_str!("asking_questions.md")]
pub mod asking_questions {}

#[doc = include_str!("calling_agents.md")]
pub mod calling_agents {}

#[doc = include_str!("comparison.md")]
pub mod comparison {}

#[doc = include_str!("connecting.md")]
pub mod connecting {}

#[doc = include_str!("errors_and_retries.md")]
pub mod errors_and_retries {}

#[doc = include_str!("from_python.md")]
pub mod from_python {}

#[doc = include_str!("getting_started.md")]
pub mod getting_started {}

#[doc = include_str!("ingesting_rows.md")]
pub mod ingesting_rows {}

#[doc = include_str!("low_level_calls.md")]
pub mod low_level_calls {}

#[doc = include_str!("observability.md")]
pub mod observability {}

#[doc = include_str!("pipelines.md")]
pub mod pipelines {}

#[doc = include_str!("querying.md")]
pub mod querying {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("uncertainties.md")]
pub mod uncertainties {}

#[doc = include_str!("uploading_files.md")]
pub mod uploading_files {}

#[doc = include_str!("vendor_advice.md")]
pub mod vendor_advice {}

#[doc = include_str!("without_async.md")]
pub mod without_async {}

#[cfg(test)]
mod time_limits;

#[cfg(test)]
mod tests;
