//! The paths that an item names.

use syn::{
    Attribute, Expr, ExprPath, Item, UseTree,
    visit::{self, Visit},
};

use crate::lex::{self, Kind};
use crate::regen::effect::source::is_test;

/// A path in code.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Reference {
    pub(super) path: Vec<String>,
    /// The path is a `use` inside a function.
    pub(super) import: bool,
}

/// The names of a `use` with their paths. A glob has no name.
pub(super) fn imports(tree: &UseTree) -> Vec<(Option<String>, Vec<String>)> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), tree)];
    while let Some((mut before, tree)) = open.pop() {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                open.push((before, &path.tree));
            }
            UseTree::Group(group) => open.extend(group.items.iter().rev().map(|tree| (before.clone(), tree))),
            UseTree::Glob(_) => found.push((None, before)),
            UseTree::Name(name) => {
                if name.ident != "self" {
                    before.push(name.ident.to_string());
                }
                found.push((before.last().cloned(), before));
            }
            UseTree::Rename(name) => {
                if name.ident != "self" {
                    before.push(name.ident.to_string());
                }
                found.push((Some(name.rename.to_string()), before));
            }
        }
    }
    found
}

/// The name that an item defines.
pub(super) fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// The attributes of an item.
pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The paths in an item, without what is only compiled for tests.
pub(super) fn references(item: &Item) -> Vec<Reference> {
    let mut found = References(Vec::new());
    found.visit_item(item);
    found.0
}

struct References(Vec<Reference>);

impl References {
    fn add(&mut self, path: Vec<String>) {
        self.0.push(Reference { path, import: false });
    }

    /// The paths in tokens. A single name counts only if it is a type or is called: others may be variables.
    fn tokens(&mut self, tokens: &str) {
        for piece in lex::pieces(tokens).iter().filter(|piece| piece.kind == Kind::Code) {
            let compact = piece.text.replace(" :: ", "::").replace(":: ", "::").replace(" ::", "::");
            let mut rest = compact.as_str();
            let part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            while let Some(start) = rest.find(|c: char| c.is_alphabetic() || c == '_') {
                let after = &rest[start..];
                let end = after.find(|c| !part(c)).unwrap_or(after.len());
                let path: Vec<String> = after[..end]
                    .split("::")
                    .filter(|name| !name.is_empty())
                    .map(|name| name.trim_matches(':').to_owned())
                    .collect();
                let field = rest[..start].trim_end().ends_with('.');
                let single = path.len() == 1;
                let counts = !single || starts_upper(&path[0]) || after[end..].trim_start().starts_with('(');
                if !field && counts {
                    self.add(path);
                }
                rest = &after[end..];
            }
        }
    }
}

fn starts_upper(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

impl<'ast> Visit<'ast> for References {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        if !is_test(&method.attrs) {
            visit::visit_impl_item_fn(self, method);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !is_test(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        let paths = imports(&import.tree).into_iter();
        self.0.extend(paths.map(|(_, path)| Reference { path, import: true }));
    }

    /// `pub(in crate::room)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(segments(path));
        visit::visit_path(self, path);
    }

    /// A single lower-case name may be a variable. It counts where it is called.
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        let single = path.path.get_ident().map(ToString::to_string);
        if single.is_none_or(|name| starts_upper(&name)) {
            visit::visit_expr_path(self, path);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func
            && path.path.get_ident().is_some()
        {
            self.add(segments(&path.path));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.add(segments(&call.path));
        self.tokens(&call.tokens.to_string());
    }

    /// A path in an attribute is a string: `#[serde(with = "crate::a::b")]`.
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        if let syn::Meta::List(list) = &attribute.meta {
            let tokens = list.tokens.to_string();
            for piece in lex::pieces(&tokens).iter().filter(|piece| piece.kind == Kind::String) {
                let path = piece.text.trim_matches('"');
                if path.contains("::") && !path.contains(' ') {
                    self.add(path.split("::").map(str::to_owned).collect());
                }
            }
        }
    }
}
