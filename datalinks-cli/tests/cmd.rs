//! Terminal sessions: each file in `tests/cmd` is run line by line, and its output is compared.
//!
//! Each file has an emulator of its own. `TRYCMD=overwrite` writes the output that was seen.

use std::path::Path;
use std::process::Command;

use datalinks_emulator::Emulator;

/// Set in the process that runs the sessions.
const INNER: &str = "DATALINKS_TEST_SESSIONS";

/// Starts this test again without the variables of the environment, which must not decide what the sessions see.
#[test]
fn sessions_have_the_written_output() {
    if std::env::var_os(INNER).is_some() {
        return run();
    }
    let home = tempfile::tempdir().unwrap();
    let mut test = Command::new(std::env::current_exe().unwrap());
    test.args(["sessions_have_the_written_output", "--exact", "--nocapture"]).env_clear().env(INNER, "1");
    // Commands read the data of the demo, and write their files there.
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data"), &home.path().join("data"));
    test.current_dir(home.path());
    for name in ["HOME", "DL_CONFIG_DIR", "DL_DATA_DIR"] {
        test.env(name, home.path());
    }
    for name in ["PATH", "TRYCMD", "SystemRoot"] {
        if let Some(value) = std::env::var_os(name) {
            test.env(name, value);
        }
    }
    let output = test.output().unwrap();
    let text =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{text}");
}

#[cfg(test)]
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[cfg(test)]
fn run() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut files: Vec<_> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let emulator = runtime.block_on(Emulator::builder().user("bo", "key-of-bo").start()).unwrap();
        // The cases run when they are dropped.
        trycmd::TestCases::new()
            .register_bin("datalinks", Path::new(env!("CARGO_BIN_EXE_datalinks")))
            // Programs of this machine are not found.
            .env("PATH", "")
            .env("DL_HOST", emulator.api_url())
            .env("DL_API_KEY", emulator.api_key())
            .case(file);
    }
}
