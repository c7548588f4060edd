//! Tests with scripted responses, without a server. A request without a reply, and a reply without a request, fail the test.

use datalinks::{
    ErrorKind,
    testing::{Reply, Script},
};
use own_tests::{Film, since, store};
use serde_json::json;

#[tokio::test]
async fn rows_of_a_scripted_response_are_read() {
    let rows = json!({ "data": [{ "title": "Parasite", "year": 2019 }], "metadata": { "count": 1 } });
    let script = Script::new().reply(Reply::json(rows));
    assert_eq!(since(&script.client(), 2012).await.unwrap(), [Film::new("Parasite", 2019)]);
    let requests = script.finish();
    let body: serde_json::Value = requests[0].json().unwrap();
    assert!(body["query"].as_str().unwrap().contains("\"year\" >= 2012"), "{body}");
}

#[tokio::test]
async fn connection_that_breaks_is_an_error() {
    // The dataset exists, and each attempt to store the rows fails before anything is sent.
    let script = Script::new()
        .reply(Reply::error(409, "ALREADY_EXISTS", "the dataset exists"))
        .otherwise(Reply::no_connection());
    let error = store(&script.client(), vec![Film::new("Alien", 1979)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
}
