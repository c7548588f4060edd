//! Where settings come from, as processes see it.

use serde_json::Value;

use crate::support::{Ran, World, text};

#[cfg(test)]
fn value(world: &World, arguments: &[&str], variables: &[(&str, &str)], name: &str) -> (Value, Value) {
    let all = [&["config", "--output", "json"], arguments].concat();
    let ran = Ran::of(world.offline(&all).envs(variables.iter().copied()).output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let settings: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    let setting = settings.into_iter().find(|setting| setting["name"] == name).unwrap();
    (setting["value"].clone(), setting["origin"].clone())
}

#[test]
fn origins_are_shown_in_order_of_precedence() {
    let world = World::new();
    let file = world.file("config.toml", "[profiles.default]\nnamespace = 'c'\ntimeout = '5s'\n");
    let origin = format!("profile default in {}", text(&file));
    assert_eq!(value(&world, &[], &[], "namespace"), ("c".into(), origin.into()));
    let variables = [("DATALINKS_NAMESPACE", "b")];
    let expected = ("b".into(), "variable DATALINKS_NAMESPACE".into());
    assert_eq!(value(&world, &[], &variables, "namespace"), expected);
    let variables = [("DATALINKS_NAMESPACE", "b"), ("DL_NAMESPACE", "a")];
    assert_eq!(value(&world, &[], &variables, "namespace"), ("a".into(), "variable DL_NAMESPACE".into()));
    let expected = ("x".into(), "option --namespace".into());
    assert_eq!(value(&world, &["--namespace", "x"], &variables, "namespace"), expected);
    assert_eq!(value(&world, &[], &[], "proxy"), (Value::Null, Value::Null));
    assert_eq!(value(&world, &[], &[], "output").1, "option --output");
}

#[test]
fn secrets_are_not_shown() {
    let world = World::new();
    let variables = [("DATALINKS_TOKEN", "canary-token"), ("DL_PROXY", "http://u:canary-word@127.0.0.1:1")];
    assert_eq!(value(&world, &[], &variables, "token").1, "variable DATALINKS_TOKEN");
    let ran = Ran::of(world.offline(&["config"]).envs(variables).output().unwrap());
    assert_eq!(ran.code, 0);
    assert!(!format!("{ran:?}").contains("canary"), "{ran:?}");
}

#[test]
fn broken_file_of_profiles_names_its_line() {
    let world = World::new();
    world.file("config.toml", "[profiles.default]\nhots = 'x'\n");
    let ran = world.run(&["whoami"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("unknown field `hots`") && ran.err.contains("config.toml:2"), "{}", ran.err);
    // Commands without settings work.
    world.ok(&["completions", "fish"]);
}

#[test]
fn dataset_of_the_web_application_is_accepted() {
    let world = World::new();
    world.ok(&["dataset", "create", "n/d"]);
    let mut command = world.command(&["dataset", "show", "--output", "ndjson"]);
    let ran = Ran::of(command.env("DATALINKS_DATASET", "ana/n/d").output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("\"namespace\":\"n\",\"name\":\"d\""), "{}", ran.out);
}

#[test]
fn host_without_prefix_gets_it() {
    let world = World::new();
    let host = world.emulator.proxy_url();
    let ran = world.run(&["whoami", "--host", &host, "--output", "ndjson"]);
    assert!(ran.out.contains(&format!("\"host\":\"{host}/api/v1\"")), "{ran:?}");
}

#[test]
fn proxy_of_the_environment_is_not_used_for_this_machine() {
    let world = World::new();
    let mut command = world.command(&["whoami"]);
    let ran = Ran::of(command.env("HTTP_PROXY", "http://127.0.0.1:9").output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// The host was always that of DL_HOST, whatever it came from.
#[test]
fn rejected_host_and_proxy_name_their_origin() {
    let world = World::new();
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = world.offline(&[&["whoami"], arguments].concat());
        let ran = Ran::of(command.env("DL_API_KEY", "k").envs(variables.iter().copied()).output().unwrap());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        ran.err
    };
    let err = run(&["--host", "foo"], &[]);
    assert!(err.starts_with("error: the host \"foo\" of option --host is not a URL"), "{err}");
    let err = run(&["--host", "https://ana:canary@host.example"], &[]);
    assert!(err.contains("of option --host contains a user name") && !err.contains("canary"), "{err}");
    let err = run(&[], &[("DATALINKS_API_URL", "http://host.example")]);
    assert!(
        err.contains("of variable DATALINKS_API_URL is plain http to another machine; use https\n"),
        "{err}"
    );
    let err = run(&[], &[("DL_HOST", "https://host.example/x?token=canary")]);
    assert!(err.contains("of variable DL_HOST has a query") && !err.contains("canary"), "{err}");
    let err = run(&["--proxy", "foo"], &[]);
    assert!(err.contains("the proxy \"foo\" of option --proxy is not an http or https URL"), "{err}");
    let err = run(&[], &[("DL_PROXY", "ftp://ana:canary@proxy.example")]);
    assert!(err.contains("of variable DL_PROXY is not an http") && !err.contains("canary"), "{err}");

    world.file(
        "config.toml",
        "[profiles.default]\nnamespace = 'n'\nhost = 'ftp://x'\n[profiles.p]\nproxy = 'foo'\n",
    );
    let err = run(&[], &[]);
    assert!(err.contains("of profile default in ") && err.contains("config.toml:3\n"), "{err}");
    let err = run(&["--profile", "p"], &[]);
    assert!(err.contains("of profile p in ") && err.contains("config.toml:5\n"), "{err}");
    world.file("config.toml", "[profiles.default]\n\n\ntimeout = 'soon'\n");
    let err = run(&[], &[]);
    assert!(err.contains("\"soon\" of profile default") && err.contains("config.toml:4\n"), "{err}");
    let err = run(&["--profile", "default"], &[("DL_API_KEY", "k\u{e9}y"), ("DL_TIMEOUT", "1s")]);
    assert!(err.contains("of the API key") && err.contains("(variable DL_API_KEY)"), "{err}");
}

/// The errors named a method of the library, and a certificate of a server.
#[test]
fn unusable_certificate_authority_names_its_origin() {
    let world = World::new();
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = world.offline(&[&["whoami", "--host", "https://127.0.0.1:9/"], arguments].concat());
        let ran = Ran::of(command.env("DL_API_KEY", "k").envs(variables.iter().copied()).output().unwrap());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(
            !ran.err.contains("add_root_certificate") && !ran.err.contains("builder error"),
            "{}",
            ran.err
        );
        ran.err
    };
    world.file("empty.pem", " \n");
    world.file("garbage.pem", "hello\n");
    world.file("broken.pem", "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n");
    world.file("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    for (file, reason) in [
        ("empty.pem", "no certificate authority in empty.pem (option --ca): the file is empty"),
        ("garbage.pem", "in garbage.pem (option --ca): it is neither PEM nor a certificate in DER"),
        ("broken.pem", "in broken.pem (option --ca): a section of it is not a valid certificate"),
        ("key.pem", "in key.pem (option --ca): no PEM section is a certificate"),
        ("missing.pem", "cannot read the certificates in missing.pem (option --ca)"),
        (".", "cannot read the certificates in . (option --ca)"),
    ] {
        let err = run(&["--ca", file], &[]);
        assert!(err.contains(reason), "{file}: {err}");
    }
    let err = run(&[], &[("DL_CA", "garbage.pem")]);
    assert!(err.contains("(variable DL_CA)"), "{err}");
    world.file("config.toml", "[profiles.default]\nnamespace = 'n'\nca = 'garbage.pem'\n");
    let err = run(&[], &[]);
    assert!(err.contains("(profile default in ") && err.contains("config.toml:3\n"), "{err}");
}

/// A profile for files kept a person from every command, also from those that would have explained why.
#[cfg(unix)]
#[test]
fn format_of_a_profile_that_a_terminal_cannot_show_is_a_table_there() {
    let world = World::new();
    let file = world.file("config.toml", "[profiles.default]\nnamespace = 'n'\noutput = 'parquet'\n");
    let reason = "because a terminal cannot show Parquet (profile default in ";
    for (arguments, expected) in [
        (&["config"][..], "output"),
        (&["doctor"], "token"),
        (&["whoami"], "ana"),
        (&["dataset", "list"], "nothing found"),
    ] {
        let (code, screen) = crate::pty::Pty::spawn(world.command(arguments), 400).finish();
        assert_eq!(code, 0, "{arguments:?}: {screen:#?}");
        let shown = screen.text();
        assert!(shown.contains(reason) && shown.contains(text(&file)), "{arguments:?}: {shown}");
        assert!(shown.contains(expected), "{arguments:?}: {shown}");
    }
    // An option says what is meant.
    let (code, screen) = crate::pty::Pty::spawn(world.command(&["config", "-o", "parquet"]), 400).finish();
    assert_eq!(code, 2, "{screen:#?}");
    assert!(!screen.text().contains("namespace"), "{screen:#?}");
    #[cfg(not(feature = "parquet"))]
    {
        // The output goes to a file, which must not be a table.
        let ran = world.run(&["whoami"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(
            ran.err.contains("cannot write Parquet") && ran.err.contains("config.toml:3\n"),
            "{}",
            ran.err
        );
    }
}

/// A Parquet file was written to the terminal.
#[cfg(unix)]
#[test]
fn report_on_broken_settings_is_no_parquet_in_a_terminal() {
    let world = World::new();
    world.file("config.toml", "[profiles.default]\nhots = 'x'\n");
    let (code, screen) = crate::pty::Pty::spawn(world.command(&["doctor", "-o", "parquet"]), 400).finish();
    assert_eq!(code, 2, "{screen:#?}");
    assert!(screen.text().contains("choose another format: --output table"), "{screen:#?}");
}

/// The password of the host was shown.
#[test]
fn host_without_a_token_is_shown_without_its_password() {
    let world = World::new();
    let ran =
        Ran::of(world.offline(&["whoami", "--host", "https://ana:canary@host.example"]).output().unwrap());
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("no token for https://host.example/"), "{}", ran.err);
    assert!(!ran.err.contains("canary"), "{}", ran.err);
}

#[test]
fn missing_dataset_is_asked_for_by_an_option_of_every_command() {
    let ran = World::new().run(&["ingestion", "list"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("next: give NAMESPACE/DATASET by --dataset or by DL_DATASET\n"), "{}", ran.err);
}
