//! Parsed Rust files, to the extent that the search for an operation needs.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, Expr, ImplItem, Item, Lit, Token, TraitItem, Visibility,
    punctuated::Punctuated,
    visit::{self, Visit},
};

/// A file.
pub(crate) struct Source {
    /// The path below the root of the workspace, separated by `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) file: syn::File,
}

/// A function with the facts from its body.
#[derive(Debug, Default)]
pub(super) struct Function {
    pub(super) name: String,
    /// The type of the `impl` block around it.
    pub(super) owner: Option<String>,
    /// The trait that this block implements.
    pub(super) of_trait: Option<String>,
    pub(super) visibility: Reach,
    /// `true` if the function or its module is a test.
    pub(super) test: bool,
    /// Names of the types in its return type.
    pub(super) returns: BTreeSet<String>,
    /// Names of the functions and methods that it calls.
    pub(super) calls: BTreeSet<String>,
    /// Names of the methods that it calls on `self`.
    pub(super) own_calls: BTreeSet<String>,
    /// Names of the methods that it calls on the generated client of a call.
    pub(super) generated_calls: BTreeSet<String>,
    /// Ids of the operations that it looks up.
    pub(super) operations: BTreeSet<String>,
    /// Local variables with the generated client of a call.
    clients: BTreeSet<String>,
    /// Strings in its body, in order.
    pub(super) texts: Vec<String>,
    pub(super) file: String,
    pub(super) line: usize,
}

/// The visibility of a function.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Reach {
    /// The containing module and the modules below.
    #[default]
    Module,
    /// The module around its module (`pub(super)`).
    Parent,
    /// The crate.
    Crate,
    /// All crates. The lint `unreachable_pub` ensures that `pub` has this meaning.
    Public,
}

impl Function {
    /// Returns the name with its type, as a reader would search for it.
    pub(super) fn full_name(&self) -> String {
        match &self.owner {
            Some(owner) => format!("{owner}::{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Returns all Rust files below a directory of the workspace, sorted. A missing directory has none.
pub(super) fn below(root: &Path, folder: &str) -> Result<Vec<Source>, String> {
    files(root, folder)?.iter().map(|path| read(root, &root.join(path))).collect()
}

/// Returns the paths of all Rust files below a directory of the workspace, sorted, relative to the root of the
/// workspace.
pub(crate) fn files(root: &Path, folder: &str) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths)?;
    paths.sort();
    Ok(paths.iter().map(|path| shown(root, path)).collect())
}

/// Returns a path relative to the root of the workspace, separated by `/`.
fn shown(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    if !folder.is_dir() {
        return Ok(());
    }
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(named)? {
        let path = entry.map_err(named)?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

/// Parses a file.
pub(crate) fn read(root: &Path, path: &Path) -> Result<Source, String> {
    let named = |error: String| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    let file = syn::parse_file(&text).map_err(|error| named(error.to_string()))?;
    Ok(Source { path: shown(root, path), text, file })
}

impl Source {
    /// Returns all functions in the order of the file.
    pub(super) fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        let test = self.path.ends_with("/tests.rs") || self.path.contains("/tests/");
        items(&self.file.items, test, &mut found);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for function in &mut found {
            let before = seen.entry(function.name.clone()).or_default();
            function.line = self.line_of(&format!("fn {}", function.name), *before);
            function.file.clone_from(&self.path);
            *before += 1;
        }
        found
    }

    /// Returns the line of a declaration that occurs `before` times before it. Comments are ignored.
    pub(super) fn line_of(&self, declaration: &str, before: usize) -> usize {
        let declares = |line: &str| {
            let code = line.trim_start();
            let after = code.find(declaration).map(|at| &code[at + declaration.len()..]);
            !code.starts_with("//")
                && after.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        let lines = self.text.lines().enumerate().filter(|(_, line)| declares(line));
        lines.map(|(index, _)| index + 1).nth(before).unwrap_or(1)
    }

    /// Returns the types in calls of a macro at the top level of the file, for example `CreateToken` in
    /// `impl_into_future!(CreateToken => ..)`.
    pub(super) fn macro_types(&self, name: &str) -> Vec<String> {
        let calls = self.file.items.iter().filter_map(|item| match item {
            Item::Macro(call) if call.mac.path.is_ident(name) => Some(call.mac.tokens.to_string()),
            _ => None,
        });
        calls.filter_map(|tokens| Some(tokens.split("=>").next()?.trim().to_owned())).collect()
    }
}

fn items(all: &[Item], test: bool, found: &mut Vec<Function>) {
    for item in all {
        match item {
            Item::Fn(function) => {
                let mut own = Function {
                    visibility: reach(&function.vis),
                    test: test || is_test(&function.attrs),
                    ..Function::default()
                };
                describe(&mut own, &function.sig, Some(&function.block));
                found.push(own);
            }
            Item::Impl(block) => {
                let owner = type_name(&block.self_ty);
                let of_trait = block.trait_.as_ref().and_then(|(path, _)| last(path));
                let test = test || is_test(&block.attrs);
                for item in &block.items {
                    let ImplItem::Fn(method) = item else { continue };
                    let mut own = Function {
                        owner: owner.clone(),
                        of_trait: of_trait.clone(),
                        visibility: reach(&method.vis),
                        test: test || is_test(&method.attrs),
                        ..Function::default()
                    };
                    describe(&mut own, &method.sig, Some(&method.block));
                    found.push(own);
                }
            }
            Item::Trait(declared) => {
                for item in &declared.items {
                    let TraitItem::Fn(method) = item else { continue };
                    let mut own = Function {
                        owner: Some(declared.ident.to_string()),
                        of_trait: Some(declared.ident.to_string()),
                        visibility: reach(&declared.vis),
                        test,
                        ..Function::default()
                    };
                    describe(&mut own, &method.sig, method.default.as_ref());
                    found.push(own);
                }
            }
            Item::Mod(module) => {
                let test = test || is_test(&module.attrs);
                if let Some((_, inner)) = &module.content {
                    items(inner, test, found);
                }
            }
            _ => {}
        }
    }
}

fn describe(function: &mut Function, signature: &syn::Signature, block: Option<&syn::Block>) {
    function.name = signature.ident.to_string();
    if let syn::ReturnType::Type(_, returned) = &signature.output {
        function.returns = type_names(returned);
    }
    if let Some(block) = block {
        visit::visit_block(function, block);
    }
}

fn reach(visibility: &Visibility) -> Reach {
    match visibility {
        Visibility::Public(_) => Reach::Public,
        Visibility::Restricted(within) if within.path.is_ident("super") => Reach::Parent,
        Visibility::Restricted(_) => Reach::Crate,
        Visibility::Inherited => Reach::Module,
    }
}

/// Returns `true` for `#[test]`, `#[tokio::test]` and `#[cfg(test)]`.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        meta => last(meta.path()).as_deref() == Some("test"),
    })
}

fn last(path: &syn::Path) -> Option<String> {
    path.segments.last().map(|segment| segment.ident.to_string())
}

fn type_name(of: &syn::Type) -> Option<String> {
    match of {
        syn::Type::Path(path) => last(&path.path),
        syn::Type::Reference(to) => type_name(&to.elem),
        _ => None,
    }
}

/// Returns all names in a type.
pub(super) fn type_names(of: &syn::Type) -> BTreeSet<String> {
    struct Names(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
            self.0.insert(segment.ident.to_string());
            visit::visit_path_segment(self, segment);
        }
    }
    let mut names = Names(BTreeSet::new());
    names.visit_type(of);
    names.0
}

impl<'ast> Visit<'ast> for Function {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let name = call.method.to_string();
        match &*call.receiver {
            Expr::Path(path) if path.path.is_ident("self") => {
                self.own_calls.insert(name.clone());
            }
            Expr::Path(path)
                if path.path.get_ident().is_some_and(|own| self.clients.contains(&own.to_string())) =>
            {
                self.generated_calls.insert(name.clone());
            }
            receiver if is_generated_client(receiver) => {
                self.generated_calls.insert(name.clone());
            }
            _ => {}
        }
        self.calls.insert(name);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func
            && let Some(name) = last(&path.path)
        {
            if matches!(name.as_str(), "operation" | "by_id") {
                let ids = call.args.iter().filter_map(|argument| match argument {
                    Expr::Lit(syn::ExprLit { lit: Lit::Str(id), .. }) => Some(id.value()),
                    _ => None,
                });
                self.operations.extend(ids);
            }
            self.calls.insert(name);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (syn::Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && is_generated_client(&init.expr)
        {
            self.clients.insert(name.ident.to_string());
        }
        visit::visit_local(self, local);
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.texts.push(text.value());
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        match call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            Ok(arguments) => arguments.iter().for_each(|argument| self.visit_expr(argument)),
            Err(_) => self.texts.extend(texts(&call.tokens.to_string())),
        }
    }
}

/// Returns `true` for `call.client()`. The façade's own clients are fields or methods of `self`.
fn is_generated_client(expression: &Expr) -> bool {
    match expression {
        Expr::MethodCall(call) if call.method == "client" => {
            matches!(&*call.receiver, Expr::Path(path) if !path.path.is_ident("self"))
        }
        _ => false,
    }
}

/// Returns the strings in the tokens of a macro whose arguments are not expressions, such as `json!`.
fn texts(tokens: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = tokens;
    while let Some(start) = rest.find('"') {
        let inner = &rest[start + 1..];
        let mut escaped = false;
        let end = inner.char_indices().find(|(_, c)| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let Some((end, _)) = end else { break };
        found.push(inner[..end].to_owned());
        rest = &inner[end + 1..];
    }
    found
}
