//! Decoders for the two kinds of stream that DataLinks sends, usable alone.
//!
//! Both are state machines over chunks of bytes, without I/O: [`sse`] for server-sent events (answers
//! to questions), [`ndjson`] for one JSON value a line (pipeline runs). Push a chunk, take events until
//! there is none, push the next. What lies within one chunk is borrowed from it; only what spans chunks
//! is copied. How the bytes are cut into chunks never changes what comes out.

mod limit;
pub mod ndjson;
pub mod sse;

pub(crate) use limit::EVENT_LIMIT;
pub use limit::LimitExceeded;
