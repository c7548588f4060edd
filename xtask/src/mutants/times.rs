//! The times that tests take without a mutant, kept for later runs.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use super::trial::Timed;

/// The file with the times: milliseconds by the name of the test, by the name of the suite.
#[derive(Debug)]
pub(super) struct Times {
    file: PathBuf,
    milliseconds: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Times {
    /// Reads the times. A file that does not exist, or is of another version, has none.
    pub(super) fn read(file: PathBuf) -> Self {
        let text = fs::read_to_string(&file).unwrap_or_default();
        Self { file, milliseconds: serde_json::from_str(&text).unwrap_or_default() }
    }

    /// Returns those of the tests whose times are known.
    pub(super) fn of(&self, suite: &str, tests: &[String]) -> Vec<Timed> {
        let times = self.milliseconds.get(suite);
        let time = |name: &String| times?.get(name).copied().map(Duration::from_millis);
        tests.iter().filter_map(|name| Some(Timed { name: name.clone(), took: time(name)? })).collect()
    }

    /// Keeps the times of a suite in place of the earlier ones.
    pub(super) fn set(&mut self, suite: &str, tests: &[Timed]) -> Result<(), String> {
        let milliseconds = |test: &Timed| u64::try_from(test.took.as_millis()).unwrap_or(u64::MAX);
        let times = tests.iter().map(|test| (test.name.clone(), milliseconds(test))).collect();
        self.milliseconds.insert(suite.to_owned(), times);
        let text = serde_json::to_string(&self.milliseconds)
            .map_err(|error| format!("the times of the tests cannot be encoded: {error}"))?;
        fs::write(&self.file, text).map_err(|error| format!("{}: {error}", self.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_by_suite() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("times");
        let test = |name: &str| Timed { name: name.to_owned(), took: Duration::from_millis(7) };
        Times::read(file.clone()).set("datalinks inputs", &[test("a"), test("b")]).unwrap();
        let times = Times::read(file);
        let names = ["b".to_owned(), "c".to_owned()];
        assert_eq!(times.of("datalinks inputs", &names), [test("b")]);
        assert_eq!(times.of("datalinks csv_oracle", &names), []);
    }
}
