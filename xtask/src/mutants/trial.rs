//! One run of a test binary, with a time limit.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// A built suite.
#[derive(Clone, Debug)]
pub(super) struct Binary {
    pub(super) path: PathBuf,
    /// The directory of the package, in which cargo runs its tests.
    pub(super) directory: PathBuf,
}

/// A test, and the time that it takes without a mutant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Timed {
    pub(super) name: String,
    pub(super) took: Duration,
}

/// Most memory of a run, in KiB. A mutant that allocates without an end must not take the memory of the machine.
const MEMORY: u64 = 8 * 1024 * 1024;

/// The end of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum End {
    Passed,
    /// With the first test that failed. A process that was aborted names none.
    Failed(Option<String>),
    Timeout,
}

impl Binary {
    /// Returns the names of all tests.
    pub(super) fn list(&self) -> Result<Vec<String>, String> {
        let output = self.command().arg("--list").output();
        let output = output.map_err(|error| format!("{}: {error}", self.path.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
    }

    /// Runs tests. Returns those that pass and those that fail. The file `log` takes their output.
    pub(super) fn measure(
        &self,
        tests: &[&str],
        limit: Duration,
        log: &Path,
    ) -> Result<(Vec<Timed>, Vec<String>), String> {
        if tests.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let mut command = self.command();
        command.arg("--exact").args(tests);
        // The times of tests are an unstable option of the test harness.
        command.args(["-Z", "unstable-options", "--report-time"]).env("RUSTC_BOOTSTRAP", "1");
        let end = run(command, limit, false, log)?;
        let text = read(log)?;
        let passed: Vec<Timed> = text.lines().filter_map(timed).collect();
        let failed: Vec<String> = text.lines().filter_map(failed).collect();
        match end {
            End::Timeout => Err(format!("{} did not end in {} s", self.path.display(), limit.as_secs())),
            End::Failed(None) if failed.is_empty() => Err(format!("{} was aborted", self.path.display())),
            _ => Ok((passed, failed)),
        }
    }

    /// Runs tests up to the first one that fails.
    pub(super) fn run(&self, tests: &[&str], limit: Duration, log: &Path) -> Result<End, String> {
        if tests.is_empty() {
            return Ok(End::Passed);
        }
        let mut command = self.command();
        command.arg("--exact").args(tests);
        run(command, limit, true, log)
    }

    fn command(&self) -> Command {
        let mut command = limited(&self.path);
        command.current_dir(&self.directory).env("CARGO_MANIFEST_DIR", &self.directory);
        command
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

/// Runs a test binary. `is_first` ends it after the first test that fails.
fn run(mut command: Command, limit: Duration, is_first: bool, log: &Path) -> Result<End, String> {
    let named = |error: std::io::Error| format!("{}: {error}", log.display());
    let output = File::create(log).map_err(named)?;
    command.stdin(Stdio::null()).stderr(output.try_clone().map_err(named)?).stdout(output);
    let begun = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("a test cannot be started: {error}"))?;
    let first = || Ok::<_, String>(read(log)?.lines().find_map(failed));
    loop {
        if let Some(status) =
            child.try_wait().map_err(|error| format!("waiting for a test failed: {error}"))?
        {
            return if status.success() { Ok(End::Passed) } else { Ok(End::Failed(first()?)) };
        }
        let failed = if is_first { first()? } else { None };
        let is_late = begun.elapsed() > limit;
        if failed.is_some() || is_late {
            end(&mut child).map_err(|error| format!("ending a test failed: {error}"))?;
            return Ok(if failed.is_some() { End::Failed(failed) } else { End::Timeout });
        }
        sleep(Duration::from_millis(20));
    }
}

fn read(log: &Path) -> Result<String, String> {
    let text = fs::read(log).map_err(|error| format!("{}: {error}", log.display()))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Returns the test that a line of the output names as failed.
fn failed(line: &str) -> Option<String> {
    let (name, end) = line.strip_prefix("test ")?.split_once(" ... ")?;
    end.starts_with("FAILED").then(|| test_name(name))
}

/// Returns the test that a line of the output names as passed, and its time.
fn timed(line: &str) -> Option<Timed> {
    let (name, end) = line.strip_prefix("test ")?.split_once(" ... ok <")?;
    let seconds: f64 = end.strip_suffix("s>")?.parse().ok()?;
    Some(Timed { name: test_name(name), took: Duration::try_from_secs_f64(seconds).ok()? })
}

fn test_name(name: &str) -> String {
    name.strip_suffix(" - should panic").unwrap_or(name).to_owned()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn script(text: &str, limit: Duration) -> End {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut command = limited(Path::new("sh"));
        command.args(["-c", text]);
        run(command, limit, true, log.path()).unwrap()
    }

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn end_names_the_test_that_failed() {
        assert_eq!(script("echo test a::b ... ok", LONG), End::Passed);
        let text = "echo 'test a::b ... ok'; echo 'test d - should panic ... FAILED'; exit 101";
        assert_eq!(script(text, LONG), End::Failed(Some("d".to_owned())));
        assert_eq!(script("kill -ABRT $$", LONG), End::Failed(None));
    }

    #[test]
    fn run_ends_after_the_first_failure() {
        let text = "echo 'test a::c ... FAILED'; while :; do :; done";
        assert_eq!(script(text, LONG), End::Failed(Some("a::c".to_owned())));
    }

    #[test]
    fn times_of_tests_are_read() {
        let timed = |line| timed(line).map(|test| (test.name, test.took.as_millis()));
        assert_eq!(timed("test a::b ... ok <0.012s>"), Some(("a::b".to_owned(), 12)));
        assert_eq!(timed("test a - should panic ... ok <61.500s>"), Some(("a".to_owned(), 61_500)));
        assert_eq!(timed("test a::b ... ignored"), None);
        assert_eq!(timed("test a::b ... FAILED <0.012s>"), None);
        assert_eq!(failed("test a::b ... FAILED <0.012s>"), Some("a::b".to_owned()));
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
        assert_eq!(run(command, LONG, true, log.path()).unwrap(), End::Passed);
        assert_eq!(fs::read_to_string(log.path()).unwrap().trim(), MEMORY.to_string());
    }

    #[test]
    fn run_that_takes_too_long_is_ended() {
        assert_eq!(script("while :; do :; done", Duration::ZERO), End::Timeout);
    }
}
