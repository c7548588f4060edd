//! Words that a standard term has replaced.
//!
//! Only words are listed whose old meaning a machine can tell: a word that is right in one place and wrong in another
//! is left to readers.

/// A word or phrase, and what to write instead.
pub(super) struct Replaced {
    /// Forms of the word. They match whole words in any case.
    pub(super) words: &'static [&'static str],
    pub(super) term: &'static str,
}

const fn replaced(words: &'static [&'static str], term: &'static str) -> Replaced {
    Replaced { words, term }
}

pub(super) const REPLACED: &[Replaced] = &[
    // Terms.
    replaced(&["doubt", "doubtful"], "ambiguous outcome"),
    replaced(
        &["refuse", "refuses", "refused", "refusing", "refusal", "refusals"],
        "reject, validate, or stop a run",
    ),
    replaced(&["repetition", "repetitions"], "retry, reconnect, or resume"),
    replaced(&["folder", "folders"], "directory"),
    replaced(&["take back", "takes back", "taken back", "took back"], "roll back, or remove"),
    replaced(
        &["given up", "gives up on", "give up on", "gave up on"],
        "aborted, stopped, or marked as failed",
    ),
    replaced(&["fruitless", "in vain"], "without progress"),
    replaced(&["astray"], "inconsistent, out of sync"),
    replaced(&["unfit"], "invalid"),
    replaced(&["odd"], "invalid, unexpected, or undecodable"),
    replaced(&["found wanting"], "fails"),
    replaced(&["ends to work", "end to work"], "stops working"),
    replaced(
        &["brought nothing", "brings nothing", "brings something new"],
        "without progress, or delivers an event",
    ),
    // Code reports and returns.
    replaced(&["told", "tells"], "reports, returns, or contains"),
    replaced(&["handed out", "hands out", "hand out"], "yielded, returned"),
    replaced(&["what this answers"], "Returns a builder; await it to send the request"),
    replaced(&["as any call"], "a link to the errors of every call"),
    replaced(&["as the service does it"], "All options unset: the service's defaults apply"),
    replaced(&["as a slice of its items"], "Dereferences to a slice"),
    replaced(&["looks at", "looked at"], "reads"),
    // Words that no manual uses.
    replaced(&["anew"], "again"),
    replaced(&["be it"], "whether, or two sentences"),
    replaced(&["whoever", "whatever becomes", "whatever became"], "a noun, such as the caller"),
    replaced(&["shall"], "must, will, or to do something"),
    replaced(&["seldom"], "rarely"),
    replaced(&["lest"], "so that … does not"),
    replaced(&["became of", "becomes of"], "the outcome of"),
    // American spelling. Words of the wire stay as they are.
    replaced(
        &["behaviour", "colour", "colours", "coloured", "favour", "honour", "neighbour", "neighbouring"],
        "American spelling, -or",
    ),
    replaced(&["catalogue", "catalogues", "dialogue"], "American spelling, catalog, dialog"),
    replaced(&["labelled", "labelling", "modelled", "modelling"], "American spelling, a single l"),
    replaced(
        &["serialise", "deserialise", "initialise", "recognise", "organise", "optimise"],
        "American spelling, -ize",
    ),
    replaced(
        &["centre", "grey", "artefact", "licence", "whilst"],
        "American spelling, center, gray, artifact, license, while",
    ),
];

/// A place in which a word is right.
pub(super) struct Exception {
    pub(super) word: &'static str,
    /// The line has this text.
    pub(super) beside: &'static str,
    /// The path has this text. Empty for all files.
    pub(super) file: &'static str,
    #[expect(dead_code, reason = "for readers of this list")]
    pub(super) reason: &'static str,
}

const fn exception(
    word: &'static str,
    beside: &'static str,
    file: &'static str,
    reason: &'static str,
) -> Exception {
    Exception { word, beside, file, reason }
}

pub(super) const EXCEPTIONS: &[Exception] = &[
    exception("refused", "connection refused", "", "the name of an error of the system"),
    exception("refused", "refused connection", "", "the system rejects the connection, nobody else"),
    exception("refused", "refused the connection", "", "the system rejects the connection, nobody else"),
    exception("refused", "connection was refused", "", "the system rejects the connection, nobody else"),
    exception("refused", "connections are refused", "", "the system rejects the connection, nobody else"),
    exception("repetition", "repetition level", "read/parquet", "a term of Parquet"),
    exception("repetitions", "repetition level", "read/parquet", "a term of Parquet"),
    exception("odd", "odd number", "", "numbers"),
    exception("odd", "even", "", "numbers"),
    exception("odd", "odd \"name\"", "data/parquet/make.py", "the name of a column in committed files"),
];

/// The replaced words in a line, with the terms. A word that occurs twice is found twice.
pub(super) fn in_line(line: &str, file: &str) -> Vec<(&'static str, &'static str)> {
    let lower = line.to_lowercase();
    let mut found = Vec::new();
    for Replaced { words, term } in REPLACED {
        for word in *words {
            let excepted = EXCEPTIONS.iter().any(|exception| {
                exception.word == *word && lower.contains(exception.beside) && file.contains(exception.file)
            });
            let count = if excepted { 0 } else { count(&lower, word) };
            found.extend(std::iter::repeat_n((*word, *term), count));
        }
    }
    found
}

/// How often a line has a word, with no letter, digit or underscore on either side.
fn count(line: &str, word: &str) -> usize {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .filter(|(at, _)| !line[..*at].ends_with(inner) && !line[at + word.len()..].starts_with(inner))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<&'static str> {
        in_line(line, "a/src/b.rs").into_iter().map(|(word, _)| word).collect()
    }

    #[test]
    fn finds_whole_words_in_any_case() {
        assert_eq!(words("Told twice: it is told."), ["told", "told"]);
        assert_eq!(words("AS ANY CALL"), ["as any call"]);
        assert!(words("untold, retold_, marshalled, modded").is_empty());
    }

    #[test]
    fn leaves_exceptions_alone() {
        assert!(words("the system says: Connection refused").is_empty());
        assert_eq!(words("the request is refused"), ["refused"]);
        assert!(words("even and odd rows").is_empty());
        assert_eq!(in_line("a repetition level", "datalinks/src/read/parquet/json.rs").len(), 0);
        assert_eq!(in_line("a repetition level", "datalinks/src/ask.rs").len(), 1);
    }

    #[test]
    fn lists_every_word_once_and_in_lower_case() {
        let mut all: Vec<&str> = REPLACED.iter().flat_map(|replaced| replaced.words).copied().collect();
        assert!(all.iter().all(|word| word.to_lowercase() == **word));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        for exception in EXCEPTIONS {
            assert!(all.contains(&exception.word), "{} is no word of the list", exception.word);
        }
    }
}
