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
//! | test your own code without the service | [`testing`] |

#[doc = include_str!("ambiguous_outcomes.md")]
pub mod ambiguous_outcomes {}

#[doc = include_str!("connecting.md")]
pub mod connecting {}

#[doc = include_str!("errors_and_retries.md")]
pub mod errors_and_retries {}

#[doc = include_str!("ingesting_rows.md")]
pub mod ingesting_rows {}

#[doc = include_str!("testing.md")]
pub mod testing {}
