//! `datalinks pipeline`.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use datalinks_emulator::Fault;
use serde_json::{Value, json};

use crate::support::{Ran, World, lines, parsed, text};

/// A world whose commands know the ingest proxy, with a file of rows.
struct Proxied {
    world: World,
    file: String,
}

impl Proxied {
    fn new() -> Self {
        let world = World::new();
        let file = world.file("films.csv", "title,year\nAlien,1979\nHeat \u{1b}[2J,1995\n");
        Self { file: text(&file).to_owned(), world }
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.world.command(&[&["pipeline"], arguments].concat());
        command.env("DL_INGEST_PROXY", self.world.emulator.proxy_url());
        command.env("DL_USERNAME", self.world.emulator.username()).env("DL_NAMESPACE", "n");
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

    /// Starts a run that will ask a person, and returns its id.
    fn asking(&self) -> String {
        let started = self.ok(&["run", &self.file, "--human-in-the-loop", "--detach", "-o", "json"]);
        parsed(&started)["runId"].as_str().unwrap().to_owned()
    }

    /// Starts a run and returns its id when it waits for a person. An answer before the question is rejected.
    fn waiting(&self) -> String {
        let id = self.asking();
        let mut follow = self.command(&["follow", &id, "-o", "ndjson"]);
        let mut child = follow.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut events = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(events.any(|line| line.unwrap().contains("emulator.question")), "the run ended");
        child.kill().unwrap();
        child.wait().unwrap();
        id
    }
}

#[test]
fn run_is_followed_to_its_end_in_all_formats() {
    let proxied = Proxied::new();
    let ran = proxied.run(&["run", &proxied.file]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("\nindexed    2\n") && ran.out.contains("complete\n"), "{}", ran.out);
    assert!(ran.err.starts_with("run ") && ran.err.contains("emulator.ingested  "), "{}", ran.err);
    let raw =
        [&ran.out, &ran.err].map(|text| text.chars().any(|letter| letter.is_control() && letter != '\n'));
    assert_eq!(raw, [false, false]);
    let events = lines(&proxied.ok(&["run", &proxied.file, "-o", "ndjson"]));
    for (cursor, event) in (1..).zip(&events) {
        let fields: Vec<&String> = event.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["cursor", "event", "type"]);
        assert_eq!(event["cursor"], cursor);
        assert_eq!(event["type"], event["event"]["type"]);
    }
    assert_eq!(events.last().unwrap()["type"], "complete");
    let list: Vec<Value> = serde_json::from_str(&proxied.ok(&["run", &proxied.file, "-o", "json"])).unwrap();
    assert_eq!(list.len(), events.len());
    let csv = proxied.ok(&["run", &proxied.file, "-o", "csv"]);
    assert!(csv.starts_with("cursor,type,event\n1,emulator.started,"), "{csv}");
    assert!(proxied.world.ok(&["query", "Ontology(\"n/pipeline_1\")", "-o", "ndjson"]).contains("1979"));
}

#[test]
fn follow_continues_at_the_cursor() {
    let proxied = Proxied::new();
    let started = proxied.run(&["run", &proxied.file, "--detach"]);
    assert_eq!(started.code, 0, "{}", started.err);
    let id = started.err.trim().rsplit(' ').next().unwrap();
    assert!(started.out.contains(id), "{}", started.out);
    let all = lines(&proxied.ok(&["follow", id, "-o", "ndjson"]));
    let rest = lines(&proxied.ok(&["follow", id, "--cursor", "5", "-o", "ndjson"]));
    assert_eq!(all[5..], rest);
    // The façade connects again by itself.
    proxied.world.emulator.faults().inject(Fault::new("streamPipeline").cut_after(3)).unwrap();
    assert_eq!(lines(&proxied.ok(&["follow", id, "-o", "ndjson"])), all);
    let ran = proxied.run(&["follow", "no-such-run", "-o", "json"]);
    assert_eq!((ran.code, ran.out.as_str()), (5, ""), "{}", ran.err);
}

#[test]
fn question_is_shown_and_answered() {
    let proxied = Proxied::new();
    let id = proxied.asking();
    let mut follow = proxied.command(&["follow", &id]);
    let mut child = follow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
    let hint = errors.find(|line| line.as_ref().unwrap().starts_with("answer it with: ")).unwrap().unwrap();
    assert_eq!(hint, format!("answer it with: datalinks pipeline answer {id} JSON"));
    assert_eq!(proxied.run(&["answer", &id, "[]"]).code, 2);
    let answered = proxied.run(&["answer", &id, "{\"approve\": true}"]);
    assert_eq!((answered.code, answered.err), (0, format!("answered run {id}\n")));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert!(out.contains("complete\n"), "{out}");
    // A second answer finds no question.
    assert_eq!(proxied.run(&["answer", &id, "{}"]).code, 1);
}

#[test]
fn rejected_schema_ends_the_run_with_a_failure() {
    let proxied = Proxied::new();
    let id = proxied.waiting();
    let file = proxied.world.file("answer.json", "{\"approve\": false}");
    let response = proxied.ok(&["answer", &id, &format!("@{}", text(&file)), "-o", "json"]);
    assert_eq!(parsed(&response)["resumed"], true);
    let ran = proxied.run(&["follow", &id, "-o", "ndjson"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(lines(&ran.out).last().unwrap()["type"], "error");
    assert!(
        ran.err.contains("error: the run failed: ") && ran.err.contains("did not approve"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains(&format!("next: datalinks pipeline trace {id}")), "{}", ran.err);
    let trace = parsed(&proxied.ok(&["trace", &id, "-o", "json"]));
    assert_eq!((&trace["runId"], &trace["ended"]), (&json!(id), &json!(true)));
    assert!(proxied.ok(&["trace", &id]).contains(&id));
    assert_eq!(proxied.run(&["trace", "no-such-run"]).code, 5);
}

#[cfg(unix)]
#[test]
fn ctrl_c_says_how_to_follow_the_run() {
    let proxied = Proxied::new();
    let id = proxied.asking();
    let mut follow = proxied.command(&["follow", &id, "-o", "ndjson"]);
    let mut child = follow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let is_question = |line: &std::io::Result<String>| line.as_ref().unwrap().contains("emulator.question");
    let last = parsed(&out.find(is_question).unwrap().unwrap());
    crate::support::interrupt(&child);
    let ran = child.wait_with_output().unwrap();
    let errors = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(130), "{errors}");
    let next =
        format!("next: datalinks pipeline follow {id} --cursor {}, because the run goes on", last["cursor"]);
    assert!(errors.contains(&next), "{errors}");
}

#[test]
fn every_option_reaches_the_service() {
    let proxied = Proxied::new();
    let schema = proxied.world.file("schema.json", "[{\"name\": \"films\", \"fields\": {\"title\": \"\"}}]");
    let ran = proxied.run(&[
        "run",
        &proxied.file,
        "--predefined-schema",
        text(&schema),
        "--no-model",
        "--no-ontology",
        "--no-ingest",
        "--user-prompt",
        "films",
        "--explosion-helper-prompt",
        "e",
        "--coalescence-helper-prompt",
        "c",
        "--max-eval-retries",
        "1",
        "--max-rows-for-modeling",
        "2",
        "--max-sample-rows",
        "4",
        "--model",
        "m",
        "--provider",
        "p",
        "--explosion-temperature",
        "0.1",
        "--coalescence-temperature",
        "0.2",
        "--evaluation-temperature",
        "0.3",
        "--ontology-temperature",
        "0.4",
        "--inference-model",
        "i",
        "--inference-provider",
        "ip",
        "--ontology-model",
        "o",
        "--ontology-provider",
        "op",
        "--curl",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "\"model\":false",
        "\"ingest\":false",
        "\"ontology\":false",
        "\"userPrompt\":\"films\"",
        "\"explosionHelperPrompt\":\"e\"",
        "\"coalescenceHelperPrompt\":\"c\"",
        "\"maxEvalRetries\":1",
        "\"maxRowsForModeling\":2",
        "\"maxSampleRows\":4",
        "\"explosionTemperature\":0.1",
        "\"coalescenceTemperature\":0.2",
        "\"evaluationTemperature\":0.3",
        "\"ontologyTemperature\":0.4",
        "\"ontologyCurationModel\":\"o\"",
        "\"ontologyCurationProvider\":\"op\"",
        "\"name\":\"films\"",
        "\"year\":1979",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert!(!ran.err.contains(proxied.world.emulator.api_key()));
}

#[test]
fn nothing_is_started_with_wrong_arguments() {
    let proxied = Proxied::new();
    let empty = proxied.world.file("empty.csv", "title\n");
    let broken = proxied.world.file("broken.json", "{\n\"a\": }");
    for arguments in [
        &["run"][..],
        &["run", text(&empty)],
        &["run", &proxied.file, "--url", "https://example.org/x.json"],
        &["run", &proxied.file, "--predefined-schema", text(&broken)],
        &["answer", "run-1"],
    ] {
        let ran = proxied.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.err);
    }
    let ran = proxied.run(&["run", &proxied.file, "--predefined-schema", text(&broken)]);
    assert!(ran.err.contains("broken.json:2\n"), "{}", ran.err);
    let ran = proxied.world.run(&["pipeline", "run", &proxied.file, "--namespace", "n"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no ingest proxy is given"), "{}", ran.err);
    assert_eq!(proxied.world.emulator.requests().len(), 0);
}
