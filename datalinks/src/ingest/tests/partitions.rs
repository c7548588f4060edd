//! Property tests of partitions that are killed, run again, and run twice at once.

use std::path::PathBuf;

use futures::future::join_all;
use serde_json::json;

use super::*;
use crate::ingest::{
    journal::Journal,
    partitions::{
        JournalDirectory, Partition, PartitionJournals as _, PartitionPlan, PartitionRun, PlanAccount,
    },
};

/// Modes that partitions can have.
const MODES: [Mode; 3] = [Mode::AtLeastOnce, Mode::AtMostOnce, Mode::ByKey];

/// A process that runs some partitions at once, and is killed after this number of requests. The rows of the last request may be
/// stored.
#[derive(Clone, Debug)]
struct Process {
    partitions: Vec<usize>,
    death: Option<(usize, bool)>,
}

/// Rows in partitions, and the processes that run them.
#[derive(Clone, Debug)]
struct Work {
    case: Case,
    /// The first row of each partition but the first.
    cuts: BTreeSet<usize>,
    processes: Vec<Process>,
    is_stream: bool,
}

fn work() -> impl Strategy<Value = Work> {
    let process =
        (prop::collection::vec(0..6_usize, 1..4), prop::option::weighted(0.8, (0..6_usize, any::<bool>())))
            .prop_map(|(partitions, death)| Process { partitions, death });
    (
        case(),
        prop::collection::btree_set(1..40_usize, 0..6),
        prop::collection::vec(process, 0..8),
        any::<bool>(),
    )
        .prop_map(|(case, cuts, processes, is_stream)| {
            let case = Case { adaptive: false, ..case };
            Work { case, cuts, processes, is_stream }
        })
}

impl Work {
    /// Rows that are stored are in the account at any time.
    fn check_meanwhile(
        &self,
        mode: Mode,
        server: &Arc<Server>,
        plan: &PartitionPlan,
        account: &PlanAccount,
    ) -> Result<(), TestCaseError> {
        let truth = server.truth();
        for (partition, own) in plan.partitions().iter().zip(&account.partitions) {
            let range = partition.range.rows().unwrap();
            let recorded = Journal::recorded(&own.journal).unwrap().unwrap_or_default();
            let has =
                |ranges: &[std::ops::Range<usize>], row| ranges.iter().any(|range| range.contains(&row));
            for n in range.clone() {
                let (n, row) = (n as usize, (n - range.start) as usize);
                let (copies, decides) = (truth.stored(n), mode != Mode::ByKey || !self.case.shares_key(n));
                let (stored, ambiguous) = (has(&recorded.stored, row), has(&own.ambiguous, row));
                prop_assert!(
                    copies > 0 || !stored || !decides,
                    "row {n} is not stored, and reported as stored"
                );
                prop_assert!(copies == 0 || stored || ambiguous, "row {n} is stored, and not in the account");
                prop_assert!(
                    copies < 2 || has(&own.possibly_duplicated, row),
                    "row {n} is stored {copies} times, and not reported"
                );
            }
        }
        Ok(())
    }

    fn plan(&self) -> PartitionPlan {
        let rows = self.case.rows.len();
        let cuts = [0].into_iter().chain(self.cuts.iter().copied().filter(|cut| *cut < rows)).chain([rows]);
        let cuts: Vec<u64> = cuts.map(|cut| cut as u64).collect();
        let ranges = cuts.windows(2).map(|cut| cut[0]..cut[1]).filter(|rows| !rows.is_empty());
        PartitionPlan::new(ranges.map(|rows| Partition::rows("rows", rows))).unwrap()
    }

    async fn run(
        &self,
        mode: Mode,
        server: &Arc<Server>,
        plan: &PartitionPlan,
        journals: &Arc<JournalDirectory>,
        number: usize,
    ) -> Result<PartitionRun, Error> {
        let range = plan.partition(number)?.0.range.rows().unwrap();
        let rows = self.case.rows[range.start as usize..range.end as usize].to_vec();
        let rows = match self.is_stream {
            true => Rows::Stream(futures::stream::iter(rows.into_iter().map(Ok)).boxed()),
            false => Rows::All(rows),
        };
        let (options, server) = (self.case.options(mode), server.clone());
        let open = move |journal: PathBuf, dead_letters| {
            begin(
                server,
                rows,
                &Map::new(),
                IngestOptions { journal: Some(journal), dead_letters, ..options },
            )
        };
        plan.run_opened(number, journals.clone(), open).await
    }

    /// Runs all processes, and then every partition until all are finished.
    async fn run_all(
        &self,
        mode: Mode,
        server: &Arc<Server>,
        plan: &PartitionPlan,
        journals: &Arc<JournalDirectory>,
    ) -> Result<(), TestCaseError> {
        let partitions = plan.partitions().len();
        // As the coordinator does, which reads the account although no process may have run yet.
        journals.bind(plan).unwrap();
        for process in self.processes.iter().filter(|_| partitions > 0) {
            *server.death.lock().unwrap() = process.death;
            let numbers: Vec<usize> = process.partitions.iter().map(|number| number % partitions).collect();
            let runs = numbers.iter().map(|number| self.run(mode, server, plan, journals, *number));
            let dies = server.dies.notified();
            tokio::select! {
                biased;
                () = dies => {}
                runs = join_all(runs) => {
                    for error in runs.into_iter().filter_map(Result::err) {
                        let is_again = numbers.iter().collect::<BTreeSet<_>>().len() < numbers.len();
                        prop_assert!(is_again && error.to_string().contains("is in use by"), "{error}");
                    }
                }
            }
            // The account after each process, as `check_partitions` makes it after the last one.
            let account = plan.account(journals.clone()).await.unwrap();
            self.check_meanwhile(mode, server, plan, &account)?;
        }
        *server.death.lock().unwrap() = None;
        // Each further run has one fault less before it.
        for _ in 0..60 {
            let account = plan.account(journals.clone()).await.unwrap();
            let rest: Vec<usize> =
                (0..partitions).filter(|number| !account.partitions[*number].is_finished()).collect();
            if rest.is_empty() {
                return Ok(());
            }
            for number in rest {
                let run = self.run(mode, server, plan, journals, number).await.unwrap();
                prop_assert_eq!(&run.partition, &plan.ids()[number]);
            }
        }
        Err(TestCaseError::fail("the partitions do not finish"))
    }
}

fn check_partitions(mode: Mode, work: &Work) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let journals = Arc::new(JournalDirectory::new(folder.path().join("journals")).with_dead_letters());
    let plan = work.plan();
    let runtime = paused();
    let server = {
        let _clock = runtime.enter();
        Arc::new(Server::new(work.case.schedule.clone(), mode.delivery()))
    };
    runtime.block_on(work.run_all(mode, &server, &plan, &journals))?;
    let account = runtime.block_on(plan.account(journals)).unwrap();
    let truth = server.truth();

    let (mut stored, mut ambiguous, mut twice) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (partition, own) in plan.partitions().iter().zip(&account.partitions) {
        let rows = partition.range.rows().unwrap();
        prop_assert_eq!(own.rows, Some((rows.end - rows.start) as usize));
        prop_assert_eq!(own.stored + own.failed, (rows.end - rows.start) as usize);
        let recorded = Journal::recorded(&own.journal).unwrap().unwrap();
        let global = |ranges: &[std::ops::Range<usize>]| -> Vec<usize> {
            ranges.iter().cloned().flatten().map(|row| row + rows.start as usize).collect()
        };
        prop_assert_eq!(global(&recorded.stored).len(), own.stored);
        stored.extend(global(&recorded.stored));
        ambiguous.extend(global(&own.ambiguous));
        twice.extend(global(&own.possibly_duplicated));
    }
    prop_assert_eq!(stored.len(), account.stored());
    prop_assert_eq!(ambiguous.len(), account.ambiguous());
    prop_assert_eq!(twice.len(), account.possibly_duplicated());
    for n in 0..work.case.rows.len() {
        let (copies, decides) = (truth.stored(n), mode != Mode::ByKey || !work.case.shares_key(n));
        if stored.contains(&n) {
            prop_assert!(copies > 0 || !decides, "row {n} is lost, and reported as stored");
        } else if !ambiguous.contains(&n) {
            prop_assert_eq!(copies, 0, "row {} is stored, and reported as not", n);
        }
        prop_assert!(copies < 2 || twice.contains(&n), "row {n} is stored {copies} times, and not reported");
        prop_assert!(!stored.contains(&n) || !ambiguous.contains(&n), "row {n} has two states");
        if mode == Mode::AtMostOnce {
            prop_assert!(truth.executed(n) < 2 && !twice.contains(&n), "row {n} was sent twice");
        }
    }
    if ambiguous.is_empty() && twice.is_empty() && mode != Mode::ByKey {
        let count: u32 = truth.stored.values().sum();
        prop_assert_eq!(account.stored(), count as usize);
    }
    prop_assert_eq!(&truth.sent_after_acknowledged, &Vec::<usize>::new());
    Ok(())
}

#[test]
fn killed_partitions_are_run_again_until_every_row_is_accounted_for() {
    for_many(150, (0..MODES.len(), work()), |(mode, work)| check_partitions(MODES[mode], &work));
}

/// Returns two partitions of five rows, their directory, and a service without faults.
fn two() -> (Work, PartitionPlan, tempfile::TempDir, Arc<JournalDirectory>) {
    let case = Case {
        rows: (0..10).map(Row::numbered).collect(),
        schedule: Schedule { most_bytes: usize::MAX, attempts: 1, ..Schedule::default() },
        batch_size: 2,
        max_batch_bytes: usize::MAX,
        concurrency: 1,
        adaptive: false,
        max_isolation_requests: 100,
        max_batches_without_success: 10,
        window: 30,
        source_delays: Vec::new(),
        source_fails: None,
    };
    let work = Work { case, cuts: [5].into(), processes: Vec::new(), is_stream: true };
    let folder = tempfile::tempdir().unwrap();
    let journals = Arc::new(JournalDirectory::new(folder.path().join("journals")));
    (work.clone(), work.plan(), folder, journals)
}

#[test]
fn second_run_of_a_partition_is_rejected_while_the_first_runs() {
    let (work, plan, _folder, journals) = two();
    paused().block_on(async {
        let server = Arc::new(Server::new(work.case.schedule.clone(), Delivery::AtLeastOnce));
        // Its first request never ends.
        *server.death.lock().unwrap() = Some((0, true));
        let is_running = |number| plan.is_running(number, &*journals).unwrap();
        assert!(!is_running(0));
        let mut first = std::pin::pin!(work.run(Mode::AtLeastOnce, &server, &plan, &journals, 0));
        tokio::select! {
            biased;
            () = server.dies.notified() => {}
            run = &mut first => panic!("{run:?}"),
        }
        let second = work.run(Mode::AtLeastOnce, &server, &plan, &journals, 0).await.unwrap_err();
        assert_eq!(second.kind(), ErrorKind::InUse);
        assert!(second.to_string().contains("in use by process"), "{second}");
        assert!(is_running(0) && !is_running(1));
        // During the run, its rows may be stored. The other partition has no journal.
        let account = plan.account(journals.clone()).await.unwrap();
        assert_eq!(account.partitions[0].ambiguous, std::slice::from_ref(&(0..2)));
        assert_eq!((account.finished(), account.partitions[1].stored), (0, 0));
        assert!(!account.is_complete());
        assert_eq!(account.to_string(), "0 of 2 partitions finished: 0 rows stored, 2 failed (2 of them may be stored: check before you send them again), 2 possibly stored twice");
        *server.death.lock().unwrap() = None;
        let other = work.run(Mode::AtLeastOnce, &server, &plan, &journals, 1).await.unwrap();
        assert_eq!((other.summary.counts.stored, other.summary.counts.skipped), (5, 0));
    });
}

#[test]
fn finished_partition_is_skipped_and_a_changed_one_is_rejected() {
    let (mut work, plan, _folder, journals) = two();
    paused().block_on(async {
        let server = Arc::new(Server::new(work.case.schedule.clone(), Delivery::AtLeastOnce));
        for _ in 0..2 {
            for number in 0..2 {
                let run = work.run(Mode::AtLeastOnce, &server, &plan, &journals, number).await.unwrap();
                assert!(run.summary.is_complete());
            }
        }
        assert_eq!(server.requests(), 6);
        let account = plan.account(journals.clone()).await.unwrap();
        assert!(account.is_complete() && account.finished() == 2 && account.stored() == 10, "{account}");
        let value = serde_json::to_value(&account).unwrap();
        assert_eq!(value["partitions"][1]["rows"], json!(5));

        // Another row at the position of a stored one.
        work.case.rows[3].padding = 7;
        let error = work.run(Mode::AtLeastOnce, &server, &plan, &journals, 0).await.unwrap_err();
        assert!(error.to_string().contains("differ from those of the earlier run"), "{error}");
        let other = PartitionPlan::new([Partition::rows("rows", 0..10)]).unwrap();
        let error = work.run(Mode::AtLeastOnce, &server, &other, &journals, 0).await.unwrap_err();
        assert!(error.to_string().contains("journals of another plan"), "{error}");
        assert!(other.account(journals.clone()).await.is_err());
        assert!(work.run(Mode::AtLeastOnce, &server, &plan, &journals, 2).await.is_err());
        assert_eq!(server.requests(), 6);
    });
}

#[test]
fn partition_with_fewer_rows_than_its_journal_is_not_finished() {
    let (work, plan, _folder, journals) = two();
    paused().block_on(async {
        let server = Arc::new(Server::new(work.case.schedule.clone(), Delivery::AtLeastOnce));
        let open = |rows: usize| {
            let (rows, options, server) =
                (work.case.rows[..rows].to_vec(), work.case.options(Mode::AtLeastOnce), server.clone());
            let rows = Rows::Stream(futures::stream::iter(rows.into_iter().map(Ok)).boxed());
            move |journal: PathBuf, _| {
                begin(server, rows, &Map::new(), IngestOptions { journal: Some(journal), ..options })
            }
        };
        let run = plan.run_opened(0, journals.clone(), open(5)).await.unwrap();
        assert!(run.summary.check().is_ok());
        let run = plan.run_opened(0, journals.clone(), open(4)).await.unwrap();
        let error = run.summary.check().unwrap_err().to_string();
        assert!(error.contains("has 4 rows, and its journal records 5"), "{error}");
        assert_eq!(run.summary.counts.stored, 4);
        assert_eq!(server.requests(), 3);
    });
}

/// Regression: a partition of rows that ended early, or went on into the next one, was complete.
#[test]
fn partition_of_rows_with_another_number_of_rows_is_not_finished() {
    for rows in [4, 6] {
        let (work, plan, _folder, journals) = two();
        paused().block_on(async {
            let server = Arc::new(Server::new(work.case.schedule.clone(), Delivery::AtLeastOnce));
            let open = |rows: usize| {
                let (rows, options, server) =
                    (work.case.rows[..rows].to_vec(), work.case.options(Mode::AtLeastOnce), server.clone());
                move |journal: PathBuf, _| {
                    let options = IngestOptions { journal: Some(journal), ..options };
                    begin(server, Rows::All(rows), &Map::new(), options)
                }
            };
            let run = plan.run_opened(0, journals.clone(), open(rows)).await.unwrap();
            let error = run.summary.check().unwrap_err().to_string();
            let expected = format!("has {rows} rows, and its range has 5: rows, rows 0 to 5");
            assert!(error.contains(&expected), "{error}");
            let account = plan.account(journals.clone()).await.unwrap();
            assert!(!account.is_complete() && !account.partitions[0].is_finished(), "{account}");
            assert_eq!(account.stored(), rows);
            if rows < 5 {
                let run = plan.run_opened(0, journals.clone(), open(5)).await.unwrap();
                assert_eq!((run.summary.counts.stored, run.summary.counts.skipped), (5, 4));
                assert!(plan.account(journals).await.unwrap().partitions[0].is_complete());
            }
        });
    }
}

/// The requests of other partitions change the row count.
#[test]
fn reconciliation_by_count_is_rejected() {
    let (work, plan, _folder, journals) = two();
    paused().block_on(async {
        let server = Arc::new(Server::new(work.case.schedule.clone(), Delivery::Reconciled));
        let error = work.run(Mode::ByCount, &server, &plan, &journals, 0).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("reconcile_by"), "{error}");
        assert_eq!(server.requests(), 0);
    });
}

/// Regression: rows without a key, whose outcome was ambiguous in an earlier run, counted as failures of the service. Each run
/// stopped there, so the partition never ended.
#[test]
fn undecidable_rows_of_an_earlier_run_do_not_stop_the_next_run() {
    let (mut work, plan, _folder, journals) = two();
    work.case.rows[0].key = None;
    (work.case.batch_size, work.case.max_batches_without_success) = (1, 1);
    work.case.schedule.faults = vec![Fault::LostBefore];
    paused().block_on(async {
        let server = Arc::new(Server::new(work.case.schedule.clone(), Delivery::Reconciled));
        for stored in [0, 4] {
            let run = work.run(Mode::ByKey, &server, &plan, &journals, 0).await.unwrap();
            assert_eq!(
                (run.summary.counts.stored, run.summary.counts.ambiguous),
                (stored, 1),
                "{}",
                run.summary
            );
        }
        let account = plan.account(journals).await.unwrap();
        assert_eq!(account.partitions[0].ambiguous, std::slice::from_ref(&(0..1)));
    });
}
