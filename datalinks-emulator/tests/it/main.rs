//! The emulator, over HTTP.

mod datasets;
mod pipeline;
mod queries;
mod server;
mod support;
mod uploads;
