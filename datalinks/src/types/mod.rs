//! Types that several rooms share: lists, pages, models, secrets, rows.

mod awaitable;
pub(crate) mod items;
pub(crate) mod listing;
mod model;

pub(crate) use awaitable::awaitable;
pub use datalinks_gen::{Row, Secret};
pub use items::Items;
pub use listing::{Listing, Rejected};
pub use model::Model;
