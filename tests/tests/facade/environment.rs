//! The environment of a program does not redirect requests to this machine, neither by proxy variables nor by a
//! `.env` file.
//!
//! The environment belongs to the process, so the test starts its own program again.

use std::{env, process::Command};

use datalinks::{Config, DataLinks, Error, ErrorKind, IngestProxy, RetryPolicy};
use datalinks_tests::server::{Reply, Server};
use serde_json::json;

/// The origin of the server that the child may call.
const ORIGIN: &str = "ENVIRONMENT_TEST_ORIGIN";
const KEY: &str = "canary-key-4711";
const PASSWORD: &str = "canary-password";

/// Lines for other programs, and malicious lines.
const FILE: &str = "DL_HOST=https://attacker.example/api/v1\nDL_INGEST_PROXY=https://attacker.example\nNOTE=it's \"odd\n\
                    HTTPS_PROXY=http://attacker.example\nDEBUG\nAPP_TITLE=My app\n";

fn show(error: &Error) -> String {
    format!("{error} {error:?}")
}

/// The task of the child. Without the environment of a child, the test does nothing.
#[tokio::test]
async fn child() {
    let Ok(origin) = env::var(ORIGIN) else { return };
    let never = RetryPolicy::never;

    // The file has a host and the environment a key, so no request is sent.
    for error in [DataLinks::from_env().unwrap_err(), IngestProxy::from_env().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("allow_host_from_file"), "{error}");
    }
    assert!(format!("{:?}", Config::from_env().unwrap()).contains("attacker.example"));

    // Loopback: the API, a query, the ingest proxy and the parts of an upload.
    let dl = DataLinks::builder(format!("{origin}/api/v1"), KEY).retry(never()).build().unwrap();
    assert_eq!(dl.current_user().await.unwrap().username, "ana");
    let films = dl.dataset("cinema", "films").unwrap();
    assert_eq!(films.ingest([json!({ "a": 1 })]).await.unwrap().successful.len(), 1);
    std::fs::write("films.csv", "abcde").unwrap();
    films.upload("films.csv").await.unwrap();
    let proxy = IngestProxy::builder(&origin, KEY).retry(never()).build().unwrap();
    proxy.follow("r1", 0).unwrap().finish().await.unwrap();

    // Any other host is reached through the proxy, which errors name.
    let host = "http://service.invalid/api/v1";
    let builder = || DataLinks::builder(host, KEY).retry(never()).allow_plain_http();
    let error = builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let mut shown = show(&error);
    let error = IngestProxy::builder("http://service.invalid", KEY).allow_plain_http().build().unwrap_err();
    shown += &show(&error);
    let proxied = builder().allow_plain_http_through_proxy().build().unwrap();
    let error = proxied.current_user().await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(502), "{error}");
    shown += &show(&error);
    let tls = DataLinks::builder("https://service.invalid/api/v1", KEY).retry(never()).build().unwrap();
    let error = tls.current_user().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(error.to_string().contains("NO_PROXY"), "{error}");
    shown += &show(&error);
    // A presigned URL of another host.
    let dl = DataLinks::builder(format!("{origin}/api/v1"), KEY)
        .retry(never())
        .allow_plain_http()
        .build()
        .unwrap();
    let error = dl.dataset("cinema", "films").unwrap().upload("films.csv").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    shown += &show(&error);
    assert_eq!(shown.matches("the proxy http://127.0.0.1:").count(), 2 * 5, "{shown}");
    assert!(!shown.contains("canary"), "{shown}");

    // Without a proxy, the host name is resolved directly.
    let direct = builder().no_proxy().build().unwrap().current_user().await.unwrap_err();
    assert!(!direct.to_string().contains("proxy http"), "{direct}");
}

/// With `HTTP_PROXY` set, requests to 127.0.0.1 went to the proxy in plain text and with the key.
#[tokio::test]
async fn environment_does_not_redirect_loopback_requests() {
    let (server, proxy) = (Server::start().await, Server::start().await);
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(".env"), FILE).unwrap();
    let part = |origin: &str| {
        let parts = [json!({ "url": format!("{origin}/part?sig=canary-signature"), "size": 5 })];
        Reply::json(200, json!({ "uploadId": "u", "key": "k", "partSize": 5, "presignedUrls": parts }))
    };
    server.expect([
        Reply::json(200, json!({ "id": "1", "username": "ana" })),
        Reply::json(200, json!({ "indexed": 1 })),
        part(server.origin()),
        Reply::empty(200).with_header("etag", "e"),
        Reply::json(200, json!({ "id": "00000000-0000-4000-8000-000000000001" })),
        Reply::of_type(200, "application/x-ndjson", "{\"type\":\"complete\"}\n"),
        part("http://storage.invalid"),
        Reply::empty(200),
    ]);
    proxy.expect([Reply::of_type(502, "text/html", "<p>cannot"), Reply::empty(403)]);

    let address = proxy.origin().replace("http://", &format!("http://ana:{PASSWORD}@"));
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "environment::child", "--nocapture"]).current_dir(directory.path());
    for name in [
        "DL_HOST",
        "DL_INGEST_PROXY",
        "DL_NAMESPACE",
        "DL_USERNAME",
        "NO_PROXY",
        "no_proxy",
        "REQUEST_METHOD",
    ] {
        command.env_remove(name);
    }
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env(name, &address);
    }
    command.env(ORIGIN, server.origin()).env("DL_API_KEY", KEY);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out} {errors}");

    assert!(server.seen().iter().all(|request| request.headers.get("proxy-authorization").is_none()));
    let seen = proxy.seen();
    let lines: Vec<String> =
        seen.iter().map(|request| format!("{} {}", request.method, request.target)).collect();
    assert_eq!(lines, ["GET http://service.invalid/api/v1/user/me", "CONNECT service.invalid:443"]);
    // In a tunnel, the proxy does not see the key.
    assert!(!seen[1].headers.contains_key("authorization"));
}
