//! Where the façade differs from the recorded client on purpose, with the reason.
//!
//! Version 2.22.1 of the contract changed nothing that the façade sends in these calls. It changed two responses, and the
//! façade reads both forms of each: the code of a cleaning task (an array before, an object now) and the status of a deleted
//! token (200 before, 204 now).

use chrono::DateTime;
use datalinks_gen::StreamKind;
use datalinks_tests::{
    difference::Difference,
    recordings::{Exchange, pairs},
};
use serde_json::Value;

/// Each must occur: one that no recording shows is a leftover, and fails.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        what: "a column to normalise without a description has an empty one instead of null",
        why: "the schema allows texts only",
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
        why: "that is the name in the newest schema; the older one stays reachable",
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
        what: "`query` is not sent empty beside a question in plain words",
        why: "unset is left out; the service does not document what an empty query means",
        apply: |exchange| {
            if let Some(body) = exchange.request.json.as_mut().and_then(Value::as_object_mut)
                && body.contains_key("naturalLanguageQuery")
            {
                body.remove("query");
            }
        },
    },
    Difference {
        what: "the name of a dataset stands in quotes in a query",
        why: "names that are no single word would break it otherwise; both forms are documented",
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
        what: "the service's own defaults (a page of 25, days in UTC) are not sent",
        why: "unset is left out",
        apply: |exchange| {
            query(exchange, |name, value| match (name, value.as_str()) {
                ("pageSize", "25") | ("timeZoneForAggregation", "UTC") => None,
                _ => Some(value),
            });
        },
    },
    Difference {
        what: "moments are written in UTC, without fractions that are zero",
        why: "they are moments, not texts, in Rust",
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
        what: "a cursor goes back in the text that it had, which has no spaces here",
        why: "the recorded client reads it and writes it anew",
        apply: |exchange| {
            query(exchange, |name, value| match name {
                "pageCursor" => Some(serde_json::from_str::<Value>(&value).unwrap().to_string()),
                _ => Some(value),
            });
        },
    },
    Difference {
        what: "what the contract declares public is asked for without the key",
        why: "it needs none, and a key is not sent where it is not needed",
        apply: |exchange| {
            if exchange.operation().public {
                exchange.request.headers.remove("authorization");
            }
        },
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
