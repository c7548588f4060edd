//! `datalinks doctor`.

use base64::Engine as _;
use datalinks_emulator::Emulator;
use serde_json::{Value, json};

use crate::support::altered::Altered;
use crate::support::{Ran, World, parsed, text};

/// Returns the exit code, and the status and the detail of each check by its name.
fn checks(ran: &Ran) -> impl Fn(&str) -> (String, String) {
    let checks: Vec<Value> =
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    move |name| {
        let check = checks.iter().find(|check| check["check"] == name);
        let check = check.unwrap_or_else(|| panic!("{name}: {checks:?}"));
        let field = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
        (field("status"), format!("{} | {}", field("detail"), field("next")))
    }
}

const JSON: [&str; 3] = ["doctor", "--output", "json"];

#[test]
fn everything_is_fine_with_an_emulator() {
    let world = World::new();
    let ran = world.run(&JSON);
    assert_eq!(ran.code, 0, "{ran:?}");
    let check = checks(&ran);
    for name in ["settings", "host", "token", "proxy", "connection", "tls", "clock", "client", "server"] {
        assert_eq!(check(name).0, "ok", "{name}: {ran:?}");
    }
    assert!(check("token").1.starts_with("from variable DL_API_KEY, accepted by the service"), "{ran:?}");
    assert!(check("client").1.contains("contract 2."), "{ran:?}");
    assert!(check("server").1.starts_with("an emulator"), "{ran:?}");
    assert!(!format!("{ran:?}").contains(world.emulator.api_key()));
    assert!(world.ok(&["doctor"]).starts_with("ok       settings    profile default (default)\n"));
}

#[test]
fn missing_token_is_reported_with_the_rest() {
    let world = World::new();
    let host = world.emulator.api_url();
    let ran = Ran::of(world.offline(&JSON).env("DL_HOST", host).output().unwrap());
    assert_eq!(ran.code, 4, "{ran:?}");
    let check = checks(&ran);
    assert_eq!(check("token").0, "failed");
    assert!(check("token").1.contains("datalinks auth login"), "{ran:?}");
    // A public call shows the rest.
    for name in ["connection", "clock", "server"] {
        assert_eq!(check(name).0, "ok", "{name}: {ran:?}");
    }
    let host = world.emulator.api_url();
    let ran = Ran::of(world.offline(&["doctor"]).env("DL_HOST", host).output().unwrap());
    let lines: Vec<&str> = ran.out.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("failed   token       no token for ")).unwrap();
    assert!(lines[at + 1].starts_with("                     next: datalinks auth login"), "{ran:?}");
}

#[test]
fn rejected_token_is_not_a_problem_of_the_connection() {
    let world = World::new();
    let ran = Ran::of(world.command(&JSON).env("DL_API_KEY", "canary").output().unwrap());
    assert_eq!(ran.code, 4, "{ran:?}");
    let check = checks(&ran);
    assert_eq!((check("token").0.as_str(), check("connection").0.as_str()), ("failed", "ok"), "{ran:?}");
    assert!(!format!("{ran:?}").contains("canary"), "{ran:?}");
}

#[test]
fn expired_token_is_reported_although_it_is_accepted() {
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let payload = engine.encode(json!({ "exp": 1_000_000_000 }).to_string());
    let token = format!("eyJhbGciOiJub25lIn0.{payload}.canary");
    let world = World::with(Emulator::builder().user("bo", token.as_str()));
    let ran = Ran::of(world.command(&JSON).env("DL_API_KEY", &token).output().unwrap());
    assert_eq!(ran.code, 4, "{ran:?}");
    let check = checks(&ran);
    assert_eq!(check("token").0, "failed");
    assert!(check("token").1.contains("it expired at 2001-09-09T01:46:40Z"), "{ran:?}");
    assert!(!format!("{ran:?}").contains(&payload), "{ran:?}");
}

#[test]
fn unreachable_host_is_reported() {
    let world = World::new();
    let ran = Ran::of(world.command(&JSON).env("DL_HOST", "http://127.0.0.1:9/api/v1").output().unwrap());
    assert_eq!(ran.code, 6, "{ran:?}");
    let check = checks(&ran);
    assert_eq!((check("connection").0.as_str(), check("clock").0.as_str()), ("failed", "skipped"), "{ran:?}");
    assert!(check("host").1.contains("http://127.0.0.1:9/api/v1 (variable DL_HOST)"), "{ran:?}");
}

#[test]
fn proxy_is_shown_without_its_password() {
    let world = World::new();
    let mut command = world.command(&JSON);
    command.env("DL_HOST", "https://api.datalinks.test").env("DL_PROXY", "http://ana:canary@127.0.0.1:9");
    let ran = Ran::of(command.output().unwrap());
    assert_eq!(ran.code, 6, "{ran:?}");
    let check = checks(&ran);
    assert!(check("proxy").1.starts_with("http://127.0.0.1:9 (variable DL_PROXY)"), "{ran:?}");
    assert_eq!((check("connection").0.as_str(), check("tls").0.as_str()), ("failed", "skipped"));
    assert!(!format!("{ran:?}").contains("canary"), "{ran:?}");
}

#[test]
fn broken_settings_are_reported_with_their_line() {
    let world = World::new();
    let file = world.file("config.toml", "[profiles.default]\nhots = 'x'\n");
    let ran = world.run(&JSON);
    assert_eq!(ran.code, 2, "{ran:?}");
    let check = checks(&ran);
    assert_eq!(check("settings").0, "failed");
    assert!(check("settings").1.contains(&format!("{}:2", text(&file))), "{ran:?}");
    assert_eq!((check("connection").0.as_str(), check("client").0.as_str()), ("skipped", "ok"));
    assert!(world.emulator.requests().is_empty());
    // Other commands still fail at their start.
    assert_eq!(world.run(&["whoami"]).code, 2);
}

#[test]
fn clock_that_differs_is_reported() {
    let world = World::new();
    let server = Altered::start(&world.emulator, |_, head, _| {
        let lines = head.lines().filter(|line| !line.to_lowercase().starts_with("date:"));
        *head = format!("{}\r\ndate: Thu, 01 Jan 2015 00:00:00 GMT", lines.collect::<Vec<_>>().join("\r\n"));
    });
    let ran = Ran::of(world.command(&JSON).env("DL_HOST", server.api_url()).output().unwrap());
    assert_eq!(ran.code, 1, "{ran:?}");
    let check = checks(&ran);
    assert_eq!(check("clock").0, "failed");
    assert!(check("clock").1.contains("ahead of the clock of the server | synchronize"), "{ran:?}");
}

const DRIFT: [&str; 4] = ["doctor", "--drift", "--output", "json"];

#[cfg(test)]
fn with_rows() -> World {
    let world = World::new();
    world.ingest("n", "films", &[json!({"canary-column": "canary-value"})]);
    world
}

#[test]
fn emulator_has_no_drift() {
    let world = with_rows();
    let before = world.emulator.requests().len();
    let ran = world.run(&DRIFT);
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = parsed(&ran.out);
    assert_eq!(
        (&report["drifts"], &report["omitted"], &report["uncompared"]),
        (&json!([]), &json!(0), &json!(0))
    );
    let requests = world.emulator.requests();
    let sent = requests.len() - before;
    assert!(sent > 15 && report["responses"] == sent, "{report}");
    let changes: Vec<_> = requests[before..]
        .iter()
        .filter(|request| request.method != "GET" && request.operation != Some("queryData"))
        .collect();
    assert!(changes.is_empty(), "{changes:?}");
    let table = world.ok(&["doctor", "--drift"]);
    assert!(table.ends_with("No differences were found.\n"), "{table}");
}

#[test]
fn drift_is_found_with_its_place_and_count() {
    let world = with_rows();
    let server = Altered::start(&world.emulator, |path, head, body| {
        if path.ends_with("/user/me") {
            *head = head.replacen("200", "203", 1);
        }
        if path.ends_with("/schema/datasets/all") {
            body[0]["added"] = json!({ "canary": "canary" });
            body[0]["visibility"] = json!("Secret");
        }
    });
    let run = |arguments: &[&str]| {
        Ran::of(world.command(arguments).env("DL_HOST", server.api_url()).output().unwrap())
    };
    let ran = run(&DRIFT);
    assert_eq!(ran.code, 1, "{ran:?}");
    let report = parsed(&ran.out);
    let found: Vec<Value> = report["drifts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|drift| {
            json!([
                drift["operation"],
                drift["status"],
                drift["kind"],
                drift["pointer"],
                drift["seen"],
                drift["count"]
            ])
        })
        .collect();
    assert_eq!(
        found,
        [
            json!(["getCurrentUser", 203, "status", "", "203", 1]),
            json!(["listAllDatasets", 200, "field", "/*/added", "object", 1]),
            json!(["listAllDatasets", 200, "value", "/*/visibility", "Secret", 1]),
        ]
    );
    let ran = run(&["doctor", "--drift"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("| `listAllDatasets` | 200 | value | `/*/visibility` | `Secret` | `"),
        "{}",
        ran.out
    );
    assert!(!format!("{report} {ran:?}").contains("canary"), "{report} {ran:?}");
}

#[test]
fn drift_without_a_service_is_an_error() {
    let world = World::new();
    let ran = Ran::of(world.command(&DRIFT).env("DL_HOST", "http://127.0.0.1:9/api/v1").output().unwrap());
    assert_eq!(ran.code, 6, "{ran:?}");
}

#[test]
fn drift_with_a_rejected_token_claims_nothing() {
    let world = World::new();
    let ran = Ran::of(world.command(&DRIFT).env("DL_API_KEY", "wrong").output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (4, ""), "{ran:?}");
}
