//! Types that several rooms share: lists, pages, models, inference steps, secrets and rows.

pub(crate) mod description;
mod from_wire;
mod impl_into_future;
pub(crate) mod inference_step;
pub(crate) mod items;
pub(crate) mod listing;
mod model;
pub(crate) mod serialize_duration;

pub use datalinks_gen::{Row, Secret};
pub(crate) use from_wire::{FromWire, deserialize_from_wire, from_wire};
pub(crate) use impl_into_future::impl_into_future;
pub use items::Items;
pub use listing::{Listing, Rejected};
pub use model::Model;
