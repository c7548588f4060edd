//! The emulator with the recorded calls, and with every kind of caller.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod access;
mod coverage;
mod differences;
mod recorded;
mod repeated;
mod shape;
