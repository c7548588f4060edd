//! The figures of a run of libFuzzer, and their table.

use std::fmt::Write;

/// The figures of one target.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Figures {
    pub(super) executions: u64,
    pub(super) per_second: u64,
    /// Number of edges of the control flow that the inputs reach, at the start and at the end.
    pub(super) coverage: (u64, u64),
    /// Number of inputs that were added to the corpus.
    pub(super) new_inputs: usize,
    pub(super) peak_megabytes: u64,
    /// The inputs that fail.
    pub(super) crashes: Vec<String>,
}

impl Figures {
    /// Reads the output of libFuzzer.
    pub(super) fn read(output: &str) -> Self {
        let mut figures = Self::default();
        for line in output.lines() {
            if let Some(coverage) = number(line, "cov: ").filter(|_| line.starts_with('#')) {
                if line.contains("INITED") {
                    figures.coverage.0 = coverage;
                }
                figures.coverage.1 = coverage;
                let executed = line[1..].split_whitespace().next().and_then(|number| number.parse().ok());
                figures.executions = executed.unwrap_or(figures.executions);
                figures.per_second = number(line, "exec/s: ").unwrap_or_default();
                figures.peak_megabytes = number(line, "rss: ").unwrap_or_default();
            } else if let Some(executed) = number(line, "stat::number_of_executed_units: ") {
                figures.executions = executed;
            } else if let Some(speed) = number(line, "stat::average_exec_per_sec: ") {
                figures.per_second = speed;
            } else if let Some(peak) = number(line, "stat::peak_rss_mb: ") {
                figures.peak_megabytes = peak;
            }
        }
        figures
    }
}

/// Returns the number after a text in a line.
fn number(line: &str, before: &str) -> Option<u64> {
    let (_, rest) = line.split_once(before)?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// Returns the figures as a table in Markdown.
pub(super) fn table(rows: &[(&str, &Figures)]) -> String {
    let mut table =
        "| target | executions | per second | edges at the start | edges at the end | new inputs | \
                     peak memory | failures |\n|---|---|---|---|---|---|---|---|"
            .to_owned();
    for (target, figures) in rows {
        // Writing to a string cannot fail.
        let _ = write!(
            table,
            "\n| `{target}` | {} | {} | {} | {} | {} | {} MB | {} |",
            figures.executions,
            figures.per_second,
            figures.coverage.0,
            figures.coverage.1,
            figures.new_inputs,
            figures.peak_megabytes,
            figures.crashes.len(),
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "INFO: Seed: 1\n\
        #15\tINITED cov: 312 ft: 401 corp: 14/1Kb exec/s: 0 rss: 61Mb\n\
        #812\tNEW    cov: 350 ft: 480 corp: 20/2Kb lim: 64 exec/s: 400 rss: 62Mb L: 3/64 MS: 1 CopyPart-\n\
        #9000\tDONE   cov: 398 ft: 700 corp: 61/4Kb lim: 512 exec/s: 150 rss: 70Mb\n\
        Done 9000 runs in 60 second(s)\n\
        stat::number_of_executed_units: 9000\n\
        stat::average_exec_per_sec:     147\n\
        stat::new_units_added:          47\n\
        stat::peak_rss_mb:              71\n";

    #[test]
    fn figures_are_read_from_the_output() {
        let figures = Figures::read(OUTPUT);
        let expected = Figures {
            executions: 9000,
            per_second: 147,
            coverage: (312, 398),
            new_inputs: 0,
            peak_megabytes: 71,
            crashes: Vec::new(),
        };
        assert_eq!(figures, expected);
    }

    #[test]
    fn figures_of_a_crash_are_those_of_the_last_line() {
        let crash = OUTPUT.split_inclusive('\n').take(3).collect::<String>()
            + "==7== ERROR: libFuzzer: deadly signal\n";
        let figures = Figures::read(&crash);
        assert_eq!((figures.executions, figures.per_second, figures.coverage), (812, 400, (312, 350)));
    }

    #[test]
    fn table_has_a_row_for_each_target() {
        let figures = Figures { crashes: vec!["x".to_owned()], ..Figures::read(OUTPUT) };
        let table = table(&[("csv", &figures)]);
        assert_eq!(table.lines().last(), Some("| `csv` | 9000 | 147 | 312 | 398 | 0 | 71 MB | 1 |"));
        let bars = |line: &str| line.matches('|').count();
        assert!(table.lines().all(|line| bars(line) == 9), "{table}");
    }
}
