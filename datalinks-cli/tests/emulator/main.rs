//! Tests of `datalinks emulator` as a process.

mod exec;
mod serve;
mod state;
mod support;
