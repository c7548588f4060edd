//! SQL over DataLinks datasets and files, at the command line.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "they panic if the reader has closed the pipe")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod arguments;
mod catalog;
mod failure;
mod files;
mod interrupt;
mod output;
mod prompt;
mod report;
mod session;
mod settings;
mod statement;
mod terminal;

use std::{fs::File, io::Read as _, path::Path, process::ExitCode};

use clap::Parser as _;

use arguments::{Arguments, Format};
use failure::{Failure, Result, exit};
use interrupt::Interrupt;
use session::Session;
use settings::Settings;

/// Longest text of statements, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Size of a stack in bytes. Plans of the engine are deep, and are visited by recursion. Only what is used takes memory.
const STACK: usize = 64 * 1024 * 1024;

fn main() -> ExitCode {
    // The stack of the main thread has a size that this program does not choose.
    let program = std::thread::Builder::new().stack_size(STACK).spawn(start);
    match program.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        // The panic is already reported.
        Ok(Err(_)) => ExitCode::FAILURE,
        Err(error) => {
            terminal::diagnostic(&format!("error: cannot start the program: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn start() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help, the version, or an error of usage. A closed pipe is no error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE));
        }
    };
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build() {
            Ok(runtime) => runtime,
            Err(error) => {
                terminal::diagnostic(&format!("error: cannot start the runtime: {error}"));
                return ExitCode::FAILURE;
            }
        };
    let result = runtime.block_on(Box::pin(run(arguments)));
    // Work that nobody waits for any more, such as a read of a file, must not keep the process alive.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::from(failure.code)
        }
    }
}

async fn run(mut arguments: Arguments) -> Result {
    let interrupt = Interrupt::install().map_err(|error| {
        Failure::new(exit::FAILURE, "the handlers of signals cannot be installed").caused_by(&error)
    })?;
    let settings = Settings::resolve(&arguments.service, &interrupt).await?;
    if settings.format == Format::Parquet {
        output::check_parquet()?;
    }
    let is_prompt = arguments.statement.is_none() && arguments.file.is_none() && terminal::is_input();
    let text = match (arguments.statement.take(), &arguments.file) {
        (Some(text), _) => text,
        (None, Some(file)) => {
            let file = file.clone();
            interrupt.unless_received(move || read_file(&file)).await?
        }
        (None, None) if is_prompt => String::new(),
        (None, None) => interrupt.unless_received(read_input).await?,
    };
    let opened = Session::new(arguments, &settings, interrupt.clone());
    let session = tokio::select! {
        biased;
        code = interrupt.received(1) => return Err(Failure::interrupted(code)),
        session = opened => session?,
    };
    let result = match is_prompt {
        true => prompt::run(&session).await,
        false => session.run(&text).await,
    };
    if let Some(emulator) = settings.emulator {
        emulator.shutdown().await;
    }
    result
}

/// Reads statements from a file.
fn read_file(file: &Path) -> Result<String> {
    let what = file.display();
    let text = File::open(file)
        .and_then(read_text)
        .map_err(|error| Failure::usage(format!("cannot read the statements in {what}")).caused_by(&error))?;
    check_length(&text, &what)?;
    Ok(text)
}

/// Reads statements from standard input.
fn read_input() -> Result<String> {
    let text = read_text(std::io::stdin().lock())
        .map_err(|error| Failure::usage("cannot read standard input").caused_by(&error))?;
    check_length(&text, &"standard input")?;
    Ok(text)
}

/// Reads up to one byte more than the longest text, which has no end if it is a device.
fn read_text(source: impl std::io::Read) -> std::io::Result<String> {
    let mut text = String::new();
    source.take(LONGEST + 1).read_to_string(&mut text).map(|_| text)
}

fn check_length(text: &str, source: &dyn std::fmt::Display) -> Result {
    match text.len() as u64 > LONGEST {
        true => Err(Failure::usage(format!("{source} is longer than {LONGEST} bytes"))
            .next("divide the statements among several files, or insert rows from a file: INSERT INTO ... SELECT * FROM 'rows.csv'")),
        false => Ok(()),
    }
}
