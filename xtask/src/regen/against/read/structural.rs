//! The operations of a file in structural form: `operations` by id, with everything inlined except schemas.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::model::{Operation, Parameter, ParameterValue, RequestBody},
    content, field, key, members, string,
};

pub(super) fn operations(root: &Value) -> Result<Vec<Operation<'_>>, String> {
    members(&root["operations"])
        .map(|(id, node)| operation(id, node).map_err(|error| format!("operation {id}: {error}")))
        .collect()
}

fn operation<'a>(id: &'a str, node: &'a Value) -> Result<Operation<'a>, String> {
    let (method, path) = (string(node, "method")?.to_ascii_uppercase(), string(node, "path")?);
    let secured = node["auth"].as_bool().ok_or("`auth` is missing; correct the document")?;
    let mut parameters = BTreeMap::new();
    for parameter in node["parameters"].as_array().into_iter().flatten() {
        let value = match parameter.get("content") {
            Some(node) => ParameterValue::Content(content(node, |schema| schema)),
            None => ParameterValue::Schema(field(parameter, "schema")),
        };
        parameters.insert(key(parameter)?, Parameter { required: parameter["required"] == true, value });
    }
    let request = node["requestBody"].as_object().map(|body| RequestBody {
        required: body.get("required") == Some(&Value::Bool(true)),
        content: body.get("content").map(|node| content(node, |schema| schema)).unwrap_or_default(),
    });
    let responses = members(&node["responses"])
        .map(|(status, bodies)| (status, content(bodies, |schema| schema)))
        .collect();
    // An operation without an id is listed by its method and path.
    let id = Some(id).filter(|id| *id != format!("{method} {path}"));
    let deprecated = node["deprecated"] == true;
    Ok(Operation { id, method, path, secured, deprecated, parameters, request, responses })
}
