//! The low-level client of the DataLinks API and of its ingest proxy.
//!
//! Everything in [`api`] and [`proxy`] is generated at build time from one OpenAPI document; the
//! rest of the crate is what the generator cannot know: how a request is sent ([`Transport`]),
//! which path values are safe ([`PathSegment`]), and types that stay open where the service may
//! say something new ([`enums`], [`InferenceStep`]).
//!
//! Most applications want the `datalinks` crate, which adds batching, retries and typed streams.
//! Use this one for a single typed call with nothing in between:
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
//! # What holds for every operation
//!
//! - Any 2xx is success. A 204 where a list is expected is an empty list.
//! - A 4xx is [`progenitor_client::Error::ErrorResponse`]. When its body is not the API's error
//!   shape, the answer carries [`UNREADABLE_BODY`] as its code and the first part of the body as
//!   its message; status and headers are the server's.
//! - `Client::new` of the generated clients sets a *total* time limit of 15 s, which also ends
//!   healthy streams. Build the HTTP client yourself, as above.
//!
//! - An integer that a server writes as `5.0` is read as 5, and a field that may be null may be absent as well.
//! - An optional list or map of a request is an `Option`: `None` leaves it out, `Some` with nothing in it sends an
//!   empty one.
//!
//! Nothing here was tried against the live service; the document says which facts are uncertain.

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
pub use operation::{OPERATIONS, Operation, REQUESTS, Server, StreamKind};
pub use progenitor_client;
pub use secret::Secret;
pub use segment::{InvalidSegment, PathSegment};
pub use step::InferenceStep;
pub use transport::{Sending, Transport};

/// One row: a JSON object.
pub type Row = serde_json::Map<String, serde_json::Value>;

pub(crate) use open_enum::open_enum;

/// Enums of the document. Each is open: a value that the document does not know is kept.
pub mod enums {
    include!(concat!(env!("OUT_DIR"), "/enums.rs"));
}

/// The DataLinks API: 67 operations and their types, generated.
#[allow(clippy::all, clippy::unwrap_used, missing_docs, rustdoc::all, unreachable_pub, reason = "generated")]
pub mod api {
    include!(concat!(env!("OUT_DIR"), "/api.rs"));
}

/// The ingest proxy, a service with a host of its own: 4 operations and their types, generated.
#[allow(clippy::all, clippy::unwrap_used, missing_docs, rustdoc::all, unreachable_pub, reason = "generated")]
pub mod proxy {
    include!(concat!(env!("OUT_DIR"), "/proxy.rs"));
}
