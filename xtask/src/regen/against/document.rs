//! A file that holds a contract, in one of the two forms that can be compared.

use std::{fs, path::Path};

use serde_json::Value;

/// The end of every message about a file that cannot be used.
const EXPECTED: &str = "expected an OpenAPI 3.0 or 3.1 document, or a file with `operations` by id and \
                        `components.schemas`, as YAML or JSON";

/// A parsed file.
pub(in crate::regen) struct Document {
    /// The file's path, for messages.
    pub(in crate::regen) name: String,
    pub(in crate::regen) root: Value,
    pub(in crate::regen) form: Form,
    /// Keywords beside a `$ref` apply, as OpenAPI 3.1 defines.
    pub(in crate::regen) reference_has_siblings: bool,
}

/// The way in which a file lists its operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::regen) enum Form {
    /// Below `paths`, by path and method.
    OpenApi,
    /// Below `operations`, by id, without prose and with shared parts inlined.
    Structural,
}

impl Document {
    /// Reads and parses a file.
    pub(in crate::regen) fn read(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|error| format!("reading {name} failed: {error}; check the path; {EXPECTED}"))?;
        let text = text.trim_start_matches('\u{feff}');
        Self::new(name.clone(), parse(text).map_err(|error| format!("{name}: {error}; {EXPECTED}"))?)
    }

    /// Recognizes the form and the version of a parsed file.
    pub(in crate::regen) fn new(name: String, root: Value) -> Result<Self, String> {
        let version = match &root["openapi"] {
            Value::String(version) => Some(version.as_str()),
            _ => None,
        };
        if let Some(swagger) = root.get("swagger") {
            return Err(format!(
                "{name} is a Swagger {} document; convert it first; {EXPECTED}",
                text(swagger)
            ));
        }
        let form = if root["paths"].is_object() && version.is_some() {
            Form::OpenApi
        } else if root["operations"].is_object() {
            Form::Structural
        } else {
            return Err(format!("{name} is not an OpenAPI document: {EXPECTED}"));
        };
        let version = version.unwrap_or("3.0");
        let minor = version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        if minor != "3.0" && minor != "3.1" {
            return Err(format!("{name} has OpenAPI version {version}; convert it first; {EXPECTED}"));
        }
        Ok(Self { name, root, form, reference_has_siblings: minor == "3.1" })
    }
}

/// Parses JSON or YAML. JSON goes through its own parser, whose messages are better.
fn parse(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{') {
        let json = serde_json::from_str(text);
        // A flow mapping of YAML begins like JSON.
        return json.or_else(|error| serde_saphyr::from_str(text).map_err(|_| error.to_string()));
    }
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Document, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("contract.txt");
        fs::write(&path, text).unwrap();
        Document::read(&path)
    }

    #[test]
    fn forms_and_versions_are_recognized() {
        let yaml =
            read("openapi: 3.0.3\npaths:\n  /a:\n    get:\n      responses:\n        200: {}\n").unwrap();
        assert_eq!((yaml.form, yaml.reference_has_siblings), (Form::OpenApi, false));
        assert!(yaml.root["paths"]["/a"]["get"]["responses"]["200"].is_object(), "{}", yaml.root);
        let json = read("\u{feff}{\"openapi\": \"3.1.0\", \"paths\": {}}").unwrap();
        assert_eq!((json.form, json.reference_has_siblings), (Form::OpenApi, true));
        let flow = read("{openapi: 3.1.1, paths: {}}").unwrap();
        assert!(flow.reference_has_siblings);
        let structural = read("{\"openapi\": \"3.0.3\", \"operations\": {}}").unwrap();
        assert_eq!(structural.form, Form::Structural);
    }

    #[test]
    fn unusable_files_are_errors_that_name_the_file_and_the_remedy() {
        for (text, expected) in [
            ("{\"openapi\": ", "EOF while parsing"),
            ("a: [", "contract.txt: "),
            ("just words", "is not an OpenAPI document"),
            ("openapi: 3.0.3", "is not an OpenAPI document"),
            ("[]", "is not an OpenAPI document"),
            ("swagger: '2.0'\npaths: {}", "is a Swagger 2.0 document"),
            ("openapi: 3.2.0\npaths: {}", "has OpenAPI version 3.2.0"),
        ] {
            let Err(error) = read(text) else { panic!("{text} was taken") };
            assert!(error.contains(expected) && error.contains("contract.txt"), "{text}: {error}");
            assert!(error.contains("OpenAPI 3.0 or 3.1"), "{text}: {error}");
        }
        let Err(missing) = Document::read(Path::new("no/such.yaml")) else { panic!("read") };
        assert!(missing.starts_with("reading no/such.yaml failed: "), "{missing}");
    }
}
