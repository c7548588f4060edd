//! Generation of Rust code from the derived documents.
//!
//! Two programs compile this directory: `build.rs`, which writes the code that a build with the feature `generate`
//! compiles, and `xtask`, which writes the snapshot that reviewers read and that other builds compile. Both call the same
//! function, so they cannot differ.

mod enums;
mod lenient;
mod operations;
mod requests;
mod schema;

use progenitor::{GenerationSettings, Generator, InterfaceStyle, TagStyle};
use progenitor_impl::{HooksMode, TypeImpl};
use serde_json::Value;

/// A generated module: file name and formatted source.
pub(crate) struct Module {
    pub(crate) file: &'static str,
    pub(crate) text: String,
}

/// The schemas that hand-written types of this crate replace in every slice.
///
/// - `InferenceStep`: the generator would make an untagged union with useless messages.
/// - `IsoDuration`: the generator would make a bare `String`.
/// - `PathSegment`: both slices share one type, which validates a name before a request is built.
/// - `Row`: rows stay plain JSON objects.
/// - `Secret`: formatting must not print the value (`x-secret` in the document).
const REPLACED: &[(&str, &str, &[TypeImpl])] = &[
    ("IngestRequestInferStep", "crate::InferenceStep", &[]),
    ("IsoDuration", "crate::IsoDuration", &[]),
    ("PathSegment", "crate::PathSegment", &[TypeImpl::Display, TypeImpl::FromStr]),
    ("Row", "crate::Row", &[]),
    ("Secret", "crate::Secret", &[]),
];

/// Generates all modules from the two derived documents, given as JSON.
pub(crate) fn generate(api: &str, proxy: &str) -> Result<Vec<Module>, String> {
    let slices = [parse("api.json", api)?, parse("proxy.json", proxy)?];
    let enums = enums::collect(&slices);
    Ok(vec![
        Module { file: "api.rs", text: client(api, &enums)? },
        Module { file: "enums.rs", text: enums::module(&enums)? },
        Module { file: "operations.rs", text: operations::module(&slices)? },
        Module { file: "proxy.rs", text: client(proxy, &enums)? },
    ])
}

fn parse(name: &str, text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))
}

fn client(document: &str, enums: &[enums::OpenEnum]) -> Result<String, String> {
    let document: openapiv3::OpenAPI =
        serde_json::from_str(document).map_err(|error| format!("not an OpenAPI document: {error}"))?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        // Without an implementation of the hooks, the build fails instead of losing the transport.
        .with_hooks(HooksMode::Expected)
        .with_inner_type("crate::Ctx".parse().map_err(|error| format!("{error}"))?)
        .with_derive("PartialEq")
        .with_derive(schema::TRAIT)
        .with_map_type("::std::collections::BTreeMap");
    for (schema, path, impls) in REPLACED {
        settings.with_replacement(schema, path, impls.iter().copied());
    }
    for open in enums {
        let path = format!("crate::enums::{}", open.name);
        settings.with_replacement(&open.name, path, [TypeImpl::Display, TypeImpl::FromStr].into_iter());
    }
    let tokens = Generator::new(&settings).generate_tokens(&document).map_err(|error| error.to_string())?;
    let mut file = parsed(&tokens.to_string())?;
    lenient::relax(&mut file);
    schema::make_optional(&mut file.items);
    requests::shorten(&mut file)?;
    Ok(prettyplease::unparse(&file))
}

/// Formats generated code without rustfmt, so that the result is the same on every machine.
fn format(code: String) -> Result<String, String> {
    parsed(&code).map(|file| prettyplease::unparse(&file))
}

fn parsed(code: &str) -> Result<syn::File, String> {
    syn::parse_file(code).map_err(|error| format!("generated code does not parse: {error}"))
}
