//! Python environments of the tasks below `target/python`, made from pinned requirements.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The program that makes environments. Only its standard library is used.
const PYTHON: &str = "python3";

/// A virtual environment with exactly the packages of its requirements.
pub(crate) struct Environment {
    directory: PathBuf,
}

impl Environment {
    /// Returns the environment `target/python/<name>` with the packages that the file `requirements` (below
    /// `root`) pins.
    ///
    /// The environment is recreated if the requirements or the Python interpreter changed, or if the last
    /// attempt was interrupted.
    pub(crate) fn prepare(root: &Path, name: &str, requirements: &str) -> Result<Self, String> {
        let environment = Self { directory: root.join("target/python").join(name) };
        let file = root.join(requirements);
        let pinned = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let wanted = format!("# {}\n{pinned}", interpreter()?);
        if fs::read_to_string(environment.stamp()).is_ok_and(|stamp| stamp == wanted) {
            return Ok(environment);
        }
        println!("python: making target/python/{name} from {requirements}");
        environment.make()?;
        environment.install(&file)?;
        fs::write(environment.stamp(), wanted)
            .map_err(|error| format!("{}: {error}", environment.stamp().display()))?;
        Ok(environment)
    }

    /// Hides the user's packages and settings from a command, and keeps its files out of the checkout.
    pub(crate) fn isolate(&self, command: &mut Command) {
        command.env_remove("PYTHONPATH").env_remove("PYTHONHOME").env("PYTHONNOUSERSITE", "1");
        command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("VIRTUAL_ENV", &self.directory);
    }

    /// Returns the path of an installed program, by the name of its script.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        if cfg!(windows) {
            self.directory.join("Scripts").join(format!("{name}.exe"))
        } else {
            self.directory.join("bin").join(name)
        }
    }

    /// Returns the path of the stamp. The stamp is written last, so an environment with a stamp is complete.
    fn stamp(&self) -> PathBuf {
        self.directory.join("requirements.stamp")
    }

    fn make(&self) -> Result<(), String> {
        if self.directory.exists() {
            fs::remove_dir_all(&self.directory)
                .map_err(|error| format!("{}: {error}", self.directory.display()))?;
        }
        let output = run(Command::new(PYTHON).args(["-m", "venv"]).arg(&self.directory))?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!(
            "`{PYTHON} -m venv {}` failed: is its venv module installed (Debian: apt-get install python3-venv)?\n{}",
            self.directory.display(),
            last_lines(&output)
        ))
    }

    fn install(&self, requirements: &Path) -> Result<(), String> {
        let options =
            ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2", "--timeout", "30"];
        let mut pip = Command::new(self.binary("python"));
        self.isolate(&mut pip);
        pip.args(["-m", "pip", "install"]).args(options).args(["--no-deps", "-r"]).arg(requirements);
        let output = run(&mut pip)?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!(
            "installing {} failed: check that the package index is available and has these versions for this Python\n{}",
            requirements.display(),
            last_lines(&output)
        ))
    }
}

/// Returns the version and the location of the Python interpreter, because an environment depends on both.
fn interpreter() -> Result<String, String> {
    let question = "import sys; print(sys.version.split()[0], sys.base_prefix)";
    let output = run(Command::new(PYTHON).args(["-c", question]))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("`{PYTHON}` does not work:\n{}", last_lines(&output)))
}

fn run(command: &mut Command) -> Result<Output, String> {
    command.output().map_err(|error| {
        let program = command.get_program().display();
        format!("cannot run `{program}`: {error}; this task needs Python 3.11 or newer, with its venv module")
    })
}

/// Returns the last lines of a program's output, in which pip explains its errors.
fn last_lines(output: &Output) -> String {
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(8)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_contains_the_last_lines_of_the_output() {
        let stderr = (1..=20).map(|n| format!("line {n}\n\n")).collect::<String>().into_bytes();
        let output = Output { status: Default::default(), stdout: b"out\n".to_vec(), stderr };
        assert!(last_lines(&output).starts_with("line 13\nline 14\n"), "{}", last_lines(&output));
        assert!(last_lines(&output).ends_with("line 20"));
    }

    #[test]
    fn error_names_a_missing_program() {
        let error = run(&mut Command::new("no-such-python")).unwrap_err();
        assert!(error.starts_with("cannot run `no-such-python`: "), "{error}");
        assert!(error.contains("Python 3.11"), "{error}");
    }

    #[test]
    fn error_names_missing_requirements() {
        let root = tempfile::tempdir().unwrap();
        let Err(error) = Environment::prepare(root.path(), "none", "requirements.txt") else {
            panic!("made")
        };
        assert!(error.contains("requirements.txt: "), "{error}");
        assert!(!root.path().join("target").exists());
    }
}
