//! Programs that are measured, and their server. `cargo xtask bench` builds and runs them.
//!
//! `bench-facade` is written with `datalinks`, and `bench-plain` with `reqwest` and `serde_json`, as a careful
//! programmer writes it without `datalinks`. Both run one workload, with the same types, against `bench-server`, a
//! process of its own. `bench-emulator` measures the emulator. Every program prints one line of JSON, a
//! [`Report`].
//!
//! All programs share one build of `reqwest`, with TLS. The plain program uses TLS only if the server has it. Otherwise
//! it configures `reqwest` without certificate authorities, and its start has almost no cost of TLS.

pub mod arguments;
pub mod data;
pub mod measure;
pub mod server;
pub mod tls;

pub use arguments::{Arguments, Workload};
pub use measure::Report;

/// Any error. It ends the program.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Number of rows per request of an ingestion.
pub const BATCH: usize = 1_000;
