//! Tests of inference steps that are parsed from requests and run by rule.

use super::*;
use crate::request::Fields;

fn run(body: &str) -> Result<String, Problem> {
    let mut fields = Fields::read(body.as_bytes())?;
    let rows = fields.required_rows("data");
    let steps = InferenceSteps::take(&mut fields);
    fields.finish()?;
    let rows = crate::concurrency::work::tests::block_on(steps.run(rows, &StepRunner::by_rule()))?;
    Ok(serde_json::to_string(&rows).unwrap())
}

/// Runs steps on rows and returns the result without metadata columns.
fn data(rows: &str, steps: &str) -> String {
    let rows = run(&format!(r#"{{"data":{rows},"infer":{{"steps":{steps}}}}}"#)).unwrap();
    let mut rows: Vec<InputRow<'_>> = serde_json::from_str(&rows).unwrap();
    for row in &mut rows {
        row.cells.retain(|(name, _)| !name.starts_with("__"));
    }
    serde_json::to_string(&rows).unwrap()
}

#[test]
fn array_becomes_rows() {
    let rows = run(
        r#"{"data":[{"id":1,"items":[{"a":1},{"b":2,"id":9}]},{"id":2,"items":"[3]"},{"id":3,"items":"none"},{"id":4,"items":[]}],
            "infer":{"steps":[{"type":"rows","deriveFrom":"items"}]}}"#,
    )
    .unwrap();
    assert_eq!(rows, r#"[{"id":1,"a":1},{"id":9,"b":2},{"id":2,"items":3},{"id":3,"items":"none"}]"#);
}

#[test]
fn each_step_processes_the_result_of_the_previous_step() {
    let rows = data(
        r#"[{"id":1,"text":"Tree  Genus: Acer; pos: 1, 2"},{"id":2,"text":null}]"#,
        r#"[{"type":"table","deriveFrom":"text","replaceOriginalColumn":true,"helperPrompt":"","model":null},
            {"type":"normalize","mode":"all-in-one","targetCols":{"genus":null,"place":""}},
            {"type":"reverseGeo","deriveFrom":"pos"},{"type":"namedEntities"},
            {"type":"validate","mode":"rows","columns":["genus"]}]"#,
    );
    assert_eq!(
        rows,
        r#"[{"id":1,"genus":"Acer","pos":"1, 2","place":null,"pos_latlong":"1.0000,2.0000"},{"id":2,"text":null,"genus":null,"place":null}]"#
    );
}

#[test]
fn each_step_writes_its_metadata_into_the_row() {
    let steps = r#"[{"type":"table","deriveFrom":"t","replaceOriginalColumn":true},
        {"type":"normalise","mode":"all-in-one","targetCols":{"heights":"","place":""}},
        {"type":"validate","mode":"rows","columns":["heights","place"]}]"#;
    let rows = run(&format!(
        r#"{{"data":[{{"t":"height: 21, note:  a  b "}},{{"t":"?"}}],"infer":{{"steps":{steps}}}}}"#
    ))
    .unwrap();
    let mark = crate::response::SCRIPTED_PREFIX;
    assert_eq!(
        rows,
        [
            r#"[{"heights":21,"note":"a b","__metadata_textToTable":"height -> 21, note -> a  b","place":null,"#,
            &format!(r#""__metadata_normalize":"{mark} renamed height to heights, added place, rewrote note","#),
            &format!(r#""__valid":false,"__metadata_validate":"{mark} place: has no value"}},"#),
            r#"{"__metadata_textToTable":"","heights":null,"place":null,"#,
            &format!(r#""__metadata_normalize":"{mark} added heights, added place","__valid":false,"#),
            &format!(r#""__metadata_validate":"{mark} heights: has no value; place: has no value"}}]"#),
        ]
        .concat()
    );
}

#[test]
fn reverse_geo_ignores_metadata_columns() {
    let rows = run(
        r#"{"data":[{"_at":"3, 4","at":"1, 2"},{"at":"nowhere"},{"at":"5, 6","at_latlong":"kept"}],"infer":{"steps":[{"type":"reverseGeo"}]}}"#,
    )
    .unwrap();
    assert_eq!(
        rows,
        r#"[{"_at":"3, 4","at":"1, 2","at_latlong":"1.0000,2.0000"},{"at":"nowhere"},{"at":"5, 6","at_latlong":"kept"}]"#
    );
}

#[test]
fn existing_column_keeps_its_value() {
    let table = r#"[{"type":"table","deriveFrom":"text"}]"#;
    assert_eq!(data(r#"[{"text":"a: 1; b: 2","a":9}]"#, table), r#"[{"text":"a: 1; b: 2","a":9,"b":2}]"#);
    assert_eq!(data(r#"[{"other":"a: 1"}]"#, table), r#"[{"other":"a: 1"}]"#);
}

#[test]
fn first_model_step_is_named() {
    let named = |steps: &str| {
        let body = format!(r#"{{"infer":{{"steps":{steps}}}}}"#);
        let mut fields = Fields::read(body.as_bytes()).unwrap();
        InferenceSteps::take(&mut fields).first_model_step()
    };
    assert_eq!(named(r#"[{"type":"rows","deriveFrom":"x"}]"#), None);
    let named_step = named(r#"[{"type":"rows","deriveFrom":"x"},{"type":"table","deriveFrom":"t"}]"#);
    assert_eq!(named_step.unwrap(), "infer.steps[1], a `table` step,");
}

#[test]
fn unknown_steps_and_modes_are_rejected() {
    let problem = run(
        r#"{"data":[],"infer":{"steps":[{"type":"magic"},{"type":"normalise","mode":"best"},{"type":"validate","mode":"","columns":[]}]}}"#,
    )
    .unwrap_err();
    let messages: Vec<&str> = problem.sub_errors.iter().map(|sub| sub.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "infer.steps[0].type: must be one of table, rows, normalise, validate, reverseGeo, namedEntities",
            "infer.steps[1].mode: must be one of all-in-one, field-by-field, embeddings",
            "infer.steps[2].mode: must be one of rows, fields, regex",
        ]
    );
}

#[test]
fn malformed_array_is_rejected() {
    let problem =
        run(r#"{"data":[{"items":"[1,"}],"infer":{"steps":[{"type":"rows","deriveFrom":"items"}]}}"#)
            .unwrap_err();
    assert!(problem.message.starts_with("data[0].items is not a JSON array"), "{}", problem.message);
}

/// Returns one row with arrays in the given columns, each with the given number of items.
fn with_arrays(columns: &[&str], items: usize) -> String {
    let array = vec!["1"; items].join(",");
    let cells: Vec<String> = columns.iter().map(|column| format!(r#""{column}":[{array}]"#)).collect();
    format!("[{{{}}}]", cells.join(","))
}

#[test]
fn rows_above_the_limit_are_rejected_before_they_are_created() {
    let steps = r#"[{"type":"rows","deriveFrom":"a"},{"type":"rows","deriveFrom":"b"}]"#;
    let of = |items| {
        let data = with_arrays(&["a", "b"], items);
        run(&format!(r#"{{"data":{data},"infer":{{"steps":{steps}}}}}"#))
    };
    let problem = of(1_200).unwrap_err();
    assert_eq!(problem.status, 422);
    assert_eq!(
        problem.message,
        "infer.steps[1], a `rows` step, would make 1440000 rows, and at most 100000 are made at a time; send fewer rows at \
         a time or change the step"
    );
    let made = of(300).unwrap();
    assert_eq!(serde_json::from_str::<Vec<InputRow<'_>>>(&made).unwrap().len(), 90_000);
}

#[test]
fn repeated_bytes_above_the_limit_are_rejected_before_they_are_created() {
    let of = |length: usize| {
        let (text, array) = ("x".repeat(length), vec!["1"; 1_000].join(","));
        run(&format!(
            r#"{{"data":[{{"text":"{text}","a":[{array}]}}],"infer":{{"steps":[{{"type":"rows","deriveFrom":"a"}}]}}}}"#
        ))
    };
    let problem = of(MAX_BYTES / 1_000).unwrap_err();
    assert_eq!(problem.status, 422);
    assert!(
        problem.message.starts_with("infer.steps[0], a `rows` step, would make 1000 rows of about 134"),
        "{problem:?}"
    );
    assert!(of(1_000).is_ok());
}

#[test]
fn added_columns_above_the_limit_are_rejected() {
    let of = |rows: usize, columns: usize| {
        let rows = vec!["{}"; rows].join(",");
        let columns: Vec<String> = (0..columns).map(|number| format!(r#""c{number}":"""#)).collect();
        run(&format!(
            r#"{{"data":[{rows}],"infer":{{"steps":[{{"type":"normalise","mode":"embeddings","targetCols":{{{}}}}}]}}}}"#,
            columns.join(",")
        ))
    };
    let problem = of(5_000, 1_000).unwrap_err();
    assert_eq!(problem.status, 422);
    assert!(
        problem.message.starts_with("infer.steps[0], a `normalise` step, would add about"),
        "{problem:?}"
    );
    assert!(of(5, 1_000).is_ok());
}

#[test]
fn items_with_many_columns_take_linear_time() {
    crate::concurrency::work::tests::assert_proportional(10_000, |size| {
        let item = |number: usize| format!(r#""k{number}":0"#);
        let item: Vec<String> = (0..size).map(item).collect();
        let text = format!(r#"[{{{},"a":[{{{}}}]}}]"#, item.join(","), item.join(","));
        let rows: Vec<InputRow<'_>> = serde_json::from_str(&text).unwrap();
        let step = rows::Rows { derive_from: "a".to_owned() };
        let mut pace = Pace::default();
        let rows = crate::concurrency::work::tests::block_on(step.unfold(rows, "", &mut pace)).unwrap();
        assert_eq!(rows[0].cells.len(), size);
    });
}

#[test]
fn other_requests_are_served_while_steps_run() {
    let body = format!(
        r#"{{"data":{},"infer":{{"steps":[{{"type":"rows","deriveFrom":"a"}},{{"type":"namedEntities"}},
            {{"type":"validate","mode":"regex","columns":["b"]}},{{"type":"normalise","mode":"embeddings"}}]}}}}"#,
        with_arrays(&["a"], 20_000)
    );
    let mut fields = Fields::read(body.as_bytes()).unwrap();
    let (rows, steps, runner) =
        (fields.required_rows("data"), InferenceSteps::take(&mut fields), StepRunner::by_rule());
    let mut turns = 0;
    let others = async {
        loop {
            turns += 1;
            tokio::task::yield_now().await;
        }
    };
    crate::concurrency::work::tests::block_on(async {
        tokio::select! {
            biased;
            rows = steps.run(rows, &runner) => assert_eq!(rows.unwrap().len(), 20_000),
            () = others => {}
        }
    });
    assert!(turns >= 10, "{turns} turns");
}
