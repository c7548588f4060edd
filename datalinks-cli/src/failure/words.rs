//! Errors of the client in the words of the command line.
//!
//! The client's advice names its own methods, which nobody can call from a command line. The phrases that the command line
//! knows are replaced by options and commands. Of the rest, a clause that names a Rust item is left out.

use std::borrow::Cow;

use super::phrases::PHRASES;

/// The names before `::` that the client uses in its errors.
const ITEMS: &[&str] = &[
    "Agent",
    "AgentAnswer",
    "AgentAsk",
    "AgentData",
    "AgentPart",
    "AgentRun",
    "Budget",
    "BuildSpecDraft",
    "CallOptions",
    "Compression",
    "Config",
    "DataLinks",
    "DataLinksBuilder",
    "Dataset",
    "Delivery",
    "Error",
    "ExplainLink",
    "Filter",
    "Ingest",
    "IngestProxy",
    "IngestProxyBuilder",
    "Listing",
    "Namespace",
    "OnBadRow",
    "QueryBuilder",
    "QueryText",
    "Reader",
    "RetryPolicy",
    "UploadFile",
    "UploadSession",
    "Verify",
    "WaitForIngestion",
    "Policy",
    "read",
    "redirect",
    "reqwest",
    "testing",
];

/// Returns a text of the client in the words of the command line.
pub(super) fn of_command_line(text: &str) -> Cow<'_, str> {
    let mut words = Cow::Borrowed(text);
    for (phrase, replacement) in PHRASES {
        while let Some(replaced) = replaced(&words, phrase, replacement) {
            words = Cow::Owned(replaced);
        }
    }
    if first_item(&words).is_some() { Cow::Owned(without_items(&words)) } else { words }
}

/// Replaces the first occurrence of a phrase, or returns `None` if there is none.
fn replaced(text: &str, phrase: &str, replacement: &str) -> Option<String> {
    let mut parts = phrase.split("{}");
    let first = parts.next().unwrap_or_default();
    let begin = text.find(first)?;
    let mut end = begin + first.len();
    let mut kept = Vec::new();
    for part in parts {
        let length = text[end..].find(part)?;
        kept.push(text[end..end + length].trim_matches('"'));
        end += length + part.len();
    }
    let mut shown = String::new();
    let mut kept = kept.into_iter();
    for (index, part) in replacement.split("{}").enumerate() {
        if index > 0 {
            shown.push_str(kept.next().unwrap_or_default());
        }
        shown.push_str(part);
    }
    Some(format!("{}{shown}{}", &text[..begin], &text[end..]))
}

/// Removes what names a Rust item: text in parentheses, and clauses after the first one.
fn without_items(text: &str) -> String {
    // The target and the attempts are at the end.
    let (text, context) = match text.rfind(" [").filter(|_| text.ends_with(']')) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut left: Vec<String> = Vec::new();
    for (index, clause) in text.split("; ").enumerate() {
        let clause = without_parentheses(clause);
        if index == 0 || first_item(&clause).is_none() {
            left.push(clause);
        }
    }
    format!("{}{context}", left.join("; "))
}

/// Removes text in parentheses that names a Rust item.
fn without_parentheses(clause: &str) -> String {
    let mut clause = clause.to_owned();
    while let Some(item) = first_item(&clause) {
        let (Some(begin), Some(length)) = (clause[..item].rfind(" ("), clause[item..].find(')')) else {
            break;
        };
        clause.replace_range(begin..=item + length, "");
    }
    clause
}

/// Returns where the first Rust item of the client is named.
fn first_item(text: &str) -> Option<usize> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.match_indices("::").find_map(|(at, separator)| {
        let name = text[..at]
            .rfind(|letter| !is_of_name(letter))
            .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
        let follows = text[at + separator.len()..].starts_with(is_of_name);
        (follows && ITEMS.contains(&&text[name..at])).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn advice_names_options_and_commands() {
        for (text, expected) in [
            (
                "the name x does not indicate a format; set Reader::format; spreadsheets and Parquet are read with the \
                 features excel and parquet of this crate",
                "the name x does not indicate a format; add --format FORMAT; spreadsheets and Parquet are read by a \
                 build with the features excel and parquet",
            ),
            (
                "askAgent failed: the stream ended; the run may continue: read its status later with \
                 DataLinks::run(\"7d1\") and AgentRun::status [POST https://h/ask, 1 attempt in 0.1 s]",
                "askAgent failed: the stream ended; the run may continue: read its status later by datalinks run show 7d1 \
                 [POST https://h/ask, 1 attempt in 0.1 s]",
            ),
            (
                "look for the ingestion of upload \"u 1\" with key \"k\" in Dataset::ingestions",
                "look for the ingestion of upload u 1 with key k: datalinks ingestion list",
            ),
            // Clauses and parentheses that nothing replaces are left out, and the rest is kept.
            (
                "op failed: no; read it with AgentData::json; nothing was sent [GET https://h/x]",
                "op failed: no; nothing was sent [GET https://h/x]",
            ),
            ("op failed: no; read it with AgentData::json [GET h]", "op failed: no [GET h]"),
            (
                "the response is longer than 5 bytes (CallOptions::response_limit); raise the limit",
                "the response is longer than 5 bytes; raise the limit",
            ),
            // Data is no advice.
            ("row 3: std::vector is no date; correct it", "row 3: std::vector is no date; correct it"),
            ("row 3: a::b; c::d", "row 3: a::b; c::d"),
        ] {
            assert_eq!(of_command_line(text), expected);
        }
    }

    /// Every text of the client, and every kind's advice, is free of Rust items in the words of the command line.
    #[test]
    fn no_text_of_the_client_names_a_rust_item() {
        let (mut seen, mut wrong) = (BTreeSet::new(), Vec::<String>::new());
        for text in texts_of_client() {
            let shown = of_command_line(&format!("it failed; {text} [GET https://h/x]")).into_owned();
            assert!(shown.starts_with("it failed") && shown.ends_with(" [GET https://h/x]"), "{shown}");
            let settings =
                ["idle_timeout", "max_isolation", "max_batches_without", "url_lifetime", "on the builder"];
            if any_path(&shown).is_some() || settings.iter().any(|setting| shown.contains(setting)) {
                wrong.push(format!("{text:?} is shown as {shown:?}"));
            }
            if any_path(&text).is_some() {
                seen.insert(text);
            }
        }
        assert!(wrong.is_empty(), "add phrases to phrases.rs: {wrong:#?}");
        assert!(seen.len() > 50, "the texts of the client were not found: {seen:?}");
        // A phrase that the client does not say any more is removed.
        let all = texts_of_client().join("\n");
        let gone: Vec<&str> = PHRASES
            .iter()
            .flat_map(|(phrase, _)| phrase.split("{}"))
            .filter(|part| part.len() > 6 && !all.contains(part))
            .collect();
        assert!(gone.is_empty(), "the client does not say {gone:#?}");
        // A phrase that returns in its replacement would be replaced for ever.
        assert!(PHRASES.iter().all(|(phrase, new)| replaced(new, phrase, new).is_none()));
    }

    #[test]
    fn replacements_name_options_that_exist() {
        fn options(command: &clap::Command, found: &mut BTreeSet<String>) {
            found.extend(
                command.get_arguments().filter_map(|argument| argument.get_long()).map(str::to_owned),
            );
            command.get_subcommands().for_each(|command| options(command, found));
        }
        let mut known = BTreeSet::new();
        options(&crate::cli::definition(), &mut known);
        for (_, replacement) in PHRASES {
            for option in replacement.split("--").skip(1) {
                let end = option.find(|letter: char| !letter.is_ascii_lowercase() && letter != '-');
                let option = option[..end.unwrap_or(option.len())].trim_end_matches('-');
                assert!(known.contains(option), "--{option} in {replacement:?}");
            }
        }
    }

    /// Returns the first path of Rust in a text: a name, `::`, and a name.
    fn any_path(text: &str) -> Option<&str> {
        let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        text.match_indices("::").find_map(|(at, _)| {
            let before = text[..at].ends_with(is_of_name);
            let after = text[at + 2..].starts_with(is_of_name);
            (before && after).then(|| &text[text[..at].rfind(' ').map_or(0, |space| space + 1)..at + 2])
        })
    }

    /// Returns the strings in the sources of the client that are sentences, without those of tests and documentation.
    fn texts_of_client() -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datalinks/src");
        let mut texts = Vec::new();
        let mut directories = vec![root];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                if path.is_dir() {
                    // Applications see the texts of these only in tests. The command line does not use the blocking client.
                    if !matches!(name.as_str(), "blocking" | "tests" | "testing" | "guide" | "script") {
                        directories.push(path);
                    }
                } else if name.ends_with(".rs") && !name.contains("test") && name != "abandoned.rs" {
                    let source = std::fs::read_to_string(&path).unwrap();
                    let source = source.split("#[cfg(test)]\nmod").next().unwrap();
                    texts.extend(strings(source).into_iter().filter(|text| text.contains(' ')));
                }
            }
        }
        texts
    }

    /// Returns the string literals of a source, with continued lines joined. Attributes and comments are skipped.
    fn strings(source: &str) -> Vec<String> {
        let code: String = source
            .lines()
            .filter(|line| {
                let line = line.trim_start();
                !line.starts_with("//") && !line.starts_with("#[") && !line.starts_with("note = ")
            })
            .flat_map(|line| [line, "\n"])
            .collect();
        let mut found = Vec::new();
        let mut rest = code.as_str();
        while let Some(at) = rest.find(['"', '\'']) {
            let (before, from) = rest.split_at(at);
            let hashes = &before[before.trim_end_matches('#').len()..];
            let is_raw = before[..before.len() - hashes.len()].ends_with('r');
            rest = &from[1..];
            if from.starts_with('\'') {
                // A lifetime has no second quote.
                let letter = if let Some(escaped) = rest.strip_prefix('\\') { &escaped[1..] } else { rest };
                let length = letter.find('\'').filter(|length| *length < 10);
                rest = length.map_or(rest, |length| {
                    let is_letter = rest.starts_with('\\') || letter[..length].chars().count() == 1;
                    if is_letter { &letter[length + 1..] } else { rest }
                });
            } else if is_raw {
                let end = format!("\"{hashes}");
                let length = rest.find(&end).unwrap();
                found.push(rest[..length].to_owned());
                rest = &rest[length + end.len()..];
            } else {
                let mut text = String::new();
                let mut letters = rest.chars();
                loop {
                    match letters.next().unwrap() {
                        '"' => break,
                        '\\' => match letters.next().unwrap() {
                            '\n' => letters = letters.as_str().trim_start().chars(),
                            letter => text.push(letter),
                        },
                        letter => text.push(letter),
                    }
                }
                rest = letters.as_str();
                found.push(text);
            }
        }
        found
    }
}
