//! Tests of the validation of whole requests.

use super::*;
use crate::response::{MAX_SUB_ERRORS, MAX_VIOLATIONS};

fn check_with(operation: &str, body: &str, strict: bool) -> Result<Option<String>, Problem> {
    let given = Given { content_type: Some("application/json"), query: "", body: body.as_bytes(), strict };
    check(operation, &given).map(|warnings| warnings.line())
}

fn violations(operation: &str, body: &str, strict: bool) -> Vec<String> {
    let problem = check_with(operation, body, strict).unwrap_err();
    assert_eq!(problem.status, 400);
    problem.sub_errors.into_iter().map(|sub| format!("{} {}", sub.code, sub.message)).collect()
}

#[test]
fn invalid_body_lists_all_violations_by_path() {
    let body = r#"{"data":[{},2,{"x":1},[]],"infer":{"steps":[{"type":"rows"},{"type":"magic"},{},1,
        {"type":"normalise","mode":"all"}]},"curate":"yes","odd":0}"#;
    assert_eq!(
        violations("ingestData", body, true),
        [
            "WRONG_TYPE curate: must be true or false or null",
            "WRONG_TYPE data[1]: must be an object",
            "WRONG_TYPE data[3]: must be an object",
            "MISSING_FIELD infer.steps[0].deriveFrom: is required",
            "WRONG_VALUE infer.steps[1].type: must be one of namedEntities, normalise, normalize, reverseGeo, rows, table, validate",
            "MISSING_FIELD infer.steps[2].type: is required",
            "WRONG_TYPE infer.steps[3]: must be an object",
            "WRONG_VALUE infer.steps[4].mode: must be one of all-in-one, field-by-field, embeddings",
            "UNKNOWN_FIELD odd: is not a field of this request",
        ]
    );
}

#[test]
fn unknown_fields_and_null_cause_a_warning_unless_strict() {
    let body = r#"{"data":[],"infer":{"steps":[{"type":"table","deriveFrom":"t","model":null,"magic":1}]},
        "dataDescription":null,"odd":0,"curate":null}"#;
    assert_eq!(
        check_with("ingestData", body, false).unwrap().unwrap(),
        "not in the document, ignored: infer.steps[0].magic, odd; \
         null where the document does not allow it: dataDescription, infer.steps[0].model"
    );
    assert_eq!(
        violations("ingestData", body, true),
        [
            "WRONG_TYPE dataDescription: must be a string",
            "WRONG_TYPE infer.steps[0].model: must be a string",
            "UNKNOWN_FIELD infer.steps[0].magic: is not a field of this request",
            "UNKNOWN_FIELD odd: is not a field of this request",
        ]
    );
}

#[test]
fn null_is_a_valid_match_type_without_options() {
    for (operation, body) in [
        ("ingestData", r#"{"data":[],"link":{"ExactMatch":null,"GeoMatch":null}}"#),
        ("previewLinks", r#"{"data":[],"link":{"GeoMatch":null,"ExactMatch":{"minDistinct":1}}}"#),
        (
            "finishMultipartUpload",
            r#"{"uploadId":"u","key":"k","parts":[{"partNumber":1,"etag":"e"}],"link":{"ExactMatch":null}}"#,
        ),
        (
            "addLink",
            r#"{"from":{"username":"a","namespace":"n","dataset":"d","columnName":"c"},
                "to":{"username":"a","namespace":"n","dataset":"e","columnName":"c"},"matchType":"GeoMatch","options":null}"#,
        ),
    ] {
        assert_eq!(check_with(operation, body, true).unwrap(), None, "{operation}");
    }
    let wrong = r#"{"data":[],"link":{"ExactMatch":{"minDistinct":2}}}"#;
    assert_eq!(
        violations("ingestData", wrong, false),
        ["OUT_OF_RANGE link.ExactMatch.minDistinct: must be at most 1"]
    );
}

#[test]
fn null_in_a_required_field_counts_as_missing() {
    assert_eq!(violations("addToken", r#"{"name":null,"x":1}"#, false), ["MISSING_FIELD name: is required"]);
    assert_eq!(
        violations("ingestData", r#"{"data":[null]}"#, false),
        ["WRONG_TYPE data[0]: must be an object"]
    );
}

#[test]
fn many_violations_are_counted_and_truncated() {
    let rows = vec!["1"; 30].join(",");
    let problem = check_with("ingestData", &format!(r#"{{"data":[{rows}]}}"#), false).unwrap_err();
    assert_eq!(problem.sub_errors.len(), MAX_SUB_ERRORS);
    assert_eq!(problem.message, "the body has 30 violations, the first is data[0]: must be an object");
}

#[test]
fn violations_are_collected_up_to_a_limit() {
    for (operation, field) in [("ingestData", "data"), ("inferSchema", "sample")] {
        for strict in [true, false] {
            let rows = vec!["1"; MAX_VIOLATIONS + 1].join(",");
            let problem = check_with(operation, &format!(r#"{{"{field}":[{rows}]}}"#), strict).unwrap_err();
            assert_eq!(
                problem.message,
                format!("the body has at least 1000 violations, the first is {field}[0]: must be an object")
            );
        }
    }
}

#[test]
fn body_is_required_optional_or_unexpected() {
    let message = |operation, body, strict| check_with(operation, body, strict).unwrap_err().message;
    assert!(
        message("ingestData", " ", false)
            .starts_with("the request has no body; send one as application/json")
    );
    assert!(message("renameDataset", "", false).contains("as text/plain"));
    assert_eq!(check_with("clearDataset", "", true).unwrap(), None);
    assert_eq!(check_with("clearDataset", " {}", true).unwrap(), None);
    assert!(message("clearDataset", "{\"a\":1}", true).starts_with("this operation takes no body"));
    assert_eq!(
        check_with("clearDataset", "x", false).unwrap().unwrap(),
        "this operation has no body, ignored"
    );
}

#[test]
fn query_string_is_validated() {
    let of = |operation, raw: &str| {
        let given = Given { content_type: None, query: raw, body: b"", strict: true };
        check(operation, &given).map(|_| ()).map_err(|problem| problem.message)
    };
    assert_eq!(of("listIngestions", "pageSize=7&other=1"), Ok(()));
    assert_eq!(
        of("listIngestions", "pageSize=x").unwrap_err(),
        "the query string is invalid: pageSize: must be a whole number"
    );
    assert_eq!(
        of("listIngestions", "pageSize=0").unwrap_err(),
        "the query string is invalid: pageSize: must be at least 1"
    );
    assert_eq!(of("listIngestions", "beforeCreatedAt=2026-01-31T12:00:00+02:00"), Ok(()));
    assert!(
        of("listIngestions", "beforeCreatedAt=noon").unwrap_err().contains("must be an RFC 3339 timestamp")
    );
    assert_eq!(
        of("getUserUsageHistory", "pageCursor=%7B%22lastStartTime%22:%22noon%22%7D").unwrap_err(),
        "the query string has 2 violations, the first is pageCursor.lastObservationId: is required"
    );
    assert_eq!(
        of("listConversations", "username=self").unwrap_err(),
        "the query string is invalid: namespace: is required"
    );
}
