//! Keeping what was found.

use super::curate::choose;
use super::discover::{Compared, Found, discover};
use super::wanted::Wanted;
use crate::access::{Caller, Sight};
use crate::store::{DatasetName, Link, LinkState, Store, StoreError};

/// Keeps links as suggestions, those that are active excepted.
pub(crate) fn suggest(store: &mut Store, found: Vec<Found>) {
    found.into_iter().for_each(|found| store.links_mut().suggest(found.link));
}

/// Suggests the links that the rows of a dataset have, from one on.
pub(crate) fn suggest_for(
    store: &mut Store,
    caller: &Caller,
    name: &DatasetName,
    from: usize,
    wanted: &Wanted,
) -> Result<(), StoreError> {
    #[cfg(test)]
    crate::caught::panic_if_told(&name.name);
    if !wanted.is_nothing() {
        let own = Compared { name, dataset: store.find(name)?, from };
        let found = discover(Sight::new(store, caller), own, wanted);
        suggest(store, found);
    }
    Ok(())
}

/// Makes those suggestions of a dataset active that the rule chooses, and says which.
pub(crate) fn curate(store: &mut Store, caller: &Caller, name: &DatasetName) -> Vec<Link> {
    let chosen = choose(Sight::new(store, caller), |own| own == name);
    chosen.iter().for_each(|link| store.links_mut().set_state(link, LinkState::Active));
    chosen
}
