//! Makes the JSON schemas of generated types optional.
//!
//! The derives take a large part of the time in which the crate compiles, and few programs need such a schema.

use syn::{Attribute, Item, Path, Token, parse_quote, punctuated::Punctuated};

/// The trait that the generator derives.
pub(super) const TRAIT: &str = "schemars::JsonSchema";

/// Replaces each derive of [`TRAIT`] in `items` by one that depends on the feature `schemars`.
pub(super) fn make_optional(items: &mut [Item]) {
    for item in items {
        match item {
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    make_optional(items);
                }
            }
            Item::Struct(declared) => replace(&mut declared.attrs),
            Item::Enum(declared) => replace(&mut declared.attrs),
            _ => {}
        }
    }
}

fn replace(attributes: &mut Vec<Attribute>) {
    let mut found = false;
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let parser = Punctuated::<Path, Token![,]>::parse_terminated;
        let Ok(traits) = attribute.parse_args_with(parser) else { continue };
        let others: Vec<&Path> = traits.iter().filter(|path| !is_schema(path)).collect();
        if others.len() < traits.len() {
            found = true;
            *attribute = parse_quote!(#[derive(#(#others),*)]);
        }
    }
    if found {
        let first = attributes.iter().position(|attribute| attribute.path().is_ident("derive"));
        let after = first.map_or(0, |index| index + 1);
        attributes
            .insert(after, parse_quote!(#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]));
    }
}

fn is_schema(path: &Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident == "JsonSchema")
}
