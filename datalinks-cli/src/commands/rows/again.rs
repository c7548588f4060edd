//! The command line of this process, to be shown to people.

use std::env;

use crate::terminal::quoted;

/// Returns the command line of this process with one more option, if it lacks it, quoted for a shell.
pub(in crate::commands) fn command_again(option: Option<&str>) -> String {
    let arguments = env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    with_option(arguments, option)
}

fn with_option(arguments: impl Iterator<Item = String>, option: Option<&str>) -> String {
    let mut arguments: Vec<String> = arguments.map(|argument| quoted(&without_password(argument))).collect();
    if let Some(option) = option
        && !arguments.iter().any(|argument| argument == option)
    {
        // Arguments after `--` are no options.
        let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
        arguments.insert(end, option.to_owned());
    }
    format!("datalinks {}", arguments.join(" "))
}

/// Replaces the user and the password in a URL.
fn without_password(argument: String) -> String {
    match argument.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => {
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            format!("{scheme}://USER:PASSWORD@{host}")
        }
        _ => argument,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_can_be_pasted() {
        let again = |arguments: &[&str]| {
            with_option(arguments.iter().map(|text| (*text).to_owned()), Some("--resume"))
        };
        assert_eq!(again(&["ingest", "a b.csv", "it's"]), r"datalinks ingest 'a b.csv' 'it'\''s' --resume");
        assert_eq!(again(&["ingest", "--resume", "*.csv"]), "datalinks ingest --resume '*.csv'");
        assert_eq!(again(&["ingest", "--", "-x"]), "datalinks ingest --resume -- -x");
        assert_eq!(
            again(&["--proxy", "http://ana:canary@proxy:1"]),
            "datalinks --proxy http://USER:PASSWORD@proxy:1 --resume"
        );
    }
}
