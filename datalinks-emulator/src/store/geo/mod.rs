//! Locations on the earth, and a search for those close to each other.

mod point;
mod tree;
mod unit;

pub(crate) use point::{MaxDistance, Point};
pub(crate) use tree::Tree;
pub(crate) use unit::Unit;
