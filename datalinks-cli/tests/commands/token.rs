//! `datalinks token`.

use serde_json::Value;

use crate::support::{World, parsed, text};

fn tokens(world: &World) -> Vec<Value> {
    serde_json::from_str(&world.ok(&["token", "list", "--output", "json"])).unwrap()
}

#[test]
fn created_token_works_until_it_is_deleted() {
    let world = World::new();
    world.ok(&["dataset", "create", "n/d"]);
    let created =
        world.ok(&["token", "create", "ci", "--only-dataset", "n/d", "--show-secret", "-o", "json"]);
    let created = parsed(&created);
    let (id, secret) = (created["id"].as_str().unwrap(), created["secret"].as_str().unwrap());
    assert_eq!((&created["change"], &created["secretFile"]), (&"created".into(), &Value::Null));
    let with_token = |arguments: &[&str]| {
        let output = world.command(arguments).env("DL_API_KEY", secret).output().unwrap();
        output.status.code().unwrap()
    };
    assert_eq!(with_token(&["whoami"]), 0);
    assert_eq!(with_token(&["dataset", "show", "n/d"]), 0);
    assert_eq!(with_token(&["token", "list"]), 4, "a restricted token may not manage tokens");
    let permissions = parsed(&world.ok(&["token", "permissions", id, "--output", "json"]));
    assert_eq!(permissions[0]["namespace"], "n");
    assert_eq!(permissions[0]["dataset"], "d");
    world.ok(&["token", "delete", id]);
    assert_eq!(with_token(&["whoami"]), 4);
    assert_eq!(tokens(&world).iter().filter(|token| token["id"] == *id).count(), 0);
}

#[test]
fn secret_is_shown_only_where_it_is_asked_for() {
    let world = World::new();
    let file = world.home.path().join("ci.token");
    let before = tokens(&world).len();
    let ran = world.run(&["token", "create", "ci", "--secret-file", text(&file), "--verbose"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let secret = std::fs::read_to_string(&file).unwrap();
    let secret = secret.trim();
    assert!(secret.len() > 20 && !ran.err.contains(secret), "{}", ran.err);
    let list = world.ok(&["token", "list", "--output", "json"]);
    assert!(!list.contains(secret), "{list}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let output = world.offline(&["whoami", "--token-file", text(&file)]);
    let output = { output }.env("DL_HOST", world.emulator.api_url()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    // An existing file is not replaced, and no token is created for nothing.
    let ran = world.run(&["token", "create", "ci", "--secret-file", text(&file)]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("exists already; nothing was created"), "{}", ran.err);
    assert_eq!(world.run(&["token", "create", "ci", "--secret-file", "no/such/dir/x"]).code, 2);
    assert_eq!(world.run(&["token", "create", "ci"]).code, 2);
    assert_eq!(tokens(&world).len(), before + 1);
}

#[cfg(target_os = "linux")]
#[test]
fn token_whose_secret_cannot_be_written_is_named() {
    let world = World::new();
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut command = world.command(&["token", "create", "ci", "--show-secret"]);
    let ran = command.stdout(full).output().unwrap();
    let error = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{error}");
    assert!(error.contains("datalinks token delete "), "{error}");
    world.emulator.faults().inject(datalinks_emulator::Fault::new("addToken").lose_response()).unwrap();
    let ran = world.run(&["token", "create", "ci", "--show-secret"]);
    assert_eq!(ran.code, 7, "{}", ran.err);
    assert!(ran.err.contains("datalinks token list"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn link_that_leads_nowhere_is_found_before_a_token_is_created() {
    let world = World::new();
    let before = tokens(&world).len();
    std::os::unix::fs::symlink("nowhere", world.home.path().join("ci.token")).unwrap();
    let ran = world.run(&["token", "create", "ci", "--secret-file", "ci.token"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(tokens(&world).len(), before);
}
