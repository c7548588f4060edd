//! Threats that no test of a feature covers. `SECURITY.md` lists all of them, each with its test.
#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

#[cfg(test)]
mod servers;
