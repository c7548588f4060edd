//! The generated functions and types.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use syn::{Expr, ImplItem, Item, Lit};

use super::{
    Place,
    source::{self, Source, type_names},
};

const OPERATIONS: &str = "datalinks-gen/snapshot/operations.rs";
const MODULES: [&str; 2] = ["api", "proxy"];

/// The contents of `datalinks-gen/snapshot`.
pub(super) struct LowLevel {
    operations: BTreeMap<String, Route>,
    modules: Vec<Module>,
}

/// The function and the tag of an operation.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) tag: String,
}

struct Module {
    name: &'static str,
    /// Types in the signature of each function, and its line.
    functions: BTreeMap<String, (BTreeSet<String>, usize)>,
    /// Types in the fields of each type, and its line.
    types: BTreeMap<String, (BTreeSet<String>, usize)>,
}

impl LowLevel {
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let table = source::read(root, &root.join(OPERATIONS))?;
        let modules = MODULES
            .iter()
            .map(|name| {
                let path = root.join(format!("datalinks-gen/snapshot/{name}.rs"));
                Ok(Module::of(name, &source::read(root, &path)?))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { operations: operations(&table)?, modules })
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }

    /// Returns the route of an operation, or `None` if the generated table does not contain it yet.
    pub(super) fn route(&self, operation: &str) -> Option<&Route> {
        self.operations.get(operation)
    }

    /// Returns the operations with this tag.
    pub(super) fn with_tag<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = &'a str> {
        self.operations.iter().filter(move |(_, route)| route.tag == tag).map(|(id, _)| id.as_str())
    }

    /// Returns the generated function of an operation, and the types that are reachable from its signature.
    pub(super) fn items(&self, operation: &str, function: &str) -> Vec<Place> {
        if !self.operations.contains_key(operation) {
            return Vec::new();
        }
        self.modules.iter().filter_map(|module| module.items(function)).flatten().collect()
    }
}

impl Module {
    fn of(name: &'static str, source: &Source) -> Self {
        let mut module = Self { name, functions: BTreeMap::new(), types: BTreeMap::new() };
        module.collect(source, &source.file.items);
        module
    }

    fn collect(&mut self, source: &Source, items: &[Item]) {
        for item in items {
            match item {
                Item::Mod(inner) if inner.ident == "types" => {
                    if let Some((_, items)) = &inner.content {
                        self.collect(source, items);
                    }
                }
                Item::Struct(declared) => {
                    let fields = declared.fields.iter().flat_map(|field| type_names(&field.ty)).collect();
                    let name = declared.ident.to_string();
                    let line = source.line_of(&format!("struct {name}"), 0);
                    self.types.insert(name, (fields, line));
                }
                Item::Enum(declared) => {
                    let fields = declared.variants.iter().flat_map(|variant| &variant.fields);
                    let fields = fields.flat_map(|field| type_names(&field.ty)).collect();
                    let name = declared.ident.to_string();
                    let line = source.line_of(&format!("enum {name}"), 0);
                    self.types.insert(name, (fields, line));
                }
                Item::Impl(block)
                    if type_names(&block.self_ty).contains("Client") && block.trait_.is_none() =>
                {
                    for item in &block.items {
                        let ImplItem::Fn(method) = item else { continue };
                        let mut types = BTreeSet::new();
                        for input in &method.sig.inputs {
                            if let syn::FnArg::Typed(input) = input {
                                types.extend(type_names(&input.ty));
                            }
                        }
                        if let syn::ReturnType::Type(_, returned) = &method.sig.output {
                            types.extend(type_names(returned));
                        }
                        let name = method.sig.ident.to_string();
                        let line = source.line_of(&format!("fn {name}"), 0);
                        self.functions.insert(name, (types, line));
                    }
                }
                _ => {}
            }
        }
    }

    fn items(&self, function: &str) -> Option<Vec<Place>> {
        let file = format!("datalinks-gen/snapshot/{}.rs", self.name);
        let (signature, line) = self.functions.get(function)?;
        let place = |name: String, line: usize| Place { name, file: file.clone(), line: Some(line) };
        let mut places = vec![place(format!("{}::Client::{function}", self.name), *line)];
        let mut reached = BTreeSet::new();
        let mut next: Vec<&String> = signature.iter().collect();
        while let Some(name) = next.pop() {
            // The error type belongs to every operation.
            if name == "ErrorResponse" || !self.types.contains_key(name) || !reached.insert(name) {
                continue;
            }
            next.extend(self.types.get(name).into_iter().flat_map(|(fields, _)| fields));
        }
        for name in reached {
            if let Some((_, line)) = self.types.get(name) {
                places.push(place(format!("{}::types::{name}", self.name), *line));
            }
        }
        Some(places)
    }
}

/// Returns the table of operations.
fn operations(table: &Source) -> Result<BTreeMap<String, Route>, String> {
    let rows = table.file.items.iter().find_map(|item| match item {
        Item::Static(table) if table.ident == "OPERATIONS" => Some(elements(&table.expr)),
        _ => None,
    });
    let rows = rows.ok_or_else(|| format!("{OPERATIONS} has no static `OPERATIONS`"))?;
    let mut found = BTreeMap::new();
    for row in rows {
        let Expr::Struct(row) = row else { continue };
        let route = Route {
            method: text_of(row, "method").unwrap_or_default(),
            path: text_of(row, "path").unwrap_or_default(),
            tag: text_of(row, "tag").unwrap_or_default(),
        };
        if let Some(id) = text_of(row, "id") {
            found.insert(id, route);
        }
    }
    Ok(found)
}

/// Returns the elements of an array or of a reference to one.
pub(super) fn elements(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::Reference(to) => elements(&to.expr),
        Expr::Array(array) => array.elems.iter().collect(),
        _ => Vec::new(),
    }
}

/// Returns the string in a field of a struct expression.
pub(super) fn text_of(row: &syn::ExprStruct, name: &str) -> Option<String> {
    row.fields.iter().find_map(|field| match (&field.member, &field.expr) {
        (syn::Member::Named(own), Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. })) if own == name => {
            Some(text.value())
        }
        _ => None,
    })
}
