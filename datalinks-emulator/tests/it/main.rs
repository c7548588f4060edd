//! The emulator, over HTTP.

mod agent;
mod datasets;
mod page;
mod pipeline;
mod queries;
mod server;
mod support;
mod uploads;
mod usage;
