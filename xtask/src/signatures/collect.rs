//! Walks over the public items of a crate.

use std::collections::{BTreeMap, BTreeSet};

use rustdoc_types::{
    AssocItemConstraintKind, Crate, DynTrait, FunctionSignature, GenericArg, GenericArgs, GenericBound,
    GenericParamDef, GenericParamDefKind, Generics, Id, Impl, Item, ItemEnum, StructKind, Term, Type, Use,
    VariantKind, WherePredicate,
};

/// Crates whose types everybody has.
const STANDARD: &[&str] = &["alloc", "core", "std"];

/// The public interface of a crate, as far as the check needs it.
#[derive(Debug, Default)]
pub(super) struct Interface {
    /// Names at the root, without modules.
    pub(super) root_names: BTreeSet<String>,
    pub(super) root_modules: BTreeSet<String>,
    /// Types and traits of other crates by their path, with the items that name them.
    pub(super) foreign: BTreeMap<String, BTreeSet<String>>,
}

/// Collects the interface.
pub(super) fn collect(of: &Crate) -> Interface {
    let mut walk = Walk { of, found: Interface::default(), seen: BTreeSet::new(), place: Vec::new() };
    if let Some(root) = of.index.get(&of.root) {
        walk.root_names(root);
        walk.item(root, None);
    }
    walk.found
}

struct Walk<'a> {
    of: &'a Crate,
    found: Interface,
    seen: BTreeSet<Id>,
    /// The names around the present item, and its own.
    place: Vec<String>,
}

impl<'a> Walk<'a> {
    fn root_names(&mut self, root: &Item) {
        let ItemEnum::Module(module) = &root.inner else { return };
        let mut open: Vec<Id> = module.items.clone();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            let Some(item) = self.of.index.get(&id) else { continue };
            match &item.inner {
                ItemEnum::Module(_) => {
                    self.found.root_modules.extend(item.name.clone());
                }
                ItemEnum::Use(import) if import.is_glob => {
                    let target = import.id.and_then(|id| self.of.index.get(&id));
                    if let Some(ItemEnum::Module(module)) = target.map(|item| &item.inner)
                        && seen.insert(id)
                    {
                        open.extend(&module.items);
                    }
                }
                ItemEnum::Use(import) => {
                    let names = match self.is_module(import) {
                        true => &mut self.found.root_modules,
                        false => &mut self.found.root_names,
                    };
                    names.insert(import.name.clone());
                }
                _ => self.found.root_names.extend(item.name.clone()),
            }
        }
    }

    /// Returns `true` if a re-export is that of a module or of a whole crate.
    fn is_module(&self, import: &Use) -> bool {
        let Some(id) = import.id else { return !import.source.contains("::") };
        let summary = self.of.paths.get(&id).map(|summary| summary.kind);
        let item = self.of.index.get(&id).map(|item| item.inner.item_kind());
        summary.or(item) == Some(rustdoc_types::ItemKind::Module)
    }

    /// Walks over an item and what belongs to it. `name` replaces its own name.
    fn item(&mut self, item: &'a Item, name: Option<&str>) {
        if !self.seen.insert(item.id) {
            return;
        }
        let own = name.or(item.name.as_deref());
        self.place.extend(own.map(str::to_owned));
        self.inner(item);
        if own.is_some() {
            self.place.pop();
        }
    }

    fn items(&mut self, ids: &[Id]) {
        for id in ids {
            if let Some(item) = self.of.index.get(id) {
                self.item(item, None);
            }
        }
    }

    fn inner(&mut self, item: &'a Item) {
        match &item.inner {
            ItemEnum::Module(module) => self.items(&module.items),
            ItemEnum::Use(import) => self.import(import),
            ItemEnum::Struct(inner) => {
                self.generics(&inner.generics);
                match &inner.kind {
                    StructKind::Unit => {}
                    StructKind::Tuple(fields) => self.fields(fields),
                    StructKind::Plain { fields, .. } => self.items(fields),
                }
                self.items(&inner.impls);
            }
            ItemEnum::Union(inner) => {
                self.generics(&inner.generics);
                self.items(&inner.fields);
                self.items(&inner.impls);
            }
            ItemEnum::Enum(inner) => {
                self.generics(&inner.generics);
                self.items(&inner.variants);
                self.items(&inner.impls);
            }
            ItemEnum::Variant(inner) => match &inner.kind {
                VariantKind::Plain => {}
                VariantKind::Tuple(fields) => self.fields(fields),
                VariantKind::Struct { fields, .. } => self.items(fields),
            },
            ItemEnum::StructField(of) => self.of_type(of),
            ItemEnum::Function(inner) => {
                self.generics(&inner.generics);
                self.signature(&inner.sig);
            }
            ItemEnum::Trait(inner) => {
                self.generics(&inner.generics);
                self.bounds(&inner.bounds);
                self.items(&inner.items);
            }
            ItemEnum::TraitAlias(inner) => {
                self.generics(&inner.generics);
                self.bounds(&inner.params);
            }
            ItemEnum::Impl(inner) => self.implementation(inner),
            ItemEnum::TypeAlias(inner) => {
                self.generics(&inner.generics);
                self.of_type(&inner.type_);
            }
            ItemEnum::Constant { type_, .. } | ItemEnum::AssocConst { type_, .. } => self.of_type(type_),
            ItemEnum::Static(inner) => self.of_type(&inner.type_),
            ItemEnum::AssocType { generics, bounds, type_ } => {
                self.generics(generics);
                self.bounds(bounds);
                if let Some(of) = type_ {
                    self.of_type(of);
                }
            }
            ItemEnum::ExternCrate { name, .. } => self.found_crate(name),
            ItemEnum::ExternType | ItemEnum::Macro(_) | ItemEnum::ProcMacro(_) | ItemEnum::Primitive(_) => {}
        }
    }

    fn fields(&mut self, fields: &[Option<Id>]) {
        let public: Vec<Id> = fields.iter().flatten().copied().collect();
        self.items(&public);
    }

    /// A re-export: of an item of this crate, whose place is then here, or of one of another crate.
    fn import(&mut self, import: &'a Use) {
        let target = import.id.and_then(|id| self.of.index.get(&id)).filter(|item| item.crate_id == 0);
        self.place.push(if import.is_glob { "*".to_owned() } else { import.name.clone() });
        match (target, import.id) {
            (Some(item), _) => {
                self.place.pop();
                let name = (!import.is_glob).then_some(import.name.as_str());
                self.item(item, name);
                return;
            }
            (None, Some(id)) if self.of.paths.contains_key(&id) => self.found_id(id, &import.source),
            (None, _) => self.found_crate(&import.source),
        }
        self.place.pop();
    }

    /// An implementation that was written or derived. Those that hold for all types, or follow from the fields, are left out.
    fn implementation(&mut self, inner: &'a Impl) {
        if inner.is_synthetic || inner.blanket_impl.is_some() || inner.is_negative {
            return;
        }
        self.generics(&inner.generics);
        let Some(of_trait) = &inner.trait_ else {
            self.items(&inner.items);
            return;
        };
        self.place.push(format!("impl {}", of_trait.path));
        self.path(of_trait);
        // The functions are those of the trait.
        for id in &inner.items {
            if let Some(item) = self.of.index.get(id)
                && matches!(item.inner, ItemEnum::AssocType { .. } | ItemEnum::AssocConst { .. })
            {
                self.item(item, None);
            }
        }
        self.place.pop();
    }

    fn signature(&mut self, signature: &FunctionSignature) {
        for (_, of) in &signature.inputs {
            self.of_type(of);
        }
        if let Some(of) = &signature.output {
            self.of_type(of);
        }
    }

    fn generics(&mut self, generics: &Generics) {
        self.parameters(&generics.params);
        for predicate in &generics.where_predicates {
            match predicate {
                WherePredicate::BoundPredicate { type_, bounds, generic_params } => {
                    self.of_type(type_);
                    self.bounds(bounds);
                    self.parameters(generic_params);
                }
                WherePredicate::LifetimePredicate { .. } => {}
                WherePredicate::EqPredicate { lhs, rhs } => {
                    self.of_type(lhs);
                    self.term(rhs);
                }
            }
        }
    }

    fn parameters(&mut self, parameters: &[GenericParamDef]) {
        for parameter in parameters {
            match &parameter.kind {
                GenericParamDefKind::Lifetime { .. } => {}
                GenericParamDefKind::Type { bounds, default, .. } => {
                    self.bounds(bounds);
                    if let Some(of) = default {
                        self.of_type(of);
                    }
                }
                GenericParamDefKind::Const { type_, .. } => self.of_type(type_),
            }
        }
    }

    fn bounds(&mut self, bounds: &[GenericBound]) {
        for bound in bounds {
            if let GenericBound::TraitBound { trait_, generic_params, .. } = bound {
                self.path(trait_);
                self.parameters(generic_params);
            }
        }
    }

    fn term(&mut self, term: &Term) {
        if let Term::Type(of) = term {
            self.of_type(of);
        }
    }

    /// Types nest as deep as somebody wrote them.
    fn of_type(&mut self, of: &Type) {
        match of {
            Type::ResolvedPath(path) => self.path(path),
            Type::DynTrait(DynTrait { traits, .. }) => {
                for of_trait in traits {
                    self.path(&of_trait.trait_);
                    self.parameters(&of_trait.generic_params);
                }
            }
            Type::FunctionPointer(pointer) => {
                self.signature(&pointer.sig);
                self.parameters(&pointer.generic_params);
            }
            Type::Tuple(parts) => parts.iter().for_each(|part| self.of_type(part)),
            Type::Slice(of)
            | Type::Array { type_: of, .. }
            | Type::Pat { type_: of, .. }
            | Type::RawPointer { type_: of, .. }
            | Type::BorrowedRef { type_: of, .. } => self.of_type(of),
            Type::ImplTrait(bounds) => self.bounds(bounds),
            Type::QualifiedPath { args, self_type, trait_, .. } => {
                self.of_type(self_type);
                if let Some(path) = trait_ {
                    self.path(path);
                }
                self.arguments(args.as_deref());
            }
            Type::Generic(_) | Type::Primitive(_) | Type::Infer => {}
        }
    }

    fn path(&mut self, path: &rustdoc_types::Path) {
        self.found_id(path.id, &path.path);
        self.arguments(path.args.as_deref());
    }

    fn arguments(&mut self, arguments: Option<&GenericArgs>) {
        match arguments {
            Some(GenericArgs::AngleBracketed { args, constraints }) => {
                for argument in args {
                    if let GenericArg::Type(of) = argument {
                        self.of_type(of);
                    }
                }
                for constraint in constraints {
                    self.arguments(constraint.args.as_deref());
                    match &constraint.binding {
                        AssocItemConstraintKind::Equality(term) => self.term(term),
                        AssocItemConstraintKind::Constraint(bounds) => self.bounds(bounds),
                    }
                }
            }
            Some(GenericArgs::Parenthesized { inputs, output }) => {
                inputs.iter().for_each(|input| self.of_type(input));
                if let Some(of) = output {
                    self.of_type(of);
                }
            }
            Some(GenericArgs::ReturnTypeNotation) | None => {}
        }
    }

    /// Notes a name, if it belongs to another crate than this one and the standard library.
    fn found_id(&mut self, id: Id, written: &str) {
        let Some(summary) = self.of.paths.get(&id) else {
            if !self.of.index.contains_key(&id) {
                self.note(written.to_owned());
            }
            return;
        };
        if summary.crate_id == 0 {
            return;
        }
        let owner = self.of.external_crates.get(&summary.crate_id).map_or("", |owner| owner.name.as_str());
        if !STANDARD.contains(&owner) {
            self.note(summary.path.join("::"));
        }
    }

    fn found_crate(&mut self, name: &str) {
        if !STANDARD.contains(&name) {
            self.note(name.to_owned());
        }
    }

    fn note(&mut self, name: String) {
        self.found.foreign.entry(name).or_default().insert(self.place.join("::"));
    }
}

#[cfg(test)]
mod tests;
