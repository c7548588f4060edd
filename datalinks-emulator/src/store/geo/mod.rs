//! Places on the earth, and which of them are close to each other.

mod point;
mod tree;
mod unit;

pub(crate) use point::{MaxDistance, Point};
pub(crate) use tree::Tree;
pub(crate) use unit::Unit;
