//! Lists as Parquet files, in builds with the feature `parquet`.

#[cfg(not(feature = "parquet"))]
mod absent;
#[cfg(feature = "parquet")]
mod array;
#[cfg(feature = "parquet")]
mod file;
#[cfg(feature = "parquet")]
mod kind;

#[cfg(not(feature = "parquet"))]
pub(super) use absent::{Rows, check};
#[cfg(feature = "parquet")]
pub(super) use file::{Rows, check};
