//! Decoders for the stream formats of DataLinks, which can be used without a client.
//!
//! The decoder in [`sse`] reads server-sent events (streamed questions), and the one in [`ndjson`] reads one JSON
//! value per line (pipeline runs). Both are state machines over chunks of bytes, without I/O. Push a chunk, take events
//! until there are none left, then push the next chunk. Data within one chunk is borrowed from it, and only data that
//! spans chunks is copied. The sizes of chunks never change the result.

mod limit;
pub mod ndjson;
pub mod sse;

pub(crate) use limit::EVENT_LIMIT;
pub use limit::LimitExceeded;
