//! From paths to the files that define what they name.

use std::collections::{BTreeMap, BTreeSet};

use super::{graph::Arrow, tree::Tree};

const ROOT: usize = 0;

/// The end of a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Target {
    Module(usize),
    /// An item of this module.
    Item(usize),
    /// Another crate.
    Foreign,
}

/// The arrows between files: one for each pair, with the first path that makes it. A path through a re-export of the
/// root goes before the others.
pub(super) fn arrows(tree: &Tree) -> Vec<Arrow> {
    let mut found: BTreeMap<(usize, usize), Arrow> = BTreeMap::new();
    for (index, module) in tree.modules.iter().enumerate() {
        // A re-export that the module uses itself is among its references.
        let own = module.imports.iter().filter(|import| !import.re_export);
        let imported = own.map(|import| (&import.path, true));
        let named = module.references.iter().map(|reference| (&reference.path, reference.import));
        for (path, import) in imported.chain(named) {
            let target = match (Way { tree, seen: BTreeSet::new() }).resolve(index, path) {
                // A module is not a value: this is a variable of its name.
                Some(Target::Module(_)) if path.len() == 1 && !import => continue,
                Some(Target::Module(target) | Target::Item(target)) => target,
                Some(Target::Foreign) | None => continue,
            };
            let ends = (module.file, tree.modules[target].file);
            let through_root = ends.0 != tree.modules[ROOT].file && re_exported_by_root(tree, index, path);
            let known = found.get(&ends).is_some_and(|arrow| arrow.through_root || !through_root);
            if ends.0 != ends.1 && !known {
                let file = |index: usize| tree.files[index].clone();
                let path = path.join("::");
                found.insert(ends, Arrow { from: file(ends.0), to: file(ends.1), path, through_root });
            }
        }
    }
    found.into_values().collect()
}

/// Returns `true` if a path names an item that the root re-exports and does not define.
fn re_exported_by_root(tree: &Tree, module: usize, path: &[String]) -> bool {
    let mut at = module;
    let mut steps = 0;
    for segment in path {
        match segment.as_str() {
            "crate" => at = ROOT,
            "self" => {}
            "super" => at = tree.modules[at].parent.unwrap_or(ROOT),
            _ => break,
        }
        steps += 1;
    }
    let root = &tree.modules[ROOT];
    at == ROOT
        && steps > 0
        && path.get(steps).is_some_and(|name| {
            let own = root.children.contains_key(name) || root.defines.contains(name);
            !own && root.imports.iter().any(|import| import.name.as_ref() == Some(name))
        })
}

struct Way<'a> {
    tree: &'a Tree,
    /// Names that are being looked up: re-exports can go round in a circle.
    seen: BTreeSet<(usize, String)>,
}

impl Way<'_> {
    fn resolve(&mut self, module: usize, path: &[String]) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => Target::Module(ROOT),
            "self" => Target::Module(module),
            "super" => Target::Module(self.tree.modules[module].parent?),
            name => self.lookup(module, name)?,
        };
        // `uuid::Uuid` beside an imported function `uuid`: nothing is in a function, so this is a crate.
        if matches!(at, Target::Item(_)) && !rest.is_empty() && first.starts_with(char::is_lowercase) {
            return Some(Target::Foreign);
        }
        for segment in rest {
            let Target::Module(module) = at else { break };
            at = match segment.as_str() {
                "self" => at,
                "super" => Target::Module(self.tree.modules[module].parent?),
                // What a macro defines is not seen here. It belongs to the module in which it is looked up.
                name => self.lookup(module, name).unwrap_or(Target::Item(module)),
            };
        }
        Some(at)
    }

    fn lookup(&mut self, module: usize, name: &str) -> Option<Target> {
        let here = &self.tree.modules[module];
        if let Some(child) = here.children.get(name) {
            return Some(Target::Module(*child));
        }
        if here.defines.contains(name) {
            return Some(Target::Item(module));
        }
        if !self.seen.insert((module, name.to_owned())) {
            return None;
        }
        let named = here.imports.iter().find(|import| import.name.as_deref() == Some(name));
        if let Some(import) = named {
            return Some(self.resolve(module, &import.path).unwrap_or(Target::Foreign));
        }
        for glob in here.imports.iter().filter(|import| import.name.is_none()) {
            if let Some(Target::Module(other)) = self.resolve(module, &glob.path)
                && let Some(found) = self.lookup(other, name)
            {
                return Some(found);
            }
        }
        None
    }
}
