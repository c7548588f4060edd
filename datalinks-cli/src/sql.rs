//! `datalinks sql`: starts the program `datalinks-sql`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Args;
use datalinks_emulator::Emulator;
use tokio::process::Command;

use crate::child::{self, CANNOT_RUN, NOT_FOUND};
use crate::emulator;
use crate::failure::{Exit, Failure, Result};
use crate::local_emulator::{self, Endpoint};
use crate::output::Diagnostics;
use crate::settings::{EmulatorChoice, Environment, GlobalFlags, Settings};
use crate::signals::Signals;

const PROGRAM: &str = "datalinks-sql";

/// The arguments of `sql`, which are passed on as they are.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    datalinks sql 'SELECT title FROM cinema.films WHERE year >= 2012 ORDER BY year'\n  \
    datalinks sql --table films=films.parquet 'SELECT director, count(*) FROM films GROUP BY director'\n  \
    datalinks sql --journal films-journal 'INSERT INTO cinema.films SELECT * FROM \"files/*.parquet\"'\n  \
    datalinks sql -f report.sql -o csv\n\n\
    Install the program in a checkout of this project:\n  \
    cargo install --path integrations/datafusion/datalinks-sql")]
pub(crate) struct Arguments {
    /// Statements [default: those of standard input]
    #[arg(conflicts_with = "file")]
    statement: Option<OsString>,

    /// File with statements
    #[arg(short, long, value_name = "FILE")]
    file: Option<OsString>,

    /// Files as a table: Parquet, CSV, TSV, NDJSON or JSON, a directory of them, or a pattern such as 'files/*.parquet'
    #[arg(long, value_name = "NAME=PATH")]
    table: Vec<OsString>,

    /// Type of a column of a dataset: BIGINT, DOUBLE, BOOLEAN or VARCHAR [default: as a sample of the rows has it]
    ///
    /// A column that the dataset does not have is added, so that INSERT can name it.
    #[arg(long, value_name = "NAMESPACE/DATASET:COLUMN=TYPE", help_heading = "Tables")]
    column: Vec<OsString>,

    /// Read a dataset in pages, ordered by a column that has a different integer in every row
    ///
    /// Without pages, one response has all rows that a scan needs, and is in memory as a whole.
    #[arg(long, value_name = "NAMESPACE/DATASET:COLUMN", help_heading = "Tables")]
    page_by: Vec<OsString>,

    /// Rows of a page [default: 10000]
    #[arg(long, value_name = "ROWS", help_heading = "Tables")]
    page_rows: Option<OsString>,

    /// Number of partitions of a statement. A statement goes on from its journals with the same number only [default: 4]
    #[arg(long, value_name = "N", help_heading = "Tables")]
    partitions: Option<OsString>,

    /// Memory for sorts, joins and aggregations, such as 512MiB; what exceeds it is written to temporary files [default: 1GiB]
    #[arg(long, value_name = "SIZE", help_heading = "Tables")]
    memory: Option<OsString>,

    /// Create the dataset of an INSERT if it does not exist
    #[arg(long, help_heading = "INSERT")]
    create: bool,

    /// Directory for the journals and the failed rows of an INSERT, so that it can be continued
    #[arg(long, value_name = "DIR", help_heading = "INSERT")]
    journal: Option<OsString>,

    /// Continue the INSERT of the journal directory, with the same statement, input and options
    #[arg(long, requires = "journal", help_heading = "INSERT")]
    resume: bool,

    /// Append failed rows to a file as NDJSON, with their errors. With --journal, they are in its directory
    #[arg(long, value_name = "FILE", conflicts_with = "journal", help_heading = "INSERT")]
    dead_letter: Option<OsString>,

    /// Greatest number of rows in a request, or 0 for no limit [default: 1000]
    #[arg(long, value_name = "ROWS", help_heading = "INSERT")]
    batch_size: Option<OsString>,

    /// Greatest size of the rows in a request, such as 500kB or 8MiB [default: 4MiB]
    #[arg(long, value_name = "SIZE", help_heading = "INSERT")]
    max_batch_bytes: Option<OsString>,

    /// Number of requests in flight: 1 to 64, or auto. With --journal, of each partition [default: 1]
    #[arg(long, value_name = "N|auto", help_heading = "INSERT")]
    concurrency: Option<OsString>,

    /// Handling of requests whose response was lost: at-least-once, at-most-once or reconciled [default: at-least-once]
    #[arg(long, value_name = "MODE", help_heading = "INSERT")]
    delivery: Option<OsString>,

    /// Column that identifies a row, by which reconciled delivery finds stored rows
    #[arg(long, value_name = "COLUMN", help_heading = "INSERT")]
    reconcile_by: Option<OsString>,
}

impl Arguments {
    /// Returns the arguments of the program.
    fn words(&self, is_quiet: bool) -> Vec<OsString> {
        let one =
            |name, value: &Option<OsString>| value.iter().map(|value| word(name, value)).collect::<Vec<_>>();
        let many =
            |name, values: &[OsString]| values.iter().map(|value| word(name, value)).collect::<Vec<_>>();
        let flag =
            |name: &str, is_set: bool| is_set.then(|| OsString::from(name)).into_iter().collect::<Vec<_>>();
        let mut words = [
            one("--file", &self.file),
            many("--table", &self.table),
            many("--column", &self.column),
            many("--page-by", &self.page_by),
            one("--page-rows", &self.page_rows),
            one("--partitions", &self.partitions),
            one("--memory", &self.memory),
            flag("--create", self.create),
            one("--journal", &self.journal),
            flag("--resume", self.resume),
            one("--dead-letter", &self.dead_letter),
            one("--batch-size", &self.batch_size),
            one("--max-batch-bytes", &self.max_batch_bytes),
            one("--concurrency", &self.concurrency),
            one("--delivery", &self.delivery),
            one("--reconcile-by", &self.reconcile_by),
            flag("--quiet", is_quiet),
        ]
        .concat();
        if let Some(statement) = &self.statement {
            words.extend(["--".into(), statement.clone()]);
        }
        words
    }
}

/// Returns an option and its value as one word, which may begin with a hyphen.
fn word(name: &str, value: &OsStr) -> OsString {
    let mut word = OsString::from(name);
    word.push("=");
    word.push(value);
    word
}

/// Runs the program in place of this one, or beside the emulator of `--emulator=fresh`. Returns its exit code, if this process is
/// still there.
pub(crate) async fn run(
    arguments: Arguments,
    flags: &GlobalFlags,
    environment: &Environment,
    diagnostics: &Diagnostics,
) -> Result<u8> {
    let settings = Settings::resolve(flags, environment)?;
    settings.check_profile()?;
    if flags.verbose || flags.curl {
        return Err(Failure::usage("datalinks sql cannot show its requests; leave out --verbose and --curl"));
    }
    let directory = std::env::current_exe().ok().and_then(|own| own.parent().map(Path::to_owned));
    let program =
        find(directory.as_deref(), std::env::var_os("PATH").as_deref()).ok_or_else(not_installed)?;
    let mut command = Command::new(&program);
    command.args(arguments.words(flags.quiet));
    let own = set_variables(&mut command, &settings, flags.emulator, diagnostics).await?;
    let ended = match own {
        None => child::replace(&mut command).await,
        Some(emulator) => {
            // Installed before the program runs, so that no signal ends this process and leaves the program running.
            let ended = child::run(&mut command, Signals::new()?).await;
            emulator.shutdown().await;
            ended
        }
    };
    match ended {
        Ok(status) => Ok(child::code(status)),
        // It exists, so "not found" is about the interpreter or the loader that it names.
        Err(error) => {
            let what = format!("cannot run {}", program.display());
            Err(Failure::new(Exit::Code(CANNOT_RUN), what).caused_by(&error))
        }
    }
}

/// Sets the variables by which the program gets the settings of this command. Returns the emulator of `--emulator=fresh`.
async fn set_variables(
    command: &mut Command,
    settings: &Settings,
    choice: Option<EmulatorChoice>,
    diagnostics: &Diagnostics,
) -> Result<Option<Emulator>> {
    let (endpoint, own) = match choice {
        None => (None, None),
        Some(EmulatorChoice::Fresh) => {
            let emulator = Emulator::start().await?;
            (Some(Endpoint::of(&emulator)), Some(emulator))
        }
        Some(EmulatorChoice::Shared) => {
            let (data, idle) = (settings.directories.data(), settings.emulator_idle.value);
            (Some(local_emulator::find_or_start(data, idle, diagnostics).await?), None)
        }
    };
    let mut set = |name: &str, value: Option<OsString>| match value {
        Some(value) => drop(command.env(name, value)),
        None => drop(command.env_remove(name)),
    };
    match &endpoint {
        Some(endpoint) => {
            set("DL_HOST", Some(endpoint.api_url.clone().into()));
            set("DL_API_KEY", Some(endpoint.api_key.clone().into()));
            set("DL_PROXY", None);
            set("DL_CA", None);
            for name in emulator::WITHOUT_PROXY {
                set(name, Some(emulator::without_proxy(std::env::var_os(name))));
            }
        }
        None => {
            // Statements over files need no token.
            let (host, token) = match &settings.token {
                Some(_) => settings.service().map(|(host, token)| (host, Some(token.expose().into())))?,
                None => (settings.host.value.as_str(), None),
            };
            set("DL_HOST", Some(host.into()));
            set("DL_API_KEY", token);
            set("DL_PROXY", settings.proxy.as_ref().map(|proxy| proxy.value.clone().into()));
            set("DL_CA", settings.ca.as_ref().map(|file| file.value.clone().into()));
        }
    }
    set("DL_NAMESPACE", settings.namespace.as_ref().map(|namespace| namespace.value.clone().into()));
    set("DATALINKS_NAMESPACE", None);
    set("DL_OUTPUT", Some(settings.output.value.to_string().into()));
    set(
        "DL_TIMEOUT",
        settings.timeout.as_ref().map(|timeout| format!("{}ms", timeout.value.as_millis()).into()),
    );
    Ok(own)
}

/// Returns the program in a directory, or on the PATH. The program gets the token, so one in the working directory is not run,
/// which an empty or relative entry of the PATH would name.
fn find(directory: Option<&Path>, path: Option<&OsStr>) -> Option<PathBuf> {
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let on_path = path.into_iter().flat_map(std::env::split_paths).filter(|place| place.is_absolute());
    let mut places = directory.map(Path::to_owned).into_iter().chain(on_path);
    places.find_map(|place| Some(place.join(&name)).filter(|file| is_program(file)))
}

fn is_program(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        file.is_file()
    }
}

fn not_installed() -> Failure {
    let what = format!("{PROGRAM} is not installed: it is neither beside this program nor on the PATH");
    Failure::new(Exit::Code(NOT_FOUND), what)
        .next("in a checkout of this project: cargo install --path integrations/datafusion/datalinks-sql")
        .next("datalinks query, which needs no other program")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_passed_on() {
        let line = "datalinks sql --table a=-b -f x.sql --table c=d --resume --journal j --concurrency auto";
        let parsed = crate::cli::parse(line.split(' ').map(OsString::from)).unwrap();
        let Some(crate::cli::Command::Local(crate::cli::Local::Sql(arguments))) = parsed.command else {
            panic!()
        };
        assert_eq!(
            arguments.words(false),
            ["--file=x.sql", "--table=a=-b", "--table=c=d", "--journal=j", "--resume", "--concurrency=auto"]
        );
        let parsed =
            crate::cli::parse(["datalinks", "sql", "--", "-- x\nSELECT 1"].map(OsString::from)).unwrap();
        let Some(crate::cli::Command::Local(crate::cli::Local::Sql(arguments))) = parsed.command else {
            panic!()
        };
        assert_eq!(arguments.words(false), ["--", "-- x\nSELECT 1"]);
    }

    #[cfg(unix)]
    #[test]
    fn program_beside_this_one_comes_first() {
        use std::os::unix::fs::PermissionsExt;

        let (beside, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(find(Some(beside.path()), Some(other.path().as_os_str())), None);
        for directory in [&other, &beside] {
            let file = directory.path().join(PROGRAM);
            std::fs::write(&file, "").unwrap();
            assert_ne!(find(Some(directory.path()), None), Some(file.clone()), "it cannot be run");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
            assert_eq!(find(Some(beside.path()), Some(other.path().as_os_str())), Some(file));
        }
    }

    /// Regression: a program in the working directory was run with the token if the PATH had an empty entry.
    #[cfg(unix)]
    #[test]
    fn program_in_the_working_directory_is_not_found() {
        use std::os::unix::fs::PermissionsExt;

        let other = tempfile::tempdir().unwrap();
        let file = other.path().join(PROGRAM);
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        let depth = std::env::current_dir().unwrap().components().count() - 1;
        let root = std::fs::canonicalize(other.path()).unwrap();
        let relative = Path::new(&"../".repeat(depth)).join(root.strip_prefix("/").unwrap());
        assert!(is_program(&relative.join(PROGRAM)), "{}", relative.display());
        let path = std::env::join_paths([Path::new(""), &relative]).unwrap();
        assert_eq!(find(None, Some(&path)), None);
        let path = std::env::join_paths([&relative, other.path()]).unwrap();
        assert_eq!(find(None, Some(&path)), Some(file));
    }
}
