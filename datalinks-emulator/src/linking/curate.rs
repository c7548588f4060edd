//! Selection of suggested links by a rule, where the service would call a model.

use super::connect::{connects, is_distinctive};
use crate::accounts::CallerView;
use crate::store::{DatasetName, Link, Right};

/// Minimum share of rows. A link is chosen if it connects at least this share of the rows at one of its ends, and the
/// values at one of its ends differ in at least this share of the rows.
const LEAST: f64 = 0.5;

/// Returns the suggestions that touch a dataset in scope and that the caller may activate.
pub(crate) fn candidates(view: CallerView<'_>, in_scope: impl Fn(&DatasetName) -> bool) -> Vec<Link> {
    let suggested = view.store.links().iter().filter(|link| !link.is_active());
    let own = suggested.filter(|link| in_scope(&link.from.dataset) || in_scope(&link.to.dataset));
    let own = own.filter(|link| view.may(&link.from.dataset, Right::Write) && view.sees(&link.to.dataset));
    own.cloned().collect()
}

/// Returns the suggestions that the rule chooses.
pub(crate) fn choose(view: CallerView<'_>, in_scope: impl Fn(&DatasetName) -> bool) -> Vec<Link> {
    let mut links = candidates(view, in_scope);
    links.retain(|link| is_chosen(view, link));
    links
}

/// Describes a choice in text, from which its usage is counted: the scope, and the columns of each link.
pub(crate) fn describe(scope: &str, chosen: &[Link]) -> String {
    let links = chosen.iter().map(|link| format!("\n{} {}", link.from.identifier(), link.to.identifier()));
    std::iter::once(scope.to_owned()).chain(links).collect()
}

fn is_chosen(view: CallerView<'_>, link: &Link) -> bool {
    is_distinctive(view.store, link, LEAST) && connects(view.store, link, LEAST)
}
