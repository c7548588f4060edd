//! `datalinks ask`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use datalinks_emulator::{Emulator, Fault};
use serde_json::{Value, json};

use crate::support::{Ran, World, lines, parsed, text};

const QUESTION: [&str; 4] = ["ask", "Which film is the oldest?", "--namespace", "n"];

fn films() -> World {
    fill(World::new())
}

fn fill(world: World) -> World {
    let rows =
        [json!({"title": "Alien", "year": 1979}), json!({"title": "Ran \u{1b}[2J\u{9b}31m", "year": 1985})];
    world.ingest("n", "films", &rows);
    world
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&QUESTION[..], more].concat()
}

#[test]
fn answer_is_the_output_and_steps_are_on_standard_error() {
    let world = films();
    let ran = world.run(&QUESTION);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("Alien") && !ran.out.contains("step 1"), "{}", ran.out);
    for part in [
        "run ",
        "conversation ",
        "planning\n",
        "plan: ",
        "step 1: ",
        "  Ontology(",
        "  1 row\n",
        "answering\n",
    ] {
        assert!(ran.err.contains(part), "{part:?}: {}", ran.err);
    }
    let quiet = world.run(&with(&["--quiet"]));
    assert_eq!((quiet.out, quiet.err.as_str()), (ran.out, ""));
}

#[test]
fn all_formats_have_the_same_answer() {
    let world = films();
    let answer = world.ok(&QUESTION);
    let events = lines(&world.ok(&with(&["--output", "ndjson"])));
    let names: Vec<&str> = events.iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!((names[0], names.last().copied()), ("run-started", Some("answer")));
    for event in &events {
        let fields: Vec<&String> = event.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["data", "name"], "{event}");
    }
    assert_eq!(events.last().unwrap()["data"]["response"], answer.trim_end());
    let object = parsed(&world.ok(&with(&["--output", "json"])));
    let fields: Vec<&String> = object.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["answer", "conversationId", "cost", "error", "plan", "question", "runId", "steps", "verification"]
    );
    assert_eq!(object["answer"], answer.trim_end());
    assert_eq!(object["steps"][0]["rows"][0]["title"], "Alien");
    assert_eq!(object["error"], Value::Null);
    let csv = world.ok(&with(&["--output", "csv"]));
    let header = "question,runId,conversationId,plan,steps,answer,error,cost,verification\n";
    assert!(csv.starts_with(header), "{csv}");
}

#[test]
fn dataset_names_the_namespace() {
    let world = films();
    let ran = world.run(&["ask", "Which film is the oldest?", "--dataset", "n/films"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("about all datasets of the namespace n\n"), "{}", ran.err);
    let ran = world.run(&["ask", "Which film is the oldest?"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no namespace is given"), "{}", ran.err);
    let ran = world.run(&["ask", " ", "--namespace", "n"]);
    assert_eq!((ran.code, world.run(&["ask"]).code), (2, 2), "{}", ran.err);
}

#[test]
fn saved_question_is_printed_as_it_was_without_a_request() {
    let world = films();
    let file = world.home.path().join("saved.ndjson");
    let asked = world.run(&with(&["--save", text(&file)]));
    assert_eq!(asked.code, 0, "{}", asked.err);
    let requests = world.emulator.requests().len();
    let replay = |more: &[&str]| {
        let arguments = [&["ask", "replay", text(&file)], more].concat();
        Ran::of(world.offline(&arguments).output().unwrap())
    };
    let replayed = replay(&[]);
    assert_eq!((replayed.code, replayed.out, replayed.err), (0, asked.out, asked.err));
    let events = replay(&["--output", "ndjson"]).out;
    let saved = std::fs::read_to_string(&file).unwrap();
    let (header, rest) = saved.split_once('\n').unwrap();
    // The last line has digests.
    assert_eq!(&rest[..rest.trim_end().rfind('\n').unwrap() + 1], events);
    let header = parsed(header);
    assert_eq!((&header["format"], &header["version"]), (&json!("datalinks-ask"), &json!(2)));
    assert_eq!(header["question"], QUESTION[1]);
    let object = parsed(&replay(&["--output", "json"]).out);
    assert_eq!(object["question"], QUESTION[1]);
    assert_eq!(world.emulator.requests().len(), requests);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Nothing else is left in the directory.
    let names = std::fs::read_dir(world.home.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().contains("tmp")).count(), 0);
}

#[test]
fn files_that_are_not_whole_saved_questions_are_rejected_with_their_place() {
    let world = films();
    let file = world.home.path().join("saved.ndjson");
    world.ok(&with(&["--save", text(&file)]));
    let saved = std::fs::read_to_string(&file).unwrap();
    let without_end = &saved[..saved.trim_end().rfind('\n').unwrap() + 1];
    let old = without_end.replacen("\"version\":2", "\"version\":1", 1);
    for (content, what, line) in [
        (without_end.to_owned(), "ends before the answer", without_end.lines().count() + 1),
        (saved[..saved.len() - 9].to_owned(), "the line has no end", saved.lines().count()),
        (saved.replacen("\"version\":2", "\"version\":3", 1), "version 3 of the format", 1),
        (saved.replacen("\"name\":\"plan\"", "\"name\":7", 1), "not as it was saved", saved.lines().count()),
        // A file of the first version has no digest.
        (old.replacen("\"name\":\"plan\"", "\"name\":7", 1), "not what was saved", 4),
        (
            old[..old.trim_end().rfind('\n').unwrap() + 1].to_owned(),
            "ends before the answer",
            old.lines().count(),
        ),
        ("{}\n".to_owned(), "not a file of `datalinks ask --save`", 1),
        (String::new(), "not a file of `datalinks ask --save`", 1),
    ] {
        let other = world.file("other.ndjson", &content);
        let ran = world.run(&["ask", "replay", text(&other)]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{what}: {}", ran.err);
        assert!(ran.err.contains(what), "{what}: {}", ran.err);
        assert!(ran.err.contains(&format!("other.ndjson:{line}\n")), "{what}, {line}: {}", ran.err);
    }
    assert_eq!(world.run(&["ask", "replay", "/no/such/file"]).code, 2);
}

#[test]
fn nothing_is_asked_if_the_answer_cannot_be_saved() {
    let world = films();
    let before = world.emulator.requests().len();
    for file in ["no/such/directory/saved", "."] {
        let ran = world.run(&with(&["--save", file]));
        assert_eq!(ran.code, 2, "{file}: {}", ran.err);
    }
    // A file replaces what has its name, so a device must not be the target.
    #[cfg(unix)]
    {
        let link = world.home.path().join("link");
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        let ran = world.run(&with(&["--save", text(&link)]));
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("is not a regular file"), "{}", ran.err);
        assert!(link.is_symlink());
    }
    world.file("earlier.ndjson", "paid for");
    let ran = world.run(&with(&["--save", "earlier.ndjson"]));
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("earlier.ndjson exists already; nothing was asked"), "{}", ran.err);
    assert!(ran.err.contains("add --force to replace it"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(world.home.path().join("earlier.ndjson")).unwrap(), "paid for");
    assert_eq!(world.emulator.requests().len(), before);
}

#[test]
fn file_of_an_earlier_answer_is_replaced_only_by_force() {
    let world = films();
    let file = world.file("saved.ndjson", "earlier");
    let asked = world.ok(&with(&["--save", text(&file), "--force"]));
    assert_eq!(world.ok(&["ask", "replay", text(&file), "--quiet"]), asked);
    assert_eq!(world.run(&with(&["--force"])).code, 2, "there is nothing to replace");
}

#[test]
fn failed_answer_is_a_failure_and_is_saved() {
    let world = World::new();
    world.ok(&["dataset", "create", "n/empty"]);
    world.ok(&["dataset", "delete", "n/empty", "--yes", "n/empty"]);
    let file = world.home.path().join("saved.ndjson");
    let ran = world.run(&with(&["--save", text(&file)]));
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    assert!(
        ran.err.contains("error: the agent failed: ") && ran.err.contains("next: datalinks run show "),
        "{}",
        ran.err
    );
    let replayed = world.run(&["ask", "replay", text(&file)]);
    assert_eq!((replayed.code, replayed.err), (1, ran.err));
    let ran = world.run(&with(&["--output", "json"]));
    let object = parsed(&ran.out);
    assert_eq!((ran.code, &object["answer"]), (1, &Value::Null));
    assert!(object["error"].is_string(), "{object}");
}

/// Regression: a full disk ended the command, and the answer was lost although it was paid for.
#[cfg(unix)]
#[test]
fn answer_is_printed_although_it_cannot_be_saved() {
    let world = World::new();
    // Events that are longer than the buffer of the file, so that writing fails before the end.
    let title = format!("Alien {}", "x".repeat(40_000));
    world.ingest("n", "films", &[json!({ "title": title, "year": 1979 })]);
    let file = world.home.path().join("saved.ndjson");
    let failed = format!("cannot write {}", file.display());
    for format in ["table", "json", "ndjson"] {
        let whole = world.command(&with(&["--output", format]));
        let asked = world.command(&with(&["--output", format, "--save", text(&file)]));
        let [whole, asked] = [whole, asked].map(|command| Ran::of(without_disk(&command).output().unwrap()));
        assert_eq!((whole.code, asked.code), (0, 1), "{format}: {} {}", whole.err, asked.err);
        assert!(asked.out.contains("Alien"), "{format}: {}", asked.out);
        assert_eq!(asked.out.lines().count(), whole.out.lines().count(), "{format}");
        assert_eq!(asked.err.matches(&failed).count(), 1, "{format}: {}", asked.err);
        assert_eq!(std::fs::read_dir(world.home.path()).unwrap().count(), 0, "{format}");
    }
}

/// Regression: an output that cannot be written ended the command, and nothing was saved.
#[cfg(target_os = "linux")]
#[test]
fn answer_is_saved_although_it_cannot_be_printed() {
    let world = films();
    let answer = world.ok(&QUESTION);
    let file = world.home.path().join("saved.ndjson");
    let run = |more: &[&str]| {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        Ran::of(
            world
                .command(&with(more))
                .stdout(full)
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
                .wait_with_output()
                .unwrap(),
        )
    };
    let ran = run(&["--output", "ndjson", "--save", text(&file)]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(world.ok(&["ask", "replay", text(&file), "--quiet"]), answer);
    let ran = run(&["--output", "ndjson"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("next: datalinks run wait "), "{}", ran.err);
}

/// Returns the command as one that cannot write to files. Pipes can be written to.
#[cfg(unix)]
fn without_disk(command: &Command) -> Command {
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]).arg(command.get_program());
    limited.args(command.get_args()).env_clear().stdin(Stdio::null());
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = command.get_current_dir() {
        limited.current_dir(directory);
    }
    limited
}

#[test]
fn interrupted_stream_is_followed_to_its_answer() {
    let world = films();
    let whole = world.ok(&QUESTION);
    world.emulator.faults().inject(Fault::new("autoragStream").cut_after(4)).unwrap();
    let ran = world.run(&QUESTION);
    assert_eq!((ran.code, &ran.out), (0, &whole), "{}", ran.err);
    assert!(ran.err.contains("the run is followed again"), "{}", ran.err);
    assert_eq!(ran.err.matches("step 1: ").count(), 1, "{}", ran.err);
    let asked = world.emulator.requests();
    assert_eq!(asked.iter().filter(|request| request.path.ends_with("/query/ask")).count(), 2);
}

#[test]
fn interrupted_stream_without_resume_says_how_to_follow_the_run() {
    let world = films();
    world.emulator.faults().inject(Fault::new("autoragStream").cut_after(4)).unwrap();
    let file = world.home.path().join("saved.ndjson");
    let ran = world.run(&with(&["--no-resume", "--save", text(&file)]));
    // It was paid for.
    assert_eq!((ran.code, ran.out.as_str()), (7, ""), "{}", ran.err);
    assert!(ran.err.contains("wait for the run before you ask again"), "{}", ran.err);
    let (_, next) = ran.err.split_once("next: datalinks run wait ").unwrap_or_else(|| panic!("{}", ran.err));
    let id = next.split([',', '\n']).next().unwrap();
    assert!(!file.exists());
    assert!(world.ok(&["run", "wait", id]).contains("Alien"));
}

#[test]
fn lost_response_is_an_ambiguous_outcome() {
    let world = films();
    world.emulator.faults().inject(Fault::new("autoragStream").lose_response()).unwrap();
    let ran = world.run(&QUESTION);
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("datalinks conversation list"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn ctrl_c_says_how_to_follow_the_run() {
    let world = fill(World::with(Emulator::builder().ask_event_delay(Duration::from_secs(600))));
    let file = world.home.path().join("saved.ndjson");
    let mut command = world.command(&with(&["--save", text(&file)]));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    errors.read_line(&mut first).unwrap();
    let id = first.strip_prefix("run ").unwrap().split(',').next().unwrap();
    crate::support::interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert!(rest.contains(&format!("next: datalinks run wait {id}")), "{rest}");
    assert!(rest.contains("does not document whether a run goes on"), "{rest}");
    assert!(!file.exists());
    // The unfinished file is gone, too.
    assert_eq!(std::fs::read_dir(world.home.path()).unwrap().count(), 0);
}

#[test]
fn conversation_is_continued() {
    let world = films();
    let first = parsed(&world.ok(&with(&["-o", "json"])));
    let id = first["conversationId"].as_str().unwrap();
    let second = parsed(&world.ok(&with(&["--conversation", id, "-o", "json"])));
    assert_eq!(second["conversationId"], id);
    assert_ne!(second["runId"], first["runId"]);
    let ran = world.run(&with(&["--conversation", "0b0e7d52-3f61-4d0e-9c4b-8f3f0f4f7a11"]));
    assert_eq!(ran.code, 5, "{}", ran.err);
    assert!(ran.err.contains("next: datalinks conversation list\n"), "{}", ran.err);
}

#[test]
fn control_characters_and_tokens_are_not_printed() {
    let world = films();
    for format in ["table", "json", "ndjson"] {
        let ran =
            world.run(&["ask", "Which film is the newest?", "--namespace", "n", "-o", format, "--verbose"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        for text in [&ran.out, &ran.err] {
            let raw = text.chars().find(|letter| letter.is_control() && *letter != '\n');
            assert_eq!(raw, None, "{format}: {text:?}");
            assert!(!text.contains(world.emulator.api_key()), "{format}");
        }
        assert!(ran.out.contains("Ran "), "{}", ran.out);
    }
}

#[test]
fn every_option_reaches_the_service() {
    let world = films();
    let ran = world.run(&with(&[
        "--fact",
        "long=over 180 minutes",
        "--helper-prompt",
        "be brief",
        "--no-web-search",
        "--model",
        "m1",
        "--provider",
        "p1",
        "--plan-model",
        "m2",
        "--query-model",
        "m3",
        "--answer-model",
        "m4",
        "--curl",
    ]));
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "\"callerContext\":{\"facts\":[{\"label\":\"long\",\"value\":\"over 180 minutes\"}]}",
        "\"helperPrompt\":\"be brief\"",
        "\"webSearch\":false",
        "\"model\":\"m1\"",
        "\"provider\":\"p1\"",
        "\"plan\":{\"model\":\"m2\"}",
        "\"query\":{\"model\":\"m3\"}",
        "\"answer\":{\"model\":\"m4\"}",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    assert_eq!(world.run(&with(&["--fact", "no value"])).code, 2);
}
