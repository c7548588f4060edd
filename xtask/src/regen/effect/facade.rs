//! The public methods of the façade that send an operation.
//!
//! The search for a method starts at the bottom. A function uses an operation if it calls the generated
//! function on the client of a call, or if it looks the operation up by its id. The search continues with the
//! callers of this function, and with the methods that return the builder whose `send` it is. The search is by
//! name, so it follows a public method only if its name is unambiguous.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{
    Place,
    source::{self, Function, Reach},
};

const DIRECTORY: &str = "datalinks/src";

/// Methods of the same names, each of which calls the one of the async client. They change with it, so they are left out.
const BLOCKING: &str = "datalinks/src/blocking/";

/// The functions of the façade, without its tests.
pub(super) struct Facade {
    functions: Vec<Function>,
    /// Builders that are awaited, with the file that declares it.
    impl_into_future: BTreeSet<(String, String)>,
    /// Number of public methods per name.
    names: BTreeMap<String, usize>,
    /// The words of each file, in which the names of traits are searched.
    words: BTreeMap<String, BTreeSet<String>>,
}

impl Facade {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let mut functions = Vec::new();
        let (mut impl_into_future, mut words) = (BTreeSet::new(), BTreeMap::new());
        let sources = source::below(root, DIRECTORY)?;
        for source in sources.into_iter().filter(|source| !source.path.starts_with(BLOCKING)) {
            let types = source.macro_types("impl_into_future");
            impl_into_future.extend(types.into_iter().map(|name| (source.path.clone(), name)));
            functions.extend(source.functions().into_iter().filter(|function| !function.test));
            words.insert(source.path, self::words(&source.text));
        }
        let mut names = BTreeMap::new();
        for function in functions.iter().filter(|function| function.visibility == Reach::Public) {
            *names.entry(function.name.clone()).or_default() += 1;
        }
        Ok(Self { functions, impl_into_future, names, words })
    }

    /// Returns `true` if exactly one public method has this name.
    fn is_unique(&self, name: &str) -> bool {
        self.names.get(name) == Some(&1)
    }

    /// Returns `true` if a name has several words and belongs to exactly one public method. Every call of the
    /// name is then a call of this method, because the standard library and other crates do not have it.
    pub(super) fn is_unmistakable(&self, name: &str) -> bool {
        name.contains('_') && self.is_unique(name)
    }

    /// Returns the public methods that send an operation.
    pub(super) fn methods(&self, operation: &str, generated: &str) -> Vec<Place> {
        let uses = |function: &&Function| {
            function.generated_calls.contains(generated) || function.operations.contains(operation)
        };
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut next: Vec<&Function> = self.functions.iter().filter(uses).collect();
        while let Some(function) = next.pop() {
            if !seen.insert((function.file.as_str(), function.line)) {
                continue;
            }
            if function.visibility == Reach::Public {
                found.insert(place(function));
            }
            next.extend(self.above(function));
        }
        found.into_iter().collect()
    }

    /// Returns the callers of a function.
    fn above<'a>(&'a self, function: &'a Function) -> Vec<&'a Function> {
        let mut found: Vec<&Function> =
            self.functions.iter().filter(|caller| self.calls(caller, function)).collect();
        let Some(owner) = &function.owner else { return found };
        let built = self.impl_into_future.contains(&(function.file.clone(), owner.clone()))
            && function.name == "send";
        // A builder or a stream sends when it is awaited. Applications call the method that returns it.
        if built || is_driven(function) {
            let makes =
                |maker: &&Function| maker.visibility == Reach::Public && maker.returns.contains(owner);
            found.extend(self.functions.iter().filter(makes));
        }
        found
    }

    /// Returns `true` if `caller` calls `function`, as far as names show.
    fn calls(&self, caller: &Function, function: &Function) -> bool {
        if !caller.calls.contains(&function.name) || is_driven(function) {
            return false;
        }
        let on_self = caller.own_calls.contains(&function.name);
        match (&function.of_trait, function.visibility) {
            (Some(of_trait), _) => self.words.get(&caller.file).is_some_and(|words| words.contains(of_trait)),
            (None, Reach::Public) => {
                on_self && caller.owner == function.owner || self.is_unmistakable(&function.name)
            }
            // `self.send()` of another type is another function.
            _ if on_self && function.owner.is_some() && caller.owner != function.owner => false,
            (None, Reach::Crate) => true,
            (None, Reach::Parent) => caller.file.starts_with(&directory(&function.file)),
            (None, Reach::Module) => {
                caller.file == function.file || caller.file.starts_with(&module(&function.file))
            }
        }
    }
}

/// Returns `true` if a function runs when its type is awaited or read as a stream.
fn is_driven(function: &Function) -> bool {
    matches!(function.of_trait.as_deref(), Some("Future" | "IntoFuture" | "Stream"))
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn place(function: &Function) -> Place {
    Place { name: function.full_name(), file: function.file.clone(), line: Some(function.line) }
}

/// Returns the directory of a file with a trailing slash.
fn directory(file: &str) -> String {
    file.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

/// Returns the directory of the modules below a file.
fn module(file: &str) -> String {
    match file.strip_suffix("mod.rs") {
        Some(folder) => folder.to_owned(),
        None => format!("{}/", file.trim_end_matches(".rs")),
    }
}
