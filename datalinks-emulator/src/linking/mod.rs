//! Links: finding them, following them, choosing among them.

mod connect;
mod curate;
mod discover;
mod model;
mod suggest;
mod wanted;

pub(crate) use connect::{follow, hits};
pub(crate) use curate::{candidates, choose, in_words};
pub(crate) use discover::{Compared, Found, TooManyLinks, discover};
pub(crate) use model::{Suggestions, ask as ask_curation};
pub(crate) use suggest::{activate, curate, look_ahead, suggest};
pub(crate) use wanted::{Wanted, matching};

#[cfg(test)]
pub(crate) use discover::{MAX_FOUND, MAX_PAIRS};

#[cfg(test)]
mod tests;
