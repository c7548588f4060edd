//! Queries of the builder: the requests that they send, the rows that the emulator finds, and the texts that it reads.

#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod emulator;
mod requests;
mod round_trip;
