//! Environment variables, and the choice between sources.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::failure::{Failure, Result};

/// The environment variables of the process. An empty variable counts as unset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
    /// Names of the variables of this program that are not Unicode.
    unreadable: Vec<String>,
}

/// The beginnings of the names of this program's variables.
const OWN: [&str; 2] = ["DL_", "DATALINKS_"];

impl Environment {
    /// Reads the environment of the process. Variables of other programs that are not Unicode are skipped.
    pub(crate) fn of_process() -> Self {
        Self::of(std::env::vars_os())
    }

    fn of(all: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let mut found = Self::default();
        for (name, value) in all {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(found.variables.insert(name, value)),
                Err(_) if OWN.iter().any(|own| name.starts_with(own)) => found.unreadable.push(name),
                Err(_) => {}
            }
        }
        found
    }

    /// Rejects variables of this program that are not Unicode. Without the host that one names, for example, the token would
    /// be sent to another one.
    pub(super) fn check(&self) -> Result {
        match self.unreadable.first() {
            Some(name) => Err(Failure::usage(format!("variable {name} is not valid UTF-8"))),
            None => Ok(()),
        }
    }

    /// Returns the value of a variable, or `None` if it is unset or empty.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.trim().is_empty()).cloned()
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self { variables: variables.into_iter().collect(), unreadable: Vec::new() }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    /// A host that is not Unicode was ignored, and the token was sent to the default host.
    #[test]
    fn own_variables_have_to_be_unicode() {
        let of = |name: &str| {
            let value = OsString::from_vec(b"https://api\xff".to_vec());
            Environment::of(std::iter::once((name.into(), value)))
        };
        assert!(of("PATH").check().is_ok());
        let failure = of("DL_HOST").check().unwrap_err();
        assert_eq!(failure.message(), "variable DL_HOST is not valid UTF-8");
    }
}
