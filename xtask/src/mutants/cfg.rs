//! Code that this machine does not compile, in which no test can notice a mutant.

use std::{collections::BTreeSet, ops::Range, process::Command};

use syn::{
    Attribute, Expr, ExprLit, Lit, Meta, Token,
    parse::{ParseStream, Parser as _},
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

/// The configuration that the suites are compiled with.
#[derive(Debug)]
pub(super) struct Configuration(BTreeSet<String>);

impl Configuration {
    /// Asks the compiler.
    pub(super) fn read() -> Result<Self, String> {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(rustc).args(["--print", "cfg"]).output();
        let output = output.map_err(|error| format!("cannot run rustc: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(Self(text.lines().map(str::to_owned).collect()))
    }

    /// Returns the parts of a file that are not compiled, in bytes.
    pub(super) fn left_out(&self, source: &str) -> Vec<Range<usize>> {
        let Ok(file) = syn::parse_file(source) else { return Vec::new() };
        let mut finder = Finder { source, configuration: self, found: Vec::new() };
        finder.visit_file(&file);
        finder.found
    }

    fn holds(&self, predicate: &Meta) -> bool {
        let inner = |list: &syn::MetaList| {
            list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default()
        };
        match predicate {
            Meta::List(list) if list.path.is_ident("not") => !inner(list).iter().all(|one| self.holds(one)),
            Meta::List(list) if list.path.is_ident("any") => inner(list).iter().any(|one| self.holds(one)),
            Meta::List(list) => inner(list).iter().all(|one| self.holds(one)),
            // The suites are compiled with the features that files of the measured directories need.
            Meta::NameValue(pair) if pair.path.is_ident("feature") => true,
            Meta::NameValue(pair) => {
                let Expr::Lit(ExprLit { lit: Lit::Str(value), .. }) = &pair.value else { return true };
                let name = pair.path.get_ident().map(ToString::to_string).unwrap_or_default();
                self.0.contains(&format!("{name}={:?}", value.value()))
            }
            Meta::Path(path) if path.is_ident("test") => true,
            Meta::Path(path) => path.get_ident().is_some_and(|name| self.0.contains(&name.to_string())),
        }
    }
}

struct Finder<'a> {
    source: &'a str,
    configuration: &'a Configuration,
    found: Vec<Range<usize>>,
}

impl Finder<'_> {
    fn look(&mut self, part: &impl Spanned) {
        let range = part.span().byte_range();
        let text = self.source.get(range.clone()).unwrap_or_default();
        if text.starts_with(['#', '/'])
            && attributes(text).iter().any(|attribute| {
                attribute.path().is_ident("cfg")
                    && attribute.parse_args().is_ok_and(|predicate| !self.configuration.holds(&predicate))
            })
        {
            self.found.push(range);
        }
    }
}

/// Returns the attributes that a text begins with.
fn attributes(text: &str) -> Vec<Attribute> {
    let parser = |input: ParseStream<'_>| {
        let attributes = Attribute::parse_outer(input)?;
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(attributes)
    };
    parser.parse_str(text).unwrap_or_default()
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.look(item);
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        self.look(item);
        visit::visit_impl_item(self, item);
    }

    fn visit_trait_item(&mut self, item: &'ast syn::TraitItem) {
        self.look(item);
        visit::visit_trait_item(self, item);
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        self.look(statement);
        visit::visit_stmt(self, statement);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.look(arm);
        visit::visit_arm(self, arm);
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        self.look(field);
        visit::visit_field_value(self, field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_other_systems_are_left_out() {
        let set = ["unix", "target_os=\"linux\""].map(str::to_owned);
        let configuration = Configuration(set.into());
        let source = r#"
            /// Documented.
            #[cfg(windows)]
            fn first() {}
            #[cfg(all(unix, target_os = "linux"))]
            fn kept() {
                #[cfg(not(unix))]
                { second() }
                #[cfg(any(unix, windows))]
                third();
                match 1 { #[cfg(target_os = "macos")] fourth => 4, _ => 5 }
            }
            #[cfg(feature = "read")] #[cfg(test)] struct Sixth;
            impl Sixth { #[cfg(not(feature = "read"))] fn seventh(&self) {} }
        "#;
        let found = configuration.left_out(source);
        let named: Vec<&str> = ["first", "kept", "second", "third", "fourth", "5", "seventh"]
            .into_iter()
            .filter(|name| found.iter().any(|range| range.contains(&source.find(name).unwrap())))
            .collect();
        assert_eq!(named, ["first", "second", "fourth", "seventh"]);
        assert!(Configuration::read().unwrap().0.iter().any(|line| line.starts_with("target_os=")));
    }
}
