//! What a person sees in a terminal.

use std::process::Stdio;
use std::time::Duration;

use datalinks_emulator::Fault;
use serde_json::json;

use crate::pty::{self, Pty, Screen};
use crate::support::World;

const WIDTHS: [u16; 2] = [80, 200];

/// An emulator with datasets whose rows have many words, wide letters and control characters.
fn world() -> World {
    let world = World::new();
    let films = [
        "The Grand Budapest Hotel",
        "1917",
        "東京物語",
        "🎬 Portrait of a Lady on Fire",
        "Evil \u{1b}[2J\u{7}\ntitle",
    ];
    let films = films.iter().enumerate().map(|(index, title)| {
        json!({"title": title, "year": 1950 + index, "director": "Christopher Nolan", "country": "United Kingdom",
            "runtime_minutes": 90 + index, "genre": "science-fiction"})
    });
    world.ingest("cinema", "films", &films.collect::<Vec<_>>());
    let wide = (0..3).map(|n| {
        let fields = (0..12)
            .map(|field| (format!("column_{field}"), json!(format!("{n} {}", "words ".repeat(field * 3)))));
        serde_json::Value::Object(fields.collect())
    });
    world.ingest("cinema", "wide", &wide.collect::<Vec<_>>());
    world
}

fn screen(world: &World, arguments: &[&str], columns: u16) -> (i32, Screen) {
    Pty::spawn(world.command(arguments), columns).finish()
}

/// Fails for a color that cannot be read on a white or on a black background.
fn check_colors(screen: &Screen) {
    for style in &screen.styles {
        assert!(["0", "1", "2", "31", "35"].contains(&style.as_str()), "color {style} in {screen:#?}");
    }
}

#[test]
fn lines_fit_the_terminal_and_break_between_words() {
    let world = world();
    for _ in 0..3 {
        world.ok(&["query", "-n", "films of 1950", "--dataset", "cinema/films", "--quiet"]);
    }
    for columns in WIDTHS {
        for (expected, arguments) in [
            (0, &["query", "Ontology(\"cinema/films\")"][..]),
            (0, &["query", "Ontology(\"cinema/wide\")"]),
            (0, &["query", "--explain", "Ontology(\"cinema/films\")"]),
            (0, &["ask", "Which film is the oldest?", "--namespace", "cinema"]),
            (0, &["usage", "days"]),
            (0, &["usage", "history"]),
            (0, &["dataset", "list"]),
            (0, &["dataset", "show", "cinema/wide"]),
            (0, &["config"]),
            (0, &["--help"]),
            (0, &["ingest", "--help"]),
            (
                1,
                &[
                    "query",
                    "Ontology(\"cinema/films\").filter(year > 2018).sortDescnding(year).filter(title == \"long\")",
                ],
            ),
            (5, &["dataset", "show", "cinema/flims"]),
            (2, &["dataset", "show"]),
        ] {
            let (code, screen) = screen(&world, arguments, columns);
            assert_eq!(code, expected, "{arguments:?}: {screen:#?}");
            assert_eq!(screen.broken, Vec::<String>::new(), "{arguments:?} in {columns} columns");
            check_colors(&screen);
        }
    }
}

#[test]
fn error_shows_the_place_in_a_narrow_terminal() {
    let world = world();
    let query = format!("Ontology(\"cinema/films\").filter(title == \"{}\").limt(3)", "a".repeat(100));
    let (code, screen) = screen(&world, &["query", &query], 60);
    assert_eq!(code, 1);
    let caret =
        screen.lines.iter().position(|line| line.trim() == "^").unwrap_or_else(|| panic!("{screen:#?}"));
    let column = screen.lines[caret].find('^').unwrap();
    let below: String = screen.lines[caret - 1].chars().skip(column).collect();
    assert_eq!(below, "limt(3)", "{screen:#?}");
    assert_eq!(screen.text().matches("did you mean").count(), 1, "{screen:#?}");
}

#[test]
fn tables_are_aligned_with_wide_letters() {
    let world = World::new();
    let titles =
        ["The Grand Budapest Hotel", "1917", "東京物語", "🎬 Lady Bird", "Evil \u{1b}[2J\u{7}\ntitle"];
    world.ingest("n", "d", &titles.map(|title| json!({"title": title, "year": 1950})));
    let (_, screen) = screen(&world, &["query", "--dataset", "n/d"], 80);
    let columns: Vec<usize> = screen.lines[1..]
        .iter()
        .map(|line| console::measure_text_width(&line[..line.rfind(' ').unwrap_or_default()]))
        .collect();
    assert!(columns.windows(2).all(|pair| pair[0] == pair[1]), "{screen:#?}");
    assert!(screen.text().contains(r"Evil \x1b[2J\x07\ntitle"), "{screen:#?}");
}

#[test]
fn bar_is_removed_at_the_end() {
    let world = World::new();
    let lines: String = (0..4000).map(|n| format!("{{\"id\":{n}}}\n")).collect();
    world.file("many.ndjson", &lines);
    for columns in [40, 80, 200] {
        let arguments = ["ingest", "many.ndjson", "--dataset", "n/d", "--create", "--batch-size", "100"];
        let mut pty = Pty::spawn(world.command(&arguments), columns);
        pty.wait_for(" rows");
        pty.wait_for("next:");
        let text = pty.text();
        let (code, screen) = pty.finish();
        assert_eq!(code, 0, "{screen:#?}");
        assert!(text.contains('%'), "{text:?}");
        for drawn in text.split(['\r', '\n']) {
            // Columns for what the terminal writes at Ctrl-C.
            assert!(
                !drawn.contains('%') || console::measure_text_width(drawn) + 3 <= columns.into(),
                "{drawn:?}"
            );
        }
        let shown = screen.text();
        assert!(!shown.contains('%') && !shown.contains(['█', '░']), "{shown}");
        assert!(
            shown.ends_with("stored 4,000 rows in n/d\n  next: datalinks query --dataset n/d"),
            "{shown}"
        );
        world.ok(&["dataset", "delete", "n/d", "--yes", "n/d"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn bar_has_rate_and_time_left_and_is_removed_after_ctrl_c() {
    let world = World::new();
    let lines: String = (0..4000).map(|n| format!("{{\"id\":{n}}}\n")).collect();
    world.file("many.ndjson", &lines);
    let hold = Fault::new("ingestData").delay(Duration::from_secs(600)).after(10);
    world.emulator.faults().inject(hold).unwrap();
    let arguments = ["ingest", "many.ndjson", "--dataset", "n/d", "--create", "--batch-size", "100"];
    let mut pty = Pty::spawn_in_session(&world.command(&arguments), 80);
    world.wait_until_held(&mut pty.child);
    pty.wait_for("rows/s");
    pty.wait_for(" left");
    let text = pty.text();
    let bar = text.rsplit('\r').find(|drawn| drawn.contains(" left")).unwrap();
    assert!(bar.contains("ingest many.ndjson") && bar.contains('%') && bar.contains('█'), "{bar:?}");
    pty.type_in("\u{3}");
    pty.wait_for_next("stopping; a second Ctrl-C stops at once");
    // The terminal shows `^C` in the line of the bar.
    pty.wait_for_next(" left");
    pty.type_in("\u{3}");
    let (code, screen) = pty.finish();
    assert_eq!(code, 130, "{screen:#?}");
    let begin = ["created n/d", "stopping; a second Ctrl-C stops at once", "dataset    n/d"];
    assert_eq!(screen.lines[..3], begin, "nothing is left of the bar");
    let shown = screen.text();
    // A batch that waits for rows on a slow machine is sent with fewer than 100.
    let stored =
        shown.split_once("error: interrupted twice: ").and_then(|(_, rest)| rest.split_once(" rows stored"));
    let stored: usize = stored.unwrap_or_else(|| panic!("{shown}")).0.parse().unwrap();
    assert!((1..=1000).contains(&stored), "{shown}");
    assert!(!shown.contains('%') && !shown.contains(['█', '░']), "{shown}");
}

#[test]
fn streams_without_a_terminal_have_plain_lines() {
    let world = world();
    let arguments = ["query", "Ontology(\"cinema/films\").limit(1)", "--output", "ndjson"];
    // Standard output is a pipe that was closed, and errors would be seen.
    let (terminal, program) = pty::open(80);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.command(&arguments);
    command.stdin(Stdio::null()).stdout(writer).stderr(program);
    let (code, screen) = Pty::with(command, terminal, 80).finish();
    assert_eq!((code, screen.lines), (141, Vec::new()));
    // Rows of standard input have no share, and nothing is drawn.
    let mut command =
        world.command(&["ingest", "-", "--format", "ndjson", "--dataset", "cinema/new", "--create"]);
    let mut child =
        command.stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"{\"a\":1}\n{\"a\":2}\n").unwrap();
    let errors = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert!(
        errors.contains("ingest standard input: 2 rows\n") && !errors.contains(['\r', '\u{1b}', '%']),
        "{errors}"
    );
}

#[test]
fn settings_of_the_user_are_respected() {
    let world = world();
    world.file("rows.ndjson", "{\"a\":1}\n");
    let ingest = ["ingest", "rows.ndjson", "--dataset", "cinema/films"];
    let mut quiet = world.command(&ingest);
    quiet.arg("--quiet");
    let (code, screen) = Pty::spawn(quiet, 80).finish();
    assert_eq!((code, screen.lines[0].as_str()), (0, "dataset   cinema/films"), "{screen:#?}");
    assert!(!screen.text().contains("next:"), "{screen:#?}");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        for arguments in [&ingest[..], &["dataset", "show", "cinema/none"], &["usage", "days"]] {
            let mut command = world.command(arguments);
            command.env(name, value);
            let pty = Pty::spawn(command, 80);
            let (_, screen) = pty.finish();
            assert_eq!(screen.styles, Vec::<String>::new(), "{name} {arguments:?}: {screen:#?}");
        }
    }
    let mut dumb = world.command(&ingest);
    dumb.env("TERM", "dumb");
    let mut pty = Pty::spawn(dumb, 80);
    pty.wait_for("next:");
    assert!(!pty.text().contains('\u{1b}'), "{:?}", pty.text());
    assert!(pty.text().contains("ingest rows.ndjson: 1 rows (100%)"), "{:?}", pty.text());
    pty.finish();
    let mut verbose = world.command(&["whoami", "--verbose"]);
    verbose.env("NO_COLOR", "1");
    let (_, screen) = Pty::spawn(verbose, 80).finish();
    assert!(screen.text().contains("authorization: (hidden)"), "{screen:#?}");
    assert!(!screen.text().contains(world.emulator.api_key()), "{screen:#?}");
}
