//! `--emulator`.

use std::fs::File;
use std::process::Stdio;

use crate::support::{Ran, World, text};

/// Waits until the emulator of `--emulator` has ended. It locks its state as long as it runs.
#[cfg(test)]
fn wait_for_end(world: &World) {
    let lock = world.home.path().join("emulator/state/lock");
    fs4::FileExt::lock(&File::open(&lock).unwrap()).unwrap();
}

#[test]
fn commands_share_one_emulator_that_ends_by_itself() {
    let world = World::new();
    let emulator = |arguments: &[&str]| {
        let mut command = world.offline(&[arguments, &["--emulator"]].concat());
        command.env("DL_EMULATOR_IDLE", "1s");
        command
    };
    let names = ["n/a", "n/b", "n/c"];
    let children = names.map(|name| {
        let mut command = emulator(&["dataset", "create", name]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    let ran = children.map(|child| Ran::of(child.wait_with_output().unwrap()));
    assert!(ran.iter().all(|ran| ran.code == 0), "{ran:?}");
    let started = ran.iter().filter(|ran| ran.err.contains("started the emulator")).count();
    assert_eq!(started, 1, "{ran:?}");
    let list = Ran::of(emulator(&["dataset", "list", "--output", "csv"]).output().unwrap());
    assert_eq!(list.out, "owner,namespace,name\nana,n,a\nana,n,b\nana,n,c\n", "{list:?}");
    // Without the option, a command to try would ask the service.
    world.file("a.csv", "x\n1\n");
    let upload = Ran::of(emulator(&["upload", "a.csv", "--dataset", "n/a"]).output().unwrap());
    assert!(upload.err.ends_with(" --dataset n/a --emulator\n"), "{upload:?}");
    let mut clean = emulator(&["clean", "start", "Tidy", "--dataset", "n/a", "--into", "n/d"]);
    let clean = Ran::of(clean.output().unwrap());
    assert!(clean.err.contains("datalinks clean code") && clean.err.ends_with(" --emulator\n"), "{clean:?}");

    wait_for_end(&world);
    assert!(!world.home.path().join("emulator/running.json").exists());
    // The next one takes the address again, if it is free.
    let address = std::fs::read_to_string(world.home.path().join("emulator/address")).unwrap();
    assert!(ran.iter().any(|ran| ran.err.contains(&format!("at http://{address}\n"))), "{address}: {ran:?}");

    // A later one has the data of the earlier one.
    let list = Ran::of(emulator(&["dataset", "list", "--output", "csv"]).output().unwrap());
    assert_eq!(list.out.lines().count(), 5, "{list:?}");
    assert!(list.err.contains("started the emulator"), "{list:?}");
    wait_for_end(&world);
}

#[test]
fn announcement_of_a_dead_emulator_is_ignored() {
    let world = World::new();
    std::fs::create_dir(world.home.path().join("emulator")).unwrap();
    // Another emulator has the address now.
    let other = format!(
        r#"{{"apiUrl":"{}","proxyUrl":"{}","apiKey":"another-key","username":"ana"}}"#,
        world.emulator.api_url(),
        world.emulator.proxy_url()
    );
    world.file("emulator/running.json", &other);
    let mut command = world.offline(&["whoami", "--emulator", "--output", "ndjson"]);
    let ran = Ran::of(command.env("DL_EMULATOR_IDLE", "1s").output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains(&world.emulator.api_url()), "{}", ran.out);
    wait_for_end(&world);
}

#[test]
fn failed_start_is_explained() {
    let world = World::new();
    std::fs::create_dir(world.home.path().join("emulator")).unwrap();
    world.file("emulator/state", "not a directory");
    let ran = Ran::of(world.offline(&["whoami", "--emulator"]).output().unwrap());
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("the emulator did not start: error: "), "{}", ran.err);
    assert!(ran.err.contains("--emulator=fresh"), "{}", ran.err);
}

#[test]
fn fresh_emulator_keeps_nothing() {
    let world = World::new();
    let run = |arguments: &[&str]| {
        Ran::of(world.offline(&[arguments, &["--emulator=fresh"]].concat()).output().unwrap())
    };
    assert_eq!(run(&["dataset", "create", "n/a"]).code, 0);
    assert_eq!(run(&["dataset", "list", "--output", "json"]).out, "[]\n");
    let token = world.file("token", "x");
    let ran = run(&["whoami", "--token-file", text(&token)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("warning: option --token-file is ignored"), "{ran:?}");
    std::fs::remove_file(token).unwrap();
    let left: Vec<_> =
        world.home.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{left:?} in {}", text(world.home.path()));
}
