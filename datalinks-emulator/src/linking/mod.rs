//! Links: discovery, traversal, suggestions and their activation.

mod connect;
mod curate;
mod discover;
mod model;
mod selection;
mod suggest;

pub(crate) use connect::{follow, hits};
pub(crate) use curate::{candidates, choose, describe};
pub(crate) use discover::{Compared, DiscoveredLink, TooManyLinks, discover};
pub(crate) use model::{Suggestions, ask as propose_links};
pub(crate) use selection::{LinkSelection, matching};
pub(crate) use suggest::{activate, curate, discover_links, suggest};

#[cfg(test)]
pub(crate) use discover::{MAX_FOUND, MAX_PAIRS};

#[cfg(test)]
mod tests;
