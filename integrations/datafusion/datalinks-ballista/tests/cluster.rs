//! Statements and inserts on a cluster whose processes are tasks of this one.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{sync::Arc, time::Duration};

use datafusion::prelude::{ParquetReadOptions, SessionContext};
use datalinks::{DataLinks, ingest::partitions::JournalDirectory, types::Row};
use datalinks_ballista::{ClusterInsert, Hosts};
use datalinks_datafusion::{
    AccountCatalog, ColumnType, DatasetTable, InsertSettings, LoadedTables, SearchAround, TableOptions,
};
use datalinks_emulator::Fault;
use serde_json::Value;
use support::{Cluster, rows, write_numbers};

fn row<const N: usize>(members: [(&str, Value); N]) -> Row {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn films(cluster: &Cluster) -> datalinks::Dataset {
    let films = cluster.dataset("films").await;
    let rows = (0..40).map(|id| {
        row([
            ("id", id.into()),
            ("title", format!("Film {id}").into()),
            ("year", (1980 + id % 7).into()),
            ("rating", (f64::from(id) / 4.0).into()),
            ("seen", (id % 3 == 0).into()),
        ])
    });
    films.ingest(rows.collect::<Vec<_>>()).await.unwrap().into_result().unwrap();
    films
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_give_the_rows_of_one_process() {
    let cluster = Cluster::with_executors(2).await;
    let films = films(&cluster).await;
    let people = cluster.dataset("people").await;
    people
        .ingest([row([("film", "Film 3".into()), ("name", "Ripley".into())])])
        .await
        .unwrap()
        .into_result()
        .unwrap();
    cluster.client.add_link(films.column("title"), people.column("film")).await.unwrap();
    let files = cluster.directory.path().join("files");
    std::fs::create_dir(&files).unwrap();
    (0..3).for_each(|file| write_numbers(&files.join(format!("{file}.parquet")), file * 10, 10));

    let (local, remote) = (SessionContext::new(), cluster.session(3));
    for context in [&local, &remote] {
        let catalog = AccountCatalog::load(cluster.client.clone(), TableOptions::default()).await.unwrap();
        context.register_udtf(
            "search_around",
            Arc::new(SearchAround::new(LoadedTables::load(&catalog).await.unwrap())),
        );
        context.register_catalog("datalinks", Arc::new(catalog));
        for (name, options) in
            [("films", TableOptions::default()), ("paged", TableOptions::default().page_by("id", 9))]
        {
            let table = DatasetTable::load(films.clone(), options).await.unwrap();
            context.register_table(name, Arc::new(table)).unwrap();
        }
        context
            .register_parquet("numbers", files.to_str().unwrap(), ParquetReadOptions::default())
            .await
            .unwrap();
    }
    for sql in [
        "SELECT id, title FROM films WHERE year >= 1984 AND rating < 7.5 ORDER BY id",
        "SELECT title FROM datalinks.cinema.films WHERE id = 5 OR title = 'Film 7'",
        "SELECT year, seen FROM films WHERE NOT seen ORDER BY year NULLS LAST, id NULLS LAST LIMIT 7",
        "SELECT year, count(*), avg(rating) FROM films WHERE id <> 12 GROUP BY year HAVING count(*) > 1 ORDER BY year",
        "SELECT f.title, n.name FROM films f JOIN numbers n ON f.id = n.n WHERE n.n % 2 = 1 ORDER BY f.id",
        "SELECT count(*) FROM films WHERE title LIKE 'Film 1%'",
        "SELECT id FROM paged WHERE id BETWEEN 7 AND 33 ORDER BY id DESC",
        "SELECT n FROM numbers UNION ALL SELECT id FROM films WHERE id > 35",
        "SELECT DISTINCT seen FROM films",
        "SELECT id, rank() OVER (PARTITION BY year ORDER BY rating DESC) AS place FROM films ORDER BY id LIMIT 9",
        "SELECT name FROM search_around('cinema/films', 'people', 1)",
        "SELECT max(n), (SELECT min(id) FROM films WHERE seen) FROM numbers",
    ] {
        assert_eq!(rows(&remote, sql).await, rows(&local, sql).await, "{sql}");
    }
}

/// Registers `numbers`, in so many files of ten rows, and `copy`, whose journals are in the returned directory.
async fn copy(cluster: &Cluster, context: &SessionContext, files: i64) -> JournalDirectory {
    let folder = cluster.directory.path().join("files");
    std::fs::create_dir(&folder).unwrap();
    (0..files).for_each(|file| write_numbers(&folder.join(format!("{file:03}.parquet")), file * 10, 10));
    context
        .register_parquet("numbers", folder.to_str().unwrap(), ParquetReadOptions::default())
        .await
        .unwrap();
    let journals = JournalDirectory::new(cluster.directory.path().join("journals"));
    let options = TableOptions::default()
        .column("n", ColumnType::Integer)
        .column("name", ColumnType::Text)
        .insert_settings(InsertSettings::default().batch_size(4))
        .journals(journals.clone());
    let copy = DatasetTable::load(cluster.dataset("copy").await, options).await.unwrap();
    context.register_table("copy", Arc::new(copy)).unwrap();
    journals
}

async fn stored(cluster: &Cluster) -> i64 {
    cluster.client.dataset("cinema", "copy").unwrap().info().await.unwrap().metadata.row_count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_insert_has_a_journal_for_each_partition() {
    let cluster = Cluster::with_executors(2).await;
    let context = cluster.session(6);
    let journals = copy(&cluster, &context, 6).await;
    let insert = ClusterInsert::new("INSERT INTO copy SELECT n, name FROM numbers", journals.clone());
    for _ in 0..2 {
        let inserted = insert.run(&context).await.unwrap();
        assert_eq!((inserted.submissions, inserted.account.partitions.len()), (1, 6));
        assert!(inserted.account.is_complete(), "{}", inserted.account);
        assert_eq!(inserted.to_string(), "6 of 6 partitions finished: 60 rows stored, 0 failed");
        assert_eq!((inserted.account.stored(), stored(&cluster).await), (60, 60));
    }
    assert_eq!(rows(&context, "SELECT count(DISTINCT n), min(n), max(n) FROM copy").await, ["60 | 0 | 59"]);
    // Another statement could store rows again that a journal has.
    let other = ClusterInsert::new("INSERT INTO copy SELECT n, name FROM numbers WHERE n > 1", journals);
    let error = other.run(&context).await.unwrap_err();
    assert!(error.error.to_string().contains("journals of another plan"), "{error}");
    // The account is that of the first statement, and the text does not say that it is this one's.
    assert!(error.to_string().contains("run the statement that they belong to again"), "{error}");
    assert_eq!(error.submissions, 3);
    let wrong = ClusterInsert::new("INSERT INTO nothing SELECT 1", insert.journals().clone());
    let error = wrong.run(&context).await.unwrap_err();
    let text = error.to_string();
    assert!(error.submissions == 0 && text.contains("was not submitted, and nothing was sent"), "{text}");
    // Regression: the error said that the journals have no account, and they have one.
    assert_eq!(error.account.as_ref().map(|account| account.stored()), Some(60), "{error}");
    assert_eq!(stored(&cluster).await, 60);
}

/// Regression: the account of another statement was returned as that of this one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn journals_of_another_table_are_not_the_account() {
    let cluster = Cluster::with_executors(1).await;
    let context = cluster.session(2);
    let _ = copy(&cluster, &context, 2).await;
    let journals = JournalDirectory::new(cluster.directory.path().join("other"));
    let options = TableOptions::default().column("n", ColumnType::Integer).journals(journals.clone());
    let other = DatasetTable::load(cluster.dataset("other").await, options).await.unwrap();
    context.register_table("other", Arc::new(other)).unwrap();
    let first = ClusterInsert::new("INSERT INTO other VALUES (1)", journals.clone());
    assert_eq!(first.run(&context).await.unwrap().account.stored(), 1);
    let wrong = ClusterInsert::new("INSERT INTO copy SELECT n, name FROM numbers", journals);
    let error = wrong.run(&context).await.unwrap_err();
    assert!(error.error.to_string().contains("does its table have other journals?"), "{error}");
    assert_eq!(stored(&cluster).await, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_move_among_partitions_are_one_partition() {
    let cluster = Cluster::with_executors(1).await;
    let context = cluster.session(4);
    let journals = copy(&cluster, &context, 4).await;
    let sql = "INSERT INTO copy SELECT n % 7 AS n, min(name) FROM numbers GROUP BY n % 7 ORDER BY n";
    for _ in 0..2 {
        let inserted = ClusterInsert::new(sql, journals.clone()).run(&context).await.unwrap();
        assert_eq!(inserted.account.partitions.len(), 1);
        assert_eq!((inserted.account.stored(), stored(&cluster).await), (7, 7));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_partition_is_run_again_and_the_others_skip_their_rows() {
    let cluster = Cluster::with_executors(1).await;
    let context = cluster.session(4);
    let journals = copy(&cluster, &context, 4).await;
    // This status stops one of the partitions, and the others go on.
    cluster.emulator.faults().inject(Fault::new("ingestData").status(403)).unwrap();
    let insert = ClusterInsert::new("INSERT INTO copy SELECT n, name FROM numbers", journals);
    let error = insert.clone().submissions(1).run(&context).await.unwrap_err();
    let account = error.account.as_ref().unwrap();
    assert_eq!(account.finished(), 3, "{error}");
    assert_eq!(account.stored() as i64, stored(&cluster).await);
    let text = error.to_string();
    assert!(text.contains("INSERT INTO cinema/copy:") && text.contains("go on from the journal"), "{text}");
    assert!(!text.contains(cluster.emulator.api_key()), "{text}");

    // The first submission fails again, and the second one goes on.
    cluster.emulator.faults().inject(Fault::new("ingestData").status(403)).unwrap();
    let inserted = insert.run(&context).await.unwrap();
    assert_eq!(inserted.submissions, 2);
    assert!(inserted.account.is_complete(), "{}", inserted.account);
    assert_eq!((inserted.account.stored(), stored(&cluster).await), (40, 40));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_executor_of_another_host_is_not_used() {
    let mut cluster = Cluster::start().await;
    let films = films(&cluster).await;
    let context = cluster.session(2);
    let table = DatasetTable::load(films, TableOptions::default()).await.unwrap();
    context.register_table("films", Arc::new(table)).unwrap();
    let other = DataLinks::builder("https://other.example.com/api", "a-key-of-another-host").build().unwrap();
    cluster.executor(Hosts::new([other])).await;
    let before = cluster.emulator.requests().len();
    let error =
        context.sql("SELECT title FROM films").await.unwrap().collect().await.unwrap_err().to_string();
    assert!(error.contains("this process was started for https://other.example.com/api"), "{error}");
    assert!(error.contains("nothing was sent"), "{error}");
    assert!(!error.contains("a-key-of-another-host"), "{error}");
    assert_eq!(cluster.emulator.requests().len(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_the_same_partition_is_waited_for() {
    let cluster = Cluster::with_executors(2).await;
    let context = cluster.session(1);
    let journals = copy(&cluster, &context, 1).await;
    // The requests of the first run take a while, during which the second one begins.
    let slow = Fault::new("ingestData").delay(Duration::from_millis(400)).times(3);
    cluster.emulator.faults().inject(slow).unwrap();
    let insert = ClusterInsert::new("INSERT INTO copy SELECT n, name FROM numbers", journals);
    let (first, second) = tokio::join!(insert.run(&context), insert.run(&context));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.submissions, second.submissions), (1, 1));
    assert!(second.account.is_complete(), "{}", second.account);
    assert_eq!(stored(&cluster).await, 10);
}
