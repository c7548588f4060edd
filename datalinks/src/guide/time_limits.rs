//! The table of time limits in the documentation of the crate.

use std::time::Duration;

use crate::{
    ask::ResumePolicy,
    client::Settings,
    pipeline::ReconnectPolicy,
    transport::{CallOptions, RetryPolicy},
};

/// The table of the guide, held against the defaults in the code.
#[test]
fn the_documented_table_has_the_defaults() {
    // The columns are the limit, its setter, its default and the origin of the default.
    let table: Vec<(&str, &str)> = include_str!("../guide/connecting.md")
        .lines()
        .skip_while(|line| *line != "# Time limits")
        .skip(1)
        .take_while(|line| !line.starts_with("# "))
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .filter_map(|line| Some((line, line.split(" | ").nth(2)?)))
        .collect();
    let documented = |limit: &str| {
        let rows: Vec<_> = table.iter().filter(|(line, _)| line.starts_with(limit)).collect();
        assert_eq!(rows.len(), 1, "{limit}: {table:?}");
        rows[0].1.to_owned()
    };
    let seconds = |limit: Duration| format!("{} s", limit.as_secs_f64());
    let optional = |limit: Option<Duration>| limit.map_or("none".to_owned(), seconds);
    let (settings, retry) = (Settings::default(), RetryPolicy::default());
    let (reconnect, resume) = (ReconnectPolicy::default(), ResumePolicy::default());
    let client = crate::client::DataLinks::builder("http://127.0.0.1:9/api/v1", "k").build().unwrap();
    let wait = client.dataset("cinema", "films").unwrap().wait_for(uuid::Uuid::nil());
    for (limit, default) in [
        ("making a connection", seconds(settings.connect_timeout())),
        ("no progress of a call", seconds(settings.idle.of("getCurrentUser"))),
        ("no progress of any other call", seconds(settings.idle.of("ingestData"))),
        ("no data on a stream", seconds(settings.idle.of("autoragStream"))),
        ("a whole call", optional(CallOptions::new().timeout)),
        ("attempts of a call", settings.retry.max_attempts.to_string()),
        (
            "first and longest backoff",
            format!("{}, {}", seconds(retry.backoff.base), seconds(retry.backoff.cap)),
        ),
        ("a delay that the server asks for", seconds(retry.max_retry_after)),
        ("time in which an attempt may begin", optional(retry.retry_timeout)),
        ("reconnects of a pipeline run", reconnect.max_reconnects_without_progress.to_string()),
        ("attempts to resume an answer", resume.max_reconnects_without_progress.to_string()),
        ("polling a run", seconds(resume.poll_timeout)),
        ("waiting for an ingestion", seconds(wait.limits().0)),
        ("between two polls of an ingestion", seconds(wait.limits().1)),
    ] {
        assert_eq!(documented(limit), default, "{limit}");
    }
    // The head of the table is the only other line.
    assert_eq!(table.len(), 14 + 1, "{table:?}");
}
