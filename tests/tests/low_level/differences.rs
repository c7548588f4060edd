//! Deliberate differences of the generated client from the recorded one.

use datalinks_gen::StreamKind;
use datalinks_tests::{difference::Difference, recordings::without_nulls};
use serde_json::{Value, json};

/// All differences. Each must occur in a recording, otherwise it is a leftover and fails.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        what: "a null in a body is omitted",
        why: "the schemas declare these fields as optional and not nullable, and as far as is known, the service accepts both",
        apply: |exchange| exchange.request.json.iter_mut().for_each(without_nulls),
    },
    Difference {
        what: "`Accept` names the media type of the response instead of `*/*`",
        why: "intermediaries then recognize streams",
        apply: |exchange| {
            let accept = match exchange.operation().stream {
                None => "application/json",
                Some(StreamKind::Sse) => "text/event-stream",
                Some(StreamKind::Ndjson) => "application/x-ndjson",
            };
            exchange.request.headers.insert("accept".to_owned(), accept.into());
        },
    },
    Difference {
        what: "a temperature of 0 or 1 is written 0.0 or 1.0",
        why: "the field is a floating-point number, and both forms are the same number in JSON",
        apply: |exchange| {
            let settings =
                exchange.request.json.as_mut().and_then(|body| body.get_mut("llm")?.as_object_mut());
            for value in settings.into_iter().flat_map(|settings| settings.values_mut()) {
                if let Some(number) = value.as_f64() {
                    *value = number.into();
                }
            }
        },
    },
    Difference {
        what: "the code of a cleaning task is an object that holds the files, instead of an array of files",
        why: "the contract has the object since version 2.22.1, and the façade reads both",
        apply: |exchange| {
            if exchange.operation_id == "getCleaningTaskCode" {
                let files: Value = serde_json::from_str(&exchange.response.whole_body()).unwrap();
                exchange.response.body = Some(json!({ "files": files }).to_string());
            }
        },
    },
];
