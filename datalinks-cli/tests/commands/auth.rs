//! Saved tokens.

use std::process::Stdio;

use crate::support::{Ran, World, text};

#[test]
fn token_is_checked_saved_used_and_removed() {
    let world = World::new();
    let host = world.emulator.api_url();
    let file = world.file("token.txt", &format!("{}\n", world.emulator.api_key()));
    let offline = |arguments: &[&str]| Ran::of(world.offline(arguments).output().unwrap());

    let login = ["auth", "login", "--host", &host, "--token-file", text(&file), "--output", "json"];
    let ran = offline(&login);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("\"username\": \"ana\""), "{}", ran.out);
    let saved = world.home.path().join("credentials.toml");
    assert!(ran.out.contains(text(&saved)), "{}", ran.out);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(saved.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    let ran = offline(&["whoami", "--host", &host]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = offline(&["auth", "status", "--host", &host, "--output", "ndjson"]);
    assert!(ran.out.contains("\"username\":\"ana\"") && ran.out.contains("\"accepted\":true"), "{ran:?}");

    // The token goes to its host only.
    let ran = offline(&["whoami"]);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("is not sent to https://api.datalinks.com/api/v1"), "{}", ran.err);

    assert_eq!(offline(&["auth", "logout"]).code, 0);
    assert_eq!(offline(&["whoami", "--host", &host]).code, 4);
    assert_eq!(offline(&["auth", "logout"]).code, 5);
}

#[test]
fn rejected_token_is_not_saved() {
    let world = World::new();
    let host = world.emulator.api_url();
    let file = world.file("token.txt", "wrong-canary");
    let login = ["auth", "login", "--host", &host, "--token-file", text(&file)];
    let ran = Ran::of(world.offline(&login).output().unwrap());
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("the token was not saved") && !ran.err.contains("canary"), "{}", ran.err);
    assert!(!world.home.path().join("credentials.toml").exists());
    // Without the options, the command to try would ask another service.
    let ran = Ran::of(world.offline(&[&login[..], &["--profile", "at work"]].concat()).output().unwrap());
    let next = format!("next: datalinks auth status --profile 'at work' --host {host}\n");
    assert!(ran.err.contains(&next), "{}", ran.err);
    let ran = Ran::of(world.offline(&["auth", "login", "--host", &host]).output().unwrap());
    assert_eq!(ran.code, 2, "nobody can type a token");
}

/// Of tokens that were saved at the same time, the last one replaced the others.
#[test]
fn tokens_of_simultaneous_logins_are_all_saved() {
    let world = World::new();
    let host = world.emulator.api_url();
    let file = world.file("token.txt", world.emulator.api_key());
    let profiles: Vec<String> = (0..6).map(|number| format!("p{number}")).collect();
    let logins: Vec<_> = profiles
        .iter()
        .map(|profile| {
            let login = ["auth", "login", "--no-check", "--host", &host, "--token-file", text(&file)];
            let mut command = world.offline(&[&login[..], &["--profile", profile]].concat());
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for login in logins {
        let ran = Ran::of(login.wait_with_output().unwrap());
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    for profile in &profiles {
        let ran =
            Ran::of(world.offline(&["whoami", "--host", &host, "--profile", profile]).output().unwrap());
        assert_eq!(ran.code, 0, "{profile}: {}", ran.err);
    }
}
