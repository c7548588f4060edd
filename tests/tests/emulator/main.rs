//! The emulator against the recorded calls, and as every sort of caller.

mod access;
mod differences;
mod recorded;
mod repeated;
mod shape;
