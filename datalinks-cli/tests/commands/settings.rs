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
