//! Completions and manual pages, as shells and formatters of manuals use them.
//!
//! Tests of a program that is not installed print that they were left out. CI has bash.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{World, text};

/// A command line that ends at the cursor, and some of its completions. An empty list stands for names of files.
const LINES: &[(&str, &[&str])] = &[
    ("datalinks in", &["infer", "ingest", "ingestion"]),
    ("datalinks dataset del", &["delete"]),
    ("datalinks --output json dataset sh", &["show"]),
    ("datalinks emulator ex", &["exec", "export"]),
    ("datalinks query --out", &["--output"]),
    ("datalinks ingest --jou", &["--journal"]),
    ("datalinks query -o ", &["table", "json", "ndjson", "csv"]),
    ("datalinks ingest --delivery at-", &["at-least-once", "at-most-once"]),
    ("datalinks completions ", &["bash", "zsh", "fish"]),
    ("datalinks ingest --journal note", &["notes.journal"]),
];

/// Returns the path of a file beside these tests.
fn shells(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shells").join(name)
}

/// Runs a program with nothing but a path in its environment. Returns `None`, and says so, if it is not installed.
fn run(program: &str, world: &World, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().current_dir(&world.home).env("HOME", world.home.path());
    command
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("TERM", "dumb")
        .env("LC_ALL", "C.UTF-8");
    match command.output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            leave_out(&format!("{program} is not installed"));
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// Says that a test was left out. The test harness hides what is printed by macros.
fn leave_out(reason: &str) {
    let _ = writeln!(std::io::stderr(), "test left out: {reason}");
}

/// Tries all lines in a shell. Its script prints one completion per line, with an optional description after a tab.
fn try_lines(shell: &str, options: &[&str]) {
    let world = World::new();
    let completions = world.file("datalinks.completions", &world.ok(&["completions", shell]));
    world.file("notes.journal", "");
    let script = shells(&format!("complete.{shell}"));
    for (number, (line, expected)) in LINES.iter().enumerate() {
        let directory = world.home.path().join(format!("line-{number}"));
        std::fs::create_dir(&directory).unwrap();
        let arguments = [options, &[text(&script), text(&completions), line, text(&directory)]].concat();
        let Some(output) = run(shell, &world, &arguments) else { return };
        let [out, errors] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(output.status.success(), "{shell}, {line:?}: {errors}");
        let found: Vec<&str> = out.lines().map(|line| line.split('\t').next().unwrap()).collect();
        for completion in *expected {
            assert!(found.contains(completion), "{shell}, {line:?}: no {completion} in {found:?} {errors}");
        }
        let typed = line.rsplit(' ').next().unwrap();
        assert!(found.iter().all(|found| found.starts_with(typed)), "{shell}, {line:?}: {found:?}");
    }
}

#[test]
fn bash_completes() {
    try_lines("bash", &["--norc", "--noprofile"]);
}

#[test]
fn zsh_completes() {
    try_lines("zsh", &["-f"]);
}

#[test]
fn fish_completes() {
    try_lines("fish", &["--no-config"]);
}

/// Writes all pages, and returns their paths.
fn pages(world: &World) -> Vec<PathBuf> {
    let directory = world.home.path().join("man1");
    world.ok(&["man", "--dir", text(&directory)]);
    let mut pages: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(pages.len() > 20, "{pages:?}");
    pages
}

#[test]
fn man_formats_every_page_without_a_warning() {
    let world = World::new();
    let Some(version) = run("man", &world, &["--version"]) else { return };
    if !version.stdout.starts_with(b"man 2") {
        return leave_out("man is not that of man-db, which formats files by -l");
    }
    // The formatter takes several pages, and a few are enough for each process.
    for pages in pages(&world).chunks(20) {
        let arguments: Vec<&str> = ["--warnings", "-E", "utf8", "-l"]
            .into_iter()
            .chain(pages.iter().map(|page| text(page)))
            .collect();
        let Some(output) = run("man", &world, &arguments) else { return };
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.trim().is_empty(), "{errors}");
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(out.contains("SYNOPSIS"), "{out}");
    }
}

#[test]
fn mandoc_accepts_every_page() {
    let world = World::new();
    for page in pages(&world) {
        let Some(output) = run("mandoc", &world, &["-T", "lint", "-W", "warning", text(&page)]) else {
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout);
        // These come from the layout of the generator, and from the missing date.
        let known = ["skipping paragraph macro", "missing date"];
        let wrong: Vec<&str> =
            said.lines().filter(|line| !known.iter().any(|known| line.contains(known))).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
