//! The low-level client of the DataLinks API and of its ingest proxy.
//!
//! The modules [`api`] and [`proxy`] are generated from one OpenAPI document: by the build with the feature `generate`, or
//! before the release without it. Both give the same code. The rest of the crate is written by hand: how a request is sent ([`Transport`]), which path values are safe
//! ([`PathSegment`]), and types that accept values which the document does not list ([`enums`],
//! [`InferenceStep`]).
//!
//! Most applications want the `datalinks` crate, which adds batching, retries and typed streams. Use this crate
//! for single typed calls that nothing retries or changes:
//!
//! ```no_run
//! use datalinks_gen::{api, Ctx, PathSegment};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let http = reqwest::Client::builder()
//!     .connect_timeout(std::time::Duration::from_secs(30))
//!     .read_timeout(std::time::Duration::from_secs(600))
//!     .build()?;
//! let ctx = Ctx::bearer(&std::env::var("DL_API_KEY")?)?;
//! let client = api::Client::new_with_client(&std::env::var("DL_HOST")?, http, ctx);
//!
//! let owner = PathSegment::new("self")?;
//! let namespace = PathSegment::new("cinema")?;
//! let films = PathSegment::new("films")?;
//! let answer = client.get_dataset_information(&owner, &namespace, &films).await?;
//! println!("{} rows", answer.metadata.row_count);
//! # Ok(())
//! # }
//! ```
//!
//! # Rules for every operation
//!
//! - Every 2xx status is success. A 204 for a list is an empty list.
//! - A 4xx status is [`progenitor_client::Error::ErrorResponse`]. If the body does not have the API's error
//!   shape, the error has the code [`UNREADABLE_BODY`] and the first part of the body as its message. Status
//!   and headers are the server's.
//! - `Client::new` of the generated clients sets a *total* timeout of 15 s, which also ends healthy streams.
//!   Build the HTTP client yourself, as in the example above.
//! - An integer that a server writes as `5.0` is read as 5, and a nullable field may be absent.
//! - An optional list or map of a request is an `Option`. `None` omits the field, and `Some` of an empty
//!   collection sends it.
//!
//! The crate has not been tested against the live service. The document marks the facts that are uncertain.

#![cfg_attr(docsrs, feature(doc_cfg))]

/// Includes a generated file: the one that the build script wrote, or without the feature `generate` the committed one.
macro_rules! generated {
    ($file:literal) => {
        #[cfg(feature = "generate")]
        include!(concat!(env!("OUT_DIR"), "/", $file));
        #[cfg(not(feature = "generate"))]
        include!(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshot/", $file));
    };
}

mod ctx;
mod duration;
mod hooks;
mod mend;
mod open_enum;
mod operation;
mod secret;
mod segment;
mod step;
mod transport;
pub mod whole;

pub use ctx::{Ctx, InvalidToken};
pub use duration::IsoDuration;
pub use mend::UNREADABLE_BODY;
pub use operation::{OPERATIONS, Operation, REQUESTS, RESPONSES, Server, StreamKind, UNLISTED};
pub use progenitor_client;
pub use secret::Secret;
pub use segment::{InvalidSegment, PathSegment};
pub use step::InferenceStep;
pub use transport::{Sending, Transport};

/// A row: a JSON object.
pub type Row = serde_json::Map<String, serde_json::Value>;

pub(crate) use open_enum::open_enum;

/// The enums of the document. Each has a variant for values that the document does not list.
pub mod enums {
    generated!("enums.rs");
}

/// The client of the DataLinks API and its types, generated.
#[allow(clippy::all, clippy::unwrap_used, missing_docs, rustdoc::all, unreachable_pub, reason = "generated")]
pub mod api {
    generated!("api.rs");
}

/// The client of the ingest proxy, a service with its own host, and its types, generated.
#[allow(clippy::all, clippy::unwrap_used, missing_docs, rustdoc::all, unreachable_pub, reason = "generated")]
pub mod proxy {
    generated!("proxy.rs");
}
