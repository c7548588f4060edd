//! Manual pages and completions, from the definition of the command line.

use std::path::Path;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::failure::{Failure, Result, nearest};
use crate::terminal;

/// The name of the program.
const NAME: &str = "datalinks";

/// Prints the completions for a shell.
pub(crate) fn print_completions(shell: Shell, mut definition: Command) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut definition, NAME, &mut script);
    Ok(terminal::print(&script)?)
}

/// Prints the manual page of the command with these names. Without names, that of the program.
pub(crate) fn print_page(names: &[String], definition: &Command) -> Result {
    let mut command = definition.clone();
    let mut title = NAME.to_owned();
    for name in names {
        let Some(inner) = command.find_subcommand(name).cloned() else {
            let known = command.get_subcommands().map(Command::get_name);
            let failure = Failure::usage(format!("{title} has no command {name:?}"));
            return Err(match nearest(name, known) {
                Some(near) => failure.next(format!("datalinks man {near}")),
                None => failure.next(format!("{title} --help")),
            });
        };
        title = format!("{title}-{}", inner.get_name());
        command = inner;
    }
    Ok(terminal::print(&page(&title, command)?)?)
}

/// Writes the manual pages of all commands to a directory.
pub(crate) fn write_pages(directory: &Path, definition: &Command) -> Result {
    let failed = |error: &std::io::Error| {
        Failure::from(std::io::Error::from(error.kind()))
            .context(&format!("cannot write the manual pages to {}", directory.display()))
    };
    std::fs::create_dir_all(directory).map_err(|error| failed(&error))?;
    let mut left = vec![(NAME.to_owned(), definition.clone())];
    while let Some((title, command)) = left.pop() {
        for inner in command.get_subcommands() {
            left.push((format!("{title}-{}", inner.get_name()), inner.clone()));
        }
        let file = directory.join(format!("{title}.1"));
        std::fs::write(file, page(&title, command)?).map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn page(title: &str, command: Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    // Pages of subcommands are named like those of git: datalinks-dataset-list.
    let command = command.name(title.to_owned()).help_template("{all-args}");
    Man::new(command).title(title.to_uppercase()).render(&mut page)?;
    Ok(page)
}
