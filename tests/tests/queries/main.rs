//! Queries of the builder: their requests, the rows that the emulator returns, and the strings that it parses.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod emulator;
mod requests;
mod round_trip;
