//! The emulator against the recorded calls, and as every sort of caller.

mod access;
mod recorded;
mod repeated;
mod shape;
