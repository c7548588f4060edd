//! The methods of the blocking client beside those of the async one, by the listing of all public items.
//!
//! `datalinks/public-api.txt` is held equal to the code by `cargo xtask public-api --check`. What is async follows from it:
//! types with async methods, streams, builders that are awaited, and all types with a method that returns one of them. So a
//! new method, and a new type, is missed without a list that somebody has to remember.

use std::collections::{BTreeMap, BTreeSet};

/// Methods whose blocking form is another one, as it is written in the listing, and methods without any.
const DIFFERENT: &[(&str, &[&str])] = &[
    // An iterator in the place of a stream.
    (
        "Dataset::ingest_stream",
        &[
            "Dataset::ingest_iter<T: serde_core::ser::Serialize + 'static>(&self, rows: impl IntoIterator<Item = T, IntoIter: Send + 'static>) -> Ingest<T>",
        ],
    ),
    (
        "Dataset::ingest_try_stream",
        &[
            "Dataset::ingest_try_iter<T, E>(&self, rows: impl IntoIterator<Item = Result<T, E>, IntoIter: Send + 'static>) -> Ingest<T>",
        ],
    ),
    // A switch in the place of a future.
    ("UploadFile::stop_when", &["UploadFile::stop_when(self, stop: &Stop) -> Self"]),
    ("UploadFiles::stop_when", &["UploadFiles::stop_when(self, stop: &Stop) -> Self"]),
    // A plan has no client, so it has no runtime either.
    (
        "PartitionPlan::run_partition",
        &[
            "Ingest::run_partition(self, plan: &PartitionPlan, number: usize, journals: Arc<dyn PartitionJournals>) -> Result<PartitionRun, Error>",
        ],
    ),
    (
        "PartitionPlan::account",
        &[
            "partition_account(plan: &PartitionPlan, journals: Arc<dyn PartitionJournals>) -> Result<PlanAccount, Error>",
        ],
    ),
    // The survey itself does not fail. The call does, where it must not block.
    ("drift::survey", &["survey(client: &DataLinks) -> Result<Vec<SurveyCall>, Error>"]),
    // The generated client is async.
    ("DataLinks::raw", &[]),
    ("IngestProxy::raw", &[]),
    // `Reader::rows` is an iterator.
    ("Reader::into_stream", &[]),
    // The clients of a script become blocking by `From`.
    ("Script::client", &[]),
    ("Script::builder", &[]),
    ("Script::ingest_proxy", &[]),
    ("Script::ingest_proxy_builder", &[]),
];

/// Types that lead to async ones, without a blocking form of their own.
const AS_THEY_ARE: [&str; 5] = ["JournalDirectory", "PartitionPlan", "Reader", "RowStream", "Script"];

/// Methods of the blocking client that no async method corresponds to.
const OWN: [&str; 2] = ["Stop::new() -> Self", "Stop::stop(&self)"];

/// Traits that a blocking form has if the async type has them.
const TRAITS: [&str; 6] = ["Clone", "Debug", "Display", "Eq", "Hash", "PartialEq"];

/// The listing, as far as it is compared.
#[derive(Debug, Default)]
struct Listing {
    /// The trait of streams, or of iterators.
    stream: &'static str,
    /// By owner and name, such as `Dataset::info`: the rest of the signature, and `true` if it is async.
    functions: BTreeMap<String, (String, bool)>,
    /// By type: what it is awaited for.
    awaited: BTreeMap<String, String>,
    /// By type: the items of the stream or the iterator.
    items: BTreeMap<String, String>,
    /// Types with traits.
    traits: BTreeSet<(String, String)>,
}

impl Listing {
    fn of_async(text: &str) -> Self {
        let listing = Self { stream: "futures_core::stream::Stream", ..Self::default() };
        listing.read(text, |path| is_below(path, "datalinks") && !is_below(path, "datalinks::blocking"))
    }

    fn of_blocking(text: &str) -> Self {
        Self { stream: "Iterator", ..Self::default() }
            .read(text, |path| is_below(path, "datalinks::blocking"))
    }

    fn read(self, text: &str, is_included: impl Fn(&str) -> bool) -> Self {
        let mut listing = self;
        let mut inside = false;
        for line in text.lines() {
            let Some(item) = line.split("pub ").nth(1).filter(|_| !line.starts_with("impl")) else {
                if inside {
                    listing.implementation(line);
                }
                continue;
            };
            let path = item.split(' ').find(|word| word.starts_with("datalinks")).unwrap();
            inside = is_included(path);
            let Some((words, signature)) = item.split_once("fn datalinks::").filter(|_| inside) else {
                continue;
            };
            let end = signature.find(['<', '(']).unwrap();
            let (path, rest) = signature.split_at(end);
            let mut path: Vec<&str> = path.rsplitn(3, "::").take(2).collect();
            path.reverse();
            let name = path.join("::").replace("blocking::", "");
            let rest = rest.split(" where ").next().unwrap().to_owned();
            listing.functions.insert(name, (rest, words.contains("async")));
        }
        listing
    }

    fn implementation(&mut self, line: &str) {
        let Some(line) = line.strip_prefix("impl").filter(|line| !line.contains(" !")) else { return };
        let line = if line.starts_with('<') { &line[parameters(line)..] } else { line };
        let Some((of, rest)) = line.trim_start().split_once(" for ") else { return };
        let (name, values) = rest.split_once(", ").unwrap_or((rest, ""));
        let name = name.split(['<', ' ']).next().unwrap().to_owned();
        let value = |key: &str| {
            let value = values.split_once(&format!("{key} = "))?.1;
            Some(same_types(value.split_once(", IntoFuture = ").map_or(value, |(value, _)| value)))
        };
        match of {
            "IntoFuture" => drop(self.awaited.insert(name, value("Output").unwrap())),
            _ if of == self.stream => drop(self.items.insert(name, value("Item").unwrap())),
            _ if TRAITS.contains(&of) => drop(self.traits.insert((name, of.to_owned()))),
            _ => {}
        }
    }

    /// Returns the types that are async, or from which async ones can be reached.
    fn async_types(&self) -> BTreeSet<String> {
        let mut types: BTreeSet<String> = self.awaited.keys().chain(self.items.keys()).cloned().collect();
        let owner = |name: &str| name.split_once("::").map(|(owner, _)| owner.to_owned());
        types.extend(
            self.functions.iter().filter(|(_, (_, is_async))| *is_async).filter_map(|(name, _)| owner(name)),
        );
        types.retain(|name| name.starts_with(char::is_uppercase));
        loop {
            let leading = self.functions.iter().filter(|(_, (rest, _))| {
                let (_, output) = rest.rsplit_once(" -> ").unwrap_or_default();
                words(output).any(|word| types.contains(word))
            });
            let more: BTreeSet<String> = leading
                .filter_map(|(name, _)| owner(name))
                .filter(|name| name.starts_with(char::is_uppercase) && !types.contains(name))
                .collect();
            if more.is_empty() {
                return types;
            }
            types.extend(more);
        }
    }
}

fn is_below(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.starts_with("::"))
}

/// Returns the length of the parameters in angle brackets at the start of a text.
fn parameters(text: &str) -> usize {
    let mut depth = 0;
    let end = text.find(|c| {
        depth += i32::from(c == '<') - i32::from(c == '>');
        depth == 0
    });
    end.unwrap() + 1
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
}

/// Writes types that have two names by one of them.
fn same_types(text: &str) -> String {
    text.replace("serde_json::map::Map<String, serde_json::value::Value>", "datalinks_gen::Row")
}

/// Returns the rest of a signature as the blocking client has it.
fn blocking_form(rest: &str) -> String {
    let rest = same_types(rest);
    let Some((arguments, output)) = rest.rsplit_once(" -> ") else { return rest };
    let output = match output.strip_prefix("futures_core::stream::BoxStream<'static, ") {
        Some(item) => format!("Box<dyn Iterator<Item = {item} + Send>"),
        // A reference to a handle becomes a handle.
        None => output.replace("&DataLinks", "DataLinks").replace("&Namespace", "Namespace"),
    };
    format!("{arguments} -> {output}")
}

/// Returns `true` if a function that is not `async` itself returns a future, a stream, or a type of the async client.
fn returns_async(rest: &str, types: &BTreeSet<String>) -> bool {
    let (_, output) = rest.rsplit_once(") -> ").unwrap_or_default();
    words(output).any(|word| {
        let name = word.rsplit("::").next().unwrap();
        let is_own = types.contains(word) && !AS_THEY_ARE.contains(&word);
        is_own || ["Future", "BoxFuture", "Stream", "BoxStream"].contains(&name)
    })
}

/// Returns what the two sides of a listing do not have in common.
fn differences(text: &str) -> Vec<String> {
    let of_async = Listing::of_async(text);
    let of_blocking = Listing::of_blocking(text);
    let types = of_async.async_types();
    let mut found = Vec::new();
    let mut expected: BTreeSet<String> = OWN.map(str::to_owned).into();
    let mut different: BTreeMap<&str, &[&str]> = DIFFERENT.iter().copied().collect();
    for (name, (rest, is_async)) in &of_async.functions {
        let owner = name.split("::").next().unwrap();
        if let Some(instead) = different.remove(name.as_str()) {
            expected.extend(instead.iter().map(|&line| line.to_owned()));
        } else if AS_THEY_ARE.contains(&owner)
            || of_async.items.contains_key(owner) && name.ends_with("::next")
        {
            // The iterators are compared by their items.
        } else if types.contains(owner) {
            expected.insert(format!("{name}{}", blocking_form(rest)));
        } else if *is_async || returns_async(rest, &types) {
            found.push(format!("{name} is async, and no type has it"));
        }
    }
    found.extend(different.keys().map(|name| format!("{name} is listed as different, and does not exist")));
    expected.extend(of_async.awaited.iter().map(|(name, output)| format!("{name}::run(self) -> {output}")));
    let present: BTreeSet<String> =
        of_blocking.functions.iter().map(|(name, (rest, _))| format!("{name}{}", same_types(rest))).collect();
    found.extend(expected.difference(&present).map(|line| format!("missing: {line}")));
    found.extend(present.difference(&expected).map(|line| format!("not in the async client: {line}")));
    for (name, item) in &of_async.items {
        let item = if item.starts_with("Result<") { item.clone() } else { format!("Result<{item}, Error>") };
        if !AS_THEY_ARE.contains(&name.as_str()) && of_blocking.items.get(name) != Some(&item) {
            found.push(format!("missing: an iterator {name} over {item}"));
        }
    }
    let traits = of_async
        .traits
        .iter()
        .filter(|(name, _)| types.contains(name) && !AS_THEY_ARE.contains(&name.as_str()));
    found.extend(
        traits
            .filter(|of| !of_blocking.traits.contains(of))
            .map(|(name, of_trait)| format!("missing: impl {of_trait} for {name}")),
    );
    found
}

const LISTING: &str = include_str!("../../../datalinks/public-api.txt");

#[test]
fn blocking_client_has_the_methods_of_the_async_one() {
    let found = differences(LISTING);
    assert!(
        found.is_empty(),
        "datalinks/src/blocking declares each method in a line of `methods!`:\n{}",
        found.join("\n")
    );
    let listing = Listing::of_async(LISTING);
    let types = listing.async_types();
    for name in
        ["AgentStream", "Ask", "BatchStream", "DataLinks", "DataLinksBuilder", "Dataset", "UploadSession"]
    {
        assert!(types.contains(name), "{name} in {types:?}");
    }
    assert!(listing.functions.len() > 500 && types.len() > 40, "{} of {types:?}", listing.functions.len());
}

/// Each kind of change that must not go unnoticed.
#[test]
fn additions_to_the_async_client_are_missed() {
    for (line, expected) in [
        (
            "pub async fn datalinks::Dataset::vacuum(&self) -> Result<(), Error>",
            "missing: Dataset::vacuum(&self) -> Result<(), Error>",
        ),
        (
            "pub fn datalinks::ask::Ask::tone(self, tone: u8) -> Self",
            "missing: Ask::tone(self, tone: u8) -> Self",
        ),
        (
            "pub async fn datalinks::account::Vault::open(&self) -> Result<String, Error>",
            "missing: Vault::open(&self) -> Result<String, Error>",
        ),
        ("pub async fn datalinks::drift::repair() -> u8", "drift::repair is async, and no type has it"),
        (
            "pub fn datalinks::drift::watch() -> futures_core::stream::BoxStream<'static, u8>",
            "drift::watch is async, and no type has it",
        ),
        (
            "pub fn datalinks::drift::explain(client: &DataLinks) -> Option<Ask>",
            "drift::explain is async, and no type has it",
        ),
        (
            "pub fn datalinks::account::Vault::open(&self) -> impl Future<Output = u8>",
            "Vault::open is async, and no type has it",
        ),
        (
            "pub struct datalinks::query::Plan { private fields }\n\
             impl IntoFuture for Plan, Output = Result<u8, Error>, IntoFuture = Pin<Box<dyn Future>>",
            "missing: Plan::run(self) -> Result<u8, Error>",
        ),
        (
            "pub struct datalinks::query::Cells<T> { private fields }\n\
             impl<T: Into<Vec<u8>>> futures_core::stream::Stream for Cells<T>, Item = Result<T, Error>",
            "missing: an iterator Cells over Result<T, Error>",
        ),
        (
            "pub fn datalinks::blocking::Dataset::shrink(&self) -> Result<(), Error>",
            "not in the async client: Dataset::shrink(&self) -> Result<(), Error>",
        ),
    ] {
        let found = differences(&format!("{LISTING}{line}\n"));
        assert_eq!(found, [expected], "{line}");
    }
    let without = LISTING.replace("impl Hash for Dataset\n", "");
    assert!(differences(&without).is_empty(), "removed on both sides");
    let without = LISTING.replace(
        "pub fn datalinks::blocking::AskStream::answer(self)",
        "pub fn datalinks::blocking::AskStream::reply(self)",
    );
    assert_eq!(differences(&without).len(), 2);
}
