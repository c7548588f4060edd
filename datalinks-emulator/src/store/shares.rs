//! What owners let others do with their datasets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DatasetName, Namespace};

/// What somebody may do, each including the ones before.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Right {
    Read,
    Write,
    Own,
}

/// A dataset, or a namespace with all its datasets.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct Place {
    #[serde(flatten)]
    pub(crate) namespace: Namespace,
    /// `None`: the whole namespace, datasets to come included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dataset: Option<String>,
}

impl Place {
    pub(crate) fn covers(&self, name: &DatasetName) -> bool {
        self.namespace.contains(name) && self.dataset.as_ref().is_none_or(|own| *own == name.name)
    }
}

impl From<&DatasetName> for Place {
    fn from(name: &DatasetName) -> Self {
        Self { namespace: name.space(), dataset: Some(name.name.clone()) }
    }
}

impl From<&Namespace> for Place {
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

/// All grants: by place, then by user.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares(BTreeMap<Place, BTreeMap<String, Role>>);

impl Shares {
    /// Grants a role. It replaces one granted before.
    pub(crate) fn grant(&mut self, place: Place, user: String, role: Role) {
        self.0.entry(place).or_default().insert(user, role);
    }

    /// Takes a role back. False: the user does not have this one.
    pub(crate) fn revoke(&mut self, place: &Place, user: &str, role: Role) -> bool {
        let Some(grants) = self.0.get_mut(place) else { return false };
        if grants.get(user) != Some(&role) {
            return false;
        }
        grants.remove(user);
        if grants.is_empty() {
            self.0.remove(place);
        }
        true
    }

    /// All grants, sorted by place and user.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Place, &str, Role)> {
        self.0
            .iter()
            .flat_map(|(place, grants)| grants.iter().map(move |(user, role)| (place, user.as_str(), *role)))
    }

    /// The grants of one place, sorted by user.
    pub(crate) fn of(&self, place: &Place) -> impl Iterator<Item = (&str, Role)> {
        self.0.get(place).into_iter().flatten().map(|(user, role)| (user.as_str(), *role))
    }

    /// The most that a user was granted for a dataset, by itself or with its namespace.
    pub(crate) fn right(&self, user: &str, name: &DatasetName) -> Option<Right> {
        let places = [Place::from(name), Place::from(&name.space())];
        places.iter().filter_map(|place| Some(self.0.get(place)?.get(user)?.right())).max()
    }

    /// What a user was granted for a whole namespace.
    pub(crate) fn right_to_all(&self, user: &str, namespace: &Namespace) -> Option<Right> {
        Some(self.0.get(&Place::from(namespace))?.get(user)?.right())
    }

    pub(crate) fn forget(&mut self, place: &Place) {
        self.0.remove(place);
    }

    pub(crate) fn relocate(&mut self, place: &Place, to: Place) {
        if let Some(grants) = self.0.remove(place) {
            self.0.insert(to, grants);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_right_counts() {
        let mut shares = Shares::default();
        let films = DatasetName::new("ana", "cinema", "films");
        shares.grant(Place::from(&films), "bo".into(), Role::Viewer);
        assert_eq!(shares.right("bo", &films), Some(Right::Read));
        shares.grant(Place::from(&films.space()), "bo".into(), Role::Editor);
        assert_eq!(shares.right("bo", &films), Some(Right::Write));
        assert_eq!(shares.right("cy", &films), None);
        assert_eq!(shares.right("bo", &DatasetName::new("bo", "cinema", "films")), None);
        assert!(!shares.revoke(&Place::from(&films.space()), "bo", Role::Viewer), "another role");
        assert!(shares.revoke(&Place::from(&films.space()), "bo", Role::Editor));
        assert_eq!(shares.right("bo", &films), Some(Right::Read));
    }
}
