//! The program, against an emulator and files.

#![allow(clippy::unwrap_used, clippy::disallowed_macros, reason = "helpers and values of tests")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use datalinks_emulator::{Emulator, Fault};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// An emulator, and a directory in which the program runs with nothing else in its environment.
struct World {
    emulator: Emulator,
    directory: TempDir,
    runtime: Runtime,
}

/// What the program did.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl World {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let emulator = runtime.block_on(Emulator::start()).unwrap();
        Self { emulator, directory: tempfile::tempdir().unwrap(), runtime }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.offline(arguments);
        command.env("DL_HOST", self.emulator.api_url()).env("DL_API_KEY", self.emulator.api_key());
        command
    }

    /// Returns the program without a host and a token.
    fn offline(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_datalinks-sql"));
        command.args(arguments).env_clear().current_dir(&self.directory).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran.out
    }

    fn rows(&self, statement: &str) -> Vec<Value> {
        let out = self.ok(&["-o", "ndjson", statement]);
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let file = self.directory.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, content).unwrap();
        file
    }

    /// Stores rows in `cinema/films`.
    fn films(&self, rows: &[Value]) {
        let client = datalinks::DataLinks::builder(self.emulator.api_url(), self.emulator.api_key());
        let films = client.no_proxy().build().unwrap().dataset("cinema", "films").unwrap();
        self.runtime.block_on(async {
            films.create().await.unwrap();
            assert!(films.ingest(rows.to_vec()).await.unwrap().is_complete());
        });
    }
}

/// Regression: a sample of 1,000 rows decided the columns, and later values were changed or left out without an error.
#[test]
fn all_rows_of_files_decide_their_columns() {
    let world = World::new();
    let mut text = String::from("n,zip,late,at,digits\n");
    let mut lines = String::new();
    for n in 0..1_000 {
        text += &format!("{n},1,,2024-05-01T10:00:00,1.5\n");
        lines += &format!("{{\"n\":{n}}}\n");
    }
    text += "1000,007,x,2024-05-01T10:00:00.25,1234567890.12345678\n";
    lines += "{\"n\":1000,\"late\":\"x\"}\n";
    world.file("rows.csv", &text);
    world.file("lines.ndjson", &lines);
    world.file("zones.csv", "at\n2024-05-01T10:00:00+02:00\n2024-05-01T10:00:00Z\n");
    assert_eq!(
        world.rows("SELECT * FROM 'rows.csv' WHERE n = 1000"),
        [json!({
            "n": 1000, "zip": "007", "late": "x", "at": "2024-05-01T10:00:00.25", "digits": "1234567890.12345678"
        })]
    );
    assert_eq!(world.rows("SELECT * FROM 'lines.ndjson' WHERE n = 1000"), [json!({"n": 1000, "late": "x"})]);
    assert_eq!(
        world.rows("SELECT min(at) AS at FROM 'zones.csv'"),
        [json!({"at": "2024-05-01T10:00:00+02:00"})]
    );
}

/// Regression: the values of the second file were in columns of other names.
#[test]
fn csv_files_of_one_table_have_the_same_columns() {
    let world = World::new();
    world.file("films/a.csv", "title,year\nAlien,1979\n");
    world.file("films/b.csv", "year,title\n1985,Brazil\n");
    let ran = world.run(&["SELECT * FROM 'films/'"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("b.csv") && ran.err.contains("UNION ALL BY NAME"), "{ran:?}");
    let both = "SELECT * FROM 'films/a.csv' UNION ALL BY NAME SELECT * FROM 'films/b.csv' ORDER BY year";
    assert_eq!(
        world.rows(both),
        [json!({"title": "Alien", "year": 1979}), json!({"title": "Brazil", "year": 1985})]
    );
    world.file("films/b.csv", "title,year\nBrazil,1985?\n");
    world.file("films/c.csv", "title,year\n");
    assert_eq!(
        world.rows("SELECT year FROM 'films/' ORDER BY title"),
        [json!({"year": "1979"}), json!({"year": "1985?"})]
    );
}

#[test]
fn datasets_and_files_are_tables() {
    let world = World::new();
    world.films(&[
        json!({"title": "Alien", "year": 1979, "director": "Scott"}),
        json!({"title": "Brazil", "year": 1985, "director": "Gilliam"}),
    ]);
    world.file("people.csv", "name,zip,note\nScott,00123,\"a\nb\"\nGilliam,45,\n");
    world.file("more/a.ndjson", "{\"name\":\"Kaurismäki\",\"tags\":[1,null]}\n");
    world.file("more/b.ndjson", "{\"name\":\"Varda\",\"tags\":null}\n");
    world.file("list.json", "[{\"n\": 1},\n {\"n\": 2}]");
    let joined = "SELECT title, zip, note FROM cinema.films JOIN people ON name = director ORDER BY year";
    let out = world.ok(&["--table", "people=people.csv", joined]);
    assert_eq!(out, "title   zip    note\nAlien   00123  a\\nb\nBrazil  45\n");
    assert_eq!(
        world.rows("SELECT name, tags FROM 'more/' ORDER BY name"),
        [json!({"name": "Kaurismäki", "tags": [1, null]}), json!({"name": "Varda", "tags": null})]
    );
    assert_eq!(world.rows("SELECT sum(n) AS n FROM 'list.json'"), [json!({"n": 3})]);
    // A default namespace, and statements of a file and of standard input.
    world.file(
        "two.sql",
        "-- comment; with a semicolon\nSELECT title FROM films WHERE year > 1980;\nSELECT 1 AS one",
    );
    let out = world.ok(&["--namespace", "cinema", "-f", "two.sql", "-o", "csv"]);
    assert_eq!(out, "title\nBrazil\none\n1\n");
    let mut command = world.command(&["-o", "json"]);
    command.env("DL_NAMESPACE", "cinema").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"SELECT min(year) AS first FROM films;").unwrap();
    assert_eq!(Ran::of(child.wait_with_output().unwrap()).out, "[\n  {\"first\":1979}\n]\n");
    // A result becomes a file, and the file a table.
    let parquet = world.command(&["-o", "parquet", "SELECT * FROM cinema.films"]).output().unwrap().stdout;
    std::fs::write(world.directory.path().join("films.parquet"), parquet).unwrap();
    assert_eq!(world.rows("SELECT count(*) AS n FROM 'film?.parquet' WHERE year = 1979"), [json!({"n": 1})]);
    let found = world.rows("SHOW TABLES");
    assert!(
        found.iter().any(|row| row["table_schema"] == "cinema" && row["table_name"] == "films"),
        "{found:?}"
    );
    assert_eq!(world.rows("DESCRIBE cinema.films").len(), 3);
    let asked = "SELECT title FROM natural_language('cinema/films', 'films of 1985', 'title VARCHAR')";
    assert!(world.run(&[asked]).code == 0);
}

#[test]
fn values_cannot_act_on_a_terminal() {
    let world = World::new();
    world.films(&[json!({"title": "a\u{1b}[2J\u{202e}", "x\u{1b}": 1})]);
    let select = "SELECT * FROM cinema.films";
    let out = world.ok(&[select]);
    assert!(out.contains("a\\x1b[2J\\u{202e}") && out.contains("x\\x1b") && !out.contains('\u{1b}'), "{out}");
    for format in ["json", "ndjson"] {
        let out = world.ok(&["-o", format, select]);
        assert!(out.contains("a\\u001b[2J\\u202e") && !out.contains('\u{1b}'), "{out}");
    }
    // A file has the value as it is.
    assert!(world.ok(&["-o", "csv", select]).contains("a\u{1b}[2J"));
    let ran = world.run(&["SELECT \"\u{1b}[2J\" FROM cinema.films"]);
    assert!(ran.code == 2 && !ran.err.contains('\u{1b}'), "{ran:?}");
}

/// Regression: a file of statements without an end filled the memory.
#[cfg(unix)]
#[test]
fn statements_have_a_greatest_length() {
    let world = World::new();
    let ran = world.run(&["-f", "/dev/zero"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("/dev/zero is longer than"), "{}", ran.err);
}

#[test]
fn failures_have_codes_and_advice() {
    let world = World::new();
    world.films(&[json!({"n": 1}), json!({"n": 2})]);
    for (arguments, code, text) in [
        (&["SELEC"][..], 2, "SELEC"),
        (&["SELECT nothing FROM cinema.films"], 2, "nothing"),
        (&["SELECT * FROM cinema.nothing"], 5, "SHOW TABLES"),
        (&["SELECT * FROM 'nothing/*.csv'"], 1, "nothing/*.csv"),
        (&["SELECT * FROM './nothing.csv'"], 5, "nothing.csv"),
        (&["SELECT 1/0"], 1, "zero"),
        (&["INSERT INTO cinema.nothing (a) VALUES (1)"], 5, "--create"),
        (&["INSERT INTO cinema.films VALUES (1)"], 2, "list the columns"),
        (&["INSERT INTO cinema.films (n) SELECT 1, 2"], 2, "lists 1 columns"),
        (&["INSERT INTO cinema.films SELECT 1 AS x"], 2, "--column 'cinema/films:x=TYPE'"),
        (&["INSERT OVERWRITE cinema.films SELECT 1 AS n"], 2, "INSERT INTO"),
        // Regression: these added the row.
        (&["INSERT OR IGNORE INTO cinema.films SELECT 1 AS n"], 2, "INSERT INTO"),
        (&["EXPLAIN ANALYZE INSERT INTO cinema.films (n) SELECT 2.5"], 2, "statements of their own"),
        (&["PREPARE p AS INSERT INTO cinema.films (n) SELECT 2.5; EXECUTE p"], 2, "statements of their own"),
        (&["DELETE FROM cinema.films"], 2, "in no other way"),
        (&["-o", "json", "SELECT a.n, b.n FROM cinema.films a, cinema.films b"], 2, "name them by AS"),
        (&["--journal", "j", "--resume", "SELECT 1"], 2, "no journals"),
        (&["--emulator", "SELECT 1"], 2, "datalinks sql --emulator"),
        (&["--profile", "x", "SELECT 1"], 2, "datalinks sql --profile"),
        (&["--host", "ftp://x", "SELECT 1"], 2, "https://"),
        (&["-f", "nothing.sql"], 2, "nothing.sql"),
        (&["--nothing"], 2, "--nothing"),
    ] {
        let ran = world.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(text) && ran.err.starts_with("error: "), "{arguments:?}: {}", ran.err);
    }
    assert_eq!(world.rows("SELECT count(*) AS n FROM cinema.films"), [json!({"n": 2})]);
    // The first failure ends the statements.
    let ran = world.run(&["-o", "csv", "SELECT 1 AS a; SELECT nothing; SELECT 2 AS b"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, "a\n1\n"), "{ran:?}");
    let mut command = world.command(&["SELECT * FROM cinema.films"]);
    let ran = Ran::of(command.env("DL_API_KEY", "canary-token").output().unwrap());
    assert!(ran.code == 4 && !ran.err.contains("canary"), "{ran:?}");
    let ran = Ran::of(world.offline(&["SELECT * FROM cinema.films"]).output().unwrap());
    assert!(ran.code == 4 && ran.err.contains("DL_API_KEY"), "{ran:?}");
    assert_eq!(Ran::of(world.offline(&["-o", "csv", "SELECT 1 AS a"]).output().unwrap()).out, "a\n1\n");
}

/// Writes `count` rows as Parquet files of 25 rows.
fn parts(world: &World, count: usize) {
    std::fs::create_dir(world.directory.path().join("parts")).unwrap();
    for (number, first) in (0..count).step_by(25).enumerate() {
        let rows: String = (first..first + 25).map(|n| format!("{n},row {n}\n")).collect();
        world.file("part.csv", &format!("n,t\n{rows}"));
        let part = world.command(&["-o", "parquet", "SELECT n, t FROM 'part.csv'"]).output().unwrap();
        std::fs::write(world.directory.path().join(format!("parts/{number}.parquet")), part.stdout).unwrap();
    }
}

const INSERT: &str = "INSERT INTO cinema.copy SELECT * FROM 'parts/*.parquet'";

#[test]
fn insert_accounts_for_all_rows_and_goes_on() {
    let world = World::new();
    parts(&world, 100);
    let insert = |more: &[&str]| {
        let options = ["-o", "json", "--create", "--batch-size", "5", "--journal", "journals", INSERT];
        let ran = world.run(&[&options[..], more].concat());
        let account: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| json!(ran.out));
        (ran, account)
    };
    world.emulator.faults().inject(Fault::new("ingestData").status(403)).unwrap();
    let (ran, account) = insert(&[]);
    assert_eq!((ran.code, &account["complete"]), (4, &json!(false)), "{ran:?}");
    assert!(ran.err.contains("--resume") && ran.err.contains("journals"), "{}", ran.err);
    let stored = account["stored"].as_u64().unwrap();
    assert!(0 < stored && stored < 100 && account["failed"].as_u64() > Some(0), "{account}");
    assert!(!account["deadLetters"].as_array().unwrap().is_empty(), "{account}");
    assert_eq!(world.rows("SELECT count(*) AS n FROM cinema.copy"), [json!({"n": stored})]);
    let (ran, _) = insert(&[]);
    assert!(ran.code == 2 && ran.err.contains("nothing was sent"), "{ran:?}");
    let (ran, account) = insert(&["--resume"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!((&account["alreadyStored"], &account["stored"]), (&json!(stored), &json!(100)));
    let found =
        world.rows("SELECT count(*) AS a, count(DISTINCT n) AS n, count(DISTINCT t) AS t FROM cinema.copy");
    assert_eq!(found, [json!({"a": 100, "n": 100, "t": 100})]);
    // A directory of journals belongs to one statement.
    let twice = "INSERT INTO cinema.copy SELECT 1 AS n; INSERT INTO cinema.copy SELECT 2 AS n";
    assert_eq!(world.run(&["--journal", "other", twice]).code, 2);
    assert_eq!(world.rows("SELECT count(*) AS n FROM cinema.copy"), [json!({"n": 100})]);
}

/// Regression: the advice was to run the statement again or to begin a new journal, which would store rows twice.
#[test]
fn changed_file_is_reported_with_the_rows_that_are_stored() {
    let world = World::new();
    let rows = |first: &str| format!("n\n{first}\n{}", "7\n".repeat(39));
    world.file("rows.csv", &rows("1"));
    let statement = "INSERT INTO cinema.copy SELECT n FROM 'rows.csv'";
    let options = ["--create", "--partitions", "1", "--batch-size", "5", "--journal", "journals", statement];
    world.emulator.faults().inject(Fault::new("ingestData").status(403).after(3)).unwrap();
    let ran = world.run(&options);
    assert!(ran.code == 4 && ran.err.contains("--resume"), "{ran:?}");
    assert_eq!(world.rows("SELECT count(*) AS n FROM cinema.copy"), [json!({"n": 15})]);
    world.file("rows.csv", &rows("2"));
    let ran = world.run(&[&options[..], &["--resume"]].concat());
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("rows 0 to 4 differ") && ran.err.contains("may be stored is 15"), "{}", ran.err);
    assert!(ran.err.contains("would send those rows again") && !ran.err.contains("--resume"), "{}", ran.err);
    assert_eq!(world.rows("SELECT count(*) AS n FROM cinema.copy"), [json!({"n": 15})]);
}

/// Regression: such an error was taken for one about the journals of another statement, and had no advice to resume.
#[test]
fn journal_that_another_run_uses_can_be_resumed_later() {
    let world = World::new();
    parts(&world, 50);
    let options = ["--create", "--partitions", "1", "--batch-size", "5", "--journal", "journals", INSERT];
    world.emulator.faults().inject(Fault::new("ingestData").status(403).after(1)).unwrap();
    assert_eq!(world.run(&options).code, 4);
    let journals = std::fs::read_dir(world.directory.path().join("journals")).unwrap();
    let journals = journals.map(|entry| entry.unwrap().path());
    let journal =
        journals.into_iter().find(|path| path.extension().is_some_and(|end| end == "journal")).unwrap();
    let lock = std::fs::File::create(journal.with_extension("journal.lock")).unwrap();
    lock.lock().unwrap();
    let resumed = [&options[..], &["--resume"]].concat();
    let ran = world.run(&resumed);
    assert!(ran.code == 2 && ran.err.contains("is in use by") && ran.err.contains("--resume"), "{ran:?}");
    drop(lock);
    world.ok(&resumed);
    assert_eq!(world.rows("SELECT count(DISTINCT n) AS n FROM cinema.copy"), [json!({"n": 50})]);
}

/// Regression: the dataset lacked such a column when the statement went on, which was an error.
#[test]
fn insert_goes_on_with_a_column_that_was_null_so_far() {
    let world = World::new();
    parts(&world, 100);
    let statement =
        "INSERT INTO cinema.copy SELECT t, n, CASE WHEN n >= 75 THEN n END AS late FROM 'parts/*.parquet'";
    let options = ["--create", "--partitions", "1", "--batch-size", "5", "--journal", "journals", statement];
    world.emulator.faults().inject(Fault::new("ingestData").status(403).after(3)).unwrap();
    assert_eq!(world.run(&options).code, 4);
    assert_eq!(world.rows("SELECT * FROM cinema.copy WHERE n = 14"), [json!({"t": "row 14", "n": 14})]);
    world.ok(&[&options[..], &["--resume"]].concat());
    let found =
        world.rows("SELECT count(*) AS a, count(DISTINCT n) AS n, count(late) AS late FROM cinema.copy");
    assert_eq!(found, [json!({"a": 100, "n": 100, "late": 25})]);
}

#[test]
fn lost_responses_are_ambiguous_or_possibly_duplicated() {
    let world = World::new();
    parts(&world, 25);
    world.ok(&["--create", "INSERT INTO cinema.copy SELECT * FROM 'parts/*.parquet' WHERE n < 0"]);
    world.emulator.faults().inject(Fault::new("ingestData").lose_response()).unwrap();
    let ran =
        world.run(&["-o", "json", "--delivery", "at-most-once", "--dead-letter", "failed.ndjson", INSERT]);
    let account: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &account["ambiguous"]), (7, &json!(25)), "{ran:?}");
    assert!(ran.err.contains("look for them in the dataset"), "{}", ran.err);
    assert_eq!(
        std::fs::read_to_string(world.directory.path().join("failed.ndjson")).unwrap().lines().count(),
        25
    );
    world.emulator.faults().inject(Fault::new("ingestData").lose_response()).unwrap();
    let ran = world.run(&["-o", "json", INSERT]);
    let account: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &account["possiblyDuplicated"]), (0, &json!(25)), "{ran:?}");
    assert!(ran.err.contains("may be stored twice"), "{}", ran.err);
}

#[test]
fn values_that_would_change_stop_an_insert() {
    let world = World::new();
    world.films(&[json!({"n": 1, "t": "x"})]);
    let ran = world.run(&["INSERT INTO cinema.films SELECT 2.5 AS n"]);
    assert!(ran.code == 1 && ran.err.contains("column \"n\"") && ran.err.contains("cinema/films"), "{ran:?}");
    // Columns are matched by name, and a cast of the statement is kept.
    world.ok(&["INSERT INTO cinema.films SELECT {a: [1, 2]} AS t, CAST(2.5 AS BIGINT) AS n"]);
    world.ok(&["INSERT INTO cinema.films (t, n) VALUES ('y', 9007199254740993)"]);
    assert_eq!(
        world.rows("SELECT n, t FROM cinema.films ORDER BY n"),
        [
            json!({"n": 1, "t": "x"}),
            json!({"n": 2, "t": "{\"a\":[1,2]}"}),
            json!({"n": 9_007_199_254_740_993_i64, "t": "y"})
        ]
    );
}

#[test]
fn names_pages_and_types_can_be_chosen() {
    let world = World::new();
    let insert =
        "INSERT INTO cinema.\"My Films\" (\"Id\", \"größe, cm\") VALUES (1, 'a'), (2, 'b'), (3, 'c')";
    world.ok(&["--create", insert]);
    let pages = ["-o", "csv", "--page-by", "cinema/My Films:Id", "--page-rows", "2"];
    let select = "SELECT \"größe, cm\" FROM cinema.\"My Films\" WHERE \"Id\" > 1";
    assert_eq!(world.ok(&[&pages[..], &[select]].concat()), "\"größe, cm\"\nb\nc\n");
    assert!(world.ok(&[&pages[..], &[&format!("EXPLAIN {select}")]].concat()).contains("page_by"));
    let text = ["--column", "cinema/My Films:Id=VARCHAR", "--column", "cinema/My Films:new=DOUBLE"];
    world.ok(&[&text[..], &["INSERT INTO cinema.\"My Films\" (\"Id\", new) SELECT '004', 0.5"]].concat());
    let found =
        [&text[..], &["-o", "csv", "SELECT \"Id\", new FROM cinema.\"My Films\" WHERE new IS NOT NULL"]]
            .concat();
    assert_eq!(world.ok(&found), "Id,new\n004,0.5\n");
    // Regression: functions of tables ignored the options.
    let around =
        "CREATE VIEW v AS SELECT other FROM search_around('cinema/My Films', 'My Films'); DESCRIBE v";
    assert_eq!(world.run(&[around]).code, 2);
    let described = world.ok(&["-o", "csv", "--column", "cinema/My Films:other=BOOLEAN", around]);
    assert!(described.contains("other,Boolean"), "{described}");
    // Tables of the session are not datasets.
    let view = "CREATE VIEW v AS SELECT 1 AS a; SELECT a FROM v; CREATE VIEW cinema.w AS SELECT 1";
    let ran = world.run(&["-o", "csv", view]);
    assert!(ran.out == "a\n1\n" && ran.err.contains("default schema"), "{ran:?}");
}

/// Regression: the first signal did nothing while the program waited for a token or a statement of a pipe.
#[cfg(unix)]
#[test]
fn a_signal_ends_the_wait_for_a_pipe() {
    use rustix::process::{Pid, Signal, kill_process};

    let world = World::new();
    let pipe = world.directory.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for arguments in [["-f", "pipe"].as_slice(), &["--token-file", "pipe", "SELECT 1"]] {
        let child = world.command(arguments).stderr(Stdio::piped()).spawn().unwrap();
        // Waits until the program reads from it.
        let writer = std::fs::File::options().write(true).open(&pipe).unwrap();
        kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (143, "error: interrupted\n"), "{arguments:?}");
        drop(writer);
    }
}

/// Regression: a row of one empty cell was an empty line, which readers of CSV skip.
#[test]
fn rows_of_one_empty_cell_are_kept() {
    let world = World::new();
    let csv = world.ok(&["-o", "csv", "SELECT x FROM (VALUES (''), ('a'), (NULL)) t (x)"]);
    assert_eq!(csv, "x\n\"\"\na\n\"\"\n");
    world.file("x.csv", &csv);
    assert_eq!(world.ok(&["-o", "csv", "SELECT count(*) AS n FROM 'x.csv'"]), "n\n3\n");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_an_insert_with_the_account() {
    use rustix::process::{Pid, Signal, kill_process};

    let world = World::new();
    parts(&world, 100);
    let options =
        ["--create", "-o", "json", "--batch-size", "5", "--partitions", "1", "--journal", "journals", INSERT];
    // The second request is held until the signal has come, and is completed then.
    world
        .emulator
        .faults()
        .inject(Fault::new("ingestData").after(1).delay(std::time::Duration::from_secs(1)))
        .unwrap();
    let mut command = world.command(&options);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while world.emulator.faults().pending() > 0 {
        assert!(child.try_wait().unwrap().is_none(), "the program ended early");
        std::thread::yield_now();
    }
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    assert!(line.contains("stopping"), "{line}");
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{rest}");
    assert!(rest.contains("journals") && rest.contains("--resume"), "{rest}");
    let account: Value = serde_json::from_str(&ran.out).unwrap();
    let stored = account["stored"].as_u64().unwrap();
    assert!(0 < stored && stored < 100 && account["complete"] == false, "{account}");
    assert_eq!(world.rows("SELECT count(*) AS n FROM cinema.copy"), [json!({"n": stored})]);
    let rest = world.ok(&[&options[..], &["--resume"]].concat());
    let rest: Value = serde_json::from_str(&rest).unwrap();
    assert_eq!((&rest["alreadyStored"], &rest["stored"]), (&json!(stored), &json!(100)));
    assert_eq!(world.rows("SELECT count(DISTINCT n) AS n FROM cinema.copy"), [json!({"n": 100})]);
    // A statement that only reads ends at once.
    world
        .emulator
        .faults()
        .inject(Fault::new("queryData").delay(std::time::Duration::from_secs(600)))
        .unwrap();
    let child = world.command(&["SELECT * FROM cinema.copy"]).stderr(Stdio::piped()).spawn().unwrap();
    while world.emulator.faults().pending() > 0 {
        std::thread::yield_now();
    }
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::TERM).unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (143, "error: interrupted\n"));
}

#[test]
fn closed_output_ends_the_program_silently() {
    let world = World::new();
    let mut command = world.offline(&["-o", "csv", "SELECT * FROM generate_series(1, 100000000)"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 5];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let ran = child.wait_with_output().unwrap();
    assert_eq!((ran.status.code(), ran.stderr.len()), (Some(141), 0));
}

/// The options of `datalinks sql` are those of this program. The other way round, `datalinks sql` has options of its own.
#[test]
fn documentation_of_datalinks_has_all_options() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs");
    let pages =
        ["cli.md", "cli/sql.md"].map(|name| std::fs::read_to_string(docs.join(name)).unwrap()).concat();
    let world = World::new();
    let help = world.ok(&["--help"]);
    let options = help.split_whitespace().filter(|word| word.starts_with("--"));
    let options = options.map(|word| word.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric()));
    for option in
        options.map(|word| word.split(['=', '[']).next().unwrap()).filter(|word| *word != "--version")
    {
        assert!(pages.contains(option), "{option}");
    }
}
