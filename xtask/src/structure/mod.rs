//! The rooms of a crate and the arrows between its files.
//!
//! A room is a directory below `src`, or a file beside `lib.rs` or `main.rs`. [`rooms`] lists the rooms of each crate from top to
//! bottom. The check fails on
//!
//! - files that import each other, directly or over others,
//! - an import from a lower room to a higher one,
//! - an import of a name that the root of the crate only re-exports, instead of from the room that owns it,
//! - a path to files, clocks or random numbers of the machine in `datalinks`, outside its room `platform`,
//! - a room, or a file at the root of `src`, that is not in the list, and an entry of the list that is not found.
//!
//! An arrow leads from a file to the file that defines what it names: in `use`, in paths in expressions, types and
//! patterns, in the tokens of macros, and in attributes that hold a path as a string (`#[serde(with = "…")]`). It is
//! followed through re-exports, so a name that `error/mod.rs` re-exports from `error/kind.rs` leads to the latter.
//!
//! Some things are not arrows:
//!
//! - `mod name;`. A parent has to declare its modules to have them compiled.
//! - `pub use`, `pub(crate) use` and `pub(super) use` of a name that the rest of the file does not name. They say what a
//!   room offers. If the file uses the name itself, that is an arrow.
//! - Everything below `#[cfg(test)]` and `#[test]`. A test of a file may use all of its crate.
//! - Links in doc comments.
//!
//! `use super::Name` is an arrow to the parent if the parent defines `Name` itself.

mod figures;
mod graph;
mod paths;
mod platform;
mod resolve;
mod rooms;
mod tree;

use std::{collections::BTreeSet, fmt::Write as _, io::Write, path::Path};

use graph::Arrow;
use rooms::House;
use tree::Tree;

/// Directories whose functions and lines are measured. Generated code is not among them.
const MEASURED: &[&str] = &[
    "benchmarks/src",
    "datalinks/src",
    "datalinks-emulator/src",
    "datalinks-cli/src",
    "datalinks-gen/src",
    "datalinks-gen/codegen",
    "tests/src",
    "xtask/src",
];

/// Reads the crates below `root`, prints the figures and what is wrong. `arrows` prints the arrows among rooms.
pub(crate) fn run(root: &Path, arrows: bool, out: &mut dyn Write) -> Result<(), String> {
    let mut report = String::new();
    let mut defects = 0;
    for house in rooms::HOUSES {
        defects += house_of(root, house, arrows, &mut report)?;
    }
    figures::measure(root, MEASURED)?.write(&mut report);
    let _ = writeln!(report, "{}", verdict(defects));
    out.write_all(report.as_bytes()).map_err(|error| format!("cannot write the report: {error}"))?;
    match defects {
        0 => Ok(()),
        count => Err(format!("{count} defects of structure; CONTRIBUTING.md explains the rules")),
    }
}

/// The last line of the report.
fn verdict(defects: usize) -> String {
    format!("{defects} defects of structure ({})", if defects == 0 { "ok" } else { "too many" })
}

/// Reports on one crate and returns the number of defects.
fn house_of(root: &Path, house: &House, show: bool, report: &mut String) -> Result<usize, String> {
    let tree = Tree::read(root, &format!("{}/src", house.crate_name))?;
    let found = Found::of(&tree, house);
    let _ = writeln!(report, "{}: {} files", house.crate_name, tree.files.len());
    found.write(house, show, report);
    let strays = platform::strays(&tree, house);
    for stray in &strays {
        let _ = writeln!(report, "       {stray}");
    }
    Ok(found.defects() + strays.len())
}

/// Everything that the check says about one crate.
struct Found {
    /// Files beside `lib.rs` or `main.rs`, and that one.
    at_root: Vec<String>,
    /// Directories and files at the root, by name.
    rooms: BTreeSet<String>,
    between_rooms: Vec<(String, String)>,
    /// The files of each cycle, and the shortest part of it.
    cycles: Vec<(Vec<String>, Vec<Arrow>)>,
    rooms_in_cycles: Vec<Vec<String>>,
    /// Imports between rooms of one cycle. Whatever the order of rooms, some of them point up.
    imports_in_cycles: usize,
    upward: Vec<Arrow>,
    through_root: Vec<Arrow>,
    unlisted: Vec<String>,
    stale: Vec<String>,
}

impl Found {
    fn of(tree: &Tree, house: &House) -> Self {
        let arrows = resolve::arrows(tree);
        let at_root: Vec<String> = tree.files.iter().filter(|file| !file.contains('/')).cloned().collect();
        let room = |file: &String| rooms::room_of(file, &at_root);
        let rooms: BTreeSet<String> = tree.files.iter().map(room).collect();
        let listed = |name: &String| house.rank(name).is_some();
        let mut between: BTreeSet<(String, String)> =
            arrows.iter().map(|arrow| (room(&arrow.from), room(&arrow.to))).collect();
        between.retain(|(from, to)| from != to);
        let upward = arrows.iter().filter(|arrow| {
            let ranks = (house.rank(&room(&arrow.from)), house.rank(&room(&arrow.to)));
            matches!(ranks, (Some(from), Some(to)) if to < from)
        });
        let files: Vec<(String, String)> =
            arrows.iter().map(|arrow| (arrow.from.clone(), arrow.to.clone())).collect();
        let components = graph::cycles(&files);
        let between: Vec<_> = between.into_iter().collect();
        let rooms_in_cycles = graph::cycles(&between);
        let in_cycle = |arrow: &&Arrow| {
            let (from, to) = (room(&arrow.from), room(&arrow.to));
            from != to && rooms_in_cycles.iter().any(|cycle| cycle.contains(&from) && cycle.contains(&to))
        };
        Self {
            imports_in_cycles: arrows.iter().filter(in_cycle).count(),
            cycles: components
                .into_iter()
                .map(|files| {
                    let shortest = graph::shortest_cycle(&files, &arrows);
                    (files, shortest)
                })
                .collect(),
            upward: upward.cloned().collect(),
            through_root: arrows.iter().filter(|arrow| arrow.through_root).cloned().collect(),
            unlisted: rooms.iter().filter(|name| !listed(name)).cloned().collect(),
            stale: house.names().filter(|name| !rooms.contains(*name)).map(str::to_owned).collect(),
            rooms_in_cycles,
            between_rooms: between,
            rooms,
            at_root,
        }
    }

    fn defects(&self) -> usize {
        let lists = self.cycles.len() + self.upward.len() + self.through_root.len();
        lists + self.unlisted.len() + self.stale.len()
    }

    fn write(&self, house: &House, show: bool, report: &mut String) {
        let names = |names: &[String]| names.join(" ");
        let _ = writeln!(report, "  {:4} files at the root of src", self.at_root.len());
        let _ = writeln!(
            report,
            "  {:4} rooms, {} arrows among them, {} rooms in cycles, with {} imports",
            self.rooms.len(),
            self.between_rooms.len(),
            self.rooms_in_cycles.iter().map(Vec::len).sum::<usize>(),
            self.imports_in_cycles,
        );
        if show {
            for (from, to) in &self.between_rooms {
                let _ = writeln!(report, "       {from} -> {to}");
            }
        }
        let _ = writeln!(
            report,
            "  {:4} cycles of files, with {} files",
            self.cycles.len(),
            self.cycles.iter().map(|(files, _)| files.len()).sum::<usize>(),
        );
        for (files, shortest) in &self.cycles {
            let _ = writeln!(report, "       {} files: {}; the shortest part:", files.len(), names(files));
            for arrow in shortest {
                let _ = writeln!(report, "         {arrow}");
            }
        }
        let _ = writeln!(report, "  {:4} upward imports", self.upward.len());
        for arrow in &self.upward {
            let _ = writeln!(report, "       {arrow}");
        }
        let _ = writeln!(report, "  {:4} imports through re-exports of the root", self.through_root.len());
        for arrow in &self.through_root {
            let _ = writeln!(report, "       {arrow}");
        }
        if !self.unlisted.is_empty() {
            let _ = writeln!(report, "       not in the list of rooms: {}", names(&self.unlisted));
        }
        if !self.stale.is_empty() {
            let _ = writeln!(
                report,
                "       in the list of rooms of {}, and not found: {}",
                house.crate_name,
                names(&self.stale)
            );
        }
    }
}

#[cfg(test)]
mod tests;
