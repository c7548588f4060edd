//! Storing and activating suggested links.

use super::curate::choose;
use super::discover::{Compared, DiscoveredLink, discover};
use super::selection::LinkSelection;
use crate::accounts::{Caller, CallerView};
use crate::concurrency::work::background;
use crate::resources::Resources;
use crate::response::Problem;
use crate::store::{DatasetName, InputRow, Link, LinkState, Store};

/// Stores links as suggestions, except those that are active.
///
/// Links are discovered in a snapshot. Those whose columns were removed since are dropped.
pub(crate) fn suggest(store: &mut Store, found: Vec<DiscoveredLink>) {
    for DiscoveredLink { link, .. } in found {
        if [&link.from, &link.to].into_iter().all(|end| store.has_column(end)) {
            store.links_mut().suggest(link);
        }
    }
}

/// Finds the links that rows will have once they are stored in a dataset. With `all`, includes its stored rows.
///
/// # Cancel safety
///
/// Dropping the future cancels the search. This function changes nothing.
pub(crate) async fn discover_links(
    resources: &Resources,
    caller: &Caller,
    name: &DatasetName,
    rows: &[InputRow<'_>],
    all: bool,
    selection: &LinkSelection,
) -> Result<Vec<DiscoveredLink>, Problem> {
    #[cfg(test)]
    crate::concurrency::panics::panic_if_requested(&name.name);
    if selection.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<InputRow<'static>> = rows.iter().cloned().map(InputRow::into_owned).collect();
    let (mut store, caller) = (resources.snapshot(), caller.clone());
    let (name, selection) = (name.clone(), selection.clone());
    background(move || {
        let dataset = store.find_mut(&name)?;
        let from = if all { 0 } else { dataset.rows().len() };
        dataset.append(rows);
        let own = Compared { name: &name, dataset: store.find(&name)?, from };
        Ok(discover(CallerView::new(&store, &caller), own, &selection)?)
    })
    .await
}

/// Activates the suggestions of a dataset that the rule chooses, and returns them.
pub(crate) async fn curate(resources: &Resources, caller: &Caller, name: &DatasetName) -> Vec<Link> {
    let (store, caller, name) = (resources.snapshot(), caller.clone(), name.clone());
    let chosen = background(move || choose(CallerView::new(&store, &caller), |own| *own == name)).await;
    activate(&mut crate::concurrency::lock::write(&resources.store), &chosen);
    chosen
}

/// Activates suggestions. Those that were removed are skipped.
pub(crate) fn activate(store: &mut Store, chosen: &[Link]) {
    chosen.iter().for_each(|link| store.links_mut().set_state(link, LinkState::Active));
}
