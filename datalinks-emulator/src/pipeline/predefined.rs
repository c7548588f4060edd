//! Predefined datasets of a request: an object, or an array of dataset schemas.
//!
//! The service does not document the form of a dataset schema, so any plausible form is accepted.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::plan::{FreeNames, check_name};

/// Keys under which an object contains the schemas of several datasets.
const SCHEMAS: [&str; 3] = ["datasets", "schemas", "tables"];
/// Keys of the name of a dataset.
const NAME: [&str; 5] = ["name", "dataset", "datasetName", "table", "title"];
/// Keys of the description of a dataset or column.
const DESCRIPTION: [&str; 2] = ["description", "dataDescription"];
/// Keys of the columns of a dataset.
const COLUMNS: [&str; 5] = ["fields", "columns", "schemaDefinition", "schema", "properties"];
/// Keys of the column that identifies a row.
const IDENTIFIER: [&str; 3] = ["identifier", "naturalIdentifier", "primaryKey"];
/// Keys of the name of a column that is an item of a list.
const COLUMN: [&str; 4] = ["name", "column", "field", "columnName"];
/// Keys that identify an object as the schema of a column.
const OF_A_COLUMN: [&str; 3] = ["type", "description", "dataType"];

/// Default name of a predefined dataset.
pub(super) const UNNAMED: &str = "dataset_1";

/// A predefined dataset.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Predefined {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) identifier: Option<String>,
    /// The names of the columns with their descriptions.
    pub(super) columns: Vec<(String, String)>,
}

/// Reads the predefined datasets. An error names the part of the schema that cannot be read.
pub(super) fn read(schema: &Value) -> Result<Vec<Predefined>, String> {
    let mut datasets = match schema {
        Value::Array(schemas) => list(schemas, "predefinedSchema")?,
        Value::Object(object) => of_object(object)?,
        _ => return Err("predefinedSchema: must be an object or an array of dataset schemas".to_owned()),
    };
    let mut names: HashSet<String> = HashSet::new();
    for dataset in datasets.iter().filter(|own| !own.name.is_empty()) {
        check_name(&dataset.name).map_err(|reason| format!("predefinedSchema: {reason}"))?;
        if !names.insert(dataset.name.clone()) {
            return Err(format!("predefinedSchema: two datasets are called {:?}", dataset.name));
        }
    }
    // Named last, so that a default name cannot conflict with a later dataset.
    let mut free = FreeNames::default();
    for dataset in datasets.iter_mut().filter(|own| own.name.is_empty()) {
        dataset.name = free.find(UNNAMED, |name| names.contains(name));
        names.insert(dataset.name.clone());
    }
    Ok(datasets)
}

fn of_object(object: &Map<String, Value>) -> Result<Vec<Predefined>, String> {
    if let Some((key, Value::Array(schemas))) = entry(object, &SCHEMAS) {
        return list(schemas, &format!("predefinedSchema.{key}"));
    }
    if let Some((key, Value::Object(schemas))) = entry(object, &SCHEMAS) {
        return named(schemas, &format!("predefinedSchema.{key}"));
    }
    if entry(object, &COLUMNS).is_some_and(|(_, columns)| columns.is_object() || columns.is_array()) {
        return Ok(vec![dataset(object, "predefinedSchema")?]);
    }
    let is_dataset = |schema: &Value| match schema {
        Value::Array(_) => true,
        Value::Object(schema) => entry(schema, &OF_A_COLUMN).is_none() || entry(schema, &COLUMNS).is_some(),
        _ => false,
    };
    if object.is_empty() {
        return Ok(Vec::new());
    }
    if object.values().all(is_dataset) {
        return named(object, "predefinedSchema");
    }
    let columns = Value::Object(object.clone());
    Ok(vec![Predefined { columns: columns_of(&columns, "predefinedSchema")?, ..Predefined::default() }])
}

/// Reads schemas by the names of their datasets.
fn named(schemas: &Map<String, Value>, at: &str) -> Result<Vec<Predefined>, String> {
    let schema = |(name, schema): (&String, &Value)| {
        let at = format!("{at}.{name}");
        let own = match schema {
            Value::Object(object) if entry(object, &COLUMNS).is_some() => dataset(object, &at)?,
            columns => Predefined { columns: columns_of(columns, &at)?, ..Predefined::default() },
        };
        Ok(Predefined { name: name.clone(), ..own })
    };
    schemas.iter().map(schema).collect()
}

fn list(schemas: &[Value], at: &str) -> Result<Vec<Predefined>, String> {
    let schema = |(index, schema): (usize, &Value)| match schema {
        Value::Object(object) => dataset(object, &format!("{at}[{index}]")),
        _ => Err(format!("{at}[{index}]: must be an object, the schema of a dataset")),
    };
    schemas.iter().enumerate().map(schema).collect()
}

fn dataset(object: &Map<String, Value>, at: &str) -> Result<Predefined, String> {
    let columns = match entry(object, &COLUMNS) {
        None => Vec::new(),
        Some((key, columns)) => columns_of(columns, &format!("{at}.{key}"))?,
    };
    let identifier = text(object, &IDENTIFIER).filter(|own| columns.iter().any(|(name, _)| name == own));
    Ok(Predefined {
        name: text(object, &NAME).unwrap_or_default(),
        description: text(object, &DESCRIPTION).unwrap_or_default(),
        identifier,
        columns,
    })
}

/// Reads columns: an object by name, or a list of names or of objects with a name.
fn columns_of(columns: &Value, at: &str) -> Result<Vec<(String, String)>, String> {
    let about = |description: &Value| match description {
        Value::String(text) => text.clone(),
        Value::Object(object) => text(object, &DESCRIPTION).unwrap_or_default(),
        _ => String::new(),
    };
    let mut found: Vec<(String, String)> = match columns {
        Value::Null => Vec::new(),
        Value::Object(columns) => {
            columns.iter().map(|(name, description)| (name.clone(), about(description))).collect()
        }
        Value::Array(columns) => {
            let column = |(index, column): (usize, &Value)| match column {
                Value::String(name) => Ok((name.clone(), String::new())),
                Value::Object(object) => text(object, &COLUMN)
                    .map(|name| (name, about(column)))
                    .ok_or_else(|| format!("{at}[{index}]: needs a name")),
                _ => Err(format!("{at}[{index}]: must be the name of a column, or an object with one")),
            };
            columns.iter().enumerate().map(column).collect::<Result<_, _>>()?
        }
        _ => return Err(format!("{at}: must be an object or an array of columns")),
    };
    let mut seen: HashSet<String> = HashSet::new();
    found.retain(|(name, _)| !name.trim().is_empty() && seen.insert(name.clone()));
    Ok(found)
}

fn entry<'a>(object: &'a Map<String, Value>, keys: &[&'a str]) -> Option<(&'a str, &'a Value)> {
    keys.iter().find_map(|key| Some((*key, object.get(*key)?)))
}

fn text(object: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    let texts = keys.iter().filter_map(|key| object.get(*key)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::concurrency::work::tests::assert_proportional;

    fn shown(datasets: &[Predefined]) -> Vec<String> {
        let column = |(name, description): &(String, String)| format!("{name}={description}");
        let shown = |own: &Predefined| {
            let columns: Vec<String> = own.columns.iter().map(column).collect();
            format!("{} ({}): {}", own.name, own.description, columns.join(" "))
        };
        datasets.iter().map(shown).collect()
    }

    #[test]
    fn many_unnamed_datasets_take_linear_time() {
        assert_proportional(2_000, |size| {
            let datasets = read(&json!(vec![json!({ "id": 1 }); size])).unwrap();
            assert_eq!(datasets.last().unwrap().name, format!("dataset_{size}"));
        });
    }

    #[test]
    fn every_plausible_form_is_read() {
        let films = "films (all): title=its name year=";
        for schema in [
            json!([{ "name": "films", "description": "all", "fields": { "title": "its name", "year": null } }]),
            json!([{ "datasetName": "films", "dataDescription": "all",
                     "columns": [{ "name": "title", "description": "its name" }, "year"] }]),
            json!({ "datasets": [{ "dataset": "films", "description": "all",
                     "schemaDefinition": { "title": { "type": "string", "description": "its name" }, "year": {} } }] }),
            json!({ "films": { "description": "all", "fields": { "title": "its name", "year": "" } } }),
            json!({ "tables": { "films": { "description": "all", "fields": { "title": "its name", "year": "" } } } }),
            json!({ "name": "films", "description": "all", "properties": { "title": "its name", "year": 1 } }),
        ] {
            assert_eq!(shown(&read(&schema).unwrap()), [films], "{schema}");
        }
        for (schema, expected) in [
            (json!({ "title": "its name", "year": null }), vec!["dataset_1 (): title=its name year="]),
            (json!({ "title": { "type": "string", "description": "x" } }), vec!["dataset_1 (): title=x"]),
            (
                json!({ "films": ["title"], "people": { "name": "x" } }),
                vec!["films (): title=", "people (): name=x"],
            ),
            (json!([{}, { "name": "a" }, {}]), vec!["dataset_1 (): ", "a (): ", "dataset_2 (): "]),
            (json!([{}, { "name": "dataset_1" }]), vec!["dataset_2 (): ", "dataset_1 (): "]),
            (json!({}), vec![]),
            (json!([]), vec![]),
            (json!({ "tables": [] }), vec![]),
        ] {
            assert_eq!(shown(&read(&schema).unwrap()), expected, "{schema}");
        }
    }

    #[test]
    fn error_names_the_unreadable_part() {
        for (schema, part) in [
            (json!("x"), "must be an object or an array"),
            (json!(5), "must be an object or an array"),
            (json!([1]), "predefinedSchema[0]: must be an object"),
            (
                json!([{ "name": "a", "fields": 5 }]),
                "predefinedSchema[0].fields: must be an object or an array",
            ),
            (json!([{ "name": "a", "fields": [{}] }]), "predefinedSchema[0].fields[0]: needs a name"),
            (json!({ "a": [5] }), "predefinedSchema.a[0]: must be the name of a column"),
            (json!([{ "name": "a" }, { "name": "a" }]), "two datasets are called \"a\""),
            (json!([{ "name": "a\\b" }]), "cannot be the name of a dataset"),
        ] {
            let message = read(&schema).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
    }
}
