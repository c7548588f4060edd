//! Numbers of instructions of fixed workloads, counted by callgrind.
//!
//! Only the instructions of the work count: what the function `measured_section` of `datalinks-benchmarks` calls. Making
//! the client and the list of rows comes before. The exception is the workload `start`, of which the whole process
//! counts. The programs use a runtime with one thread, and each is counted twice, because the number of chunks in
//! which a response arrives differs between runs.
//!
//! The baseline holds the cost ratio of each workload: instructions of the client, divided by those of the plain
//! program in the same run. A compiler or a library that changes both changes the ratio little.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, process::Command};

use serde::{Deserialize, Serialize};

use super::{
    Options,
    programs::{Job, Program, Programs, Server, without_proxies},
};

const BASELINE: &str = "benchmarks/instructions.json";
/// The function whose callees count.
const MEASURED: &str = "*measured_section*";
/// The growth of a ratio that fails.
const ALLOWED: f64 = 0.05;
/// The difference between two runs of one program that is reported.
const STEADY: f64 = 0.01;

const JOBS: &[(&str, usize)] = &[
    ("ingest-maps", 20_000),
    ("ingest-typed", 20_000),
    ("query", 20_000),
    ("ask", 10_000),
    ("pipeline", 20_000),
    ("pipeline-typed", 20_000),
    ("calls", 1_000),
    ("start", 1),
];

/// One workload in the baseline.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Entry {
    /// Instructions of the client, divided by those of the plain program.
    ratio: f64,
    /// Instructions of the client per item, for information.
    client: u64,
    /// Instructions of the plain program per item, for information.
    plain: u64,
}

type Entries = BTreeMap<String, Entry>;

pub(super) fn run(root: &Path, options: &Options) -> Result<(), String> {
    valgrind()?;
    let programs = Programs::build(root, false)?;
    let server = Server::start(&programs)?;
    let file = root.join(BASELINE);
    let mut baseline = read(&file)?;
    let mut found = Entries::new();
    println!("workload        per item: plain     client  ratio  baseline  difference of two runs");
    for &(workload, size) in JOBS.iter().filter(|(workload, _)| options.wants(workload)) {
        let size = if options.quick { size.min(2_000) } else { size };
        let job = Job { workload, size, in_flight: 1, delay: 0 };
        let (plain, one) = count(&programs, Program::Plain, &job, &server, options)?;
        let (client, other) = count(&programs, Program::Facade, &job, &server, options)?;
        let entry = entry(client, plain, size);
        let before = baseline.get(workload).map_or("-".to_owned(), |entry| format!("{:.3}", entry.ratio));
        println!(
            "{workload:<16}{:>15}{:>11}{:>7.3}{before:>10}{:>7.2} %, {:.2} %",
            entry.plain,
            entry.client,
            entry.ratio,
            one * 100.0,
            other * 100.0
        );
        if one.max(other) > STEADY {
            println!("    the two runs of a program differ by more than {} %", STEADY * 100.0);
        }
        found.insert(workload.to_owned(), entry);
    }
    if found.is_empty() {
        let names = JOBS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        return Err(format!("no workload has such a name: expected the beginning of {names}"));
    }
    if options.accept {
        baseline.extend(found);
        return write(&file, &baseline);
    }
    if options.quick {
        return Ok(());
    }
    let grown = grown(&baseline, &found);
    if grown.is_empty() { Ok(()) } else { Err(grown) }
}

/// Returns the ratio and the instructions per item.
#[expect(clippy::cast_precision_loss, reason = "the counts have fewer than 52 bits")]
fn entry(client: u64, plain: u64, size: usize) -> Entry {
    let ratio = (client as f64 / plain as f64 * 1_000.0).round() / 1_000.0;
    Entry { ratio, client: client / size as u64, plain: plain / size as u64 }
}

/// Returns a message that lists the workloads whose ratio has grown, or an empty string.
fn grown(baseline: &Entries, found: &Entries) -> String {
    let mut message = String::new();
    for (workload, entry) in found {
        match baseline.get(workload) {
            None => {
                let _ = writeln!(message, "{workload}: not in {BASELINE}");
            }
            Some(before) if entry.ratio > before.ratio * (1.0 + ALLOWED) => {
                let growth = (entry.ratio / before.ratio - 1.0) * 100.0;
                let _ = writeln!(
                    message,
                    "{workload}: the client takes {:.3} times the instructions of the plain program, {growth:.1} % more \
                     than the {:.3} in {BASELINE} (per item: {} instead of {}, plain {} instead of {})",
                    entry.ratio, before.ratio, entry.client, before.client, entry.plain, before.plain
                );
            }
            Some(_) => {}
        }
    }
    if !message.is_empty() {
        let names = found.keys().map(String::as_str).collect::<Vec<_>>().join(" ");
        let _ = write!(
            message,
            "ratios may grow by {} %. `cargo xtask bench --instructions --profiles DIR {names}` writes profiles for \
             callgrind_annotate. If the growth is meant, `cargo xtask bench --instructions --accept {names}` makes these \
             ratios the baseline; say why in the commit",
            ALLOWED * 100.0
        );
    }
    message
}

/// Counts the instructions of a program in two runs. Returns the lower number, and the difference as a share of it.
#[expect(clippy::cast_precision_loss, reason = "the counts have fewer than 52 bits")]
fn count(
    programs: &Programs,
    program: Program,
    job: &Job,
    server: &Server,
    options: &Options,
) -> Result<(u64, f64), String> {
    let one = count_once(programs, program, job, server, options)?;
    let other = count_once(programs, program, job, server, options)?;
    Ok((one.min(other), one.abs_diff(other) as f64 / one.min(other) as f64))
}

fn count_once(
    programs: &Programs,
    program: Program,
    job: &Job,
    server: &Server,
    options: &Options,
) -> Result<u64, String> {
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind");
    if job.workload != "start" {
        command.arg(format!("--toggle-collect={MEASURED}"));
    }
    match &options.profiles {
        Some(directory) => {
            fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
            let name = format!("{}-{program:?}.callgrind", job.workload).to_lowercase();
            command.arg(format!("--callgrind-out-file={}", directory.join(name).display()));
        }
        None => {
            command.arg("--callgrind-out-file=/dev/null");
        }
    }
    command.arg(programs.path(program)).args(job.arguments(&server.origin)).arg("single");
    let output = without_proxies(&mut command).output().map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let what = format!("{program:?} with {}", job.workload);
    if !output.status.success() {
        return Err(format!("{what} failed below valgrind ({}):\n{text}", output.status));
    }
    match collected(&text) {
        Some(0) => {
            Err(format!("{what}: no instruction was counted below a function {MEASURED}; was it inlined?"))
        }
        Some(count) => Ok(count),
        None => Err(format!("{what}: callgrind printed no line \"Collected : NUMBER\":\n{text}")),
    }
}

/// Returns the number of instructions in the output of callgrind.
pub(super) fn collected(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("Collected : ")?;
    rest.lines().next()?.trim().parse().ok()
}

pub(super) fn valgrind() -> Result<(), String> {
    let found = Command::new("valgrind").arg("--version").output();
    if found.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    Err("valgrind is needed to count instructions (Debian: apt-get install valgrind)".to_owned())
}

fn read(file: &Path) -> Result<Entries, String> {
    if !file.exists() {
        return Ok(Entries::new());
    }
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

fn write(file: &Path, entries: &Entries) -> Result<(), String> {
    let text = serde_json::to_string_pretty(entries).map_err(|error| error.to_string())?;
    fs::write(file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
    println!("{BASELINE} has these ratios now");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(list: &[(&str, f64)]) -> Entries {
        let entry = |ratio| Entry { ratio, client: 10, plain: 10 };
        list.iter().map(|(name, ratio)| ((*name).to_owned(), entry(*ratio))).collect()
    }

    #[test]
    fn growth_above_the_limit_is_reported_with_the_way_to_accept_it() {
        let baseline = entries(&[("ask", 1.0), ("query", 1.0)]);
        assert_eq!(grown(&baseline, &entries(&[("ask", 1.05), ("query", 0.5)])), "");
        let message = grown(&baseline, &entries(&[("ask", 1.06), ("query", 1.0)]));
        assert!(message.starts_with("ask: ") && !message.contains("\nquery: "), "{message}");
        assert!(message.contains("--accept"), "{message}");
    }

    #[test]
    fn workload_without_a_baseline_is_reported() {
        assert!(grown(&entries(&[]), &entries(&[("ask", 1.0)])).starts_with("ask: not in "));
    }

    #[test]
    fn number_is_read_from_the_output_of_callgrind() {
        assert_eq!(
            collected("==1== Collected : 14807249\n==1== I   refs:      14,807,249"),
            Some(14_807_249)
        );
        assert_eq!(collected("==1== nothing"), None);
    }
}
