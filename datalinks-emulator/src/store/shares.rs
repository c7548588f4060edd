//! Shares: what owners allow others to do with their datasets.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{DatasetName, Namespace};
use crate::runtime::clock::later;

/// A right on a dataset. Each right includes the ones before it.
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
    /// Name of the dataset, or `None` for the whole namespace, including future datasets.
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

/// A role that an owner grants to a user.
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

/// The time at which a change of shares takes effect: immediately, unless an injected fault delays it.
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

/// The role of a user in one scope.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Grant {
    /// The role in effect before the pending change.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    /// A change that takes effect later. A newer change replaces it, so there is at most one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<Pending>,
}

/// A change that takes effect later.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Pending {
    at: DateTime<Utc>,
    /// The new role, or `None` if the role is revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

impl Grant {
    /// Returns the role that the owner granted last, in effect or not.
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

/// All grants by scope and user.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares(BTreeMap<GrantScope, BTreeMap<String, Grant>>);

impl Shares {
    /// Grants a role and replaces an earlier one.
    pub(crate) fn grant(&mut self, scope: GrantScope, user: String, role: Role, timing: Timing) {
        let grant = self.0.entry(scope).or_default().entry(user).or_default();
        *grant = grant.changed(Some(role), timing);
    }

    /// Revokes the role of a user in a scope. Returns `false` if the user has none there.
    pub(crate) fn revoke(&mut self, scope: &GrantScope, user: &str, timing: Timing) -> bool {
        let Some(grants) = self.0.get_mut(scope) else { return false };
        let Some(grant) = grants.get_mut(user).filter(|grant| grant.given().is_some()) else { return false };
        *grant = grant.changed(None, timing);
        // Revocations in effect are removed.
        grants.retain(|_, grant| grant.given().is_some() || grant.in_effect(timing.now).is_some());
        if grants.is_empty() {
            self.0.remove(scope);
        }
        true
    }

    /// Adds a persisted grant. Returns `false` if the user has a grant in the scope already.
    pub(super) fn restore(&mut self, scope: GrantScope, user: String, grant: Grant) -> bool {
        self.0.entry(scope).or_default().insert(user, grant).is_none()
    }

    /// Returns all grants, sorted by scope and user.
    pub(super) fn all(&self) -> impl Iterator<Item = (&GrantScope, &str, Grant)> {
        self.0.iter().flat_map(|(scope, grants)| {
            grants.iter().map(move |(user, grant)| (scope, user.as_str(), *grant))
        })
    }

    /// Returns the roles granted in one scope, sorted by user. A change is visible here before it takes effect.
    pub(crate) fn of(&self, scope: &GrantScope) -> impl Iterator<Item = (&str, Role)> {
        let grants = self.0.get(scope).into_iter().flatten();
        grants.filter_map(|(user, grant)| Some((user.as_str(), grant.given()?)))
    }

    /// Returns the highest right on a dataset at a time, granted on the dataset or on its namespace.
    pub(super) fn right(&self, user: &str, name: &DatasetName, now: DateTime<Utc>) -> Option<Right> {
        let scopes = [GrantScope::from(name), GrantScope::from(&name.space())];
        scopes.iter().filter_map(|scope| self.role(user, scope, now)).map(Role::right).max()
    }

    /// Returns the right on a whole namespace at a time.
    pub(super) fn right_to_all(
        &self,
        user: &str,
        namespace: &Namespace,
        now: DateTime<Utc>,
    ) -> Option<Right> {
        self.role(user, &GrantScope::from(namespace), now).map(Role::right)
    }

    fn role(&self, user: &str, scope: &GrantScope, now: DateTime<Utc>) -> Option<Role> {
        self.0.get(scope)?.get(user)?.in_effect(now)
    }

    /// Removes all grants in a scope.
    pub(crate) fn remove(&mut self, scope: &GrantScope) {
        self.0.remove(scope);
    }

    pub(crate) fn relocate(&mut self, scope: &GrantScope, to: GrantScope) {
        if let Some(grants) = self.0.remove(scope) {
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

    fn immediately() -> Timing {
        Timing::new(NOW, Duration::ZERO)
    }

    #[test]
    fn higher_right_of_dataset_and_namespace_applies() {
        let mut shares = Shares::default();
        let films = DatasetName::new("ana", "cinema", "films");
        let right = |shares: &Shares, user: &str, name: &DatasetName| shares.right(user, name, NOW);
        shares.grant(GrantScope::from(&films), "bo".into(), Role::Viewer, immediately());
        assert_eq!(right(&shares, "bo", &films), Some(Right::Read));
        shares.grant(GrantScope::from(&films.space()), "bo".into(), Role::Editor, immediately());
        assert_eq!(right(&shares, "bo", &films), Some(Right::Write));
        assert_eq!(right(&shares, "cy", &films), None);
        assert_eq!(right(&shares, "bo", &DatasetName::new("bo", "cinema", "films")), None);
        assert!(!shares.revoke(&GrantScope::from(&films.space()), "cy", immediately()), "no grant");
        assert!(shares.revoke(&GrantScope::from(&films.space()), "bo", immediately()));
        assert!(!shares.revoke(&GrantScope::from(&films.space()), "bo", immediately()), "a second time");
        assert_eq!(right(&shares, "bo", &films), Some(Right::Read));
    }

    #[test]
    fn delayed_change_takes_effect_later() {
        let mut shares = Shares::default();
        let films = DatasetName::new("ana", "cinema", "films");
        let scope = GrantScope::from(&films);
        let later = |now| Timing::new(now, Duration::from_secs(5));
        shares.grant(scope.clone(), "bo".into(), Role::Viewer, later(NOW));
        assert_eq!(shares.of(&scope).collect::<Vec<_>>(), [("bo", Role::Viewer)]);
        assert_eq!(shares.right("bo", &films, after(4)), None);
        assert_eq!(shares.right("bo", &films, after(5)), Some(Right::Read));

        shares.grant(scope.clone(), "bo".into(), Role::Editor, later(after(6)));
        assert_eq!(shares.right("bo", &films, after(10)), Some(Right::Read), "the earlier role until then");
        assert_eq!(shares.right("bo", &films, after(11)), Some(Right::Write));

        assert!(shares.revoke(&scope, "bo", later(after(12))));
        assert_eq!(shares.of(&scope).count(), 0);
        assert_eq!(shares.right("bo", &films, after(16)), Some(Right::Write));
        assert_eq!(shares.right("bo", &films, after(17)), None);
        assert!(!shares.revoke(&scope, "bo", later(after(13))), "already revoked");
    }

    #[test]
    fn newer_change_replaces_pending_change() {
        let mut shares = Shares::default();
        let films = DatasetName::new("ana", "cinema", "films");
        let scope = GrantScope::from(&films);
        let forever = Timing::new(NOW, Duration::MAX);
        shares.grant(scope.clone(), "bo".into(), Role::Editor, forever);
        assert_eq!(shares.right("bo", &films, after(1_000_000)), None);
        shares.grant(scope.clone(), "bo".into(), Role::Viewer, immediately());
        assert_eq!(shares.right("bo", &films, NOW), Some(Right::Read));
        shares.grant(scope.clone(), "cy".into(), Role::Viewer, forever);
        assert!(shares.revoke(&scope, "cy", immediately()));
        assert!(shares.revoke(&scope, "bo", immediately()));
        assert_eq!(shares.all().count(), 0, "no empty grant is left");
    }
}
