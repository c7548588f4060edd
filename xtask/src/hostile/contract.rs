//! The requests that the document allows, and a valid body for each operation from the test data.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::json::Json;
use crate::regen;

/// The path prefix of the API on an emulator. The ingest proxy has no prefix.
const PREFIX: &str = "/api/v1";

/// Files of requests that conform to the document.
const SAMPLES: [&str; 2] = ["tests/data/recordings.json", "tests/data/composed.json"];

/// All operations with their schemas.
pub(super) struct Contract {
    pub(super) operations: Vec<Operation>,
    /// The schemas that references name.
    pub(super) schemas: Value,
}

/// An operation.
pub(super) struct Operation {
    pub(super) id: String,
    /// The HTTP method in upper case.
    pub(super) method: String,
    /// The path with names in braces and the prefix of the API.
    pub(super) path: String,
    pub(super) body: Option<Body>,
    /// The schema of an object with the parameters of the query string as its properties.
    pub(super) query: Option<Value>,
    /// Valid bodies from the test data.
    pub(super) samples: Vec<Json>,
}

/// The body of an operation.
pub(super) struct Body {
    pub(super) media_type: String,
    pub(super) schema: Value,
}

impl Contract {
    /// Reads the document and the samples of a checkout.
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let document = regen::document(root)?;
        let mut samples = BTreeMap::new();
        for file in SAMPLES {
            let path = root.join(file);
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            collect(&text, &mut samples).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Self::new(&document, samples)
    }

    fn new(document: &Value, mut samples: BTreeMap<String, Vec<Json>>) -> Result<Self, String> {
        let mut derived = regen::requests(document)?;
        let schemas = derived["$defs"].take();
        let mut operations = Vec::new();
        for (path, method, operation) in regen::operations(document) {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            let prefix = if operation["x-server"] == "proxy" { "" } else { PREFIX };
            let request = &mut derived["operations"][&id];
            let body = request.get_mut("body").map(|body| Body {
                media_type: body["contentType"].as_str().unwrap_or_default().to_owned(),
                schema: body["schema"].take(),
            });
            operations.push(Operation {
                method: method.to_uppercase(),
                path: format!("{prefix}{path}"),
                query: request.get_mut("query").map(Value::take),
                samples: samples.remove(&id).unwrap_or_default(),
                body,
                id,
            });
        }
        Ok(Self { operations, schemas })
    }

    pub(super) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Returns the schema that a reference names.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
            Some(name) => &self.schemas[name],
            None => schema,
        }
    }
}

/// Adds the JSON bodies of recorded requests by operation.
fn collect(text: &str, samples: &mut BTreeMap<String, Vec<Json>>) -> Result<(), String> {
    let recordings: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for recording in recordings.as_array().into_iter().flatten() {
        for exchange in recording["exchanges"].as_array().into_iter().flatten() {
            let id = exchange["operationId"].as_str().unwrap_or_default();
            if let Some(body) = exchange["request"].get("json").filter(|body| body.is_object()) {
                samples.entry(id.to_owned()).or_default().push(Json::from(body));
            }
        }
    }
    Ok(())
}
