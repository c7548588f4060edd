//! Where the generated client differs from the recorded one on purpose.

use datalinks_gen::StreamKind;
use datalinks_tests::{difference::Difference, recordings::without_nulls};
use serde_json::{Value, json};

/// Each must occur: one that no recording shows is a leftover, and fails.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        what: "a null in a body is left out",
        why: "the schemas call these fields optional and not nullable; the service reads both, as far as is known",
        apply: |exchange| exchange.request.json.iter_mut().for_each(without_nulls),
    },
    Difference {
        what: "`Accept` names what the operation answers, instead of `*/*`",
        why: "a proxy in between then knows that a stream is one",
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
        why: "the field is a floating-point number; JSON makes no difference between the two",
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
        why: "the contract has the object since version 2.22.1; the façade reads both",
        apply: |exchange| {
            if exchange.operation_id == "getCleaningTaskCode" {
                let files: Value = serde_json::from_str(&exchange.response.whole_body()).unwrap();
                exchange.response.body = Some(json!({ "files": files }).to_string());
            }
        },
    },
];
