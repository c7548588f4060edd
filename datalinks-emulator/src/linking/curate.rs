//! Selection of suggested links by a rule, where the service would call a model.

use super::connect::{connects, is_distinctive};
use crate::accounts::CallerView;
use crate::store::{DatasetName, Link, Right};

/// Minimum share of rows. A link is chosen if it connects at least this share of the rows at one of its ends, and the
/// values at one of its ends differ in at least this share of the rows.
const LEAST: f64 = 0.5;

/// Returns the suggestions that touch a dataset in scope and that the caller may activate.
pub(crate) fn candidates(sight: CallerView<'_>, in_scope: impl Fn(&DatasetName) -> bool) -> Vec<Link> {
    let suggested = sight.store.links().iter().filter(|link| !link.is_active());
    let own = suggested.filter(|link| in_scope(&link.from.dataset) || in_scope(&link.to.dataset));
    let own = own.filter(|link| sight.may(&link.from.dataset, Right::Write) && sight.sees(&link.to.dataset));
    own.cloned().collect()
}

/// Returns the suggestions that the rule chooses.
pub(crate) fn choose(sight: CallerView<'_>, in_scope: impl Fn(&DatasetName) -> bool) -> Vec<Link> {
    let mut links = candidates(sight, in_scope);
    links.retain(|link| is_chosen(sight, link));
    links
}

/// Describes a choice in text, from which its usage is counted: the scope, and the columns of each link.
pub(crate) fn describe(scope: &str, chosen: &[Link]) -> String {
    let links = chosen.iter().map(|link| format!("\n{} {}", link.from.identifier(), link.to.identifier()));
    std::iter::once(scope.to_owned()).chain(links).collect()
}

fn is_chosen(sight: CallerView<'_>, link: &Link) -> bool {
    is_distinctive(sight.store, link, LEAST) && connects(sight.store, link, LEAST)
}
