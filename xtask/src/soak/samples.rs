//! The resources of the emulator over time.

use std::path::Path;

/// Bytes by which the median of the memory may grow in any case.
const MEMORY_ALLOWANCE: u64 = 8 << 20;

/// Number of threads and of open files by which their medians may grow.
const THREAD_ALLOWANCE: u64 = 4;
const FILE_ALLOWANCE: u64 = 8;

/// Minimum number of samples for a comparison.
const ENOUGH: usize = 40;

/// The resources of a process at one moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Sample {
    /// Resident memory in bytes.
    pub(super) memory: u64,
    pub(super) threads: u64,
    pub(super) files: u64,
}

impl Sample {
    /// Reads the resources of a process from `/proc`. Returns `None` if it ended or the system has no `/proc`.
    pub(super) fn of(process: u32) -> Option<Self> {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let files = std::fs::read_dir(format!("/proc/{process}/fd")).ok()?.count() as u64;
        let (memory, threads) = read_status(&status)?;
        Some(Self { memory, threads, files })
    }
}

/// Returns the resident memory in bytes and the number of threads.
fn read_status(status: &str) -> Option<(u64, u64)> {
    let value = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some((value("VmRSS:")? * 1024, value("Threads:")?))
}

/// The comparison of the samples after the warm-up: medians of their first third and of their last third.
#[derive(Debug)]
pub(super) struct Trend {
    pub(super) before: Sample,
    pub(super) after: Sample,
}

impl Trend {
    /// Compares samples, without the first quarter as the warm-up. Returns `None` if there are too few.
    pub(super) fn of(samples: &[Sample]) -> Option<Self> {
        let warm = samples.get(samples.len() / 4..)?;
        if warm.len() < ENOUGH {
            return None;
        }
        let third = warm.len() / 3;
        Some(Self { before: median(&warm[..third]), after: median(&warm[warm.len() - third..]) })
    }

    /// Returns what has grown: more than a tenth and 8 MiB of memory, 4 threads, or 8 open files.
    pub(super) fn growth(&self) -> Vec<String> {
        let mut grown = Vec::new();
        let (before, after) = (self.before, self.after);
        if after.memory > before.memory + before.memory / 10 + MEMORY_ALLOWANCE {
            grown.push(format!(
                "memory grew from {} to {} MiB",
                mebibytes(before.memory),
                mebibytes(after.memory)
            ));
        }
        if after.threads > before.threads + THREAD_ALLOWANCE {
            grown.push(format!("threads grew from {} to {}", before.threads, after.threads));
        }
        if after.files > before.files + FILE_ALLOWANCE {
            grown.push(format!("open files grew from {} to {}", before.files, after.files));
        }
        grown
    }
}

pub(super) fn mebibytes(bytes: u64) -> u64 {
    bytes >> 20
}

/// Returns the median of each resource.
fn median(samples: &[Sample]) -> Sample {
    let middle = |value: fn(&Sample) -> u64| {
        let mut values: Vec<u64> = samples.iter().map(value).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Sample {
        memory: middle(|sample| sample.memory),
        threads: middle(|sample| sample.threads),
        files: middle(|sample| sample.files),
    }
}

/// Returns the bytes and the number of the files below a directory. Files that disappear are not counted.
pub(super) fn size(folder: &Path) -> (u64, u64) {
    let (mut bytes, mut files) = (0, 0);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(about) = entry.metadata() else { continue };
        let (more_bytes, more_files) = if about.is_dir() { size(&entry.path()) } else { (about.len(), 1) };
        bytes += more_bytes;
        files += more_files;
    }
    (bytes, files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(memory: impl Fn(u64) -> u64) -> Vec<Sample> {
        (0..400).map(|at| Sample { memory: memory(at) << 20, threads: 9, files: 30 }).collect()
    }

    #[test]
    fn warm_up_and_waves_are_not_growth() {
        for flat in [samples(|_| 50), samples(|at| 20 + at.min(100)), samples(|at| 80 + 30 * (at / 10 % 2))] {
            assert_eq!(Trend::of(&flat).unwrap().growth(), Vec::<String>::new());
        }
    }

    #[test]
    fn steady_growth_is_found() {
        let leak = Trend::of(&samples(|at| 50 + at / 8)).unwrap();
        assert!(leak.growth()[0].starts_with("memory grew from 68 to 93"), "{:?}", leak.growth());
        let mut threads = samples(|_| 50);
        for (sample, at) in threads.iter_mut().zip(0..) {
            (sample.threads, sample.files) = (9 + at / 40, 30 + at / 20);
        }
        let growth = Trend::of(&threads).unwrap().growth();
        assert_eq!(growth, ["threads grew from 12 to 17", "open files grew from 37 to 47"]);
    }

    #[test]
    fn few_samples_show_nothing() {
        assert!(Trend::of(&samples(|_| 1)[..40]).is_none());
        assert!(Trend::of(&[]).is_none());
    }

    #[test]
    fn status_of_a_process_is_read() {
        let status = "Name:\tx\nVmHWM:\t  900 kB\nVmRSS:\t  512 kB\nThreads:\t7\n";
        assert_eq!(read_status(status), Some((512 * 1024, 7)));
        assert_eq!(read_status("Name:\tx\n"), None);
    }
}
