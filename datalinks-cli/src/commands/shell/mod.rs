//! `datalinks shell`.

mod completion;
mod editor;
mod history;
mod line;
mod modes;
mod names;
mod syntax;

use clap::{Args, ValueEnum};

use super::query;
use crate::failure::{Exit, Failure, Result, nearest};
use crate::output::{Format, Output, Record};
use crate::session::{Session, StopRequest};
use crate::terminal;
use editor::{Editor, Input};
use line::{COMMANDS, Line};
use names::Names;

/// Rows that a table shows on a terminal. `.last` shows all.
const SHOWN: usize = 20;

/// Longest input that is not a terminal, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Type queries and see their rows
///
/// A line is a query in the query language: Ontology("cinema/films").filter(year > 2010). It continues on the next line until
/// parentheses and quotes are closed. A line that begins with `?` is a question in natural language, which costs tokens. A
/// line that begins with a dot is a command of the shell; `.help` lists them.
///
/// TAB completes the names of datasets and columns and the words of the query language. Ctrl-C cancels a running query, and
/// Ctrl-D ends the shell. What was typed is kept in a file that only you may read. Lines that begin with a space or contain a
/// token are not kept.
///
/// If the input is not a terminal, the lines are read without a prompt, and the first failure ends the shell.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  datalinks shell --namespace cinema\n  datalinks shell --output ndjson < queries.txt"
)]
pub(crate) struct Arguments {}

/// A dataset, as `.datasets` lists it.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Named<'a> {
    name: &'a str,
}

pub(crate) async fn run(_: Arguments, session: &Session) -> Result {
    check_format(session.output.format())?;
    let mut shell = Shell {
        session,
        output: session.output.in_format(session.output.format()),
        names: Names::new(session.client().await?.clone(), session.namespace_setting()),
        last: None,
        shown: usize::MAX,
    };
    let terminal = session.output.terminal();
    if terminal.stdin && terminal.stdout {
        shell.shown = SHOWN;
        shell.interact().await
    } else {
        shell.read_all().await
    }
}

/// The state of a shell.
struct Shell<'a> {
    session: &'a Session,
    output: Output,
    names: Names,
    /// The rows of the last query.
    last: Option<Vec<Record>>,
    /// Most rows of a table.
    shown: usize,
}

impl Shell<'_> {
    /// Reads lines from a terminal until the user ends the shell.
    async fn interact(&mut self) -> Result {
        // Restored when this function ends or is abandoned.
        let _modes = modes::Saved::new();
        let stop = self.session.stop_request();
        let token = self.session.settings.token.as_ref().map(|token| token.value.clone());
        let history = history::History::new(self.session.settings.directories.history_file(), token);
        let editor = Editor::start(history, self.names.clone(), self.session.diagnostics().clone())?;
        self.session.diagnostics().note("Type a query, or .help. Ctrl-D ends the shell.");
        loop {
            let input = tokio::select! {
                input = editor.line() => input?,
                code = stop.requested() => {
                    interrupted(&stop, code)?;
                    continue;
                }
            };
            let text = match input {
                Input::Line(text) => text,
                Input::Interrupted => continue,
                Input::End => return Ok(()),
            };
            let line = line::parse(&text);
            if line == Line::Quit {
                return Ok(());
            }
            let result = tokio::select! {
                result = self.execute(line) => result,
                code = stop.requested() => {
                    interrupted(&stop, code)?;
                    self.session.diagnostics().note("canceled");
                    continue;
                }
            };
            match result {
                Ok(()) => {}
                Err(failure) if failure.exit() == Exit::OutputClosed => return Err(failure),
                Err(failure) => self.session.diagnostics().failure(&failure),
            }
        }
    }

    /// Reads lines from a pipe or a file.
    async fn read_all(&mut self) -> Result {
        let input = terminal::read_to_end(LONGEST).await?;
        let input = String::from_utf8(input).map_err(|_| Failure::usage("standard input is not UTF-8"))?;
        for text in syntax::statements(&input) {
            let line = line::parse(&text);
            if line == Line::Quit {
                break;
            }
            self.execute(line).await?;
        }
        Ok(())
    }

    async fn execute(&mut self, line: Line<'_>) -> Result {
        match line {
            Line::Empty | Line::Quit => Ok(()),
            Line::Query(text) => self.query(text, false).await,
            Line::Question(text) => self.query(text, true).await,
            Line::Help => Ok(terminal::line(line::HELP.trim_end())?),
            Line::Last(name) => match &self.last {
                Some(rows) if name.is_empty() => write(rows, &self.output),
                Some(rows) => write(rows, &self.in_format(name)?),
                None => Err(Failure::usage("there is no result yet").next("type a query")),
            },
            Line::Format(name) => {
                self.output = self.in_format(name)?;
                Ok(())
            }
            Line::Datasets => {
                let names = self.names.read_datasets().await?;
                let named: Vec<Named<'_>> = names.iter().map(|name| Named { name }).collect();
                self.output.list(&named, &["name"])
            }
            Line::Columns(dataset) => {
                let names = self.names.read_columns(dataset).await?;
                let named: Vec<Named<'_>> = names.iter().map(|name| Named { name }).collect();
                self.output.list(&named, &["name"])
            }
            Line::Surplus(name) => Err(Failure::usage(format!("{name} takes no argument")).next(".help")),
            Line::Unknown(name) => {
                let failure = Failure::usage(format!("the shell has no command {name:?}"));
                let near = if name == "exit" { Some(".quit") } else { nearest(name, COMMANDS) };
                Err(match near {
                    Some(near) => failure.next(format!("did you mean {near}?")),
                    None => failure.next(".help"),
                })
            }
        }
    }

    async fn query(&mut self, text: &str, natural_language: bool) -> Result {
        let rows = query::rows_of(text, natural_language, self.session).await?;
        let all = rows.len();
        let shown = if self.output.format() == Format::Table { all.min(self.shown) } else { all };
        let written = write(&rows[..shown], &self.output);
        self.last = Some(rows);
        written?;
        if shown < all {
            self.session.diagnostics().note(&format!("{shown} of {all} rows; .last shows all"));
        }
        Ok(())
    }

    /// Returns the output in the format of this name.
    fn in_format(&self, name: &str) -> Result<Output> {
        let format = Format::from_str(name, true).map_err(|_| {
            Failure::usage(format!("there is no format {name:?}")).next(".format table, json, ndjson or csv")
        })?;
        check_format(format)?;
        Ok(self.session.output.in_format(format))
    }
}

/// Rejects the format whose results would be several files in one output.
fn check_format(format: Format) -> Result {
    if format == Format::Parquet {
        return Err(Failure::usage(
            "the shell cannot write Parquet, because each result is a file of its own",
        )
        .next("datalinks query QUERY --output parquet > rows.parquet")
        .next("in the shell, use table, json, ndjson or csv"));
    }
    Ok(())
}

/// Continues after Ctrl-C. Another signal ends the shell.
fn interrupted(stop: &StopRequest, code: u8) -> Result {
    const CTRL_C: u8 = 130;
    if code != CTRL_C {
        return Err(Failure::interrupted(code));
    }
    stop.answer();
    Ok(())
}

fn write(rows: &[Record], output: &Output) -> Result {
    let mut writer = output.rows(&[]);
    writer.write_all(rows.to_vec())?;
    writer.finish()
}
