//! Manual pages, completions and the pages of `docs/`, from the definition of the command line.

mod fish;
mod markdown;

use std::path::Path;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use self::markdown::NAME;
use crate::failure::{Exit, Failure, Result, nearest};
use crate::terminal;

/// Prints the completions for a shell.
pub(crate) fn print_completions(shell: Shell, mut definition: Command) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut definition, NAME, &mut script);
    if shell == Shell::Fish {
        fish::add_values(&definition, NAME, &mut script);
    }
    Ok(terminal::print(&script)?)
}

/// Prints the manual page of the command with these names. Without names, that of the program.
pub(crate) fn print_page(names: &[String], mut definition: Command) -> Result {
    // Gives subcommands the options of the program, and their full names.
    definition.build();
    let mut command = &definition;
    for name in names {
        let title = command.get_bin_name().unwrap_or(NAME);
        let Some(inner) = command.find_subcommand(name) else {
            let known = command.get_subcommands().map(Command::get_name);
            let failure = Failure::usage(format!("{title} has no command {name:?}"));
            return Err(match nearest(name, known) {
                Some(near) => failure.next(format!("did you mean {near:?}?")),
                None => failure.next(format!("{title} --help")),
            });
        };
        command = inner;
    }
    Ok(terminal::print(page(command)?.as_bytes())?)
}

/// Writes the manual pages of all commands to a directory.
pub(crate) fn write_pages(directory: &Path, mut definition: Command) -> Result {
    definition.build();
    let failed = |error: &std::io::Error| {
        let what = format!("cannot write the manual pages to {}", directory.display());
        Failure::new(Exit::Failure, what).caused_by(error)
    };
    std::fs::create_dir_all(directory).map_err(|error| failed(&error))?;
    let mut left = vec![&definition];
    while let Some(command) = left.pop() {
        left.extend(command.get_subcommands());
        let file = directory.join(format!("{}.1", title_of(command)));
        std::fs::write(file, page(command)?).map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// Prints the pages of `docs/` as one JSON object, from names to Markdown.
pub(crate) fn print_markdown(mut definition: Command) -> Result {
    definition.build();
    let pages = serde_json::to_string_pretty(&markdown::pages(&definition))?;
    Ok(terminal::line(&pages)?)
}

/// Returns the name of a page, such as `datalinks-dataset-list`.
fn title_of(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

fn page(command: &Command) -> Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone())
        .title(title_of(command).to_uppercase())
        .source(concat!("datalinks ", env!("CARGO_PKG_VERSION")))
        .manual("DataLinks")
        .render(&mut page)?;
    let page = String::from_utf8_lossy(&page);
    // The title has no date, which is written as nothing, so that the source would be read as the date.
    Ok(page.replacen(" 1  \"", " 1 \"\" \"", 1))
}
