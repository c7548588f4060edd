//! The command line: its functions that call methods of the façade.

use std::path::Path;

use super::{
    Place,
    facade::Facade,
    source::{self, Function},
};

const DIRECTORY: &str = "datalinks-cli/src";

/// The functions of the command line, without its tests.
pub(super) struct Commands(Vec<Function>);

impl Commands {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let mut functions = Vec::new();
        for source in source::below(root, DIRECTORY)? {
            // A file that does not name the façade's crate calls other items of the same name.
            if source.text.contains("datalinks::") {
                functions.extend(source.functions().into_iter().filter(|function| !function.test));
            }
        }
        Ok(Self(functions))
    }

    /// Returns the functions that call one of these methods of the façade.
    ///
    /// The search is by name. If several methods have the name, the function must also call a method that
    /// returns the type of this one, such as `dataset` for `Dataset::delete`.
    pub(super) fn calling(&self, methods: &[Place], facade: &Facade) -> Vec<Place> {
        let calls = |function: &&Function| {
            methods.iter().filter_map(|method| method.name.rsplit_once("::")).any(|(owner, name)| {
                function.calls.contains(name)
                    && (facade.is_unique(name)
                        || facade.makers(owner).any(|maker| function.calls.contains(maker)))
            })
        };
        let place = |function: &Function| Place {
            name: function.full_name(),
            file: function.file.clone(),
            line: Some(function.line),
        };
        self.0.iter().filter(calls).map(place).collect()
    }
}
