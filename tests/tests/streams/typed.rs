//! Pipeline runs whose events are read as a type of the application.

use std::collections::BTreeMap;

use datalinks::{
    PipelineEvent, PipelineRun,
    testing::{Reply, Script},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::reconnect;

#[derive(Debug, Deserialize, PartialEq)]
struct Step {
    n: u128,
    note: Option<String>,
}

/// Returns a form of each event that shows how it was read, and the cursor at the end.
async fn read<T: serde::de::DeserializeOwned + std::fmt::Debug>(
    mut run: PipelineRun<T>,
) -> (Vec<String>, u64) {
    let mut seen = Vec::new();
    while let Some(event) = run.next().await {
        seen.push(match event.unwrap() {
            PipelineEvent::Other(event) => format!("{event:?}"),
            PipelineEvent::Rejected(event) => format!("{} {} ({})", event.index, event.text, event.reason),
            PipelineEvent::Unreadable(line) => format!("line {line}"),
            PipelineEvent::Complete(object) => format!("complete {}", Value::from(object)),
            PipelineEvent::Error(object) => format!("error {}", Value::from(object)),
            other => panic!("{other:?}"),
        });
    }
    let cursor = run.cursor();
    (seen, cursor)
}

#[tokio::test]
async fn typed_run_yields_each_event_in_its_form() {
    let lines = "{\"type\":\"step\",\"n\":340282366920938463463374607431768211455}\n\
                 {\"type\":\"step\",\"n\":\"test-key\"}\n\
                 <p>test-key\n\
                 \n\
                 {\"n\":2,\"note\":\"\\u00e9\",\"type\":\"\\u0073tep\"}\n\
                 {\"n\":3,\"type\":7}\n\
                 {\"type\":\"complete\",\"rows\":7}\n{\"n\":4}\n";
    let script = Script::new().reply(Reply::json_lines([lines]));
    let (seen, cursor) = read(script.ingest_proxy().follow("run", 0).unwrap().typed::<Step>()).await;
    let misfit = "the field \"n\": invalid number";
    assert_eq!(
        seen,
        [
            "Step { n: 340282366920938463463374607431768211455, note: None }".to_owned(),
            format!("1 {{\"type\":\"step\",\"n\":\"[key]\"}} ({misfit})"),
            "line <p>[key]".to_owned(),
            "Step { n: 2, note: Some(\"é\") }".to_owned(),
            "Step { n: 3, note: None }".to_owned(),
            "complete {\"rows\":7,\"type\":\"complete\"}".to_owned(),
        ]
    );
    assert_eq!(cursor, 6);
    script.finish();
}

/// The events that end a run need not fit the type, and secrets are removed from the report of a failure.
#[tokio::test]
async fn error_of_a_typed_run_stays_a_json_object() {
    let script =
        Script::new().reply(Reply::json_lines(["{\"message\":\"test-key\",\"type\":\"\\u0065rror\"}\n"]));
    let (seen, _) = read(script.ingest_proxy().follow("run", 0).unwrap().typed::<Step>()).await;
    assert_eq!(seen, ["error {\"message\":\"[key]\",\"type\":\"error\"}"]);
    script.finish();
}

#[tokio::test]
async fn reason_of_a_misfit_contains_no_key() {
    let lines = "{\"n\":\"test-key\"}\n{\"type\":\"complete\"}\n";
    let script = Script::new().reply(Reply::json_lines([lines]));
    let run = script.ingest_proxy().follow("run", 0).unwrap();
    let (seen, _) = read(run.typed::<BTreeMap<String, u8>>()).await;
    let reason = "the field \"n\": invalid type: string \"[key]\", expected u8";
    assert_eq!(seen[0], format!("0 {{\"n\":\"[key]\"}} ({reason})"));
    script.finish();
}

#[tokio::test]
async fn types_that_need_the_text_of_an_event_are_supported() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only printed")]
    enum Outside {
        Step { n: u8 },
    }
    let follow = async |lines: &'static str| {
        let script = Script::new().reply(Reply::json_lines([lines]));
        let run = script.ingest_proxy().follow("run", 0).unwrap();
        (script, run)
    };
    let (_script, run) = follow("{ \"n\" : 1.50 }\n{\"type\":\"complete\"}\n").await;
    let (seen, _) = read(run.typed::<Box<RawValue>>()).await;
    assert_eq!(seen[0], "RawValue({ \"n\" : 1.50 })");
    let (_script, run) = follow("{\"step\":{\"n\":1}}\n{\"type\":\"complete\"}\n").await;
    assert_eq!(read(run.typed::<Outside>()).await.0[0], "Step { n: 1 }");
}

/// A run can change its type at any time. Lines that are held back, because they may have been yielded before, are kept.
#[tokio::test(start_paused = true)]
async fn type_can_be_set_while_a_run_is_followed() {
    let script = Script::new()
        .reply(Reply::json_lines(["{\"n\":1}\n{\"n\":2}\n"]).then_interrupted())
        .reply(Reply::json_lines(["{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n"]).then_interrupted())
        .reply(Reply::json_lines(["{\"n\":1}\n{\"n\":5}\n{\"type\":\"complete\"}\n"]));
    let mut run = script.ingest_proxy().follow("run", 0).unwrap().reconnect(reconnect());
    assert!(matches!(run.next().await, Some(Ok(PipelineEvent::Other(_)))));
    let (seen, cursor) = read(run.typed::<Step>()).await;
    let numbers: Vec<_> = seen.iter().map(|event| event.trim_end_matches(", note: None }")).collect();
    assert_eq!(
        numbers,
        ["Step { n: 2", "Step { n: 3", "Step { n: 1", "Step { n: 5", "complete {\"type\":\"complete\"}"]
    );
    assert_eq!(cursor, 6);
    let requests = script.finish();
    assert_eq!(requests[2].query("startIndex").as_deref(), Some("3"));
}
