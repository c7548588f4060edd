//! Lets generated types read what servers write although the document does not allow it.
//!
//! Servers in other languages write a whole number as `5.0`, and leave out a field that the document requires but
//! allows to be null. Neither loses anything, so neither makes a response unreadable.

use syn::{
    Attribute, Field, Fields, File, GenericArgument, Item, Meta, PathArguments, Token, Type, parse_quote,
    punctuated::Punctuated,
};

/// How the generator reads a field that is required and nullable.
const REQUIRED_NULLABLE: &str = "::std::option::Option::deserialize";

/// Relaxes every struct of `file` that is deserialized.
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
        // The name of the field may stand in the same attribute.
        let others = arguments(found).into_iter().filter(|own| !own.path().is_ident("deserialize_with"));
        *found = parse_quote!(#[serde(default #(, #others)*)]);
    }
    let defaults = field.attrs.iter().any(|attribute| mentions(attribute, "default"));
    if is_i64(&field.ty) {
        field.attrs.push(parse_quote!(#[serde(deserialize_with = "crate::whole::required")]));
    } else if inside_option(&field.ty).is_some_and(is_i64) {
        field.attrs.push(parse_quote!(#[serde(deserialize_with = "crate::whole::optional")]));
        if !defaults {
            // With a function of its own, an absent field is an error unless a default is named.
            field.attrs.push(parse_quote!(#[serde(default)]));
        }
    }
}

/// What stands inside the parentheses of an attribute.
fn arguments(attribute: &Attribute) -> Vec<Meta> {
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    attribute.parse_args_with(parser).map(|all| all.into_iter().collect()).unwrap_or_default()
}

fn derives_deserialize(attribute: &Attribute) -> bool {
    attribute.path().is_ident("derive") && mentions(attribute, "Deserialize")
}

/// Whether the text inside the attribute contains `word`, spaces aside.
fn mentions(attribute: &Attribute, word: &str) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.tokens.to_string().replace(' ', "").contains(word)
}

fn is_i64(declared: &Type) -> bool {
    matches!(declared, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "i64"))
}

/// The `T` of an `Option<T>`.
fn inside_option(declared: &Type) -> Option<&Type> {
    let Type::Path(path) = declared else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}
