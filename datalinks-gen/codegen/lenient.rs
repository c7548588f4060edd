//! Relaxes generated types, so that they read responses which differ harmlessly from the document.
//!
//! Servers in other languages write an integer as `5.0`, and omit a field that the document requires but allows
//! to be null. Neither loses information, so both are read.

use syn::{
    Attribute, Field, Fields, File, GenericArgument, Item, Meta, PathArguments, Token, Type, parse_quote,
    punctuated::Punctuated,
};

/// The function with which the generator reads a required and nullable field.
const REQUIRED_NULLABLE: &str = "::std::option::Option::deserialize";

/// Relaxes every struct in `file` that is deserialized.
pub(super) fn relax(file: &mut File) {
    file.items.iter_mut().for_each(relax_item);
}

fn relax_item(item: &mut Item) {
    match item {
        Item::Mod(module) => {
            module.content.iter_mut().flat_map(|(_, items)| items).for_each(relax_item);
        }
        Item::Struct(declared) => {
            if let Fields::Named(fields) = &mut declared.fields
                && declared.attrs.iter().any(derives_deserialize)
            {
                fields.named.iter_mut().for_each(relax_field);
            }
        }
        _ => {}
    }
}

fn relax_field(field: &mut Field) {
    if let Some(found) = field.attrs.iter_mut().find(|attribute| mentions(attribute, REQUIRED_NULLABLE)) {
        // The same attribute may also contain the name of the field.
        let others = arguments(found).into_iter().filter(|own| !own.path().is_ident("deserialize_with"));
        *found = parse_quote!(#[serde(default #(, #others)*)]);
    }
    let defaults = field.attrs.iter().any(|attribute| mentions(attribute, "default"));
    if is_i64(&field.ty) {
        field.attrs.push(parse_quote!(#[serde(deserialize_with = "crate::whole::required")]));
    } else if inside_option(&field.ty).is_some_and(is_i64) {
        field.attrs.push(parse_quote!(#[serde(deserialize_with = "crate::whole::optional")]));
        if !defaults {
            // A field with its own function is required by serde unless it has a default.
            field.attrs.push(parse_quote!(#[serde(default)]));
        }
    }
}

/// Returns the arguments inside the parentheses of an attribute.
fn arguments(attribute: &Attribute) -> Vec<Meta> {
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    attribute.parse_args_with(parser).map(|all| all.into_iter().collect()).unwrap_or_default()
}

fn derives_deserialize(attribute: &Attribute) -> bool {
    attribute.path().is_ident("derive") && mentions(attribute, "Deserialize")
}

/// Returns `true` if the text inside the attribute contains `word`, ignoring spaces.
fn mentions(attribute: &Attribute, word: &str) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.tokens.to_string().replace(' ', "").contains(word)
}

fn is_i64(declared: &Type) -> bool {
    matches!(declared, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "i64"))
}

/// Returns the `T` of an `Option<T>`.
fn inside_option(declared: &Type) -> Option<&Type> {
    let Type::Path(path) = declared else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}
