//! The rooms of each crate, from top to bottom.

/// The rooms of one crate.
pub(super) struct House {
    pub(super) crate_name: &'static str,
    /// From the highest to the lowest. A room may import from those after it. Files at the root of `src` are named with
    /// their extension.
    pub(super) rooms: &'static [&'static str],
}

/// The crates that the check reads.
pub(super) const HOUSES: &[House] = &[
    House {
        crate_name: "datalinks",
        rooms: &[
            "lib.rs",
            "guide",
            "blocking",
            "testing",
            "account",
            "agents",
            "ask",
            "uploads",
            "ingest",
            "pipeline",
            "query",
            "read",
            "datasets",
            "spending",
            "drift",
            "client",
            "transport",
            "journal",
            "json",
            "stream",
            "types",
            "error",
            "secrets",
            "platform",
        ],
    },
    House {
        crate_name: "datalinks-emulator",
        rooms: &[
            "lib.rs",
            "builder.rs",
            "emulator.rs",
            "server",
            "error.rs",
            "admin",
            "api",
            "a2a",
            "drivers",
            "state",
            "pipeline",
            "ask",
            "faults",
            "ingestion",
            "uploads",
            "steps",
            "query",
            "linking",
            "cleaning",
            "build_specs",
            "contract",
            "request",
            "resources",
            "accounts",
            "store",
            "models",
            "usage",
            "runtime",
            "persistence",
            "response",
            "concurrency",
            "coding",
        ],
    },
    House {
        crate_name: "datalinks-cli",
        rooms: &[
            "main.rs",
            "cli",
            "manual.rs",
            "commands",
            "demo",
            "sql.rs",
            "emulator",
            "session",
            "local_emulator",
            "settings",
            "output",
            "failure",
            "child.rs",
            "signals.rs",
            "terminal",
            "set.rs",
        ],
    },
];

impl House {
    /// Returns the position of a room in the list, or `None` if it is not listed.
    pub(super) fn rank(&self, room: &str) -> Option<usize> {
        self.rooms.iter().position(|name| *name == room)
    }

    /// The names of all rooms.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.rooms.iter().copied()
    }
}

/// The room of a file, given below `src`: its first directory, or its own name if it is at the root. A file at the root
/// and the directory of its modules are one room.
pub(super) fn room_of(file: &str, at_root: &[String]) -> String {
    match file.split_once('/') {
        None => file.to_owned(),
        Some((directory, _)) => {
            let own = format!("{directory}.rs");
            if at_root.contains(&own) { own } else { directory.to_owned() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the names of rooms in the list that follows `start` in ARCHITECTURE.md.
    fn listed(architecture: &str, start: &str) -> Vec<String> {
        let (_, section) = architecture.split_once(start).unwrap();
        let items = section.lines().skip_while(|line| !line.starts_with("- `"));
        let items = items.take_while(|line| !line.is_empty()).filter_map(|line| line.strip_prefix("- "));
        let names = items.flat_map(|item| {
            let (names, _) = item.split_once("`: ").unwrap();
            names.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
        });
        names.filter(|name| !name.ends_with('/')).collect()
    }

    #[test]
    fn architecture_lists_the_rooms_in_order() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md");
        let architecture = std::fs::read_to_string(path).unwrap();
        let [facade, emulator, command_line] = HOUSES else { panic!("three crates have rooms") };
        let mut rooms = listed(&architecture, "## Rooms of the façade");
        rooms.insert(0, "lib.rs".to_owned());
        assert_eq!(rooms, facade.rooms);
        assert_eq!(listed(&architecture, "`datalinks-emulator/src` are rooms"), emulator.rooms);
        assert_eq!(listed(&architecture, "`datalinks-cli/src` are rooms"), command_line.rooms);
    }
}
