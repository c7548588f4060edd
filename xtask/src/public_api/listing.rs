//! The walk over the public items of a crate.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rustdoc_types::{
    Attribute, Crate, Enum, Id, Impl, Item, ItemEnum, Struct, StructKind, Trait, Use, Variant, VariantKind,
};

use super::write::Writer;

/// Returns a line for each public item, sorted by the path of the item and then as in the source.
pub(super) fn listing(of: &Crate) -> String {
    let mut walk = Walk {
        of,
        write: Writer { of },
        paths: BTreeMap::new(),
        blocks: BTreeMap::new(),
        open: VecDeque::new(),
    };
    if let Some(root) = of.index.get(&of.root) {
        let name = root.name.clone().unwrap_or_default();
        walk.item(root, &name);
        while let Some((module, path)) = walk.open.pop_front() {
            walk.module(module, &path);
        }
    }
    let mut text = String::new();
    for line in walk.blocks.into_values().flatten() {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

struct Walk<'a> {
    of: &'a Crate,
    write: Writer<'a>,
    /// The first path of each item.
    paths: BTreeMap<Id, String>,
    /// The lines of items, by path.
    blocks: BTreeMap<String, Vec<String>>,
    /// Modules to enter. Those near the root come first, so that paths are short.
    open: VecDeque<(&'a [Id], String)>,
}

impl<'a> Walk<'a> {
    /// Lists the items of a module. Those of modules that are imported by `*` belong to it.
    fn module(&mut self, items: &'a [Id], path: &str) {
        let mut open: Vec<&'a [Id]> = vec![items];
        let mut globs = BTreeSet::new();
        let mut found: Vec<(String, &'a Item)> = Vec::new();
        while let Some(ids) = open.pop() {
            for item in ids.iter().filter_map(|id| self.of.index.get(id)) {
                match &item.inner {
                    ItemEnum::Use(import) => match self.target(import) {
                        Some(ItemEnum::Module(module)) if import.is_glob => {
                            if globs.insert(item.id) {
                                open.push(&module.items);
                            }
                        }
                        Some(_) if import.is_glob => self.foreign(path, import),
                        Some(_) => {
                            let target = import.id.and_then(|id| self.of.index.get(&id));
                            found.extend(target.map(|target| (import.name.clone(), target)));
                        }
                        None => self.foreign(path, import),
                    },
                    _ => found.extend(item.name.clone().map(|name| (name, item))),
                }
            }
        }
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (name, item) in found {
            self.item(item, &format!("{path}::{name}"));
        }
    }

    /// Returns what an import leads to, if it is in this crate.
    fn target(&self, import: &Use) -> Option<&'a ItemEnum> {
        let item = import.id.and_then(|id| self.of.index.get(&id)).filter(|item| item.crate_id == 0);
        item.map(|item| &item.inner)
    }

    fn foreign(&mut self, path: &str, import: &Use) {
        let name = if import.is_glob { "*" } else { import.name.as_str() };
        let line = format!("pub use {path}::{name} = {}", import.source);
        self.blocks.entry(format!("{path}::{name}")).or_default().push(line);
    }

    fn item(&mut self, item: &'a Item, path: &str) {
        let mut lines = Vec::new();
        if let Some(first) = self.paths.get(&item.id) {
            lines.push(format!("pub use {path} = {first}"));
            self.blocks.entry(path.to_owned()).or_default().append(&mut lines);
            return;
        }
        self.paths.insert(item.id, path.to_owned());
        let before = attributes(item);
        match &item.inner {
            ItemEnum::Module(module) => {
                lines.push(format!("pub mod {path}"));
                self.open.push_back((&module.items, path.to_owned()));
            }
            ItemEnum::Struct(of) => self.structure(of, &before, path, &mut lines),
            ItemEnum::Union(of) => {
                lines.push(format!("{before}pub union {path}{}", self.write.generics(&of.generics)));
                self.implementations(&of.impls, path, &mut lines);
            }
            ItemEnum::Enum(of) => self.enumeration(of, &before, path, &mut lines),
            ItemEnum::Trait(of) => self.of_trait(of, &before, path, &mut lines),
            _ => lines.extend(self.simple(item, &before, path)),
        }
        self.blocks.entry(path.to_owned()).or_default().append(&mut lines);
    }

    /// Returns the line of an item without members.
    fn simple(&self, item: &Item, before: &str, path: &str) -> Option<String> {
        let write = &self.write;
        let line = match &item.inner {
            ItemEnum::Function(of) => write.function(of, path),
            ItemEnum::TypeAlias(of) => {
                format!("type {path}{} = {}", write.generics(&of.generics), write.of_type(&of.type_))
            }
            ItemEnum::Constant { type_, .. } => format!("const {path}: {}", write.of_type(type_)),
            ItemEnum::AssocConst { type_, .. } => format!("const {path}: {}", write.of_type(type_)),
            ItemEnum::Static(of) => format!("static {path}: {}", write.of_type(&of.type_)),
            ItemEnum::AssocType { generics, bounds, type_ } => {
                let mut line = format!("type {path}{}", write.generics(generics));
                if !bounds.is_empty() {
                    line.push_str(&format!(": {}", write.bounds(bounds)));
                }
                if let Some(of) = type_ {
                    line.push_str(&format!(" = {}", write.of_type(of)));
                }
                line
            }
            ItemEnum::StructField(of) => format!("{path}: {}", write.of_type(of)),
            ItemEnum::Macro(_) | ItemEnum::ProcMacro(_) => format!("macro {path}!"),
            ItemEnum::ExternCrate { name, .. } => format!("extern crate {name}"),
            _ => return None,
        };
        Some(format!("{before}pub {line}"))
    }

    fn structure(&mut self, of: &'a Struct, before: &str, path: &str, lines: &mut Vec<String>) {
        let generics = self.write.generics(&of.generics);
        let (fields, end): (Vec<Id>, String) = match &of.kind {
            StructKind::Unit => (Vec::new(), String::new()),
            StructKind::Tuple(fields) => (Vec::new(), self.tuple(fields)),
            StructKind::Plain { fields, has_stripped_fields } => {
                let end = if *has_stripped_fields { " { private fields }" } else { " { all fields }" };
                (fields.clone(), end.to_owned())
            }
        };
        lines.push(format!("{before}pub struct {path}{generics}{end}"));
        self.members(&fields, path, lines);
        self.implementations(&of.impls, path, lines);
    }

    fn enumeration(&mut self, of: &'a Enum, before: &str, path: &str, lines: &mut Vec<String>) {
        lines.push(format!("{before}pub enum {path}{}", self.write.generics(&of.generics)));
        for item in of.variants.iter().filter_map(|id| self.of.index.get(id)) {
            let ItemEnum::Variant(Variant { kind, .. }) = &item.inner else { continue };
            let path = format!("{path}::{}", item.name.as_deref().unwrap_or_default());
            let before = attributes(item);
            match kind {
                VariantKind::Plain => lines.push(format!("{before}pub {path}")),
                VariantKind::Tuple(fields) => lines.push(format!("{before}pub {path}{}", self.tuple(fields))),
                VariantKind::Struct { fields, .. } => {
                    lines.push(format!("{before}pub {path} {{ fields }}"));
                    self.members(fields, &path, lines);
                }
            }
        }
        self.implementations(&of.impls, path, lines);
    }

    fn of_trait(&mut self, of: &'a Trait, before: &str, path: &str, lines: &mut Vec<String>) {
        let bounds = match self.write.bounds(&of.bounds) {
            bounds if bounds.is_empty() => bounds,
            bounds => format!(": {bounds}"),
        };
        let generics = self.write.generics(&of.generics);
        lines.push(format!("{before}pub trait {path}{generics}{bounds}"));
        for item in of.items.iter().filter_map(|id| self.of.index.get(id)) {
            let provided = match &item.inner {
                ItemEnum::Function(function) => function.has_body,
                ItemEnum::AssocConst { value, .. } => value.is_some(),
                ItemEnum::AssocType { type_, .. } => type_.is_some(),
                _ => false,
            };
            let path = format!("{path}::{}", item.name.as_deref().unwrap_or_default());
            let before = format!("{}{}", if provided { "" } else { "required " }, attributes(item));
            lines.extend(self.simple(item, &before, &path));
        }
        // Implementations for types of this crate are listed with the types.
        let foreign = of.implementations.iter().filter_map(|id| self.of.index.get(id));
        let mut foreign: Vec<String> = foreign
            .filter_map(|item| match &item.inner {
                ItemEnum::Impl(of) if !self.is_for_own_type(of) => Some(self.write.implementation(of)),
                _ => None,
            })
            .collect();
        foreign.sort();
        lines.extend(foreign);
    }

    fn is_for_own_type(&self, of: &Impl) -> bool {
        let rustdoc_types::Type::ResolvedPath(path) = &of.for_ else { return false };
        self.of.index.get(&path.id).is_some_and(|item| item.crate_id == 0)
    }

    fn tuple(&self, fields: &[Option<Id>]) -> String {
        let field = |id: &Option<Id>| match id.and_then(|id| self.of.index.get(&id)).map(|item| &item.inner) {
            Some(ItemEnum::StructField(of)) => self.write.of_type(of),
            _ => "private".to_owned(),
        };
        format!("({})", fields.iter().map(field).collect::<Vec<_>>().join(", "))
    }

    fn members(&self, ids: &[Id], path: &str, lines: &mut Vec<String>) {
        for item in ids.iter().filter_map(|id| self.of.index.get(id)) {
            let path = format!("{path}::{}", item.name.as_deref().unwrap_or_default());
            lines.extend(self.simple(item, &attributes(item), &path));
        }
    }

    /// Lists methods in the order of the source, and implemented traits by name.
    fn implementations(&self, ids: &[Id], path: &str, lines: &mut Vec<String>) {
        let mut traits = Vec::new();
        for item in ids.iter().filter_map(|id| self.of.index.get(id)) {
            let ItemEnum::Impl(of) = &item.inner else { continue };
            if of.trait_.is_none() {
                self.members(&of.items, path, lines);
            } else if of.blanket_impl.is_none() && (of.is_negative || !of.is_synthetic) && is_listed(of) {
                let mut line = self.write.implementation(of);
                for item in of.items.iter().filter_map(|id| self.of.index.get(id)) {
                    if let ItemEnum::AssocType { type_: Some(of), .. } = &item.inner {
                        let name = item.name.as_deref().unwrap_or_default();
                        line.push_str(&format!(", {name} = {}", self.write.of_type(of)));
                    }
                }
                traits.push(line);
            }
        }
        traits.sort();
        lines.append(&mut traits);
    }
}

/// Traits whose implementations applications do not rely on: two change with any dependency, and one comes with `PartialEq`.
const NOT_LISTED: [&str; 3] = ["RefUnwindSafe", "StructuralPartialEq", "UnwindSafe"];

fn is_listed(of: &Impl) -> bool {
    of.trait_.as_ref().is_none_or(|path| !NOT_LISTED.iter().any(|name| path.path.ends_with(name)))
}

/// Returns the attributes that a user of an item notices.
fn attributes(item: &Item) -> String {
    let mut text = String::new();
    for attribute in &item.attrs {
        match attribute {
            Attribute::NonExhaustive => text.push_str("#[non_exhaustive] "),
            Attribute::MustUse { .. } => text.push_str("#[must_use] "),
            _ => {}
        }
    }
    if item.deprecation.is_some() {
        text.push_str("#[deprecated] ");
    }
    text
}

#[cfg(test)]
mod tests;
