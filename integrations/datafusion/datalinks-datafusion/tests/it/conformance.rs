//! Statements over a dataset give the rows that they give over a local table with the same rows.

use std::sync::Arc;

use crate::support::{Film, Service, local, rows, session, settings};
use datafusion::{error::DataFusionError, physical_plan::displayable};
use datalinks_datafusion::{
    AccountCatalog, ColumnType, DatasetTable, InsertError, LoadedTables, NaturalLanguage, RowError,
    SearchAround, TableOptions,
};
use datalinks_emulator::Fault;

fn films() -> Vec<Film> {
    let titles =
        ["Alien", "alien", "", " Heat", "Zodiac", "Äon", "it's", "say \"x\"", "a\\b", "Oldboy", "7 Up", "😀"];
    let codes = ["5", "5.0", "05", "-1", "abc", "1e1", "10", "", "NaN", "x5", "true", "null"];
    let pick = |list: &[&str], at: usize| (at % 5 != 3).then(|| list[at % list.len()].to_owned());
    (0..40)
        .map(|at: usize| Film {
            id: at as i64,
            title: pick(&titles, at),
            year: (at % 7 != 2).then(|| 1970 + (at as i64 * 13) % 50),
            rating: (at % 6 != 1).then(|| [7.5, -0.25, 0.0, 8.0, 0.1, 1e15, 1e-7][at % 7]),
            seen: [Some(true), Some(false), None][at % 3],
            code: pick(&codes, at + 1),
        })
        .collect()
}

const STATEMENTS: &[&str] = &[
    "SELECT * FROM films",
    "SELECT title, year FROM films WHERE year >= 2012 ORDER BY year, id LIMIT 10",
    "SELECT id FROM films WHERE year = 1996",
    "SELECT id FROM films WHERE year <> 1996",
    "SELECT id FROM films WHERE NOT (year = 1996)",
    "SELECT id FROM films WHERE year < 1980 OR year > 2010",
    "SELECT id FROM films WHERE year BETWEEN 1980 AND 1990",
    "SELECT id FROM films WHERE year NOT BETWEEN 1980 AND 1990",
    "SELECT id FROM films WHERE year IN (1970, 1983, 1996)",
    "SELECT id FROM films WHERE year NOT IN (1970, 1983, 1996)",
    "SELECT id FROM films WHERE year NOT IN (1970, NULL)",
    "SELECT id FROM films WHERE year IS NULL",
    "SELECT id FROM films WHERE year IS NOT NULL",
    "SELECT id FROM films WHERE year = NULL",
    "SELECT id FROM films WHERE year > 1999.5",
    "SELECT id FROM films WHERE year + 1 > 2000",
    "SELECT id FROM films WHERE year = id + 1970",
    "SELECT id FROM films WHERE 2000 < year",
    "SELECT id FROM films WHERE year > 9007199254740993",
    "SELECT id FROM films WHERE seen",
    "SELECT id FROM films WHERE NOT seen",
    "SELECT id FROM films WHERE seen IS NULL",
    "SELECT id FROM films WHERE seen IS NOT NULL",
    "SELECT id FROM films WHERE seen IS TRUE",
    "SELECT id FROM films WHERE seen IS NOT TRUE",
    "SELECT id FROM films WHERE seen IS FALSE",
    "SELECT id FROM films WHERE seen <> true",
    "SELECT id FROM films WHERE seen OR year > 2000",
    "SELECT id FROM films WHERE NOT (seen AND year > 2000)",
    "SELECT id FROM films WHERE NOT (seen OR year > 2000)",
    "SELECT id FROM films WHERE rating = 7.5",
    "SELECT id FROM films WHERE rating <> 7.5",
    "SELECT id FROM films WHERE rating < 0.1",
    "SELECT id FROM films WHERE rating >= 1e15",
    "SELECT id FROM films WHERE rating < -0.0",
    "SELECT id FROM films WHERE rating = 8",
    "SELECT id FROM films WHERE title = 'Alien'",
    "SELECT id FROM films WHERE title <> 'Alien'",
    "SELECT id FROM films WHERE title < 'a'",
    "SELECT id FROM films WHERE title > 'it''s'",
    "SELECT id FROM films WHERE title = ''",
    "SELECT id FROM films WHERE title = 'a\\b'",
    "SELECT id FROM films WHERE title = 'say \"x\"'",
    "SELECT id FROM films WHERE title LIKE 'A%'",
    "SELECT id FROM films WHERE upper(title) = 'ALIEN'",
    "SELECT id FROM films WHERE title IN ('Alien', '7 Up', 'Oldboy')",
    "SELECT id FROM films WHERE title IS NULL AND year IS NOT NULL",
    "SELECT id FROM films WHERE code = '5'",
    "SELECT id FROM films WHERE code <> '5'",
    "SELECT id FROM films WHERE code < '5'",
    "SELECT id FROM films WHERE code > 'abc'",
    "SELECT id FROM films WHERE code = 'NaN' OR code = 'true'",
    "SELECT id FROM films WHERE code IN ('5', 'abc', '')",
    "SELECT id FROM films WHERE code NOT IN ('5', 'abc')",
    "SELECT id, year FROM films ORDER BY year ASC NULLS LAST, id LIMIT 7",
    "SELECT id, year FROM films ORDER BY year DESC NULLS LAST, id DESC LIMIT 7",
    "SELECT id, year FROM films ORDER BY year DESC, id",
    "SELECT id, year FROM films ORDER BY year ASC NULLS FIRST, id",
    "SELECT id, rating FROM films ORDER BY rating, id",
    "SELECT id, seen FROM films ORDER BY seen, id OFFSET 3",
    "SELECT id, code FROM films ORDER BY code, id",
    "SELECT id, title FROM films ORDER BY title DESC NULLS LAST, id LIMIT 5",
    "SELECT id FROM films ORDER BY id LIMIT 5 OFFSET 4",
    "SELECT id FROM (SELECT * FROM films ORDER BY id LIMIT 12) AS f WHERE year > 1990",
    "SELECT id FROM (SELECT * FROM films ORDER BY id DESC LIMIT 9) AS f ORDER BY year NULLS LAST, id",
    "SELECT id FROM films WHERE year > 1990 LIMIT 0",
    "SELECT count(*) FROM films",
    "SELECT count(*), count(year), sum(year), min(rating), max(title) FROM films WHERE seen",
    "SELECT seen, count(*) AS n FROM films GROUP BY seen ORDER BY n, seen",
    "SELECT year, count(*) FROM films GROUP BY year HAVING count(*) > 1",
    "SELECT DISTINCT code FROM films",
    "SELECT a.id, b.id FROM films a JOIN films b ON a.year = b.year AND a.id < b.id",
    "SELECT a.id FROM films a LEFT JOIN films b ON a.id = b.id + 38 WHERE b.id IS NULL",
    "SELECT id, row_number() OVER (PARTITION BY seen ORDER BY id) FROM films",
    "SELECT id, sum(year) OVER (ORDER BY id) FROM films WHERE year > 1980",
    "SELECT id FROM films WHERE year > (SELECT avg(year) FROM films)",
    "SELECT id FROM films WHERE id IN (SELECT id FROM films WHERE seen) AND year < 2000",
    "SELECT id FROM films WHERE seen UNION ALL SELECT id FROM films WHERE year > 2010",
    "SELECT CASE WHEN year > 2000 THEN 'new' ELSE 'old' END AS age, count(*) FROM films GROUP BY 1",
];

#[tokio::test]
async fn statements_give_the_rows_of_a_local_table() {
    let films = films();
    let expected = session();
    expected.register_table("films", Arc::new(local(&films))).unwrap();
    let service = Service::start(&films).await;
    for (name, options) in settings() {
        let context = service.session(options).await;
        for sql in STATEMENTS {
            assert_eq!(rows(&context, sql).await, rows(&expected, sql).await, "{name}: {sql}");
        }
    }
}

/// Returns the scans of a statement as text.
async fn plan(context: &datafusion::prelude::SessionContext, sql: &str) -> String {
    let plan = context.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
    displayable(plan.as_ref()).indent(false).to_string()
}

#[tokio::test]
async fn the_service_computes_what_it_can_express() {
    let service = Service::start(&films()).await;
    let context = service.session(TableOptions::default()).await;
    for (sql, query) in [
        (
            "SELECT title FROM films WHERE year >= 2012 AND seen LIMIT 3",
            r#".filter(("year" >= 2012) && ("seen" == true)).limit(3)"#,
        ),
        (
            "SELECT id FROM films WHERE year > 1990 ORDER BY year, id LIMIT 3",
            r#".filter("year" > 1990).sortAscending("year").sortAscending("id").limit(3)"#,
        ),
        ("SELECT id FROM films ORDER BY id DESC NULLS LAST LIMIT 2", r#".sortDescending("id").limit(2)"#),
    ] {
        let plan = plan(&context, sql).await;
        assert!(plan.contains(query), "{sql}:\n{plan}");
        assert!(!plan.contains("FilterExec") && !plan.contains("SortExec"), "{sql}:\n{plan}");
    }
    // An inexact condition, an order with null first, and text are computed by the engine, too.
    for (sql, query, node) in [
        ("SELECT id FROM films WHERE code = '5' LIMIT 3", r#".filter("code" == "5")"#, "FilterExec"),
        ("SELECT id FROM films ORDER BY year DESC LIMIT 3", r#"query=Ontology("cinema/films")"#, "SortExec"),
        ("SELECT id FROM films ORDER BY title LIMIT 3", r#"query=Ontology("cinema/films")"#, "SortExec"),
    ] {
        let plan = plan(&context, sql).await;
        assert!(plan.contains(query) && !plan.contains(".limit(") && plan.contains(node), "{sql}:\n{plan}");
    }
    let context =
        service.session(TableOptions::default().pushdown(datalinks_datafusion::Pushdown::Off)).await;
    let plan = plan(&context, "SELECT id FROM films WHERE year > 1990 ORDER BY id LIMIT 3").await;
    assert!(!plan.contains(".filter(") && !plan.contains(".limit(") && !plan.contains(".sort"), "{plan}");
}

#[tokio::test]
async fn pages_ask_for_a_few_rows_at_a_time() {
    let service = Service::start(&films()).await;
    let context = service.session(TableOptions::default().page_by("id", 5)).await;
    let queries =
        || service.emulator.requests().iter().filter(|request| request.path.ends_with("/query")).count();
    let before = queries();
    assert_eq!(rows(&context, "SELECT id FROM films").await.len(), 40);
    // The first page brings 5 rows, and each further one 4. The tenth brings the last 3.
    assert_eq!(queries() - before, 10);
}

#[tokio::test]
async fn pages_report_a_column_that_is_not_unique() {
    let mut films = films();
    films[5].id = 4;
    let service = Service::start(&films).await;
    let context = service.session(TableOptions::default().page_by("id", 5)).await;
    let error = context.sql("SELECT id FROM films").await.unwrap().collect().await.unwrap_err();
    assert!(error.to_string().contains("several rows have it"), "{error}");
}

#[tokio::test]
async fn a_value_outside_the_sample_is_an_error_unless_the_type_is_set() {
    let mut films = films();
    films.iter_mut().for_each(|film| film.code = None);
    let service = Service::start(&films).await;
    let row = |value: serde_json::Value| serde_json::Map::from_iter([("size".to_owned(), value)]);
    let stored = service.films.ingest([row(1.into()), row("big".into())]).await.unwrap();
    assert!(stored.is_complete());
    let context = service.session(TableOptions::default().sample_rows(41)).await;
    let error = context.sql("SELECT size FROM films").await.unwrap().collect().await.unwrap_err();
    let DataFusionError::External(source) = error.find_root() else { panic!("{error}") };
    let source = source.downcast_ref::<RowError>().unwrap();
    assert_eq!(source.dataset, "cinema/films");
    assert!(source.reason.contains("\"big\"") && source.reason.contains("\"size\""), "{source}");

    let sql = "SELECT size FROM films WHERE size IS NOT NULL";
    let context = service.session(TableOptions::default().column("size", ColumnType::Text)).await;
    assert_eq!(rows(&context, sql).await, ["1", "big"]);
    let context = service.session(TableOptions::default()).await;
    assert_eq!(rows(&context, sql).await, ["1", "big"]);
}

#[tokio::test]
async fn a_catalog_has_the_namespaces_and_finds_new_datasets() {
    let service = Service::start(&films()).await;
    let catalog = AccountCatalog::load(service.client.clone(), TableOptions::default()).await.unwrap();
    let context = session();
    context.register_catalog("datalinks", Arc::new(catalog));
    let catalog = context.catalog("datalinks").unwrap();
    assert_eq!(catalog.schema_names(), ["cinema"]);
    let cinema = catalog.schema("cinema").unwrap();
    assert_eq!(cinema.table_names(), ["films"]);
    assert!(cinema.table_exist("films") && !cinema.table_exist("people"));
    assert_eq!(rows(&context, "SELECT id FROM datalinks.cinema.films WHERE id = 7").await, ["7"]);

    service.client.dataset("cinema", "people").unwrap().create().await.unwrap();
    assert_eq!(rows(&context, "SELECT count(*) FROM datalinks.cinema.people").await, ["0"]);
    let error = context.sql("SELECT * FROM datalinks.cinema.nobody").await.unwrap_err();
    assert!(error.to_string().contains("nobody"), "{error}");
}

#[tokio::test]
async fn an_error_of_the_service_keeps_its_type() {
    let service = Service::start(&films()).await;
    let context = service.session(TableOptions::default()).await;
    service.films.delete().await.unwrap();
    let error = context.sql("SELECT id FROM films").await.unwrap().collect().await.unwrap_err();
    let DataFusionError::External(source) = error.find_root() else { panic!("{error}") };
    assert!(source.downcast_ref::<datalinks::Error>().is_some_and(|error| error.status().is_some()));
    let missing = DatasetTable::load(service.films.clone(), TableOptions::default()).await.unwrap_err();
    assert_eq!(missing.kind(), datalinks::ErrorKind::NotFound);
}

#[tokio::test]
async fn links_are_a_table_function() {
    let films = films();
    let service = Service::start(&films).await;
    let people = service.client.dataset("cinema", "people").unwrap();
    people.create().await.unwrap();
    let person = |name: &str, born: i64| {
        serde_json::Map::from_iter([("name".to_owned(), name.into()), ("born".to_owned(), born.into())])
    };
    let stored =
        people.ingest([person("Alien", 1930), person("Zodiac", 1950), person("nobody", 1970)]).await.unwrap();
    assert!(stored.is_complete());
    service.client.add_link(service.films.column("title"), people.column("name")).await.unwrap();
    let catalog = AccountCatalog::load(service.client.clone(), TableOptions::default()).await.unwrap();
    let context = session();
    let tables = LoadedTables::load(&catalog).await.unwrap();
    context.register_udtf("search_around", Arc::new(SearchAround::new(tables)));
    context.register_catalog("datalinks", Arc::new(catalog));
    for (sql, joined) in [
        (
            "SELECT name FROM search_around('cinema/films', 'people', 1)",
            "SELECT name FROM datalinks.cinema.people WHERE name IN (SELECT title FROM datalinks.cinema.films)",
        ),
        (
            "SELECT name FROM search_around('cinema/films', 'cinema/people') WHERE born < 1940",
            "SELECT name FROM datalinks.cinema.people WHERE name = 'Alien'",
        ),
        (
            "SELECT id FROM search_around('cinema/people', 'films') WHERE year > 1980 ORDER BY id LIMIT 3",
            "SELECT id FROM datalinks.cinema.films WHERE title IN ('Alien', 'Zodiac') AND year > 1980 ORDER BY id LIMIT 3",
        ),
    ] {
        let found = rows(&context, sql).await;
        assert!(!found.is_empty(), "{sql}");
        assert_eq!(found, rows(&context, joined).await, "{sql}");
    }
    for (call, part) in [
        ("search_around('cinema/films', 'nobody')", "was not loaded"),
        ("search_around('films', 'people')", "takes two strings"),
        ("search_around('cinema/films', 'people', 0)", "a number from 1"),
        ("search_around('cinema/films')", "takes two strings"),
    ] {
        let error = context.sql(&format!("SELECT * FROM {call}")).await.unwrap_err();
        assert!(error.to_string().contains(part), "{call}: {error}");
    }
}

#[tokio::test]
async fn rows_are_inserted_and_accounted_for() {
    let films = films();
    let service = Service::start(&films).await;
    let copy = service.client.dataset("cinema", "copy").unwrap();
    copy.create().await.unwrap();
    let columns = TableOptions::default()
        .column("id", ColumnType::Integer)
        .column("title", ColumnType::Text)
        .column("rating", ColumnType::Number)
        .column("seen", ColumnType::Boolean)
        .ingest(|ingest| ingest.batch_size(9));
    let context = service.session(TableOptions::default()).await;
    let table = DatasetTable::load(copy.clone(), columns).await.unwrap();
    context.register_table("copy", Arc::new(table)).unwrap();
    let insert =
        "INSERT INTO copy (id, title, rating, seen) SELECT id, title, rating, seen FROM films WHERE id < 30";
    assert_eq!(rows(&context, insert).await, ["30"]);
    assert_eq!(
        rows(&context, "SELECT id, title, rating, seen FROM copy").await,
        rows(&context, "SELECT id, title, rating, seen FROM films WHERE id < 30").await
    );
    assert_eq!(copy.info().await.unwrap().metadata.row_count, 30);

    // This status stops the run, and no batch is tried row by row.
    service.emulator.faults().inject(Fault::new("ingestData").status(403)).unwrap();
    let error = context.sql(insert).await.unwrap().collect().await.unwrap_err();
    let DataFusionError::External(source) = error.find_root() else { panic!("{error}") };
    let failure = source.downcast_ref::<InsertError>().unwrap();
    let counts = &failure.account.counts;
    assert_eq!((failure.account.dataset.as_str(), failure.account.parts.len()), ("cinema/copy", 1));
    // Rows that were not read before the stop are not counted.
    assert!((9..=30).contains(&counts.decided()) && counts.ambiguous == 0, "{failure}");
    assert_eq!(copy.info().await.unwrap().metadata.row_count, 30 + counts.stored as i64);
    assert!(std::error::Error::source(failure).is_some());
}

#[tokio::test]
async fn a_question_is_a_table_function() {
    let films = films();
    let service = Service::start(&films).await;
    let catalog = AccountCatalog::load(service.client.clone(), TableOptions::default()).await.unwrap();
    let context = session();
    let tables = LoadedTables::load(&catalog).await.unwrap();
    context.register_udtf("natural_language", Arc::new(NaturalLanguage::new(tables)));
    let question = "the two oldest films";
    let asked = service.films.query().natural_language(question);
    let expected: Vec<serde_json::Map<String, serde_json::Value>> = asked.fetch().await.unwrap();
    let mut expected: Vec<String> = expected.iter().map(|row| row["id"].to_string()).collect();
    expected.sort();
    assert!(!expected.is_empty());
    let queries =
        || service.emulator.requests().iter().filter(|request| request.path.ends_with("/query")).count();
    for call in [
        format!("natural_language('cinema/films', '{question}')"),
        format!("natural_language('cinema/films', '{question}', 'id BIGINT')"),
    ] {
        let before = queries();
        assert_eq!(rows(&context, &format!("SELECT id FROM {call}")).await, expected, "{call}");
        assert_eq!(queries() - before, 1);
        // A condition, an order and a limit are computed by the engine.
        let filtered =
            rows(&context, &format!("SELECT id FROM {call} WHERE id >= 0 ORDER BY id LIMIT 1")).await;
        assert_eq!(filtered.len(), 1, "{call}");
        let before = queries();
        let plan = plan(&context, &format!("SELECT id FROM {call} WHERE id > 3 LIMIT 2")).await;
        assert!(plan.contains("question=\"the two oldest films\""), "{plan}");
        assert_eq!(queries(), before);
    }
    for (call, part) in [
        ("natural_language('cinema', 'all films')", "is a namespace"),
        ("natural_language('nobody/films', 'all films')", "was not loaded"),
        ("natural_language('cinema/films')", "two or three strings"),
        ("natural_language('cinema/films', 'all', 'id INT')", "is not BIGINT"),
    ] {
        let error = context.sql(&format!("SELECT * FROM {call}")).await.unwrap_err();
        assert!(error.to_string().contains(part), "{call}: {error}");
    }
    // Nulls would look like values of the answer.
    let call = format!("natural_language('cinema/films', '{question}', 'id BIGINT, nope VARCHAR')");
    let error = context.sql(&format!("SELECT id FROM {call}")).await.unwrap().collect().await.unwrap_err();
    assert!(error.to_string().contains("no row of the answer has the column \"nope\""), "{error}");
}
