//! Keeping what was found.

use super::curate::choose;
use super::discover::{Compared, DiscoveredLink, discover};
use super::selection::LinkSelection;
use crate::accounts::{Caller, CallerView};
use crate::concurrency::work::background;
use crate::resources::Resources;
use crate::response::Problem;
use crate::store::{DatasetName, InputRow, Link, LinkState, Store};

/// Keeps links as suggestions, those that are active excepted. Links that were found in a snapshot, and whose columns are
/// gone since, are left out.
pub(crate) fn suggest(store: &mut Store, found: Vec<DiscoveredLink>) {
    for DiscoveredLink { link, .. } in found {
        if [&link.from, &link.to].into_iter().all(|end| store.has_column(end)) {
            store.links_mut().suggest(link);
        }
    }
}

/// Finds the links that rows will have once they are stored in a dataset. `all`: also those of the rows that are there.
///
/// # Cancel safety
///
/// This function changes nothing.
pub(crate) async fn discover_links(
    resources: &Resources,
    caller: &Caller,
    name: &DatasetName,
    rows: &[InputRow<'_>],
    all: bool,
    wanted: &LinkSelection,
) -> Result<Vec<DiscoveredLink>, Problem> {
    #[cfg(test)]
    crate::concurrency::panics::panic_if_requested(&name.name);
    if wanted.is_nothing() {
        return Ok(Vec::new());
    }
    let rows: Vec<InputRow<'static>> = rows.iter().cloned().map(InputRow::into_owned).collect();
    let (mut store, caller) = (resources.snapshot(), caller.clone());
    let (name, wanted) = (name.clone(), wanted.clone());
    background(move || {
        let dataset = store.find_mut(&name)?;
        let from = if all { 0 } else { dataset.rows().len() };
        dataset.append(rows);
        let own = Compared { name: &name, dataset: store.find(&name)?, from };
        Ok(discover(CallerView::new(&store, &caller), own, &wanted)?)
    })
    .await
}

/// Makes those suggestions of a dataset active that the rule chooses, and says which.
pub(crate) async fn curate(resources: &Resources, caller: &Caller, name: &DatasetName) -> Vec<Link> {
    let (store, caller, name) = (resources.snapshot(), caller.clone(), name.clone());
    let chosen = background(move || choose(CallerView::new(&store, &caller), |own| *own == name)).await;
    activate(&mut crate::concurrency::lock::write(&resources.store), &chosen);
    chosen
}

/// Makes suggestions active, those that are gone excepted.
pub(crate) fn activate(store: &mut Store, chosen: &[Link]) {
    chosen.iter().for_each(|link| store.links_mut().set_state(link, LinkState::Active));
}
