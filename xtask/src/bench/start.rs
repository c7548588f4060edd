//! The start of the command line: from the start of the process to the first response, with TLS.
//!
//! `datalinks whoami` and the plain program make the same call to the same server, and trust its authority beside those of the
//! platform. They run in turn, in every second round in the opposite order.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use super::{
    Job, Options, Program, Programs, Server,
    instructions::{collected, valgrind},
    machine::machine,
    programs::{cargo, first_line},
    times::{median, thousands},
};
use crate::emulator::target;

const ROUNDS: usize = 101;
const QUICK_ROUNDS: usize = 5;
/// The greatest ratio that is accepted.
const LIMIT: f64 = 1.5;
const JOB: Job = Job { workload: "start", size: 1, in_flight: 1, delay: 0 };

/// Both programs, with what they need.
struct Start<'a> {
    plain: PathBuf,
    client: PathBuf,
    authority: PathBuf,
    home: PathBuf,
    server: &'a Server,
}

pub(super) fn run(root: &Path, options: &Options) -> Result<(), String> {
    valgrind()?;
    let programs = Programs::build(root, false)?;
    cargo(root, &["-p", "datalinks-cli"])?;
    let server = Server::start_tls(&programs)?;
    let start = Start {
        plain: programs.path(Program::Plain),
        client: target(root).join("release").join("datalinks"),
        authority: root.join("benchmarks/tls/authority.pem"),
        home: target(root).join("bench-home"),
        server: &server,
    };
    let home = &start.home;
    std::fs::create_dir_all(home).map_err(|error| format!("{}: {error}", home.display()))?;
    let rounds = options.rounds.unwrap_or(if options.quick { QUICK_ROUNDS } else { ROUNDS });
    let (mut plain, mut client) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (one, other) = if round % 2 == 0 {
            let one = start.time(start.plain())?;
            (one, start.time(start.client())?)
        } else {
            let other = start.time(start.client())?;
            (start.time(start.plain())?, other)
        };
        // The first round fills the caches.
        if round > 0 {
            plain.push(one);
            client.push(other);
        }
    }
    let times = median(plain.iter().zip(&client).map(|(plain, client)| client / plain).collect());
    let [plain, client] = [plain, client].map(|seconds| format!("{:.2} ms", median(seconds) * 1e3));
    // With one thread, the plain program does not measure itself, which it cannot below valgrind.
    let mut single = start.plain();
    single.arg("single");
    let [fewer, more] = [count(&single)?, count(&start.client())?];
    let instructions = more / fewer;
    let [plain_size, client_size] = [size(&start.plain)?, size(&start.client)?];
    println!("{}", machine(root, rounds)?);
    println!(
        "| start to first response, with TLS | plain program | `datalinks whoami` | ratio |\n|---|---|---|---|"
    );
    println!("| time, median | {plain} | {client} | {times:.2} |");
    println!("| instructions | {} | {} | {instructions:.2} |", thousands(fewer), thousands(more));
    println!("| size of the program in bytes | {} | {} | |", thousands(plain_size), thousands(client_size));
    if instructions > LIMIT || (!options.quick && times > LIMIT) {
        return Err(format!("the command line takes more than {LIMIT} times as long as the plain program"));
    }
    Ok(())
}

impl Start<'_> {
    fn plain(&self) -> Command {
        let mut command = Command::new(&self.plain);
        command.args(JOB.arguments(&self.server.origin)).env_clear().env("BENCH_CA", &self.authority);
        command
    }

    fn client(&self) -> Command {
        let mut command = Command::new(&self.client);
        command.args(["whoami", "--output", "ndjson"]).env_clear();
        command.env("DL_HOST", format!("{}/1/0/api/v1", self.server.origin)).env("DL_API_KEY", "key");
        command.env("DL_CA", &self.authority);
        for name in ["HOME", "DL_CONFIG_DIR", "DL_DATA_DIR"] {
            command.env(name, &self.home);
        }
        command
    }

    /// Returns the time until the program prints its line, in seconds.
    fn time(&self, mut command: Command) -> Result<f64, String> {
        let begin = Instant::now();
        let mut child =
            command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let line = first_line(&mut child);
        let elapsed = begin.elapsed().as_secs_f64();
        let status = child.wait().map_err(|error| format!("{command:?}: {error}"))?;
        if status.success() && line.starts_with('{') {
            Ok(elapsed)
        } else {
            Err(format!("{command:?} failed ({status}) and printed {line:?}"))
        }
    }
}

/// Counts the instructions of a whole process, as the lower of two runs.
fn count(command: &Command) -> Result<f64, String> {
    let once = || -> Result<u64, String> {
        let mut counted = Command::new("valgrind");
        counted.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(command.get_program());
        counted.args(command.get_args()).env_clear();
        counted.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        // Without a path, only the programs are started that are named by one.
        counted.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let mut child = counted
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("valgrind: {error}"))?;
        let mut text = String::new();
        if let Some(errors) = &mut child.stderr {
            errors.read_to_string(&mut text).map_err(|error| format!("valgrind: {error}"))?;
        }
        let status = child.wait().map_err(|error| format!("valgrind: {error}"))?;
        let found = collected(&text).filter(|_| status.success());
        found.ok_or_else(|| format!("{counted:?} failed below valgrind ({status}):\n{text}"))
    };
    Ok(once()?.min(once()?) as f64)
}

fn size(program: &Path) -> Result<f64, String> {
    let found = std::fs::metadata(program).map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(found.len() as f64)
}
