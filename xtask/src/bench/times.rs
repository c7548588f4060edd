//! Wall and CPU time and peak memory, as ratios to a plain program.
//!
//! The programs run in turn, in every second round in the opposite order, so that a machine that slows down for a
//! while slows down all of them. A ratio is the median of the ratios of the rounds.

use std::{fmt::Write as _, path::Path};

use super::{Job, Options, Program, Programs, Server, document, machine::machine, programs::Sample};

const ROUNDS: usize = 9;
const QUICK_ROUNDS: usize = 1;

/// A row of the table.
struct Row {
    name: &'static str,
    job: Job,
    /// `true` if the published Python client has this workload.
    python: bool,
}

const fn row(
    name: &'static str,
    (workload, size): (&'static str, usize),
    (in_flight, delay): (usize, u64),
    python: bool,
) -> Row {
    Row { name, job: Job { workload, size, in_flight, delay }, python }
}

const ROWS: &[Row] = &[
    row("ingest, JSON maps, 100,000 rows in batches of 1,000", ("ingest-maps", 100_000), (1, 0), true),
    row("the same, 8 requests in flight", ("ingest-maps", 100_000), (8, 0), false),
    row("ingest, typed structs, 100,000 rows in batches of 1,000", ("ingest-typed", 100_000), (1, 0), false),
    row("the same, 8 requests in flight", ("ingest-typed", 100_000), (8, 0), false),
    row("the same, 20,000 rows, 50 ms before each response", ("ingest-typed", 20_000), (1, 50), false),
    row("the same, 8 requests in flight", ("ingest-typed", 20_000), (8, 50), false),
    row("ingest, 1,000,000 typed structs from a stream", ("ingest-stream", 1_000_000), (1, 0), false),
    row("query, 100,000 rows into structs", ("query", 100_000), (1, 0), true),
    row("ask, 100,000 steps, typed", ("ask", 100_000), (1, 0), true),
    row("pipeline, 100,000 events as values", ("pipeline", 100_000), (1, 0), true),
    row("pipeline, 100,000 events into structs", ("pipeline-typed", 100_000), (1, 0), false),
    row("10,000 small calls, one after the other", ("calls", 10_000), (1, 0), true),
    row("20 small calls, 50 ms before each response", ("calls", 20), (1, 50), true),
    row("upload of 1 GiB", ("upload", 1_024), (4, 0), false),
    row("process start to first response", ("start", 1), (1, 0), true),
];

/// Workloads of the emulator, with their number of items.
const EMULATOR: &[(&str, &str, usize)] = &[
    ("ingest into memory", "emulator-ingest", 100_000),
    ("ingest into a directory", "emulator-ingest-directory", 100_000),
    ("ingest into a directory, with sync to disk", "emulator-ingest-sync", 100_000),
    ("ingest beside 1,000 other datasets", "emulator-ingest-beside", 100_000),
    ("start with a directory of 1,000,000 rows", "emulator-start", 1_000_000),
    ("query over 1,000,000 rows, filtered", "emulator-query-filter", 1_000_000),
    ("query over 1,000,000 rows, filtered, sorted by two columns, limited", "emulator-query-sort", 1_000_000),
    ("query over 1,000,000 rows, sorted by a string, limited", "emulator-query-text", 1_000_000),
    ("200 concurrent questions, 20 ms between events", "emulator-streams", 200),
];

pub(super) fn run(root: &Path, options: &Options) -> Result<(), String> {
    let emulator = EMULATOR.iter().any(|(_, workload, _)| options.wants(workload));
    let (programs, missing) = Programs::build(root, emulator)?.with_python();
    if let Some(reason) = &missing {
        println!("without the Python client: {reason}");
    }
    let server = Server::start(&programs)?;
    let rounds = options.rounds.unwrap_or(if options.quick { QUICK_ROUNDS } else { ROUNDS }).max(1);
    let mut text = machine(root, rounds)?;
    if options.quick {
        text.push_str("- Sizes: 2,000 at most, although the table has the full ones\n");
    }
    if programs.has_python() {
        text.push_str("- Python: the published client, `datalinks==2.2.0`\n\n");
    } else {
        text.push_str("- Python: left out, because there was no Python 3.11 with its venv module, or no package index\n\n");
    }
    text.push_str(&clients(&programs, &server, rounds, options)?);
    text.push_str(&emulators(&programs, &server, rounds, options)?);
    if options.writes() {
        return document::replace(root, "times", &text);
    }
    println!("\n{text}");
    Ok(())
}

fn clients(programs: &Programs, server: &Server, rounds: usize, options: &Options) -> Result<String, String> {
    let mut table = String::from(
        "| work | plain | `datalinks` | ratio | ratio of CPU | peak memory, plain | `datalinks` | Python | ratio |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    let mut overhead_of_calls = String::new();
    for Row { name, job, python } in ROWS.iter().filter(|row| options.wants(row.job.workload)) {
        let job = scaled(*job, options.quick);
        println!("{} {} ({} in flight, {} ms)", job.workload, job.size, job.in_flight, job.delay);
        let mut all = vec![Program::Plain, Program::Facade];
        if *python && programs.has_python() {
            all.push(Program::Python);
        }
        let samples = measure(programs, server, &all, &job, rounds)?;
        let [plain, facade] = [&samples[0], &samples[1]];
        if job.workload == "calls" && job.delay == 0 {
            overhead_of_calls = overhead(job.size, plain, facade);
        }
        let _ = write!(
            table,
            "| {name} | {} | {} | {} | {} | {} | {} |",
            times(plain),
            times(facade),
            ratio(plain, facade, |sample| sample.wall),
            ratio(plain, facade, |sample| sample.cpu),
            memory(plain),
            memory(facade),
        );
        let _ = match samples.get(2) {
            Some(python) => {
                writeln!(table, " {} | {} |", times(python), ratio(plain, python, |sample| sample.wall))
            }
            None => writeln!(table, " – | – |"),
        };
    }
    table.push_str(&overhead_of_calls);
    Ok(table)
}

/// Returns a sentence about the overhead of a small call. Both figures are medians of the rounds.
fn overhead(calls: usize, plain: &[Sample], facade: &[Sample]) -> String {
    let per_call =
        |samples: &[Sample]| median(samples.iter().map(|sample| sample.wall).collect()) / calls as f64;
    let added =
        median(plain.iter().zip(facade).map(|(plain, facade)| facade.wall / plain.wall - 1.0).collect());
    format!(
        "\nA small call takes {} with the plain program and {} with `datalinks`: the overhead is {:.1} % of the plain call \
         (the goal is less than 5 %).\n",
        time(per_call(plain)),
        time(per_call(facade)),
        added * 100.0
    )
}

fn emulators(
    programs: &Programs,
    server: &Server,
    rounds: usize,
    options: &Options,
) -> Result<String, String> {
    let mut table =
        String::from("\n| emulator | time | items per second | peak memory |\n|---|---|---|---|\n");
    for &(name, workload, size) in EMULATOR.iter().filter(|(_, workload, _)| options.wants(workload)) {
        let job = scaled(Job { workload, size, in_flight: 1, delay: 0 }, options.quick);
        println!("{} {}", job.workload, job.size);
        let samples = measure(programs, server, &[Program::Emulator], &job, rounds.min(5))?;
        let rate = job.size as f64 / median(samples[0].iter().map(|sample| sample.wall).collect());
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} |",
            times(&samples[0]),
            thousands(rate),
            memory(&samples[0])
        );
    }
    Ok(table)
}

/// Reduces the size for `--quick`. The size of an ingestion is a multiple of the batch size.
fn scaled(job: Job, quick: bool) -> Job {
    let size = match job.workload {
        _ if !quick => job.size,
        "calls" => job.size.min(100),
        "upload" => 16,
        "emulator-streams" => 10,
        _ => job.size.min(2_000),
    };
    Job { size, ..job }
}

/// Runs each program once in each round, after a round that does not count. Returns the samples of each program.
pub(super) fn measure(
    programs: &Programs,
    server: &Server,
    all: &[Program],
    job: &Job,
    rounds: usize,
) -> Result<Vec<Vec<Sample>>, String> {
    let mut samples = vec![Vec::new(); all.len()];
    for round in 0..=rounds {
        let mut order: Vec<usize> = (0..all.len()).collect();
        if round % 2 == 0 {
            order.reverse();
        }
        for index in order {
            let sample = programs.run(all[index], job, server)?;
            if round > 0 {
                samples[index].push(sample);
            }
        }
    }
    Ok(samples)
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// Returns the median of the elapsed times, and their spread.
fn times(samples: &[Sample]) -> String {
    let walls: Vec<f64> = samples.iter().map(|sample| sample.wall).collect();
    let (least, most) = spread(&walls);
    format!("{} ({} to {})", time(median(walls)), time(least), time(most))
}

/// Returns the median of the ratios of the rounds, and their spread.
fn ratio(plain: &[Sample], other: &[Sample], figure: fn(&Sample) -> f64) -> String {
    let ratios: Vec<f64> =
        plain.iter().zip(other).map(|(plain, other)| figure(plain) / figure(other)).collect();
    let (least, most) = spread(&ratios);
    format!("**{:.2}** ({least:.2} to {most:.2})", median(ratios))
}

fn memory(samples: &[Sample]) -> String {
    let peaks: Vec<f64> = samples.iter().filter_map(|sample| sample.peak).collect();
    if peaks.is_empty() { "–".to_owned() } else { format!("{:.1} MiB", median(peaks)) }
}

fn spread(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &value| (least.min(value), most.max(value)))
}

/// Returns a time with three digits.
fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        _ if seconds >= 1.0 => (seconds, "s"),
        _ if seconds >= 1e-3 => (seconds * 1e3, "ms"),
        _ => (seconds * 1e6, "µs"),
    };
    let decimals = match value {
        _ if value >= 100.0 => 0,
        _ if value >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$} {unit}")
}

/// Returns a whole number with a comma after every three digits.
pub(super) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(vec![]).is_nan());
    }

    #[test]
    fn ratio_is_taken_in_each_round() {
        let sample = |wall| Sample { wall, cpu: 0.0, peak: None };
        let plain = [sample(1.0), sample(10.0), sample(1.0)];
        let other = [sample(2.0), sample(20.0), sample(1.0)];
        assert_eq!(ratio(&plain, &other, |sample| sample.wall), "**0.50** (0.50 to 1.00)");
    }

    #[test]
    fn overhead_is_relative_to_the_plain_call() {
        let sample = |wall| Sample { wall, cpu: 0.0, peak: None };
        let text = overhead(100, &[sample(0.01)], &[sample(0.0104)]);
        assert!(text.contains("100 µs") && text.contains("104 µs") && text.contains("4.0 %"), "{text}");
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(["1.23 s", "12.3 ms", "123 µs"], [time(1.234), time(0.012_34), time(0.000_123_4)]);
        assert_eq!([thousands(999.0), thousands(1_234_567.8)], ["999", "1,234,568"]);
    }

    #[test]
    fn quick_sizes_are_whole_batches() {
        for row in ROWS.iter().filter(|row| row.job.workload.starts_with("ingest")) {
            assert_eq!((scaled(row.job, true).size % 1_000, row.job.size % 1_000), (0, 0), "{}", row.name);
        }
    }
}
