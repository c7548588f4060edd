//! Tests of ambiguous outcomes, one situation each.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{
    Case, Mode, Row, paused,
    server::{Fault, Schedule, Server},
};
use crate::ingest::{
    begin, failed_row::FailedRow, options::IngestOptions, reconcile::KEYS_PER_QUERY, result::IngestionResult,
    source::Rows,
};

/// Ten rows in batches of five, and a service with these faults.
fn case(faults: impl Into<Vec<Fault>>) -> Case {
    Case {
        rows: (0..10).map(Row::numbered).collect(),
        schedule: Schedule {
            faults: faults.into(),
            most_bytes: usize::MAX,
            attempts: 1,
            ..Schedule::default()
        },
        batch_size: 5,
        max_batch_bytes: usize::MAX,
        concurrency: 1,
        adaptive: false,
        max_isolation_requests: 100,
        max_batches_without_success: 10,
        window: 30,
        source_delays: Vec::new(),
        source_fails: None,
    }
}

/// The result of a run, its service, and its virtual duration.
fn run(case: &Case, mode: Mode) -> (IngestionResult<Row>, Arc<Server>, Duration) {
    run_with(case, mode, case.options(mode))
}

fn run_with(
    case: &Case,
    mode: Mode,
    options: IngestOptions,
) -> (IngestionResult<Row>, Arc<Server>, Duration) {
    paused().block_on(async {
        let server = Arc::new(Server::new(case.schedule.clone(), mode.delivery()));
        let start = Instant::now();
        let result = IngestionResult::collect(case.begin(&server, options)).await.unwrap();
        (result, server, start.elapsed())
    })
}

fn server(case: &Case, mode: Mode) -> Arc<Server> {
    Arc::new(Server::new(case.schedule.clone(), mode.delivery()))
}

/// The result of a run with a journal.
async fn run_on(case: &Case, mode: Mode, server: &Arc<Server>, journal: &Path) -> IngestionResult<Row> {
    let options = IngestOptions { journal: Some(journal.to_owned()), ..case.options(mode) };
    IngestionResult::collect(case.begin(server, options)).await.unwrap()
}

/// Kills a run with a journal after `death.0` requests. `death.1` states whether the rows of the next request are stored.
async fn run_killed(case: &Case, mode: Mode, server: &Arc<Server>, journal: &Path, death: (usize, bool)) {
    *server.death.lock().unwrap() = Some(death);
    let dies = server.dies.notified();
    tokio::select! {
        biased;
        () = dies => {}
        result = run_on(case, mode, server, journal) => panic!("{result}"),
    }
    *server.death.lock().unwrap() = None;
}

fn failed(result: &IngestionResult<Row>) -> Vec<usize> {
    result.failed.iter().map(|row| row.index).collect()
}

fn twice(result: &IngestionResult<Row>) -> Vec<usize> {
    result.possibly_duplicated.iter().cloned().flatten().collect()
}

fn stored(server: &Server) -> Vec<u32> {
    let truth = server.truth();
    (0..10).map(|n| truth.stored(n)).collect()
}

/// The row count was read once after a 504, and an unchanged count was accepted as proof that no row was stored. The rows
/// were sent up to four times and reported as not stored.
///
/// Regression 1.
#[test]
fn by_count_finds_rows_that_arrive_after_a_504() {
    for seconds in [0, 1, 12, 29] {
        let (result, server, elapsed) = run(&case([Fault::Late(seconds)]), Mode::ByCount);
        assert!(result.is_complete(), "{seconds} s: {result}");
        assert_eq!(stored(&server), [1; 10]);
        assert!(elapsed >= Duration::from_secs(30 + seconds), "{elapsed:?}");
        // Delays between reads increase.
        assert!(server.looks() < 25, "{} looks", server.looks());
    }
}

#[test]
fn delays_between_reads_double_up_to_a_quarter_of_the_window() {
    for mode in [Mode::ByCount, Mode::ByKey] {
        let mut case = case([Fault::Late(1_000_000)]);
        case.window = 32;
        let (_, server, _) = run(&case, mode);
        let looked = server.looked.lock().unwrap();
        let delays: Vec<u64> = looked.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
        assert!(delays.windows(6).any(|delays| delays == [1, 2, 4, 8, 8, 8]), "{mode:?}: {delays:?}");
    }
}

#[test]
fn by_count_reports_rows_that_arrive_after_the_window_as_possibly_duplicated() {
    let (result, server, _) = run(&case([Fault::Late(100)]), Mode::ByCount);
    assert!(result.failed.is_empty(), "{result}");
    assert_eq!(twice(&result), [0, 1, 2, 3, 4]);
    assert_eq!(stored(&server), [2, 2, 2, 2, 2, 1, 1, 1, 1, 1]);
}

/// Regression 1.
#[test]
fn unseen_rows_are_reported_as_ambiguous() {
    for mode in [Mode::ByCount, Mode::ByKey] {
        let (result, server, elapsed) = run(&case([Fault::Late(1_000_000); 4]), mode);
        assert_eq!(result.failed.iter().map(|row| row.index).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert!(result.failed.iter().all(FailedRow::is_ambiguous), "{mode:?}: {result}");
        assert!(result.failed[0].error.to_string().contains("sent 4 times"), "{result}");
        assert_eq!(twice(&result), [0, 1, 2, 3, 4]);
        assert_eq!(server.requests(), 5);
        assert!(elapsed >= Duration::from_secs(4 * 30), "{elapsed:?}");
    }
}

#[test]
fn by_count_does_not_decide_with_another_writer() {
    let mut case = case([Fault::None, Fault::LostAfter]);
    case.schedule.others = vec![(0, 7), (5, 3)];
    let (result, server, _) = run(&case, Mode::ByCount);
    assert!(result.failed.iter().all(FailedRow::is_ambiguous), "{result}");
    assert!(
        result.failed[0].error.to_string().contains("row count shows rows of another writer"),
        "{result}"
    );
    assert_eq!((result.failed.len(), result.possibly_duplicated.len(), server.requests()), (5, 0, 2));
}

#[test]
fn by_count_does_not_decide_if_only_some_rows_arrive() {
    let (result, server, _) = run(&case([Fault::InPart(None)]), Mode::ByCount);
    assert!(result.failed.iter().all(FailedRow::is_ambiguous), "{result}");
    assert!(
        result.failed[0].error.to_string().contains("had 0 rows before a request with 5 rows and has 3 now")
    );
    assert_eq!((result.failed.len(), server.requests()), (5, 2));
}

#[test]
fn reading_of_a_changing_dataset_is_limited() {
    let mut case = case([Fault::LostBefore]);
    // Fewer rows than were sent, one after the other.
    case.rows = (0..500).map(Row::numbered).collect();
    case.batch_size = 0;
    case.schedule.others = (1..400).map(|n| (n * 7, 1)).collect();
    let (result, _, elapsed) = run(&case, Mode::ByCount);
    assert!(result.failed.iter().all(FailedRow::is_ambiguous), "{result}");
    assert!(result.failed[0].error.to_string().contains("kept changing for 30"), "{result}");
    assert!((300..330).contains(&elapsed.as_secs()), "{elapsed:?}");
}

#[test]
fn failed_reads_do_not_decide() {
    for mode in [Mode::ByCount, Mode::ByKey] {
        let mut case = case([Fault::None, Fault::LostAfter]);
        let first = usize::from(mode == Mode::ByCount) * 2;
        case.schedule.looks = (0..100).map(|look| look < first).collect();
        let (result, server, _) = run(&case, mode);
        assert_eq!(result.failed.len(), 5);
        assert!(result.failed.iter().all(FailedRow::is_ambiguous), "{result}");
        assert!(result.failed[0].error.to_string().contains("the look failed"), "{result}");
        assert_eq!(stored(&server), [1; 10]);

        // A later successful read decides.
        case.schedule.looks = (0..100).map(|look| look < first || look > first + 2).collect();
        let (result, ..) = run(&case, mode);
        assert!(result.is_complete(), "{mode:?}: {result}");
    }
}

#[test]
fn by_key_sends_only_missing_rows_again() {
    let (result, server, _) = run(&case([Fault::InPart(None)]), Mode::ByKey);
    assert!(result.failed.is_empty(), "{result}");
    assert_eq!(twice(&result), [1, 3]);
    assert_eq!(stored(&server), [1; 10]);

    let (result, server, _) = run(&case([Fault::InPart(Some(20))]), Mode::ByKey);
    assert!(result.is_complete(), "{result}");
    assert_eq!((stored(&server), server.requests()), (vec![1; 10], 2));
}

#[test]
fn by_key_decides_immediately_if_all_keys_are_found() {
    let (result, server, elapsed) = run(&case([Fault::LostAfter, Fault::LostAfter]), Mode::ByKey);
    assert!(result.is_complete(), "{result}");
    assert_eq!((server.looks(), result.counts.indexed), (2, Some(10)));
    assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
}

#[test]
fn by_key_queries_at_most_fifty_keys_per_request() {
    assert_eq!(KEYS_PER_QUERY, 50);
    let mut case = case([Fault::LostAfter]);
    case.rows = (0..120).map(Row::numbered).collect();
    case.batch_size = 120;
    let (result, server, _) = run(&case, Mode::ByKey);
    assert!(result.is_complete(), "{result}");
    assert_eq!(server.keys_asked(), [50, 50, 20]);
}

#[test]
fn by_key_reports_rows_without_a_unique_key_as_ambiguous() {
    let mut case = case([Fault::LostBefore]);
    let keys = [Value::Null, 1.5.into(), "back\\slash".into(), "5".into(), 5.into(), "own".into()];
    for (row, key) in case.rows.iter_mut().zip(keys) {
        row.key = Some(key);
    }
    case.rows[6].key = None;
    case.batch_size = 0;
    let (result, server, _) = run(&case, Mode::ByKey);
    let failed: BTreeSet<usize> = result.failed.iter().map(|row| row.index).collect();
    assert_eq!(failed, BTreeSet::from([0, 1, 2, 3, 4, 6]));
    assert!(result.failed.iter().all(FailedRow::is_ambiguous), "{result}");
    assert!(result.failed[0].error.to_string().contains("no unique key in column \"id\""), "{result}");
    assert_eq!(twice(&result), [5, 7, 8, 9]);
    assert_eq!(stored(&server), [0, 0, 0, 0, 0, 1, 0, 1, 1, 1]);
}

#[test]
fn by_key_reports_keys_found_several_times_as_possibly_duplicated() {
    // The first rows are stored by both requests, because the first one takes effect after the window.
    let mut case = case([Fault::Late(40), Fault::LostAfter]);
    case.schedule.lag = 5;
    let (result, server, _) = run(&case, Mode::ByKey);
    assert!(result.failed.is_empty(), "{result}");
    assert_eq!(twice(&result), [0, 1, 2, 3, 4]);
    assert_eq!(stored(&server)[..5], [2; 5]);
}

#[test]
fn by_key_works_with_several_batches_in_flight() {
    let mut case = case([Fault::Late(3), Fault::Late(9), Fault::LostAfter, Fault::LostAfter]);
    case.batch_size = 2;
    case.concurrency = 4;
    let (result, server, _) = run(&case, Mode::ByKey);
    assert!(result.is_complete(), "{result}");
    assert_eq!(stored(&server), [1; 10]);
}

/// Regression: a batch whose first attempt was ambiguous and whose next attempt was rejected was halved. The halves were stored
/// twice, and were not reported as possibly duplicated.
#[test]
fn halves_of_an_ambiguous_batch_are_reported_as_possibly_duplicated() {
    for (bad, most_bytes) in [(Some(7), usize::MAX), (None, 100)] {
        let mut case = case([Fault::LostBefore]);
        case.schedule.attempts = 3;
        case.schedule.bad = bad.into_iter().collect();
        case.schedule.most_bytes = most_bytes;
        case.batch_size = 0;
        let (result, server, _) = run(&case, Mode::AtLeastOnce);
        if most_bytes == 100 {
            // The request that is too large is rejected before it can be lost.
            assert!(result.is_complete(), "{result}");
            continue;
        }
        assert_eq!(twice(&result), [0, 1, 2, 3, 4, 5, 6, 8, 9]);
        assert_eq!(result.failed.iter().map(|row| row.index).collect::<Vec<_>>(), [7]);
        assert!(result.failed[0].is_ambiguous(), "the first attempt may have stored it: {result}");
        assert_eq!(stored(&server), [1, 1, 1, 1, 1, 1, 1, 0, 1, 1]);
    }
}

#[test]
fn a_run_that_stops_between_halves_leaves_an_ambiguous_batch_ambiguous() {
    let mut case = case([Fault::LostBefore, Fault::None, Fault::Unauthorized]);
    case.schedule.attempts = 3;
    case.schedule.bad = [7].into();
    case.batch_size = 0;
    let (result, ..) = run(&case, Mode::AtLeastOnce);
    assert_eq!(result.failed.len(), 10);
    assert!(result.failed.iter().all(FailedRow::is_ambiguous), "{result}");
}

#[test]
fn rows_with_several_ambiguous_attempts_are_reported_as_possibly_duplicated() {
    let mut case = case([Fault::LostAfter, Fault::Late(50), Fault::Busy]);
    case.schedule.attempts = 3;
    let (result, server, _) = run(&case, Mode::AtLeastOnce);
    assert_eq!(twice(&result), [0, 1, 2, 3, 4]);
    assert!(result.failed.iter().all(FailedRow::is_ambiguous), "{result}");
    assert_eq!(stored(&server)[..5], [2; 5]);

    // A single ambiguous attempt cannot duplicate rows.
    case.schedule.faults = vec![Fault::Busy, Fault::Busy, Fault::LostAfter];
    let (result, ..) = run(&case, Mode::AtLeastOnce);
    assert!(result.possibly_duplicated.is_empty() && result.failed.len() == 5, "{result}");
}

/// If every response was a 503, a run sent all of its batches and failed every row.
///
/// Regression 8a.
#[test]
fn service_outage_stops_the_run() {
    let mut case = case(vec![Fault::Busy; 1_000]);
    case.rows = (0..100).map(Row::numbered).collect();
    case.batch_size = 1;
    case.schedule.attempts = 3;
    for mode in super::MODES {
        let (result, server, _) = run(&case, mode);
        assert_eq!(server.requests(), 30, "{mode:?}");
        assert_eq!(result.failed.len(), 100);
        assert!(result.failed.iter().all(|row| !row.is_ambiguous()));
        let last = result.failed[99].error.to_string();
        assert!(last.contains("after 10 consecutive batches without a success"), "{last}");
        assert!(last.contains("was not sent"), "{last}");
    }
    let outcomes = paused().block_on(async {
        let server = Arc::new(Server::new(case.schedule.clone(), Mode::AtLeastOnce.delivery()));
        let mut outcomes = case.begin(&server, case.options(Mode::AtLeastOnce));
        while outcomes.next().await.is_some() {}
        outcomes.summary()
    });
    assert!(outcomes.stopped.unwrap().to_string().contains("after 10 consecutive batches without a success"));
    assert_eq!(outcomes.counts.failed, 100);
}

#[test]
fn success_resets_the_count_of_failed_batches() {
    let mut case = case([[Fault::Busy; 4].as_slice(), &[Fault::None]].concat().repeat(20));
    case.rows = (0..100).map(Row::numbered).collect();
    case.batch_size = 1;
    case.max_batches_without_success = 5;
    let (result, server, _) = run(&case, Mode::AtLeastOnce);
    assert_eq!((result.successful.len(), server.requests()), (20, 100));

    case.max_batches_without_success = 4;
    let (result, server, _) = run(&case, Mode::AtLeastOnce);
    assert_eq!((result.successful.len(), server.requests()), (0, 4));

    // Without a limit, the run continues.
    case.schedule.faults = vec![Fault::Busy; 100];
    case.max_batches_without_success = 0;
    let (_, server, _) = run(&case, Mode::AtLeastOnce);
    assert_eq!(server.requests(), 100);
}

#[test]
fn rejected_rows_do_not_stop_the_run() {
    let mut case = case([]);
    case.rows = (0..100).map(Row::numbered).collect();
    case.batch_size = 1;
    case.max_batches_without_success = 2;
    case.schedule.bad = (0..90).collect();
    let (result, server, _) = run(&case, Mode::AtLeastOnce);
    assert_eq!((result.successful.len(), result.failed.len(), server.requests()), (10, 90, 100));
}

#[test]
fn batches_in_flight_are_completed_when_the_run_stops() {
    let mut case = case(vec![Fault::Busy; 1_000]);
    case.rows = (0..100).map(Row::numbered).collect();
    case.batch_size = 1;
    case.concurrency = 4;
    let (result, server, _) = run(&case, Mode::AtLeastOnce);
    assert!((10..=13).contains(&server.requests()), "{}", server.requests());
    assert_eq!(result.failed.len(), 100);
}

/// Regression: the row count before the last request of a killed run was used, although another run had sent rows since. Those
/// rows were taken for the rows of the killed run, which were lost.
#[test]
fn count_of_a_killed_run_is_not_used_after_another_run_sent_rows() {
    let directory = tempfile::tempdir().unwrap();
    let journal = directory.path().join("journal");
    paused().block_on(async {
        let case = case([]);
        let server = server(&case, Mode::ByCount);
        run_killed(&case, Mode::ByCount, &server, &journal, (0, false)).await;
        let second = run_on(&case, Mode::AtMostOnce, &server, &journal).await;
        assert_eq!(second.successful.len(), 5, "{second}");
        let last = run_on(&case, Mode::ByCount, &server, &journal).await;
        assert_eq!(stored(&server), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
        assert_eq!(failed(&last), [0, 1, 2, 3, 4], "{last}");
        assert!(last.failed.iter().all(FailedRow::is_ambiguous), "{last}");
    });
}

/// The rows that were sent since precede those of the killed run.
#[test]
fn count_of_a_killed_run_is_not_used_after_another_run_sent_rejected_rows() {
    let directory = tempfile::tempdir().unwrap();
    let journal = directory.path().join("journal");
    paused().block_on(async {
        let case = case([Fault::Busy]);
        let server = server(&case, Mode::ByCount);
        run_killed(&case, Mode::ByCount, &server, &journal, (1, false)).await;
        // The second run ends before it comes to the rows of the killed run.
        let options = IngestOptions { journal: Some(journal.clone()), ..case.options(Mode::AtMostOnce) };
        let mut second = case.begin(&server, options);
        assert_eq!(second.next().await.unwrap().successful.len(), 5);
        drop(second);
        let last = run_on(&case, Mode::ByCount, &server, &journal).await;
        assert_eq!(stored(&server), [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
        assert_eq!(failed(&last), [5, 6, 7, 8, 9], "{last}");
        assert!(last.failed.iter().all(FailedRow::is_ambiguous), "{last}");
    });
}

/// Regression: a resumed run counted rows that were never sent, because they cannot be encoded.
#[test]
fn count_of_a_resumed_run_leaves_out_rows_that_were_not_sent() {
    let directory = tempfile::tempdir().unwrap();
    let journal = directory.path().join("journal");
    let mut all = case([Fault::None, Fault::LostAfter]);
    all.rows.truncate(6);
    all.rows[1].writable = false;
    let first = Case { rows: all.rows[..5].to_vec(), ..all.clone() };
    paused().block_on(async {
        let server = server(&all, Mode::ByCount);
        assert_eq!(run_on(&first, Mode::ByCount, &server, &journal).await.successful.len(), 4);
        let last = run_on(&all, Mode::ByCount, &server, &journal).await;
        assert_eq!((failed(&last), twice(&last)), (vec![1], Vec::new()), "{last}");
        assert_eq!(stored(&server)[..6], [1, 0, 1, 1, 1, 1]);
    });
}

#[test]
fn count_of_a_killed_run_leaves_out_rows_that_were_not_sent() {
    for arrives in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let journal = directory.path().join("journal");
        // The first batch has five rows that can be encoded. If they are stored, the next request is that of the second batch.
        let mut case = case([if arrives { Fault::LostAfter } else { Fault::None }]);
        case.rows[1].writable = false;
        paused().block_on(async {
            let server = server(&case, Mode::ByCount);
            run_killed(&case, Mode::ByCount, &server, &journal, (0, arrives)).await;
            let last = run_on(&case, Mode::ByCount, &server, &journal).await;
            assert_eq!(failed(&last), [1], "{last}");
            assert_eq!(stored(&server), [1, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
            // Rows that the count does not show are sent again, and may arrive later.
            assert_eq!(twice(&last), if arrives { Vec::new() } else { vec![0, 2, 3, 4, 5] });
        });
    }
}

/// Regression: the key of a lost row was found in a row of the other half of its batch.
#[test]
fn by_key_does_not_take_a_row_of_the_other_half_for_a_lost_row() {
    // The whole batch has 102 bytes, and each half 56. The second half is lost.
    let halved = (60, None, 2);
    let bisected = (usize::MAX, Some(1), 4);
    for (most_bytes, bad, before) in [halved, bisected] {
        let mut faults = vec![Fault::None; before];
        faults.push(Fault::LostBefore);
        let mut case = case(faults);
        case.rows.truncate(4);
        case.rows[0].key = Some("x".into());
        case.rows[2].key = Some("x".into());
        case.batch_size = 0;
        case.schedule.most_bytes = most_bytes;
        case.schedule.bad = bad.into_iter().collect();
        let (result, server, _) = run(&case, Mode::ByKey);
        let rejected: Vec<usize> = bad.into_iter().collect();
        assert_eq!(stored(&server)[..4], [1, u32::from(bad.is_none()), 0, 1]);
        assert_eq!(failed(&result), [rejected, vec![2]].concat(), "{result}");
        assert!(result.failed.last().unwrap().is_ambiguous(), "{result}");
    }
}

#[test]
fn by_key_does_not_take_a_row_that_an_earlier_run_stored_for_a_lost_row() {
    let directory = tempfile::tempdir().unwrap();
    let journal = directory.path().join("journal");
    let mut case = case([]);
    case.rows.truncate(4);
    case.rows[0].key = Some("x".into());
    case.rows[2].key = Some("x".into());
    (case.batch_size, case.schedule.most_bytes) = (0, 60);
    paused().block_on(async {
        let server = server(&case, Mode::ByKey);
        run_killed(&case, Mode::ByKey, &server, &journal, (2, false)).await;
        let last = run_on(&case, Mode::ByKey, &server, &journal).await;
        assert_eq!(stored(&server)[..4], [1, 1, 0, 1]);
        assert_eq!(failed(&last), [2], "{last}");
        assert!(last.failed[0].is_ambiguous(), "{last}");
    });
}

#[test]
fn incompatible_options_are_rejected() {
    let rejected = |change: fn(&mut IngestOptions)| -> String {
        let case = case([]);
        let mut options = case.options(Mode::ByKey);
        change(&mut options);
        let server =
            paused().block_on(async { Arc::new(Server::new(Schedule::default(), options.delivery)) });
        begin(server, Rows::<Row>::All(Vec::new()), &Map::new(), options).unwrap_err().to_string()
    };
    assert!(
        rejected(|options| options.reconcile_by = Some("a\\b".into()))
            .contains("cannot be written in a query")
    );
    assert!(
        rejected(|options| options.reconcile_by = Some(String::new())).contains("the key column is empty")
    );
    assert!(rejected(|options| options.delivery = Mode::AtMostOnce.delivery()).contains("reconcile_by"));
    assert!(rejected(|options| options.reconcile_window = Duration::MAX).contains("at most 3600 s"));
    let by_count =
        |options: &mut IngestOptions| (options.reconcile_by, options.concurrency) = (None, 2.into());
    assert!(rejected(by_count).contains("requires a concurrency of 1"));
}
