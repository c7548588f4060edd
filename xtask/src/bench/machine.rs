//! The machine, the versions and the date of a measurement.

use std::{fmt::Write as _, fs, path::Path, process::Command, thread, time::SystemTime};

/// The crates whose versions matter to the plain program and to the client.
const CRATES: [&str; 4] = ["reqwest", "hyper", "serde_json", "tokio"];

/// Returns a list in Markdown.
pub(super) fn machine(root: &Path, rounds: usize) -> Result<String, String> {
    let mut text = String::new();
    let cores = thread::available_parallelism().map_or_else(|_| "?".to_owned(), |cores| cores.to_string());
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory = field("/proc/meminfo", "MemTotal").and_then(|value| value.strip_suffix(" kB")?.parse().ok());
    let memory =
        memory.map_or(String::new(), |kib: f64| format!(", {:.0} GiB of memory", kib / 1024.0 / 1024.0));
    let system = output("uname", &["-sr"]).unwrap_or_else(|| std::env::consts::OS.to_owned());
    let compiler = output("rustc", &["--version"]).unwrap_or_else(|| "rustc unknown".to_owned());
    let _ = writeln!(text, "- Date: {}", httpdate::fmt_http_date(SystemTime::now()));
    let _ = writeln!(text, "- Machine: {processor}, {cores} cores{memory}, {system}");
    let _ = writeln!(text, "- Compiler: {compiler}, profile `release`");
    let lock = root.join("Cargo.lock");
    let lock = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let versions: Vec<String> =
        CRATES.iter().map(|name| format!("{name} {}", version(&lock, name).unwrap_or("unknown"))).collect();
    let _ = writeln!(text, "- Crates: {}", versions.join(", "));
    let commit = output("git", &["-C", &root.to_string_lossy(), "describe", "--always", "--dirty"]);
    let _ = writeln!(text, "- Commit: {}", commit.unwrap_or_else(|| "unknown".to_owned()));
    if rounds > 1 {
        let _ = writeln!(text, "- Rounds: {rounds}");
    }
    Ok(text)
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the version of a crate in the text of a `Cargo.lock`.
fn version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_that_of_the_crate() {
        let lock = "name = \"tokio-util\"\nversion = \"0.7\"\n\nname = \"tokio\"\nversion = \"1.54.1\"\n";
        assert_eq!(version(lock, "tokio"), Some("1.54.1"));
        assert_eq!(version(lock, "hyper"), None);
    }
}
