//! The command line of DataLinks. Without a command, it runs the demo offline.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic if the reader has closed the pipe")]
#![cfg_attr(test, allow(clippy::disallowed_macros, reason = "values written out in a test"))]

mod child;
mod cli;
mod commands;
mod demo;
mod emulator;
mod failure;
mod local_emulator;
mod manual;
mod output;
mod session;
mod set;
mod settings;
mod signals;
mod sql;
mod terminal;

use std::process::ExitCode;

use cli::{Arguments, Command, Local};
use failure::{Failure, Result};
use output::{Diagnostics, Format, Output};
use session::{Interrupt, Session};
use settings::{Environment, GlobalFlags, Settings};
use terminal::{ColorChoice, Style, Terminal};

fn main() -> ExitCode {
    let arguments = match cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help, the version, or an error of usage. A closed pipe is no error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::diagnostic(&format!("error: cannot start the runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(Box::pin(run(arguments)));
    // Work that nobody waits for any more, such as a read of a file, must not keep the process alive.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Runs a command, reports its failure, and returns the exit code.
async fn run(arguments: Arguments) -> u8 {
    let terminal = Terminal::of_process();
    let environment = Environment::of_process();
    let style = |choice, is_terminal| Style::choose(choice, is_terminal, |name| environment.get(name));
    let flags = arguments.flags;
    let choice = flags.color.unwrap_or_default();
    let diagnostics = Diagnostics::new(flags.quiet, terminal, style(choice, terminal.stderr));
    // Commands without a session read no other setting.
    let namespace = flags.namespace.clone().or_else(|| environment.get("DL_NAMESPACE"));
    let namespace = namespace.as_deref();
    let result = match arguments.command {
        None => demo::run(&arguments.demo, namespace).await,
        Some(Command::Local(Local::Demo(options))) => demo::run(&options, namespace).await,
        Some(Command::Local(Local::Emulator(arguments))) => {
            match emulator::run(*arguments, namespace).await {
                Ok(code) => return code,
                Err(failure) => Err(failure),
            }
        }
        Some(Command::Local(Local::Sql(arguments))) => {
            match sql::run(*arguments, &flags, &environment, &diagnostics).await {
                Ok(code) => return code,
                Err(failure) => Err(failure),
            }
        }
        Some(Command::Local(Local::Completions(arguments))) => {
            manual::print_completions(arguments.shell, cli::definition())
        }
        Some(Command::Local(Local::Man(arguments))) if arguments.markdown => {
            manual::print_markdown(cli::definition())
        }
        Some(Command::Local(Local::Man(arguments))) => match &arguments.dir {
            Some(directory) => manual::write_pages(directory, cli::definition()),
            None => manual::print_page(&arguments.command, cli::definition()),
        },
        Some(Command::Session(command)) => {
            run_with_session(command, flags, &environment, terminal, style).await
        }
    };
    match result {
        Ok(()) => 0,
        Err(failure) => {
            diagnostics.failure(&failure);
            failure.exit().code()
        }
    }
}

/// Runs a command with the settings. A signal ends it.
async fn run_with_session(
    command: commands::Command,
    flags: GlobalFlags,
    environment: &Environment,
    terminal: Terminal,
    style: impl Fn(ColorChoice, bool) -> Style,
) -> Result {
    let settings = match Settings::resolve(&flags, environment) {
        Ok(settings) => settings,
        Err(failure) => {
            let color = flags.color.unwrap_or_default();
            let diagnostics = Diagnostics::new(flags.quiet, terminal, style(color, terminal.stderr));
            let style = style(color, terminal.stdout);
            let output = Output::new(flags.output.unwrap_or_default(), terminal, style, diagnostics);
            return command.run_without_settings(failure, &output);
        }
    };
    let color = settings.color.value;
    let diagnostics = Diagnostics::new(flags.quiet, terminal, style(color, terminal.stderr));
    let output =
        Output::new(settings.output.value, terminal, style(color, terminal.stdout), diagnostics.clone());
    let output = match output.check() {
        Ok(()) => output,
        // What a profile or a variable chooses for files does not keep a person from any command.
        Err(_) if terminal.stdout && !settings.output.origin.is_flag() => {
            let origin = &settings.output.origin;
            diagnostics
                .note(&format!("the output is a table, because a terminal cannot show Parquet ({origin})"));
            output.in_format(Format::default())
        }
        Err(failure) => return Err(settings.at_output(failure)),
    };
    let interrupt = Interrupt::new();
    let options = flags.of_service();
    let session = Session::new(settings, output, interrupt.clone(), flags);
    let abandoned = interrupt.abandoned(&diagnostics);
    let result = tokio::select! {
        biased;
        code = abandoned => Err(Failure::interrupted(code)),
        result = command.run(&session) => result,
    };
    session.close().await;
    // Without these options, the commands to try would ask another service.
    result.map_err(|failure| options.iter().fold(failure, |failure, option| failure.with_option(option)))
}
