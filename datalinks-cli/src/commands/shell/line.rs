//! What a line of the shell asks for.

/// The commands of the shell.
pub(super) const COMMANDS: [&str; 7] =
    [".ask", ".columns", ".datasets", ".format", ".help", ".last", ".quit"];

/// The text of `.help`.
pub(super) const HELP: &str = "\
QUERY              rows of a query, such as Ontology(\"cinema/films\").filter(year > 2010).limit(3)
? QUESTION         rows for a question in natural language; a model turns it into a query, which costs tokens
.ask QUESTION      as ?
.last [FORMAT]     the last result again, with all rows, in this format or in that of results
.format FORMAT     format of results: table, json, ndjson or csv
.datasets          names of the datasets
.columns DATASET   names of the columns of a dataset
.help              this text
.quit              ends the shell, as Ctrl-D
";

/// A line of the shell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Line<'a> {
    Empty,
    Query(&'a str),
    Question(&'a str),
    /// The format, or nothing.
    Last(&'a str),
    Format(&'a str),
    Datasets,
    Columns(&'a str),
    Help,
    Quit,
    Unknown(&'a str),
    /// A command that takes no argument, with one.
    Surplus(&'a str),
}

/// Parses a line.
pub(super) fn parse(text: &str) -> Line<'_> {
    let text = text.trim();
    if text.is_empty() {
        return Line::Empty;
    }
    if let Some(question) = text.strip_prefix('?') {
        return Line::Question(question.trim());
    }
    if !text.starts_with('.') {
        // A word that other shells know is no query.
        return if matches!(text, "exit" | "help" | "quit") {
            Line::Unknown(text)
        } else {
            Line::Query(text)
        };
    }
    let (name, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let argument = argument.trim();
    match name {
        ".ask" => Line::Question(argument),
        ".columns" => Line::Columns(argument),
        ".format" => Line::Format(argument),
        ".last" => Line::Last(argument),
        ".datasets" | ".help" | ".quit" if !argument.is_empty() => Line::Surplus(name),
        ".datasets" => Line::Datasets,
        ".help" => Line::Help,
        ".quit" => Line::Quit,
        _ => Line::Unknown(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_queries_questions_or_commands() {
        assert_eq!(parse("  "), Line::Empty);
        assert_eq!(parse(" Ontology(a) "), Line::Query("Ontology(a)"));
        assert_eq!(parse("?how many"), Line::Question("how many"));
        assert_eq!(parse(".ask  how many"), Line::Question("how many"));
        assert_eq!(parse(".format json"), Line::Format("json"));
        assert_eq!(parse(" .last  csv "), Line::Last("csv"));
        assert_eq!(parse(".last"), Line::Last(""));
        assert_eq!(parse(".datasets "), Line::Datasets);
        assert_eq!(parse(".datasets cinema"), Line::Surplus(".datasets"));
        assert_eq!(parse(".lst"), Line::Unknown(".lst"));
        assert_eq!(parse(" exit "), Line::Unknown("exit"));
    }

    #[test]
    fn every_command_is_known_and_has_help() {
        for command in COMMANDS {
            assert!(!matches!(parse(command), Line::Unknown(_)), "{command}");
            assert!(HELP.lines().any(|line| line.starts_with(command)), "{command}");
        }
    }
}
