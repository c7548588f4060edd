//! The content of the published packages, and a build from them.
//!
//! Each package has to contain its license files, its README and what its build reads, and must not contain tests with
//! their certificates, fuzz targets, corpora and listings of the repository. Files to which the README links have to be in
//! the package, because no address of the repository is known that could complete a link. Then cargo packs all of them, unpacks each
//! one, and compiles it against the other packages, as it would for an application. Nothing of the workspace is used
//! in that build except `Cargo.lock`.

use std::{
    collections::BTreeSet,
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    emulator::target,
    metadata::{Metadata, Package, cargo},
};

/// Files of every package.
const REQUIRED: [&str; 5] = ["Cargo.toml", "Cargo.lock", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Files that are the same in every package and at the root.
const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Files without which a package compiles only for some of its features, or without its documentation.
const REQUIRED_OF: [(&str, &str); 13] = [
    ("datalinks", "src/guide/mod.rs"),
    ("datalinks", "src/guide/getting_started.md"),
    ("datalinks", "examples/facade.rs"),
    ("datalinks-cli", "data/films.csv"),
    ("datalinks-emulator", "docs/decisions.md"),
    ("datalinks-emulator", "src/admin/control/openapi.json"),
    ("datalinks-emulator", "src/admin/page/index.html"),
    ("datalinks-gen", "codegen/mod.rs"),
    ("datalinks-gen", "snapshot/api.rs"),
    ("datalinks-gen", "snapshot/proxy.rs"),
    ("datalinks-gen", "spec/api.json"),
    ("datalinks-gen", "spec/proxy.json"),
    ("datalinks-gen", "spec/requests.json"),
];

/// Directories at the root of a package that applications do not need.
const UNWANTED: [&str; 6] = ["artifacts", "benches", "corpus", "fuzz", "target", "tests"];

/// Endings of names that no package contains: keys and certificates of tests, saved output and backups.
const UNWANTED_ENDINGS: [&str; 8] =
    [".crt", ".der", ".key", ".orig.rs", ".pem", ".rs.bk", ".trycmd", "public-api.txt"];

/// The limit of crates.io.
const LARGEST: u64 = 10 << 20;

/// Checks the content of all packages. With `build`, compiles them as well.
pub(crate) fn run(root: &Path, build: bool, out: &mut dyn Write) -> Result<(), String> {
    let metadata = Metadata::read(root)?;
    let packages: Vec<&Package> = metadata.published().collect();
    let mut defects = Vec::new();
    for package in &packages {
        let list = ["package", "--list", "--locked", "--allow-dirty", "-p", &package.name];
        let text = cargo(root, &list)?;
        let files: BTreeSet<&str> = text.lines().collect();
        say(out, &format!("{:18} {:4} files", package.name, files.len()))?;
        let mut found = of_content(&package.name, &files);
        if let Some(readme) = &package.readme {
            let text = read(&package.directory().join(readme))?;
            found.extend(of_links(&String::from_utf8_lossy(&text), &files));
        }
        let is_equal = |name: &str| read(&root.join(name)).ok() == read(&package.directory().join(name)).ok();
        found.extend(
            LICENSES
                .iter()
                .filter(|name| !is_equal(name))
                .map(|name| format!("{name} is not the one of the root")),
        );
        defects.extend(found.into_iter().map(|defect| format!("{}: {defect}", package.name)));
    }
    for defect in &defects {
        say(out, defect)?;
    }
    if !defects.is_empty() {
        return Err(format!("{} defects of packages; see `exclude` in their Cargo.toml", defects.len()));
    }
    if !build {
        return Ok(());
    }
    let begin = Instant::now();
    forget_unpacked(&packages)?;
    pack(root, &packages)?;
    let mut total = 0;
    for package in &packages {
        let file = target(root).join("package").join(format!("{}-{}.crate", package.name, package.version));
        let size = fs::metadata(&file).map_err(|error| format!("{}: {error}", file.display()))?.len();
        total += size;
        say(out, &format!("{:18} {:4} KiB", package.name, size >> 10))?;
        if size > LARGEST {
            return Err(format!("{} is larger than registries permit", file.display()));
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    say(
        out,
        &format!("{} packages compile from their files, {} KiB, {seconds:.0} s", packages.len(), total >> 10),
    )
}

/// Removes the packages that an earlier run has unpacked. Cargo looks only at names and versions, and would compile the
/// earlier files. It unpacks from the registry of this workspace into a directory whose name begins with `-`.
fn forget_unpacked(packages: &[&Package]) -> Result<(), String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let sources = home.ok_or("cannot find the directory of cargo: set CARGO_HOME")?.join("registry/src");
    let Ok(registries) = fs::read_dir(&sources) else { return Ok(()) };
    for registry in registries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with('-'))
    {
        for package in packages {
            let unpacked = registry.path().join(format!("{}-{}", package.name, package.version));
            match fs::remove_dir_all(&unpacked) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{}: {error}", unpacked.display())),
            }
        }
    }
    Ok(())
}

/// Packs all packages in one command, because each is compiled against the others.
fn pack(root: &Path, packages: &[&Package]) -> Result<(), String> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root).args(["package", "--quiet", "--locked", "--allow-dirty"]).stdin(Stdio::null());
    for package in packages {
        command.args(["-p", &package.name]);
    }
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => {
            Err("the packages do not compile; see above. A file may be missing that the workspace has"
                .to_owned())
        }
        Err(error) => Err(format!("cannot run cargo: {error}")),
    }
}

/// Returns what a package lacks, and what it must not contain.
fn of_content(package: &str, files: &BTreeSet<&str>) -> Vec<String> {
    let own = REQUIRED_OF.iter().filter(|(name, _)| *name == package).map(|(_, file)| file);
    let missing = REQUIRED.iter().chain(own).filter(|file| !files.contains(*file));
    let mut defects: Vec<String> = missing.map(|file| format!("{file} is missing")).collect();
    let unwanted = files.iter().filter(|file| {
        let directory = file.split_once('/').map(|(first, _)| first);
        directory.is_some_and(|first| UNWANTED.contains(&first))
            || UNWANTED_ENDINGS.iter().any(|ending| file.ends_with(ending))
    });
    defects.extend(unwanted.map(|file| format!("{file} is of no use to an application")));
    defects
}

/// Returns the links of a README that lead to no file of its package. A README is at the root of the package, wherever it
/// is in the workspace.
fn of_links(readme: &str, files: &BTreeSet<&str>) -> Vec<String> {
    let is_elsewhere = |link: &str| link.contains("://") || link.starts_with("mailto:");
    let mut defects = Vec::new();
    let mut in_code = false;
    for line in readme.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        let defined =
            line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, link)| link.trim());
        for link in inline.chain(defined).filter(|link| !is_elsewhere(link)) {
            let file = link.split('#').next().unwrap_or_default();
            let file = file.strip_prefix("./").unwrap_or(file);
            if !file.is_empty() && !files.contains(file) {
                defects.push(format!("README.md links to {link}, which is not in the package"));
            }
        }
    }
    defects
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn say(out: &mut dyn Write, line: &str) -> Result<(), String> {
    writeln!(out, "{line}").map_err(|error| format!("cannot write the report: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_unwanted_files_are_defects() {
        let mut files = BTreeSet::from(REQUIRED);
        files.extend(["src/lib.rs", "src/tests/mod.rs", "Cargo.toml.orig"]);
        assert!(of_content("any", &files).is_empty());
        assert_eq!(of_content("datalinks-cli", &files), ["data/films.csv is missing"]);
        files.remove("LICENSE-MIT");
        files.extend(["tests/data/tls/server.key", "fuzz/corpus/a", "src/authority.pem", "public-api.txt"]);
        assert_eq!(of_content("any", &files).len(), 5);
        for (package, file) in REQUIRED_OF {
            assert!(of_content(package, &BTreeSet::new()).contains(&format!("{file} is missing")));
        }
    }

    #[test]
    fn links_that_leave_the_package_are_defects() {
        let files = BTreeSet::from(["README.md", "docs/limits.md"]);
        let text = "[a](https://example.com/docs), [b](#part), [c](docs/limits.md#time), [d](./docs/limits.md)\n\
                    [e]: https://example.com\n```\n[f](missing.md)\n```\n";
        assert_eq!(of_links(text, &files), Vec::<String>::new());
        let text = "See [a](SECURITY.md#responses) and [b](../README.md), ![c](docs/c.png \"title\").\n\
                    [d]: docs/d.md\n```\ncode\n```\n[e](docs)\n";
        let links = ["SECURITY.md#responses", "../README.md", "docs/c.png", "docs/d.md", "docs"];
        let expected = links.map(|link| format!("README.md links to {link}, which is not in the package"));
        assert_eq!(of_links(text, &files), expected);
    }
}
