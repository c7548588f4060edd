//! What owners let others do with their datasets.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{DatasetName, Namespace};
use crate::runtime::clock::later;

/// What somebody may do, each including the ones before.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Right {
    Read,
    Write,
    Own,
}

/// A dataset, or a namespace with all its datasets.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct GrantScope {
    #[serde(flatten)]
    pub(crate) namespace: Namespace,
    /// `None`: the whole namespace, datasets to come included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dataset: Option<String>,
}

impl GrantScope {
    pub(crate) fn covers(&self, name: &DatasetName) -> bool {
        self.namespace.contains(name) && self.dataset.as_ref().is_none_or(|own| *own == name.name)
    }
}

impl From<&DatasetName> for GrantScope {
    fn from(name: &DatasetName) -> Self {
        Self { namespace: name.space(), dataset: Some(name.name.clone()) }
    }
}

impl From<&Namespace> for GrantScope {
    fn from(namespace: &Namespace) -> Self {
        Self { namespace: namespace.clone(), dataset: None }
    }
}

/// What a user was granted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Viewer,
    Editor,
}

impl Role {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "viewer" => Some(Self::Viewer),
            "editor" => Some(Self::Editor),
            _ => None,
        }
    }

    fn right(self) -> Right {
        match self {
            Self::Viewer => Right::Read,
            Self::Editor => Right::Write,
        }
    }
}

/// When a change of shares takes effect: at once, unless an injected fault delays it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timing {
    now: DateTime<Utc>,
    effective_at: DateTime<Utc>,
}

impl Timing {
    pub(crate) fn new(now: DateTime<Utc>, delay: Duration) -> Self {
        Self { now, effective_at: later(now, delay) }
    }
}

/// What a user was granted for a place.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Grant {
    /// The role in effect before the pending change.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    /// A change that takes effect later. A newer one replaces it, so there is never more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<Pending>,
}

/// A change that takes effect later.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Pending {
    at: DateTime<Utc>,
    /// `None`: a revocation.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

impl Grant {
    /// The role that the owner gave last, in effect or not.
    fn given(&self) -> Option<Role> {
        self.pending.map_or(self.role, |pending| pending.role)
    }

    fn in_effect(&self, now: DateTime<Utc>) -> Option<Role> {
        match self.pending {
            Some(pending) if pending.at <= now => pending.role,
            _ => self.role,
        }
    }

    fn changed(&self, role: Option<Role>, timing: Timing) -> Self {
        if timing.effective_at <= timing.now {
            return Self { role, pending: None };
        }
        let pending = Some(Pending { at: timing.effective_at, role });
        Self { role: self.in_effect(timing.now), pending }
    }
}

/// All grants: by place, then by user.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares(BTreeMap<GrantScope, BTreeMap<String, Grant>>);

impl Shares {
    /// Grants a role. It replaces one granted before.
    pub(crate) fn grant(&mut self, place: GrantScope, user: String, role: Role, timing: Timing) {
        let grant = self.0.entry(place).or_default().entry(user).or_default();
        *grant = grant.changed(Some(role), timing);
    }

    /// Revokes what a user was granted for a place, whatever the role. False: the user has no grant there.
    pub(crate) fn revoke(&mut self, place: &GrantScope, user: &str, timing: Timing) -> bool {
        let Some(grants) = self.0.get_mut(place) else { return false };
        let Some(grant) = grants.get_mut(user).filter(|grant| grant.given().is_some()) else { return false };
        *grant = grant.changed(None, timing);
        // Revocations that have taken effect leave nothing behind.
        grants.retain(|_, grant| grant.given().is_some() || grant.in_effect(timing.now).is_some());
        if grants.is_empty() {
            self.0.remove(place);
        }
        true
    }

    /// Adds a grant as it was kept. False: the user had one for the place already.
    pub(super) fn restore(&mut self, place: GrantScope, user: String, grant: Grant) -> bool {
        self.0.entry(place).or_default().insert(user, grant).is_none()
    }

    /// All grants, sorted by place and user.
    pub(super) fn all(&self) -> impl Iterator<Item = (&GrantScope, &str, Grant)> {
        self.0.iter().flat_map(|(place, grants)| {
            grants.iter().map(move |(user, grant)| (place, user.as_str(), *grant))
        })
    }

    /// The roles that were given for one place, sorted by user. A change shows here before it takes effect.
    pub(crate) fn of(&self, place: &GrantScope) -> impl Iterator<Item = (&str, Role)> {
        let grants = self.0.get(place).into_iter().flatten();
        grants.filter_map(|(user, grant)| Some((user.as_str(), grant.given()?)))
    }

    /// The most that a user may do with a dataset at a moment, granted by itself or with its namespace.
    pub(super) fn right(&self, user: &str, name: &DatasetName, now: DateTime<Utc>) -> Option<Right> {
        let places = [GrantScope::from(name), GrantScope::from(&name.space())];
        places.iter().filter_map(|place| self.role(user, place, now)).map(Role::right).max()
    }

    /// What a user may do with a whole namespace at a moment.
    pub(super) fn right_to_all(
        &self,
        user: &str,
        namespace: &Namespace,
        now: DateTime<Utc>,
    ) -> Option<Right> {
        self.role(user, &GrantScope::from(namespace), now).map(Role::right)
    }

    fn role(&self, user: &str, place: &GrantScope, now: DateTime<Utc>) -> Option<Role> {
        self.0.get(place)?.get(user)?.in_effect(now)
    }

    pub(crate) fn forget(&mut self, place: &GrantScope) {
        self.0.remove(place);
    }

    pub(crate) fn relocate(&mut self, place: &GrantScope, to: GrantScope) {
        if let Some(grants) = self.0.remove(place) {
            self.0.insert(to, grants);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn after(seconds: i64) -> DateTime<Utc> {
        NOW + TimeDelta::seconds(seconds)
    }

    fn at_once() -> Timing {
        Timing::new(NOW, Duration::ZERO)
    }

    #[test]
    fn the_larger_right_counts() {
        let mut shares = Shares::default();
        let films = DatasetName::new("ana", "cinema", "films");
        let right = |shares: &Shares, user: &str, name: &DatasetName| shares.right(user, name, NOW);
        shares.grant(GrantScope::from(&films), "bo".into(), Role::Viewer, at_once());
        assert_eq!(right(&shares, "bo", &films), Some(Right::Read));
        shares.grant(GrantScope::from(&films.space()), "bo".into(), Role::Editor, at_once());
        assert_eq!(right(&shares, "bo", &films), Some(Right::Write));
        assert_eq!(right(&shares, "cy", &films), None);
        assert_eq!(right(&shares, "bo", &DatasetName::new("bo", "cinema", "films")), None);
        assert!(!shares.revoke(&GrantScope::from(&films.space()), "cy", at_once()), "no grant");
        assert!(shares.revoke(&GrantScope::from(&films.space()), "bo", at_once()));
        assert!(!shares.revoke(&GrantScope::from(&films.space()), "bo", at_once()), "a second time");
        assert_eq!(right(&shares, "bo", &films), Some(Right::Read));
    }

    #[test]
    fn delayed_changes_take_effect_at_their_moment() {
        let mut shares = Shares::default();
        let films = DatasetName::new("ana", "cinema", "films");
        let place = GrantScope::from(&films);
        let later = |now| Timing::new(now, Duration::from_secs(5));
        shares.grant(place.clone(), "bo".into(), Role::Viewer, later(NOW));
        assert_eq!(shares.of(&place).collect::<Vec<_>>(), [("bo", Role::Viewer)]);
        assert_eq!(shares.right("bo", &films, after(4)), None);
        assert_eq!(shares.right("bo", &films, after(5)), Some(Right::Read));

        shares.grant(place.clone(), "bo".into(), Role::Editor, later(after(6)));
        assert_eq!(shares.right("bo", &films, after(10)), Some(Right::Read), "the former role until then");
        assert_eq!(shares.right("bo", &films, after(11)), Some(Right::Write));

        assert!(shares.revoke(&place, "bo", later(after(12))));
        assert_eq!(shares.of(&place).count(), 0);
        assert_eq!(shares.right("bo", &films, after(16)), Some(Right::Write));
        assert_eq!(shares.right("bo", &films, after(17)), None);
        assert!(!shares.revoke(&place, "bo", later(after(13))), "revoked before");
    }

    #[test]
    fn a_newer_change_replaces_a_pending_one() {
        let mut shares = Shares::default();
        let films = DatasetName::new("ana", "cinema", "films");
        let place = GrantScope::from(&films);
        let forever = Timing::new(NOW, Duration::MAX);
        shares.grant(place.clone(), "bo".into(), Role::Editor, forever);
        assert_eq!(shares.right("bo", &films, after(1_000_000)), None);
        shares.grant(place.clone(), "bo".into(), Role::Viewer, at_once());
        assert_eq!(shares.right("bo", &films, NOW), Some(Right::Read));
        shares.grant(place.clone(), "cy".into(), Role::Viewer, forever);
        assert!(shares.revoke(&place, "cy", at_once()));
        assert!(shares.revoke(&place, "bo", at_once()));
        assert_eq!(shares.all().count(), 0, "nothing is left behind");
    }
}
