//! Cost per item as the number of items grows: ingestion from a stream, and events.

use std::{fmt::Write as _, path::Path};

use super::{
    Job, Options, Program, Programs, Server, document,
    machine::machine,
    times::{measure, median, thousands},
};

const WORKLOADS: [(&str, &str); 4] = [
    ("ingest from a stream", "ingest-stream"),
    ("ask, steps into structs", "ask"),
    ("pipeline, events as values", "pipeline"),
    ("pipeline, events into structs", "pipeline-typed"),
];
const SIZES: [usize; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
const QUICK_SIZES: [usize; 2] = [1_000, 10_000];
/// Items of all rounds of one size, about. Smaller sizes have more rounds.
const ITEMS: usize = 3_000_000;
/// The growth that still counts as flat.
const FLAT: f64 = 0.10;

/// The cost of one size.
struct Cost {
    size: usize,
    /// CPU time per item in nanoseconds.
    cpu: f64,
    /// Elapsed time per item in nanoseconds.
    wall: f64,
    /// Peak memory in MiB.
    peak: Option<f64>,
}

pub(super) fn run(root: &Path, options: &Options) -> Result<(), String> {
    let programs = Programs::build(root, false)?;
    let server = Server::start(&programs)?;
    let sizes: &[usize] = if options.quick { &QUICK_SIZES } else { &SIZES };
    let mut text = machine(root, 1)?;
    text.push('\n');
    text.push_str(
        "| work | items | CPU per item, plain | `datalinks` | elapsed per item, plain | `datalinks` | peak memory, plain | \
         `datalinks` |\n|---|---|---|---|---|---|---|---|\n",
    );
    let mut verdicts = String::new();
    for (name, workload) in WORKLOADS.into_iter().filter(|(_, workload)| options.wants(workload)) {
        let mut costs = Vec::new();
        for &size in sizes {
            println!("{workload} {size}");
            let [plain, client] = cost(&programs, &server, workload, size, options)?;
            let _ = writeln!(
                text,
                "| {name} | {} | {:.0} ns | {:.0} ns | {:.0} ns | {:.0} ns | {} | {} |",
                thousands(size as f64),
                plain.cpu,
                client.cpu,
                plain.wall,
                client.wall,
                memory(plain.peak),
                memory(client.peak)
            );
            costs.push(client);
        }
        verdicts.push_str(&verdict(name, &costs));
    }
    text.push('\n');
    text.push_str(&verdicts);
    if options.writes() {
        return document::replace(root, "growth", &text);
    }
    println!("\n{text}");
    Ok(())
}

/// Returns the costs of the plain program and of the client.
fn cost(
    programs: &Programs,
    server: &Server,
    workload: &'static str,
    size: usize,
    options: &Options,
) -> Result<[Cost; 2], String> {
    let rounds = if options.quick { 1 } else { (ITEMS / size).clamp(1, 9) };
    let job = Job { workload, size, in_flight: 1, delay: 0 };
    let all = measure(programs, server, &[Program::Plain, Program::Facade], &job, rounds)?;
    let cost = |index: usize| {
        let per_item = |seconds: Vec<f64>| median(seconds) * 1e9 / size as f64;
        let samples = &all[index];
        let peaks: Vec<f64> = samples.iter().filter_map(|sample| sample.peak).collect();
        Cost {
            size,
            cpu: per_item(samples.iter().map(|sample| sample.cpu).collect()),
            wall: per_item(samples.iter().map(|sample| sample.wall).collect()),
            peak: (!peaks.is_empty()).then(|| median(peaks)),
        }
    };
    Ok([cost(0), cost(1)])
}

/// Returns a sentence that says whether the cost of the client is flat. The smallest number of items does not count, because
/// connecting is a part of its time.
fn verdict(name: &str, costs: &[Cost]) -> String {
    let costs = if costs.len() > 2 { &costs[1..] } else { costs };
    let [first, .., last] = costs else { return String::new() };
    let times = last.cpu / first.cpu;
    let flat = if times <= 1.0 + FLAT { "flat" } else { "**not flat**" };
    let memory = match (first.peak, last.peak) {
        (Some(first), Some(last)) => format!(", and its peak memory by {:.1} MiB", last - first),
        _ => String::new(),
    };
    format!(
        "- {name}: from {} to {} items, the CPU time of `datalinks` per item changes by {:+.0} % ({flat}){memory}.\n",
        thousands(first.size as f64),
        thousands(last.size as f64),
        (times - 1.0) * 100.0
    )
}

fn memory(peak: Option<f64>) -> String {
    peak.map_or("–".to_owned(), |mebibytes| format!("{mebibytes:.1} MiB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdict_compares_all_but_the_smallest() {
        let cost = |size, cpu, peak| Cost { size, cpu, wall: cpu, peak: Some(peak) };
        let costs = [cost(10, 900.0, 1.0), cost(100, 100.0, 2.0), cost(1_000, 109.0, 2.5)];
        assert_eq!(
            verdict("ask", &costs),
            "- ask: from 100 to 1,000 items, the CPU time of `datalinks` per item changes by +9 % (flat), and its peak \
             memory by 0.5 MiB.\n"
        );
        let costs = [cost(10, 1.0, 1.0), cost(100, 100.0, 2.0), cost(1_000, 111.0, 2.0)];
        assert!(verdict("ask", &costs).contains("**not flat**"));
    }
}
