//! The commands of the README work as described there.

use std::{
    fs,
    fs::File,
    io::ErrorKind,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const README: &str = include_str!("../../README.md");

#[test]
fn readme_lists_the_commands() {
    let commands: Vec<&str> = README.lines().filter(|line| line.starts_with("cargo ")).collect();
    let words = |line: &str| line.split('#').next().unwrap_or_default().trim().to_owned();
    let commands: Vec<String> = commands.into_iter().map(words).collect();
    assert_eq!(commands, ["cargo run", "cargo test --workspace", "cargo run -- --live"]);
}

/// Returns the arguments of a command. Text between single quotes is one argument.
fn arguments(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(index, part)| if index % 2 == 1 { vec![part] } else { part.split_whitespace().collect() })
        .collect()
}

/// The five minutes with the emulator, in an empty home directory.
#[test]
fn commands_with_the_emulator_succeed() {
    let section = README.split("\n## ").find(|section| section.starts_with("Five minutes with")).unwrap();
    let lines: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("datalinks ")).collect();
    assert!(lines.len() >= 5 && lines.iter().all(|line| line.ends_with(" --emulator")), "{lines:?}");
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("datalinks-cli/data");
    fs::create_dir_all(&data).unwrap();
    for name in ["films.csv", "people.csv"] {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name), data.join(name)).unwrap();
    }
    let outputs = lines.into_iter().map(|line| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_datalinks"));
        command.args(arguments(line)).current_dir(&home).env_clear().stdin(Stdio::null());
        for name in ["HOME", "DL_CONFIG_DIR", "DL_DATA_DIR"] {
            command.env(name, home.path());
        }
        let output = command.env("DL_EMULATOR_IDLE", "2s").output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "datalinks {line}\n{errors}");
        String::from_utf8(output.stdout).unwrap()
    });
    let text = outputs.collect::<String>();
    for expected in ["Parasite", "Metropolis", "people", "127.0.0.1"] {
        assert!(text.contains(expected), "{expected:?} is missing in:\n{text}");
    }
    // The emulator locks its state until it ends.
    let lock = File::open(home.path().join("emulator/state/lock")).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
}

/// `cargo run` starts this binary without arguments, because it is the only binary of the workspace's default
/// member. Proxies of the environment and a `.env` file have no effect.
#[test]
fn demo_runs_offline() {
    let folder = tempfile::tempdir().unwrap();
    let file = "DL_HOST=https://attacker.example/api/v1\nDL_API_KEY=\"not closed\nNOTE=it's\n";
    std::fs::write(folder.path().join(".env"), file).unwrap();
    let proxy = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    proxy.set_nonblocking(true).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let begin = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_datalinks"))
        .current_dir(&folder)
        .env_clear()
        .envs(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, &address)))
        .output()
        .unwrap();
    assert_eq!(proxy.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "the proxy was used");
    let elapsed = begin.elapsed();
    let (text, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    assert_eq!(errors, "");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "wider than 80 columns: {line}");
    }
    for expected in [
        "503",
        "rows stored, 0 failed",
        "link: Created",
        "sortDescending",
        "207 min: Seven Samurai (1954)\n     179 min: Drive My Car (2021)\n     162 min: Ran (1985)\n\n6.",
        "searchAround",
        "8. Run a pipeline",
        "answerStarted",
        "no model ran",
        "complete",
        "over 2 connections",
    ] {
        assert!(text.contains(expected), "{expected:?} is missing in:\n{text}");
    }
    // The demo writes no file to its working directory.
    assert_eq!(folder.path().read_dir().unwrap().count(), 1, "the demo wrote a file");
}

#[test]
fn live_demo_names_missing_settings() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_datalinks"))
        .arg("--live")
        .current_dir(&folder)
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("DL_HOST and DL_API_KEY are not set"), "{errors}");
}
