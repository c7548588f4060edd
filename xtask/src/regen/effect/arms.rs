//! The methods of the façade that its suite calls for each operation.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use syn::{Expr, Item, Pat, visit::Visit};

use super::source::{self, Function};

/// The file with a match over all operations. The suite itself tests that each arm sends its operation.
pub(super) const CALLS: &str = "tests/tests/facade/calls.rs";

/// Returns the names of the methods that each arm calls, by operation.
///
/// # Errors
///
/// Fails if the file cannot be read, or if its function `call` has no match.
pub(super) fn read(root: &Path) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let source = source::read(root, &root.join(CALLS))?;
    let call = source.file.items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == "call" => Some(&function.block),
        _ => None,
    });
    let arms = call.into_iter().flat_map(|block| &block.stmts).find_map(|statement| match statement {
        syn::Stmt::Expr(Expr::Match(choice), _) => Some(&choice.arms),
        _ => None,
    });
    let mut found = BTreeMap::new();
    for arm in arms.ok_or_else(|| format!("{CALLS} has no match in `call`"))? {
        let Pat::Lit(literal) = &arm.pat else { continue };
        let syn::Lit::Str(id) = &literal.lit else { continue };
        let mut calls = Function::default();
        calls.visit_expr(arm.body.as_ref());
        found.insert(id.value(), calls.calls);
    }
    Ok(found)
}
