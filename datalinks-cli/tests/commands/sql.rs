//! `datalinks sql` starts the program `datalinks-sql`, which is a script here.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Ran, World, interrupt};

/// Writes the program into a directory of the world, and returns the directory.
fn install(world: &World, script: &str) -> std::io::Result<String> {
    let directory = world.home.path().join("programs");
    std::fs::create_dir(&directory)?;
    let draft = directory.join("draft");
    std::fs::write(&draft, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n"))?;
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o755))?;
    // A process that another test starts may inherit the open file for a moment, and a program that is open for writing cannot
    // be run. So another process writes it.
    assert!(Command::new("cp").arg(&draft).arg(directory.join("datalinks-sql")).status()?.success());
    Ok(directory.display().to_string())
}

fn with_path(mut command: Command, path: impl AsRef<Path>) -> Command {
    command.env("PATH", path.as_ref());
    command
}

#[test]
fn missing_program_is_127_with_the_way_to_install_it() {
    let world = World::new();
    let ran = Ran::of(with_path(world.command(&["sql", "SELECT 1"]), world.home.path()).output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (127, ""), "{ran:?}");
    assert!(ran.err.contains("datalinks-sql is not installed"), "{}", ran.err);
    assert!(ran.err.contains("cargo install --path integrations/datafusion/datalinks-sql"), "{}", ran.err);
    // A file that cannot be run is not the program.
    world.file("datalinks-sql", "");
    let ran = Ran::of(with_path(world.command(&["sql"]), world.home.path()).output().unwrap());
    assert_eq!(ran.code, 127);
}

/// Regression: a program whose interpreter or loader is missing was called "not installed".
#[test]
fn program_that_cannot_be_started_is_126_and_named() {
    let world = World::new();
    let path = install(&world, "").unwrap();
    let program = Path::new(&path).join("datalinks-sql");
    std::fs::write(&program, "#!/no/such/interpreter\n").unwrap();
    let ran = Ran::of(with_path(world.command(&["sql", "SELECT 1"]), &path).output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (126, ""), "{ran:?}");
    assert!(ran.err.contains(&format!("cannot run {}", program.display())), "{}", ran.err);
    assert!(!ran.err.contains("not installed"), "{}", ran.err);
}

#[test]
fn program_gets_arguments_settings_and_streams() {
    let world = World::new();
    let show = "for word; do echo \"[$word]\"; done; env | grep -E '^(DL_|NO_PROXY)' | sort; cat; echo bad >&2; exit 3";
    let path = install(&world, show).unwrap();
    let mut command =
        world.offline(&["sql", "--namespace", "cinema", "--table", "a=b c", "--resume", "--journal", "j"]);
    command.args([
        "--host",
        "https://api.example.com",
        "--timeout",
        "90s",
        "-o",
        "csv",
        "SELECT '1'; --",
        "-q",
    ]);
    command.env("DL_API_KEY", "canary").env("DATALINKS_NAMESPACE", "other").stdin(Stdio::piped());
    let mut child = with_path(command, &path).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"SELECT 2\n").unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (3, "bad\n"), "{ran:?}");
    let (arguments, rest) = ran.out.split_once("DL_").unwrap();
    assert_eq!(arguments, "[--table=a=b c]\n[--journal=j]\n[--resume]\n[--quiet]\n[--]\n[SELECT '1'; --]\n");
    for line in [
        "API_KEY=canary",
        "DL_HOST=https://api.example.com/api/v1",
        "DL_NAMESPACE=cinema",
        "DL_OUTPUT=csv",
        "DL_TIMEOUT=90000ms",
        "SELECT 2",
    ] {
        assert!(rest.lines().any(|own| own == line), "{line}: {rest}");
    }
    // A profile and its saved token are those of this program.
    let file = world.file("config.toml", "[profiles.work]\nnamespace = 'of-work'\n");
    let ran = Ran::of(with_path(world.command(&["sql", "--profile", "work"]), &path).output().unwrap());
    assert!(ran.out.contains("DL_NAMESPACE=of-work"), "{file:?}: {ran:?}");
    let ran = Ran::of(with_path(world.command(&["sql", "--profile", "wrok"]), &path).output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    // Statements over files need no token.
    let ran = Ran::of(with_path(world.offline(&["sql"]), &path).output().unwrap());
    assert!(ran.code == 3 && !ran.out.contains("DL_API_KEY"), "{ran:?}");
}

#[test]
fn emulator_is_reached_without_a_proxy() {
    let world = World::new();
    let path = install(&world, "env | grep -E '^(DL_|NO_PROXY)'").unwrap();
    let mut command = world.command(&["sql", "--emulator=fresh"]);
    command
        .env("NO_PROXY", "example.com")
        .env("DL_PROXY", "http://proxy.example:1")
        .env("DL_API_KEY", "canary");
    let ran = Ran::of(with_path(command, &path).output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("DL_HOST=http://127.0.0.1:") && ran.out.contains("NO_PROXY=example.com,127.0.0.1")
    );
    assert!(!ran.out.contains("canary") && !ran.out.contains("DL_PROXY"), "{ran:?}");
    assert!(!ran.out.contains(&world.emulator.api_url()), "{ran:?}");
}

#[test]
fn end_of_the_program_is_the_end_of_the_command() {
    let world = World::new();
    let path = install(&world, "kill -9 $$").unwrap();
    let ended = with_path(world.command(&["sql"]), &path).status().unwrap();
    assert_eq!(ended.signal(), Some(9));
    let ended = with_path(world.command(&["sql", "--emulator=fresh"]), &path).status().unwrap();
    assert_eq!(ended.code(), Some(137));
}

/// Regression: a signal to the whole process group counted twice, because the command also passed its own one on. The program
/// takes the second signal as the demand to stop at once.
#[test]
fn program_takes_the_place_of_the_command() {
    let world = World::new();
    let path = install(&world, "echo $$").unwrap();
    let child = with_path(world.command(&["sql"]), &path).stdout(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    assert_eq!(Ran::of(child.wait_with_output().unwrap()).out, format!("{id}\n"));
}

#[test]
fn signal_reaches_the_program_once() {
    let world = World::new();
    let script = "count=0; trap 'count=$((count + 1)); echo interrupted' INT; echo ready\n\
        while [ $count = 0 ]; do read -r line; done\n\
        read -r line; exit $((40 + count))";
    let path = install(&world, script).unwrap();
    let mut command = with_path(world.command(&["sql", "--emulator=fresh"]), &path);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    interrupt(&child);
    // The shell runs the handler when its read has ended.
    input.write_all(b"\n").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "interrupted");
    input.write_all(b"\n\n").unwrap();
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(41));
    assert!(lines.next().is_none());
}
