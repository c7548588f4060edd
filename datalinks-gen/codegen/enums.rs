//! Generation of open enums: a variant per value of the document, and one that keeps every other value.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

/// A schema of type string with a list of values.
#[derive(Clone, PartialEq)]
pub(super) struct OpenEnum {
    pub(super) name: String,
    description: String,
    values: Vec<String>,
}

/// Returns the enums of all slices, without duplicate names.
pub(super) fn collect(slices: &[Value]) -> Vec<OpenEnum> {
    let mut found = BTreeMap::new();
    for schemas in slices.iter().filter_map(|slice| slice["components"]["schemas"].as_object()) {
        for (name, schema) in schemas {
            let Some(values) = schema["enum"].as_array() else { continue };
            found.insert(
                name.clone(),
                OpenEnum {
                    name: name.clone(),
                    description: schema["description"].as_str().unwrap_or(name).to_owned(),
                    values: values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                },
            );
        }
    }
    found.into_values().collect()
}

/// Returns the source of the module that declares the enums.
pub(super) fn module(enums: &[OpenEnum]) -> Result<String, String> {
    let mut code = String::new();
    for open in enums {
        for line in open.description.lines() {
            let _ = writeln!(code, "#[doc = {:?}]", format!(" {line}"));
        }
        let _ = writeln!(
            code,
            "#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]\n#[non_exhaustive]\npub enum {} {{",
            open.name
        );
        for value in &open.values {
            let _ = writeln!(code, "#[doc = {:?}]\n{},", format!(" `{value}` on the wire."), variant(value));
        }
        let _ = writeln!(
            code,
            "/// A value that the document does not list, as it was received.\nOther(String),\n}}"
        );
        let table: String = open.values.iter().fold(String::new(), |mut table, value| {
            let _ = write!(table, "{} => {value:?},", variant(value));
            table
        });
        let _ = writeln!(code, "crate::open_enum!({} {{ {table} }});", open.name);
    }
    super::format(code)
}

/// Returns the name of the variant of a value: `all-in-one` becomes `AllInOne`.
fn variant(value: &str) -> String {
    value
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect()
}
