//! The pages of the command line in `docs/`: `cli.md`, a page per command, and the table of operations.
//!
//! The program describes its own commands. Pages end in the terminal session of the command in `datalinks-cli/tests/cmd`,
//! which a test executes.

mod operations;

use std::{collections::BTreeMap, fs, io::Write, path::Path, process::Command};

use crate::regen::files::{self, Derived};

/// The first line of each page.
const NOTE: &str = "<!-- Written by `cargo xtask cli-docs`. -->\n\n";

/// Writes the pages, or compares them if `check` is set.
///
/// # Errors
///
/// Fails if the command line cannot be built, if an operation has neither a command nor a reason, if a listed command does
/// not exist, or if `check` finds a stale page.
pub(crate) fn run(root: &Path, check: bool, out: &mut dyn Write) -> Result<(), String> {
    let mut derived = Vec::new();
    let pages = pages(root)?;
    let table = operations::table(root, &pages)?;
    for (name, text) in pages {
        let (path, rest) = match name.as_str() {
            "cli" => ("docs/cli.md".to_owned(), exit_codes(root)?),
            noun => (format!("docs/cli/{noun}.md"), session(root, noun)?),
        };
        derived.push((path, format!("{NOTE}{text}{rest}")));
    }
    derived.push(("docs/cli/operations.md".to_owned(), format!("{NOTE}{table}")));
    let unexpected = unexpected(root, &derived)?;
    let derived: Vec<Derived> = derived.into_iter().map(|(path, text)| Derived::new(path, text)).collect();
    let mut stale = if check {
        files::check(root, &derived, false, out)?
    } else {
        files::write(root, &derived, false, out)?;
        for path in &unexpected {
            fs::remove_file(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        }
        return Ok(());
    };
    stale.extend(unexpected);
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("pages of the command line are stale ({}); run `cargo xtask cli-docs`", stale.join(", ")))
}

/// Asks the program for its pages.
fn pages(root: &Path) -> Result<BTreeMap<String, String>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments =
        ["run", "--quiet", "--package", "datalinks-cli", "--bin", "datalinks", "--", "man", "--markdown"];
    let output = Command::new(cargo).args(arguments).current_dir(root).output();
    let output = output.map_err(|error| format!("cargo run: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo run failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("datalinks man --markdown: {error}"))
}

/// Returns the terminal session of a command, or nothing if it has none.
fn session(root: &Path, noun: &str) -> Result<String, String> {
    let path = root.join("datalinks-cli/tests/cmd").join(format!("{noun}.trycmd"));
    if !path.exists() {
        return Ok(String::new());
    }
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    // An empty line ends the output of a command. The fence needs none.
    let text = text.replace("\n\n```\n", "\n```\n").replace("\n```\n$", "\n```text\n$");
    Ok(format!(
        "\n## In a terminal\n\nA test executes these commands. `? 5` is an exit code, and `[..]` stands for text that \
         differs between runs.\n\n{}\n",
        text.trim_end()
    ))
}

/// Returns the table of exit codes, from the documentation of the type.
fn exit_codes(root: &Path) -> Result<String, String> {
    let path = root.join("datalinks-cli/src/failure/exit.rs");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let rows: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("/// "))
        .filter(|line| line.starts_with('|'))
        .collect();
    Ok(format!(
        "\n## Exit codes\n\n{}\n\nIf several apply, the first of 130, 7, 8, 4, 5, 3, 6, 1 is the code.\n\n\
         [Operations and their commands](cli/operations.md)\n",
        rows.join("\n")
    ))
}

/// Returns the pages that no command has any more.
fn unexpected(root: &Path, derived: &[(String, String)]) -> Result<Vec<String>, String> {
    let folder = root.join("docs/cli");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|error| format!("docs/cli: {error}"))? {
        let name = entry.map_err(|error| format!("docs/cli: {error}"))?.file_name();
        let path = format!("docs/cli/{}", name.to_string_lossy());
        if !derived.iter().any(|(own, _)| *own == path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
