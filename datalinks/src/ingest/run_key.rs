//! The options that identify the run of a journal.

use serde::Serialize;
use serde_json::{Map, Value};

/// The options that identify the run of a journal. Serialized in this order of fields, so the order must not
/// change.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunKey<'a> {
    pub(super) batch_size: usize,
    pub(super) dataset: String,
    pub(super) fields: &'a Map<String, Value>,
    pub(super) max_batch_bytes: usize,
}

/// Says in which options a run differs from the one that created the journal.
pub(super) fn differences(of_journal: &str, of_run: &str) -> String {
    let read = |text| serde_json::from_str::<Map<String, Value>>(text).ok();
    let (Some(journal), Some(run)) = (read(of_journal), read(of_run)) else {
        return "the options differ".to_owned();
    };
    let mut found = Vec::new();
    for (name, begin) in [
        ("dataset", "the dataset was"),
        ("batchSize", "batch_size was"),
        ("maxBatchBytes", "max_batch_bytes was"),
    ] {
        if let (Some(before), Some(now)) = (journal.get(name), run.get(name))
            && before != now
        {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            found.push(format!("{begin} {} and is {}", text(before), text(now)));
        }
    }
    let fields =
        |key: &Map<String, Value>| key.get("fields").and_then(Value::as_object).cloned().unwrap_or_default();
    let (journal, run) = (fields(&journal), fields(&run));
    let added = run.keys().filter(|name| !journal.contains_key(*name));
    for name in journal.keys().chain(added) {
        if journal.get(name) != run.get(name) {
            // The text of a field can be long.
            found.push(format!("the field {name} of the requests differs"));
        }
    }
    found.join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(batch_size: usize, fields: Value, dataset: &str) -> String {
        let fields = fields.as_object().unwrap();
        let key = RunKey { batch_size, dataset: dataset.to_owned(), fields, max_batch_bytes: 4096 };
        serde_json::to_string(&key).unwrap()
    }

    #[test]
    fn every_option_that_differs_is_named() {
        let journal = key(500, json!({ "name": "a", "infer": {} }), "http://a/ingest/cinema/films");
        let run =
            key(1000, json!({ "name": "b", "dataDescription": "x", "infer": {} }), "http://a/ingest/x/y");
        assert_eq!(
            differences(&journal, &run),
            "the dataset was http://a/ingest/cinema/films and is http://a/ingest/x/y; batch_size was 500 and is \
             1000; the field name of the requests differs; the field dataDescription of the requests differs"
        );
        assert_eq!(differences("no JSON", &run), "the options differ");
    }

    /// The order of members is part of the format of journals.
    #[test]
    fn key_of_a_run_is_the_same_in_every_release() {
        assert_eq!(
            key(500, json!({ "infer": {} }), "http://a/ingest/cinema/films"),
            r#"{"batchSize":500,"dataset":"http://a/ingest/cinema/films","fields":{"infer":{}},"maxBatchBytes":4096}"#
        );
    }
}
