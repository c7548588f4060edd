//! The command line: its functions that call methods of the façade, and the commands that they belong to.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use heck::ToKebabCase as _;
use syn::Item;

use super::{
    Place,
    facade::Facade,
    source::{self, Function},
};

const DIRECTORY: &str = "datalinks-cli/src";
const COMMANDS: &str = "datalinks-cli/src/commands/";

/// The functions of the command line, without its tests.
pub(super) struct Commands {
    functions: Vec<Function>,
    /// The commands below each noun, such as `list` of `dataset`.
    verbs: BTreeMap<String, BTreeSet<String>>,
}

impl Commands {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let mut functions = Vec::new();
        let mut verbs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for source in source::below(root, DIRECTORY)? {
            if let Some(noun) = noun(&source.path) {
                let commands = source.file.items.iter().filter_map(|item| match item {
                    Item::Enum(command) if command.ident == "Command" => Some(command),
                    _ => None,
                });
                let names = commands.flat_map(|command| &command.variants);
                verbs
                    .entry(noun)
                    .or_default()
                    .extend(names.map(|name| name.ident.to_string().to_kebab_case()));
            }
            // A file that does not name the façade's crate calls other items of the same name. Files of commands may
            // get their handles from the session.
            if source.text.contains("datalinks::") || source.path.starts_with(COMMANDS) {
                functions.extend(source.functions().into_iter().filter(|function| !function.test));
            }
        }
        Ok(Self { functions, verbs })
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
                        || facade.makers(owner).any(|maker| function.calls.contains(maker))
                        || self.makers(owner).any(|maker| function.calls.contains(maker)))
            })
        };
        let place = |function: &Function| Place {
            name: self.command(function).unwrap_or_else(|| function.full_name()),
            file: function.file.clone(),
            line: Some(function.line),
        };
        self.functions.iter().filter(calls).map(place).collect()
    }

    /// Returns the names of the functions of the command line that return a type, such as `owned_namespace`.
    fn makers<'a>(&'a self, owner: &'a str) -> impl Iterator<Item = &'a str> {
        let makes = self.functions.iter().filter(move |maker| maker.returns.contains(owner));
        makes.map(|maker| maker.name.as_str())
    }

    /// Returns the command that a function belongs to, such as `datalinks dataset list`. A verb is the name of the
    /// function or of its file. Code that several commands share has none.
    fn command(&self, function: &Function) -> Option<String> {
        let noun = noun(&function.file)?;
        let file = function.file.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        let verbs = self.verbs.get(&noun);
        let candidates = [function.name.to_kebab_case(), file.to_kebab_case()];
        let verb = candidates.iter().find(|name| verbs.is_some_and(|verbs| verbs.contains(*name)));
        Some(match verb {
            Some(verb) => format!("datalinks {noun} {verb}"),
            None => format!("datalinks {noun}"),
        })
    }
}

/// Returns the noun of a file of the commands: the name of the file, or of its directory.
fn noun(file: &str) -> Option<String> {
    let below = file.strip_prefix(COMMANDS)?;
    let noun = below.split('/').next()?.trim_end_matches(".rs");
    (noun != "mod").then(|| noun.to_kebab_case())
}
