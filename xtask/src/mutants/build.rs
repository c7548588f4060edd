//! Builds of the copy, with the places of their errors.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde::Deserialize;

use super::suites::Suite;

/// The copy of the checkout, and the directory of its build results.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub(super) tree: &'a Path,
    pub(super) results: PathBuf,
}

/// An error of the compiler.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct CompilerError {
    pub(super) text: String,
    /// The number of the error, for instance `E0308`.
    code: Option<String>,
    /// Files below the root of the workspace, with the number of bytes before the error.
    pub(super) places: Vec<(String, usize)>,
}

impl CompilerError {
    /// Returns `true` if the returned value of a function is not what its signature names, which no other value changes.
    pub(super) fn is_about_signature(&self) -> bool {
        self.code.as_deref() == Some("E0271")
    }

    /// Returns `true` if the types of an expression do not fit, which no context changes.
    pub(super) fn is_about_types(&self) -> bool {
        matches!(self.code.as_deref(), Some("E0277" | "E0308" | "E0369" | "E0599" | "E0600"))
    }
}

/// A line of `cargo --message-format json`.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    message: Option<Message>,
    #[serde(default)]
    executable: Option<PathBuf>,
    #[serde(default)]
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    code: Option<Code>,
    rendered: Option<String>,
    spans: Vec<Place>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Place {
    file_name: String,
    byte_start: usize,
    is_primary: bool,
    /// The macro that expands to the code.
    expansion: Option<Expansion>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Box<Place>,
}

impl Builder<'_> {
    /// Builds unit tests, and returns the errors of the compiler.
    pub(super) fn check(&self, unit_tests: Suite) -> Result<Vec<CompilerError>, String> {
        // The unit tests are needed in any case, and with an error cargo stops before it generates code.
        errors(&self.cargo(unit_tests)?)
    }

    /// Builds a suite, and returns the test binary.
    pub(super) fn build(&self, suite: Suite) -> Result<PathBuf, String> {
        let output = self.cargo(suite)?;
        if let Some(error) = errors(&output)?.first() {
            return Err(format!("{} cannot be built\n{}", suite.name(), error.text));
        }
        let name = suite.test.map_or_else(|| suite.package.replace('-', "_"), str::to_owned);
        let lines = lines(&output.stdout);
        let built = lines.filter(|line| line.target.as_ref().is_some_and(|target| target.name == name));
        let binary = built.filter_map(|line| line.executable).last();
        binary.ok_or_else(|| format!("cargo built no binary of {}", suite.name()))
    }

    fn cargo(&self, suite: Suite) -> Result<Output, String> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["test", "--no-run", "--locked", "--message-format", "json"]).args(suite.arguments());
        // One build follows the other with few files changed, and the state of incremental builds is large.
        cargo.env("CARGO_TARGET_DIR", &self.results).env("CARGO_INCREMENTAL", "0");
        cargo.current_dir(self.tree).output().map_err(|error| format!("cannot run cargo: {error}"))
    }
}

/// Returns the errors of the compiler, or an error if cargo failed for another reason.
fn errors(output: &Output) -> Result<Vec<CompilerError>, String> {
    if output.status.success() {
        return Ok(Vec::new());
    }
    let errors: Vec<CompilerError> = lines(&output.stdout).filter_map(|line| error(line.message?)).collect();
    if errors.is_empty() {
        return Err(format!("cargo failed\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(errors)
}

fn lines(output: &[u8]) -> impl Iterator<Item = Line> {
    output.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

fn error(message: Message) -> Option<CompilerError> {
    // The last error only says that there were others.
    if message.level != "error" || message.spans.is_empty() {
        return None;
    }
    let mut places = Vec::new();
    let (primary, others): (Vec<Place>, Vec<Place>) =
        message.spans.into_iter().partition(|place| place.is_primary);
    for place in primary.into_iter().chain(others) {
        let mut next = Some(place);
        while let Some(Place { file_name, byte_start, expansion, .. }) = next {
            places.push((file_name, byte_start));
            next = expansion.map(|expansion| *expansion.span);
        }
    }
    let code = message.code.map(|code| code.code);
    Some(CompilerError { text: message.rendered.unwrap_or_default(), code, places })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_their_places_and_macros_those_of_the_call() {
        let place = |file: &str, start: usize, primary: bool, expansion: &str| {
            format!(
                r#"{{"file_name": "{file}", "byte_start": {start}, "is_primary": {primary}, "expansion": {expansion}}}"#
            )
        };
        let call = format!(r#"{{"span": {}}}"#, place("a.rs", 7, true, "null"));
        let spans = format!("{}, {}", place("b.rs", 3, false, "null"), place("/std.rs", 5, true, &call));
        let text = format!(
            "{}\n{}\n{}\n",
            r#"{"reason": "build-finished", "success": false}"#,
            r#"{"reason": "compiler-message", "message": {"level": "error", "code": null, "rendered": "aborting", "spans": []}}"#,
            format!(
                r#"{{"reason": "compiler-message", "message": {{"level": "error",
                    "code": {{"code": "E0308"}}, "rendered": "no", "spans": [{spans}]}}}}"#
            )
            .replace('\n', " "),
        );
        let errors: Vec<CompilerError> =
            lines(text.as_bytes()).filter_map(|line| error(line.message?)).collect();
        let places = [("/std.rs", 5), ("a.rs", 7), ("b.rs", 3)].map(|(file, at)| (file.to_owned(), at));
        let code = Some("E0308".to_owned());
        assert_eq!(errors, [CompilerError { text: "no".to_owned(), code, places: places.to_vec() }]);
        assert!(errors[0].is_about_types());
    }
}
