//! The examples run and print the expected output.

mod example;

use example::run;

#[cfg(feature = "schemars")]
#[test]
fn facade_example_runs() {
    let text = run("facade", &[]).unwrap();
    assert!(text.contains("3 rows stored, 0 failed"), "{text}");
    assert!(text.contains("Parasite") && text.contains("Arrival"), "{text}");
    assert!(text.contains("(run-started)") || text.contains("(planningStarted)"), "{text}");
}

#[cfg(feature = "blocking")]
#[test]
fn blocking_example_runs() {
    let text = run("blocking", &[]).unwrap();
    assert!(
        text.starts_with("a batch of 2 rows\na batch of 1 rows\n3 rows stored, 0 failed\n1970s: [Film"),
        "{text}"
    );
    assert!(
        text.contains("1979") && text.contains("Parasite") && text.contains("(planningStarted)"),
        "{text}"
    );
}

/// The cursor loses its connection at row 1,234 of 2,500, goes on there, and a second one is dropped before its end.
#[test]
fn database_cursor_example_runs() {
    let text = run("database_cursor", &[]).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("1234 rows stored, 0 failed; the rows ended early: the source of the rows failed after the row with index 1233: server closed the connection"),
        "{text}"
    );
    let rest = [
        "connected again, going on behind row 1234",
        "1266 rows stored, 0 failed",
        "2500 rows in the dataset",
        "canceled after 200 rows, 0 cursors open",
    ];
    assert_eq!(lines[1..], rest, "{text}");
}

#[cfg(feature = "raw")]
#[test]
fn low_level_example_runs() {
    let text = run("low_level", &[]).unwrap();
    assert!(text.contains("1 row indexed") && text.contains("series: Some(404)"), "{text}");
}

#[test]
fn mock_example_runs() {
    let text = run("mock", &[]).unwrap();
    let expected = "POST /api/v1/ingest/cinema/films\nPOST /api/v1/ingest/new/cinema/films\n\
                    POST /api/v1/ingest/cinema/films\nGET /api/v1/data/self/cinema/films\n1 row\n\
                    2 rows after 3 requests\nunauthorized: The token is not valid\n";
    assert_eq!(text, expected);
}
