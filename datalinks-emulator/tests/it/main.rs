//! The emulator, over HTTP.

mod datasets;
mod page;
mod pipeline;
mod queries;
mod server;
mod support;
mod uploads;
