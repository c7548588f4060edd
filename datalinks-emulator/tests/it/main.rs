//! The emulator, over HTTP.

mod a2a;
mod agent;
mod cleaning;
mod contract;
mod datasets;
mod links;
mod page;
mod pipeline;
mod queries;
mod server;
mod support;
mod uploads;
mod usage;
