//! The settings of a command, from all sources.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use datalinks::Secret;

use super::credentials::CredentialStore;
use super::dataset_name::DatasetName;
use super::directories::Directories;
use super::flags::GlobalFlags;
use super::origin::{Origin, Setting};
use super::profile::{ConfigFile, Profile};
use super::shown_url::without_credentials;
use super::sources::Environment;
use super::{duration, host};
use crate::failure::{Exit, Failure, Result};
use crate::output::Format;
use crate::terminal::{ColorChoice, quoted};

/// The settings of a command.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) directories: Directories,
    pub(crate) profile: Setting<String>,
    pub(crate) host: Setting<String>,
    pub(crate) token: Option<Setting<Secret>>,
    /// The host that a saved token is for.
    token_host: Option<String>,
    pub(crate) ingest_proxy: Option<Setting<String>>,
    pub(crate) username: Option<Setting<String>>,
    pub(crate) namespace: Option<Setting<String>>,
    pub(crate) dataset: Option<Setting<DatasetName>>,
    pub(crate) output: Setting<Format>,
    pub(crate) color: Setting<ColorChoice>,
    pub(crate) timeout: Option<Setting<Duration>>,
    pub(crate) proxy: Option<Setting<String>>,
    pub(crate) ca: Option<Setting<PathBuf>>,
    /// Time after which an unused emulator of `--emulator` ends.
    pub(crate) emulator_idle: Setting<Duration>,
    /// Host and token are those of the emulator.
    emulator: bool,
    /// The names of all profiles.
    profiles: Vec<String>,
}

/// Default of [`Settings::emulator_idle`].
const EMULATOR_IDLE: Duration = Duration::from_secs(10 * 60);

/// The profile that is used unless another one is chosen. It need not exist.
const DEFAULT_PROFILE: &str = "default";

/// The sources of settings other than flags.
struct Sources<'a> {
    environment: &'a Environment,
    profile: Profile,
    profile_origin: Origin,
}

impl Sources<'_> {
    /// Returns the value of the first source that has one: the flag, the variables in their order, the profile.
    fn text(
        &self,
        flag: Option<(&'static str, Option<String>)>,
        variables: &[&'static str],
        in_profile: impl Fn(&Profile) -> Option<String>,
    ) -> Option<Setting<String>> {
        if let Some((name, Some(value))) = flag {
            return Some(Setting::new(value, Origin::Flag(name)));
        }
        for name in variables {
            if let Some(value) = self.environment.get(name) {
                return Some(Setting::new(value, Origin::Variable(name)));
            }
        }
        in_profile(&self.profile).map(|value| Setting::new(value, self.profile_origin.clone()))
    }

    /// Returns a setting whose value is parsed. `flag` was parsed with the command line.
    fn parsed<T>(
        &self,
        flag: (&'static str, Option<T>),
        variable: &'static [&'static str],
        in_profile: impl Fn(&Profile) -> Option<String>,
        parse: impl Fn(&str) -> std::result::Result<T, String>,
    ) -> Result<Option<Setting<T>>> {
        if let (name, Some(value)) = flag {
            return Ok(Some(Setting::new(value, Origin::Flag(name))));
        }
        let Some(Setting { value, origin }) = self.text(None, variable, in_profile) else { return Ok(None) };
        match parse(&value) {
            Ok(value) => Ok(Some(Setting::new(value, origin))),
            Err(reason) => Err(invalid(flag.0, &value, &origin, &reason)),
        }
    }
}

/// Returns the failure for a value that cannot be parsed. `setting` is its name in the file of profiles.
fn invalid(setting: &str, value: &str, origin: &Origin, reason: &str) -> Failure {
    let failure = Failure::usage(format!("invalid value {value:?} of {origin}: {reason}"));
    match origin.place(setting) {
        Some(place) => failure.at(place),
        None => failure,
    }
}

impl Settings {
    /// Reads all sources.
    pub(crate) fn resolve(flags: &GlobalFlags, environment: &Environment) -> Result<Self> {
        environment.check()?;
        let directories = Directories::find(environment)?;
        let file = ConfigFile::read(&directories.config_file())?;
        let store = CredentialStore::new(&directories);
        let profile = choose_profile(flags, environment, &file);
        let sources = Sources {
            environment,
            profile: file.profiles.get(&profile.value).cloned().unwrap_or_default(),
            profile_origin: Origin::Profile { name: profile.value.clone(), file: file.path.clone() },
        };
        let mut host = sources
            .text(Some(("host", flags.host.clone())), &["DL_HOST", "DATALINKS_API_URL"], |profile| {
                profile.host.clone()
            })
            .unwrap_or_else(|| Setting::new(host::DEFAULT.to_owned(), Origin::Default));
        host.value = host::with_prefix(&host.value);

        let mut token_host = None;
        let mut token = match &flags.token_file {
            Some(file) => Some(Setting::new(read_token(file)?, Origin::Flag("token-file"))),
            None => sources
                .text(None, &["DL_API_KEY", "DATALINKS_TOKEN"], |_| None)
                .map(|setting| Setting::new(Secret::from(setting.value), setting.origin)),
        };
        let mut profiles: Vec<String> = file.profiles.into_keys().collect();
        // The emulator has its own token.
        if flags.emulator.is_none() {
            let saved = store.profiles();
            if token.is_none() {
                profiles.extend(saved?);
                if let Some(saved) = store.read(&profile.value)? {
                    token_host = Some(saved.host);
                    token = Some(saved.token);
                }
            } else {
                // A command with a token does not need the file of tokens.
                profiles.extend(saved.unwrap_or_default());
            }
        }
        let value_of = |text: &str| clap::ValueEnum::from_str(text, true);
        Ok(Self {
            ingest_proxy: sources.text(None, &["DL_INGEST_PROXY"], |profile| profile.ingest_proxy.clone()),
            username: sources.text(None, &["DL_USERNAME"], |profile| profile.username.clone()),
            namespace: sources.text(
                Some(("namespace", flags.namespace.clone())),
                &["DL_NAMESPACE", "DATALINKS_NAMESPACE"],
                |profile| profile.namespace.clone(),
            ),
            dataset: sources.parsed(
                ("dataset", flags.dataset.clone()),
                &["DL_DATASET", "DATALINKS_DATASET"],
                |profile| profile.dataset.clone(),
                str::parse,
            )?,
            output: sources
                .parsed(
                    ("output", flags.output),
                    &["DL_OUTPUT"],
                    |profile| profile.output.map(|format| format.to_string()),
                    value_of,
                )?
                .unwrap_or_else(|| Setting::new(Format::default(), Origin::Default)),
            color: color(flags, &sources),
            timeout: sources.parsed(
                ("timeout", flags.timeout),
                &["DL_TIMEOUT"],
                |profile| profile.timeout.clone(),
                duration::parse,
            )?,
            emulator_idle: sources
                .parsed(("", None), &["DL_EMULATOR_IDLE"], |_| None, duration::parse)?
                .unwrap_or_else(|| Setting::new(EMULATOR_IDLE, Origin::Default)),
            proxy: sources
                .text(Some(("proxy", flags.proxy.clone())), &["DL_PROXY"], |profile| profile.proxy.clone()),
            ca: path(flags, &sources),
            emulator: flags.emulator.is_some(),
            directories,
            profile,
            host,
            token,
            token_host,
            profiles,
        })
    }

    /// Returns the host and the token for requests to the service.
    pub(crate) fn service(&self) -> Result<(&str, &Secret)> {
        self.check_profile()?;
        let Some(token) = &self.token else {
            let host = without_credentials(&self.host.value);
            return Err(Failure::new(Exit::Authentication, format!("no token for {host}"))
                .next("datalinks auth login")
                .next("or set DL_API_KEY, or try the command with --emulator"));
        };
        match &self.token_host {
            Some(saved) if *saved != self.host.value => {
                let host = without_credentials(&self.host.value);
                let what = format!(
                    "the token of profile {} is for {saved}, and is not sent to {host}",
                    self.profile.value
                );
                let next = format!("datalinks auth login --host {} --profile NAME", quoted(&host));
                Err(Failure::new(Exit::Authentication, what).next(next))
            }
            _ => Ok((&self.host.value, &token.value)),
        }
    }

    /// Returns a token that was given to this command, and not saved before.
    pub(crate) fn given_token(&self) -> Option<&Secret> {
        let token = self.token.as_ref()?;
        matches!(token.origin, Origin::Flag(_) | Origin::Variable(_)).then_some(&token.value)
    }

    /// Returns `true` if host and token are those of the emulator.
    pub(crate) fn is_emulator(&self) -> bool {
        self.emulator
    }

    /// Rejects a profile that was chosen and does not exist.
    pub(crate) fn check_profile(&self) -> Result {
        let Setting { value, origin } = &self.profile;
        if *origin == Origin::Default || self.profiles.contains(value) || value == DEFAULT_PROFILE {
            return Ok(());
        }
        let file = self.directories.config_file();
        let failure = Failure::usage(format!("no profile {value:?} in {}", file.display()));
        Err(match crate::failure::nearest(value, self.profiles.iter().map(String::as_str)) {
            Some(near) => failure.next(format!("did you mean {near:?}?")),
            None => failure.next(format!("datalinks auth login --profile {value}")),
        })
    }

    /// Returns all settings as text: name, value, origin. Secrets are not shown.
    pub(crate) fn entries(&self) -> Vec<(&'static str, Option<String>, Option<&Origin>)> {
        fn entry<'a, T>(
            name: &'static str,
            setting: Option<&'a Setting<T>>,
            show: impl Fn(&T) -> String,
        ) -> (&'static str, Option<String>, Option<&'a Origin>) {
            (name, setting.map(|setting| show(&setting.value)), setting.map(|setting| &setting.origin))
        }
        let text = String::clone;
        let url = |url: &String| without_credentials(url);
        let mut entries = vec![
            entry("profile", Some(&self.profile), text),
            entry("host", Some(&self.host), url),
            entry("token", self.token.as_ref(), |_| "(hidden)".to_owned()),
            entry("ingestProxy", self.ingest_proxy.as_ref(), url),
            entry("username", self.username.as_ref(), text),
            entry("namespace", self.namespace.as_ref(), text),
            entry("dataset", self.dataset.as_ref(), ToString::to_string),
            entry("output", Some(&self.output), ToString::to_string),
            entry("color", Some(&self.color), |color| format!("{color:?}").to_lowercase()),
            entry("timeout", self.timeout.as_ref(), |timeout| format!("{} s", timeout.as_secs_f64())),
            entry("proxy", self.proxy.as_ref(), url),
            entry("ca", self.ca.as_ref(), |file| file.display().to_string()),
            entry("emulatorIdle", Some(&self.emulator_idle), |idle| format!("{} s", idle.as_secs_f64())),
        ];
        if self.emulator {
            for (name, value, origin) in &mut entries {
                if matches!(*name, "host" | "token" | "ingestProxy" | "username") {
                    *value = Some("(of the emulator)".to_owned());
                    *origin = Some(&Origin::Flag("emulator"));
                }
            }
        }
        entries
    }
}

fn choose_profile(flags: &GlobalFlags, environment: &Environment, file: &ConfigFile) -> Setting<String> {
    if let Some(name) = &flags.profile {
        return Setting::new(name.clone(), Origin::Flag("profile"));
    }
    if let Some(name) = environment.get("DL_PROFILE") {
        return Setting::new(name, Origin::Variable("DL_PROFILE"));
    }
    match &file.profile {
        Some(name) => {
            let origin = Origin::Profile { name: name.clone(), file: file.path.clone() };
            Setting::new(name.clone(), origin)
        }
        None => Setting::new(DEFAULT_PROFILE.to_owned(), Origin::Default),
    }
}

fn color(flags: &GlobalFlags, sources: &Sources<'_>) -> Setting<ColorChoice> {
    match (flags.color, sources.profile.color) {
        (Some(color), _) => Setting::new(color, Origin::Flag("color")),
        (None, Some(color)) => Setting::new(color, sources.profile_origin.clone()),
        (None, None) => Setting::new(ColorChoice::Auto, Origin::Default),
    }
}

fn path(flags: &GlobalFlags, sources: &Sources<'_>) -> Option<Setting<PathBuf>> {
    if let Some(file) = &flags.ca {
        return Some(Setting::new(file.clone(), Origin::Flag("ca")));
    }
    if let Some(file) = sources.environment.get("DL_CA") {
        return Some(Setting::new(file.into(), Origin::Variable("DL_CA")));
    }
    sources.profile.ca.clone().map(|file| Setting::new(file, sources.profile_origin.clone()))
}

/// Longest file of a token, in bytes.
const LONGEST_TOKEN: u64 = 64 * 1024;

/// Reads a token from a file, or from standard input.
fn read_token(file: &Path) -> Result<Secret> {
    let is_input = file == Path::new("-");
    let name = if is_input { "standard input".to_owned() } else { file.display().to_string() };
    let failed = |error: &std::io::Error| {
        Failure::usage(format!("cannot read the token from {name}")).caused_by(error)
    };
    let mut text = String::new();
    let read = if is_input {
        std::io::stdin().lock().take(LONGEST_TOKEN + 1).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(LONGEST_TOKEN + 1).read_to_string(&mut text))
    };
    if read.map_err(|error| failed(&error))? as u64 > LONGEST_TOKEN {
        return Err(Failure::usage(format!("the token in {name} is longer than {LONGEST_TOKEN} bytes"))
            .next("--token-file takes a file that has the token only"));
    }
    match text.trim() {
        "" => Err(Failure::usage(format!("there is no token in {name}"))
            .next("write the token there, or set DL_API_KEY and leave out --token-file")),
        token => Ok(Secret::from(token.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct World {
        directory: tempfile::TempDir,
        variables: Vec<(String, String)>,
    }

    impl World {
        fn new(config: &str) -> Self {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("config.toml"), config).unwrap();
            let path = directory.path().display().to_string();
            let variables = ["DL_CONFIG_DIR", "DL_DATA_DIR"].map(|name| (name.to_owned(), path.clone()));
            Self { directory, variables: variables.into() }
        }

        fn with(mut self, name: &str, value: &str) -> Self {
            self.variables.push((name.to_owned(), value.to_owned()));
            self
        }

        fn resolve(&self, flags: &GlobalFlags) -> Result<Settings> {
            Settings::resolve(flags, &self.variables.iter().cloned().collect())
        }
    }

    const CONFIG: &str = "[profiles.default]\nnamespace = 'from-profile'\nhost = 'https://profile.example'\n";

    #[test]
    fn flags_take_precedence_over_variables_profile_and_default() {
        let namespace = |world: &World, flags: &GlobalFlags| {
            let setting = world.resolve(flags).unwrap().namespace.unwrap();
            (setting.value, setting.origin.to_string())
        };
        let none = GlobalFlags::default();
        let world = World::new(CONFIG);
        let file = world.directory.path().join("config.toml");
        let origin = format!("profile default in {}", file.display());
        assert_eq!(namespace(&world, &none), ("from-profile".to_owned(), origin));
        let world = world.with("DATALINKS_NAMESPACE", "second");
        assert_eq!(namespace(&world, &none).1, "variable DATALINKS_NAMESPACE");
        let world = world.with("DL_NAMESPACE", "first");
        assert_eq!(namespace(&world, &none), ("first".to_owned(), "variable DL_NAMESPACE".to_owned()));
        let flags = GlobalFlags { namespace: Some("flag".to_owned()), ..none.clone() };
        assert_eq!(namespace(&world, &flags), ("flag".to_owned(), "option --namespace".to_owned()));
        let settings = World::new("").resolve(&none).unwrap();
        assert!(settings.namespace.is_none());
        assert_eq!((settings.host.value.as_str(), settings.host.origin), (host::DEFAULT, Origin::Default));
    }

    #[test]
    fn empty_variables_are_unset() {
        let settings = World::new(CONFIG).with("DL_NAMESPACE", " ").resolve(&GlobalFlags::default()).unwrap();
        assert_eq!(settings.namespace.unwrap().value, "from-profile");
    }

    #[test]
    fn saved_token_is_sent_to_its_host_only() {
        let world = World::new(CONFIG);
        let settings = world.resolve(&GlobalFlags::default()).unwrap();
        let store = CredentialStore::new(&settings.directories);
        store.save("default", "https://profile.example/api/v1", &Secret::from("t".to_owned())).unwrap();
        let settings = world.resolve(&GlobalFlags::default()).unwrap();
        let (host, token) = settings.service().unwrap();
        assert_eq!((host, token.expose()), ("https://profile.example/api/v1", "t"));
        let flags = GlobalFlags { host: Some("https://other.example".to_owned()), ..GlobalFlags::default() };
        let failure = world.resolve(&flags).unwrap().service().map(drop).unwrap_err();
        assert_eq!(failure.exit(), Exit::Authentication);
        // A token of the environment is for the host that the user chose.
        let world = world.with("DL_API_KEY", "e");
        assert_eq!(world.resolve(&flags).unwrap().service().unwrap().1.expose(), "e");
    }

    /// A profile with only a saved token was missing as soon as a token was given.
    #[test]
    fn profile_of_a_saved_token_exists_with_a_given_token() {
        let world = World::new("").with("DL_API_KEY", "e");
        let flags = GlobalFlags { profile: Some("work".to_owned()), ..GlobalFlags::default() };
        let settings = world.resolve(&flags).unwrap();
        assert!(settings.service().is_err());
        let store = CredentialStore::new(&settings.directories);
        store.save("work", host::DEFAULT, &Secret::from("t".to_owned())).unwrap();
        assert_eq!(world.resolve(&flags).unwrap().service().unwrap().1.expose(), "e");
        // A file of tokens that cannot be used does not matter.
        std::fs::write(settings.directories.credentials_file(), "=").unwrap();
        let flags = GlobalFlags::default();
        assert_eq!(world.resolve(&flags).unwrap().service().unwrap().1.expose(), "e");
    }

    #[test]
    fn missing_token_and_missing_profile_are_reported() {
        let world = World::new(CONFIG);
        let failure = world.resolve(&GlobalFlags::default()).unwrap().service().map(drop).unwrap_err();
        assert_eq!(failure.exit(), Exit::Authentication);
        let flags = GlobalFlags { profile: Some("defualt".to_owned()), ..GlobalFlags::default() };
        let failure = world.resolve(&flags).unwrap().service().map(drop).unwrap_err();
        assert_eq!(failure.exit(), Exit::Usage);
        let lines = failure.lines(crate::terminal::Style::plain());
        assert!(lines[1].contains("did you mean \"default\"?"), "{lines:?}");
    }

    #[test]
    fn token_that_is_too_long_is_not_cut() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        let read = |length| {
            std::fs::write(&file, "t".repeat(length)).unwrap();
            read_token(&file)
        };
        let longest = usize::try_from(LONGEST_TOKEN).unwrap();
        assert_eq!(read(longest).unwrap().expose().len(), longest);
        assert!(read(longest + 1).unwrap_err().message().contains("is longer than 65536 bytes"));
    }

    #[test]
    fn invalid_values_name_their_origin() {
        let failure = World::new("").with("DL_TIMEOUT", "soon").resolve(&GlobalFlags::default()).unwrap_err();
        assert!(failure.message().contains("\"soon\" of variable DL_TIMEOUT"), "{}", failure.message());
    }

    #[test]
    fn entries_hide_secrets() {
        let world =
            World::new("").with("DL_API_KEY", "canary-token").with("DL_PROXY", "http://u:canary@p:1/");
        let settings = world.resolve(&GlobalFlags::default()).unwrap();
        let text = format!("{:?}", settings.entries());
        assert!(!text.contains("canary") && text.contains("http://p:1/"), "{text}");
        assert!(!format!("{settings:?}").contains("canary-token"));
    }
}
