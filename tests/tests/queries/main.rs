//! Queries of the builder: the requests that they send, the rows that the emulator finds, and the texts that it reads.

mod emulator;
mod requests;
mod round_trip;
