//! One run of a test binary, with a time limit.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// A built suite.
#[derive(Debug)]
pub(super) struct Binary {
    pub(super) path: PathBuf,
    /// The directory of the package, in which cargo runs its tests.
    pub(super) directory: PathBuf,
    /// Tests that fail without a mutant.
    pub(super) skipped: Vec<String>,
    pub(super) limit: Duration,
}

/// Most memory of a run, in KiB. A mutant that allocates without an end must not take the memory of the machine.
const MEMORY: u64 = 8 * 1024 * 1024;

/// The tests of a binary that run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tests<'a> {
    /// Those whose names contain the text.
    Containing(&'a str),
    /// One.
    Named(&'a str),
}

/// The end of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum End {
    Passed,
    /// With the tests that failed.
    Failed(Vec<String>),
    Timeout,
}

impl Binary {
    /// Runs tests. The file `log` takes their output.
    pub(super) fn run(&self, tests: Tests<'_>, log: &Path) -> Result<End, String> {
        let mut command = limited(&self.path);
        match tests {
            Tests::Containing(part) => {
                command.arg(part);
                for test in &self.skipped {
                    command.args(["--skip", test]);
                }
            }
            Tests::Named(test) => _ = command.args(["--exact", test]),
        }
        command.current_dir(&self.directory).env("CARGO_MANIFEST_DIR", &self.directory);
        run(command, self.limit, log)
    }
}

/// Returns a command that runs a program with limited memory, in a process group of its own.
#[cfg(unix)]
fn limited(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MEMORY}; exec \"$@\""), "sh"]).arg(program);
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

#[cfg(not(unix))]
fn limited(program: &Path) -> Command {
    Command::new(program)
}

/// Ends a test, and on Unix the processes that it started.
fn end(child: &mut Child) -> std::io::Result<()> {
    if cfg!(unix) {
        // Without a group of its own, the kill below ends the test alone.
        let group = format!("-{}", child.id());
        Command::new("kill").args(["-s", "KILL", "--", &group]).stderr(Stdio::null()).status()?;
    }
    child.kill()?;
    child.wait().map(drop)
}

fn run(mut command: Command, limit: Duration, log: &Path) -> Result<End, String> {
    let named = |error: std::io::Error| format!("{}: {error}", log.display());
    let output = File::create(log).map_err(named)?;
    command.stdin(Stdio::null()).stderr(output.try_clone().map_err(named)?).stdout(output);
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("a test cannot be started: {error}"))?;
    let status = loop {
        if let Some(status) =
            child.try_wait().map_err(|error| format!("waiting for a test failed: {error}"))?
        {
            break status;
        }
        if begun.elapsed() > limit {
            end(&mut child).map_err(|error| format!("ending a test failed: {error}"))?;
            return Ok(End::Timeout);
        }
        sleep(Duration::from_millis(20));
    };
    if status.success() {
        return Ok(End::Passed);
    }
    let text = fs::read(log).map_err(named)?;
    Ok(End::Failed(failed(&String::from_utf8_lossy(&text))))
}

/// Returns the tests that the output names as failed. A process that was aborted names none.
fn failed(text: &str) -> Vec<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    names.map(|name| name.trim_end_matches(" - should panic").to_owned()).collect()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn script(text: &str, limit: Duration) -> End {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", text]);
        run(command, limit, log.path()).unwrap()
    }

    #[test]
    fn end_names_the_tests_that_failed() {
        let long = Duration::from_secs(600);
        assert_eq!(script("echo test a::b ... ok", long), End::Passed);
        let text = "echo 'test a::b ... ok'; echo 'test a::c ... FAILED'; echo 'test d - should panic ... FAILED'; exit 101";
        assert_eq!(script(text, long), End::Failed(vec!["a::c".to_owned(), "d".to_owned()]));
        assert_eq!(script("kill -ABRT $$", long), End::Failed(Vec::new()));
    }

    #[test]
    fn processes_of_a_test_end_with_it() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut command = limited(Path::new("sh"));
        command.args(["-c", "sh -c 'echo $$; while :; do :; done' & wait"]);
        let mut child = command.stdout(log.reopen().unwrap()).spawn().unwrap();
        let inner = loop {
            let text = fs::read_to_string(log.path()).unwrap();
            if let Some(inner) = text.strip_suffix('\n') {
                break inner.to_owned();
            }
        };
        let lives = || Path::new("/proc").join(&inner).join("exe").exists();
        assert!(lives() || !Path::new("/proc/self").exists());
        end(&mut child).unwrap();
        // The kernel removes a process that was killed a moment later.
        while lives() {}
    }

    #[test]
    fn memory_of_a_test_is_limited() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut command = limited(Path::new("sh"));
        command.args(["-c", "ulimit -v"]);
        assert_eq!(run(command, Duration::from_secs(600), log.path()).unwrap(), End::Passed);
        assert_eq!(fs::read_to_string(log.path()).unwrap().trim(), MEMORY.to_string());
    }

    #[test]
    fn run_that_takes_too_long_is_ended() {
        assert_eq!(script("while :; do :; done", Duration::ZERO), End::Timeout);
    }
}
