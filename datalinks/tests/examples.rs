//! The examples run and print the expected output.

mod example;

use example::run;

#[test]
fn facade_example_runs() {
    let text = run("facade", &[]).unwrap();
    assert!(text.contains("3 rows stored, 0 failed"), "{text}");
    assert!(text.contains("Parasite") && text.contains("Arrival"), "{text}");
    assert!(text.contains("(run-started)") || text.contains("(planningStarted)"), "{text}");
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
