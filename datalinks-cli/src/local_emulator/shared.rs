//! Finding or starting the emulator that the commands of a user share.
//!
//! The emulator is a process of its own, `datalinks emulator`, with its state in the user's data directory. While it runs,
//! it announces its address in a file. One command at a time reads the file and starts a process, so that two commands
//! never start two.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use fs4::FileExt;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;

use super::endpoint::Endpoint;
use crate::failure::{Exit, Failure, Result};
use crate::output::Diagnostics;
use crate::settings::{create_owner_only_directory, write_owner_only};

/// Longest wait for the response of an emulator on this machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Number of bytes of the log that an error shows.
const SHOWN: usize = 2000;

/// The files of the shared emulator.
struct Files {
    directory: PathBuf,
}

impl Files {
    fn lock(&self) -> PathBuf {
        self.directory.join("start.lock")
    }

    fn announcement(&self) -> PathBuf {
        self.directory.join("running.json")
    }

    fn state(&self) -> PathBuf {
        self.directory.join("state")
    }

    fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    /// The address of the last emulator.
    fn address(&self) -> PathBuf {
        self.directory.join("address")
    }
}

/// Returns the emulator whose files are below `data`. Starts it if it is not running, and lets it end when it has been idle
/// for `idle`.
pub(crate) async fn find_or_start(
    data: &Path,
    idle: Duration,
    diagnostics: &Diagnostics,
) -> Result<Endpoint> {
    let files = Files { directory: data.join("emulator") };
    let failed = |error: &io::Error| {
        let what = format!("cannot use the directory of the emulator, {}", files.directory.display());
        Failure::new(Exit::Failure, what)
            .caused_by(error)
            .next("set DL_DATA_DIR to another directory, or use --emulator=fresh, which keeps nothing")
    };
    create_owner_only_directory(&files.directory).map_err(|error| failed(&error))?;
    let path = files.lock();
    // Waits while another command starts the emulator.
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        FileExt::lock(&file)?;
        Ok::<_, io::Error>(file)
    });
    let _lock = locked.await?.map_err(|error| failed(&error))?;
    if let Some(endpoint) = announced(&files.announcement())
        && responds(&endpoint).await
    {
        return Ok(endpoint);
    }
    start(&files, idle, diagnostics).await
}

/// Reads the announcement of an emulator, which may have ended since.
fn announced(file: &Path) -> Option<Endpoint> {
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

/// Returns `true` if the announced emulator is running. Only that one knows the announced key.
async fn responds(endpoint: &Endpoint) -> bool {
    let Ok(http) = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build() else { return false };
    let request = http.get(format!("{}/user/me", endpoint.api_url)).bearer_auth(&endpoint.api_key);
    request.send().await.is_ok_and(|response| {
        response.status().is_success() && response.headers().contains_key("x-datalinks-emulator")
    })
}

/// Starts the emulator as a process that outlives this one.
async fn start(files: &Files, idle: Duration, diagnostics: &Diagnostics) -> Result<Endpoint> {
    let announcement = files.announcement();
    // An earlier emulator may have been killed.
    match std::fs::remove_file(&announcement) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    write_owner_only(&files.log(), b"")?;
    let log = File::options().append(true).open(files.log())?;
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["emulator", "--address", &next_address(&files.address()).await, "--data"])
        .arg(files.state())
        .arg("--announce")
        .arg(&announcement)
        .arg("--idle-timeout")
        .arg(format!("{}ms", idle.as_millis()))
        .current_dir(&files.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    // Ctrl-C in the terminal stops this command, and not the emulator of others.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    if let Some(output) = child.stdout.take() {
        // The first line comes after the announcement. Without a line, the process has ended.
        BufReader::new(output).lines().next_line().await?;
    }
    let Some(endpoint) = announced(&announcement) else {
        let log = std::fs::read(files.log()).unwrap_or_default();
        let end = String::from_utf8_lossy(&log[log.len().saturating_sub(SHOWN)..]).trim().to_owned();
        return Err(Failure::new(Exit::Failure, format!("the emulator did not start: {end}"))
            .next(format!("see {}", files.log().display()))
            .next("use --emulator=fresh, which keeps nothing"));
    };
    write_owner_only(&files.address(), endpoint.proxy_url.trim_start_matches("http://").as_bytes())?;
    diagnostics.note(&format!("started the emulator at {}", endpoint.proxy_url));
    Ok(endpoint)
}

/// Returns the address of the last emulator if it is free, and any free port otherwise.
///
/// Journals and saved tokens belong to an address, and should outlive an emulator that ended because it was idle.
async fn next_address(file: &Path) -> String {
    const ANY: &str = "127.0.0.1:0";
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let Some(last) = text.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback()) else {
        return ANY.to_owned();
    };
    if TcpListener::bind(last).await.is_ok() { last.to_string() } else { ANY.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn last_address_is_taken_again_unless_it_is_in_use() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("address");
        assert_eq!(next_address(&file).await, "127.0.0.1:0");
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let in_use = other.local_addr().unwrap().to_string();
        for (text, next) in [
            ("127.0.0.2:0", "127.0.0.2:0"),
            (&in_use, "127.0.0.1:0"),
            ("192.0.2.1:0", "127.0.0.1:0"),
            ("x", "127.0.0.1:0"),
        ] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(next_address(&file).await, next, "{text}");
        }
    }
}
