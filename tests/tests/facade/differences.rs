//! Deliberate differences of the façade from the recorded client, with reasons.
//!
//! Version 2.22.1 of the contract did not change the requests of these calls. It changed two responses, and the
//! façade reads both forms of each: the code of a cleaning task (an array before, an object now) and the status
//! of a deleted token (200 before, 204 now).

use chrono::DateTime;
use datalinks_gen::StreamKind;
use datalinks_tests::{
    difference::Difference,
    recordings::{Exchange, pairs},
};
use serde_json::Value;

/// All differences. Each must occur in a recording, otherwise it is a leftover and fails.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        what: "a column to normalise without a description has an empty one instead of null",
        why: "the schema allows strings only",
        apply: |exchange| {
            steps(exchange, |step| {
                for text in step.get_mut("targetCols").and_then(Value::as_object_mut).into_iter().flatten() {
                    if text.1.is_null() {
                        *text.1 = "".into();
                    }
                }
            });
        },
    },
    Difference {
        what: "instructions to a table step go into additionalInstructions instead of helperPrompt",
        why: "the newest schema has this name, and the earlier field can still be set",
        apply: |exchange| {
            steps(exchange, |step| {
                if step["type"] == "table"
                    && let Some(text) = step.as_object_mut().and_then(|step| step.remove("helperPrompt"))
                {
                    step["additionalInstructions"] = text;
                }
            });
        },
    },
    Difference {
        what: "`query` is omitted instead of empty beside a question",
        why: "unset fields are omitted, and the service does not document an empty query",
        apply: |exchange| {
            if let Some(body) = exchange.request.json.as_mut().and_then(Value::as_object_mut)
                && body.contains_key("naturalLanguageQuery")
            {
                body.remove("query");
            }
        },
    },
    Difference {
        what: "the name of a dataset is quoted in a query",
        why: "names of several words need quotes, and both forms are documented",
        apply: |exchange| {
            if let Some(body) = &mut exchange.request.json
                && body["query"] == "Ontology(plants/trees)"
            {
                body["query"] = "Ontology(\"plants/trees\")".into();
            }
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
        what: "the defaults of the service (25 items per page, days in UTC) are not sent",
        why: "unset fields are omitted",
        apply: |exchange| {
            query(exchange, |name, value| match (name, value.as_str()) {
                ("pageSize", "25") | ("timeZoneForAggregation", "UTC") => None,
                _ => Some(value),
            });
        },
    },
    Difference {
        what: "times are written in UTC, without zero fractions",
        why: "Rust represents them as times, not as strings",
        apply: |exchange| {
            query(exchange, |name, value| match name {
                "onOrAfter" | "before" => {
                    let moment = DateTime::parse_from_rfc3339(&value).unwrap().to_utc();
                    Some(moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
                }
                _ => Some(value),
            });
        },
    },
    Difference {
        what: "a cursor is sent back byte for byte, here without spaces",
        why: "the recorded client parses and serializes it",
        apply: |exchange| {
            query(exchange, |name, value| match name {
                "pageCursor" => Some(serde_json::from_str::<Value>(&value).unwrap().to_string()),
                _ => Some(value),
            });
        },
    },
    Difference {
        what: "public operations are called without the key",
        why: "they need no key, and an unnecessary key is not sent",
        apply: |exchange| {
            if exchange.operation().public {
                exchange.request.headers.remove("authorization");
            }
        },
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
];

fn steps(exchange: &mut Exchange, change: impl Fn(&mut Value)) {
    let steps =
        exchange.request.json.as_mut().and_then(|body| body.pointer_mut("/infer/steps")?.as_array_mut());
    steps.into_iter().flatten().for_each(change);
}

fn query(exchange: &mut Exchange, change: impl Fn(&str, String) -> Option<String>) {
    let Some((path, query)) = exchange.request.target.split_once('?') else { return };
    let mut url = reqwest::Url::parse("http://localhost").unwrap();
    let changed = pairs(query).into_iter().filter_map(|(name, value)| Some((change(&name, value)?, name)));
    url.query_pairs_mut().extend_pairs(changed.map(|(value, name)| (name, value)));
    let same = pairs(url.query().unwrap_or_default()) == pairs(query);
    if !same {
        exchange.request.target = match url.query() {
            Some(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_owned(),
        };
    }
}
