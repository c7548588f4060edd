//! The subcommand `emulator` until a signal.

use crate::support::{Result, Running, emulator, finish, http};

/// Starts an emulator on a free port. Returns the process, the URL that it prints, and its whole output.
pub(crate) async fn start(arguments: &[&str]) -> Result<(Running, String, String)> {
    let mut running = Running::start(emulator(&[&["--address", ":0"], arguments].concat()))?;
    let output = running.until("Ctrl-C").await?.join("\n");
    let url = output.split_whitespace().find(|word| word.starts_with("http://")).ok_or("a URL")?.to_owned();
    Ok((running, url, output))
}

#[cfg(unix)]
#[tokio::test]
async fn emulator_responds_and_exits_with_zero_after_a_signal() -> Result {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::INT] {
        let (mut running, url, output) = start(&[]).await?;
        for line in ["export DL_API_KEY=emulator-key", "export DL_USERNAME=ana"] {
            assert!(output.contains(line), "{line:?} is missing in {output}");
        }
        assert!(output.contains(&format!("export DL_HOST={url}/api/v1")), "{output}");
        let me = http()?.get(format!("{url}/api/v1/user/me")).bearer_auth("emulator-key");
        assert_eq!(me.send().await?.status(), 200);
        running.send(signal)?;
        assert_eq!(running.child.wait().await?.code(), Some(0));
        assert!(http()?.get(&url).send().await.unwrap_err().is_connect());
    }
    Ok(())
}

#[tokio::test]
async fn coverage_in_the_greeting_equals_the_coverage_endpoint() -> Result {
    let (_running, url, output) = start(&[]).await?;
    let coverage = http()?.get(format!("{url}/_emulator/coverage")).send().await?.text().await?;
    let count = |kind: &str| coverage.matches(&format!("\"coverage\":\"{kind}\"")).count();
    let (computed, partly, scripted) = (count("computed"), count("partly-scripted"), count("scripted"));
    let operations = coverage.matches("\"operation\":").count();
    assert!(
        operations > 0 && computed + partly + scripted + count("unsupported") == operations,
        "{coverage}"
    );
    assert!(output.contains(&format!("Of {operations} operations")), "{output}");
    for wanted in [
        format!("{computed} are computed"),
        format!("{partly} are partly scripted"),
        format!("{scripted} are scripted"),
    ] {
        assert!(output.contains(&wanted), "{wanted:?} is missing in {output}");
    }
    Ok(())
}

/// Returns the header and the URL of a curl command.
pub(crate) fn curl(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once("curl -H \"Authorization: ")?;
    rest.split_once("\" ")
}

#[tokio::test]
async fn curl_line_of_the_greeting_works() -> Result {
    let (_running, url, output) = start(&[]).await?;
    let line = output.lines().find(|line| line.contains("curl")).ok_or("a line")?;
    let (header, asked) = curl(line).ok_or("a command")?;
    assert!(asked.starts_with(&url), "{line}");
    let answer = http()?.get(asked).header("authorization", header).send().await?;
    assert_eq!(answer.status(), 200, "{line}");
    // The README shows the line of an emulator at its default address.
    let line = line.trim_start_matches("Try it: ").replace(&url, "http://127.0.0.1:7070");
    assert!(include_str!("../../../README.md").contains(&line), "{line}");
    Ok(())
}

#[tokio::test]
async fn upload_parts_have_the_size_of_the_option() -> Result {
    let (_running, url, _) = start(&["--part-size", "4"]).await?;
    let body = r#"{"filesToUpload":[{"filename":"a.bin","size":10}]}"#;
    let prepared =
        http()?.post(format!("{url}/api/v1/file-upload/prepare")).bearer_auth("emulator-key").body(body);
    let prepared = prepared.send().await?.error_for_status()?.text().await?;
    assert!(prepared.contains("\"partSize\":4,"), "{prepared}");
    assert_eq!(prepared.matches("\"url\":").count(), 3, "{prepared}");
    let (code, _, errors) = finish(emulator(&["--part-size", "0"])).await?;
    assert_eq!(code, Some(2));
    assert!(errors.contains("--part-size"), "{errors}");
    Ok(())
}

#[tokio::test]
async fn chosen_keys_work_and_are_not_printed() -> Result {
    let (mut running, url, output) =
        start(&["--api-key", "s3cret-canary", "--username", "bo", "--user", "cy=0ther-canary"]).await?;
    assert!(output.contains("DL_USERNAME=bo"), "{output}");
    let http = http()?;
    for (key, name) in [("s3cret-canary", "bo"), ("0ther-canary", "cy")] {
        let me = http.get(format!("{url}/api/v1/user/me")).bearer_auth(key).send().await?;
        assert!(me.text().await?.contains(&format!("\"{name}\"")));
    }
    running.child.start_kill()?;
    let rest = running.child.wait_with_output().await?;
    let printed = format!("{output}{}", String::from_utf8(rest.stderr)?);
    assert!(!printed.contains("canary"), "{printed}");

    let (code, _, errors) = finish(emulator(&["--user", "s3cret-canary-without-a-name"])).await?;
    assert_eq!(code, Some(2));
    assert!(errors.contains("expected NAME=KEY"), "{errors}");
    Ok(())
}

#[tokio::test]
async fn part_urls_have_the_lifetime_of_the_option() -> Result {
    let http = http()?;
    for (arguments, status) in
        [(&["--part-url-lifetime", "0s"][..], 403), (&["--part-url-lifetime", "1h 30m"], 200), (&[], 200)]
    {
        let (_running, url, _) = start(arguments).await?;
        let post = |path: &str, body: &'static str| {
            http.post(format!("{url}/api/v1{path}")).bearer_auth("emulator-key").body(body)
        };
        let prepared = post("/file-upload/prepare", r#"{"filesToUpload":[{"filename":"a.bin","size":2}]}"#);
        let prepared = prepared.send().await?.text().await?;
        let (_, place) = prepared.split_once("\"presignedUrls\":[{\"url\":\"").ok_or("a URL")?;
        let (place, _) = place.split_once('"').ok_or("its end")?;
        assert_eq!(http.put(place).body("ab").send().await?.status(), status, "{arguments:?}");
    }
    Ok(())
}

#[tokio::test]
async fn strict_mode_depends_on_its_value() -> Result {
    let http = http()?;
    let ask = |url: &str| {
        let body = r#"{"username":"self","namespace":"n","query":"?"}"#;
        http.post(format!("{url}/api/v1/query/autorag")).bearer_auth("emulator-key").body(body)
    };
    for (flag, status) in [("--strict", 501), ("--strict=responses", 501), ("--strict=fields", 404)] {
        let (_running, url, _) = start(&[flag]).await?;
        assert_eq!(ask(&url).send().await?.status(), status, "{flag}");
    }
    Ok(())
}

#[tokio::test]
async fn runs_are_resumable_with_checkpoints_only() -> Result {
    for (flags, status) in [(&["--checkpoints"][..], 200), (&[][..], 422)] {
        let stops = ["--fault", "agentRun:end-after=3"];
        let (_running, url, _) = start(&[flags, &stops].concat()).await?;
        let http = http()?;
        let post = |path: &str, body: &'static str| {
            http.post(format!("{url}/api/v1{path}")).bearer_auth("emulator-key").body(body)
        };
        post("/ingest/new/n/d", "{}").send().await?.error_for_status()?;
        let ask = post("/query/ask", r#"{"username":"self","namespace":"n","query":"?"}"#).send().await?;
        let events = ask.text().await?;
        let (_, run) = events.split_once("\"runId\":\"").ok_or("a run")?;
        let resumed = post(&format!("/query/runs/{}/resume", &run[..36]), "").send().await?;
        assert_eq!(resumed.status(), status, "{flags:?}");
    }
    Ok(())
}

#[tokio::test]
async fn faults_and_clock_are_set() -> Result {
    let moment = "2026-01-31T12:00:00Z";
    let (_running, url, _) = start(&[
        "--fault",
        "getCurrentUser:status=503,after=1",
        "--fault",
        "queryData:garbage",
        "--clock",
        moment,
    ])
    .await?;
    let http = http()?;
    for status in [200, 503, 200] {
        let me = http.get(format!("{url}/api/v1/user/me")).bearer_auth("emulator-key");
        assert_eq!(me.send().await?.status(), status);
    }
    let clock = http.get(format!("{url}/_emulator/clock")).send().await?.text().await?;
    assert_eq!(clock, r#"{"now":"2026-01-31T12:00:00+00:00","stopped":true}"#);
    let (code, _, errors) = finish(emulator(&["--fault", "getCurentUser:status=503"])).await?;
    assert_eq!(code, Some(2));
    assert!(errors.contains("did you mean getCurrentUser?"), "{errors}");
    Ok(())
}

#[tokio::test]
async fn model_options_are_applied() -> Result {
    let folder = tempfile::tempdir()?;
    let folder = folder.path().to_str().ok_or("a path")?;
    let (_running, _, output) =
        start(&["--cassettes", folder, "--replay", "--model-key", "model-canary"]).await?;
    assert!(
        output.contains("recorded (an earlier response of a model)") && !output.contains("canary"),
        "{output}"
    );
    for (flags, wanted) in [
        (&["--cassettes", folder][..], "--record|--replay"),
        (&["--replay"], "--cassettes <DIR>"),
        (&["--cassettes", folder, "--record"], "--model-url <URL>"),
    ] {
        let (code, _, errors) = finish(emulator(flags)).await?;
        assert_eq!(code, Some(2));
        assert!(errors.contains(wanted), "{errors}");
    }
    Ok(())
}

#[tokio::test]
async fn idle_emulator_stops_by_itself() -> Result {
    let (code, output, errors) = finish(emulator(&["--address", ":0", "--idle-timeout", "1ms"])).await?;
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(output.starts_with("The DataLinks emulator serves on "), "{output}");
    Ok(())
}

#[tokio::test]
async fn address_in_use_is_an_error() -> Result {
    let (_running, url, _) = start(&[]).await?;
    let address = url.strip_prefix("http://").ok_or("a URL")?;
    let (code, output, errors) = finish(emulator(&["--address", address])).await?;
    assert_eq!((code, output.as_str()), (Some(1), ""));
    assert!(errors.contains(&format!("cannot listen on {address}; use port 0")), "{errors}");
    Ok(())
}

#[tokio::test]
async fn addresses_of_other_hosts_need_permission() -> Result {
    let (code, _, errors) = finish(emulator(&["--address", "0.0.0.0:0"])).await?;
    assert_eq!(code, Some(1));
    assert!(errors.contains("--allow-other-hosts"), "{errors}");
    let exposed = ["--address", "0.0.0.0:0", "--allow-other-hosts"];
    let (code, _, errors) = finish(emulator(&exposed)).await?;
    assert_eq!(code, Some(1));
    assert!(errors.contains("--api-key"), "{errors}");
    let (code, _, errors) = finish(emulator(&["--allow-host", "http://box"])).await?;
    assert_eq!(code, Some(1));
    assert!(errors.contains("cannot be a host"), "{errors}");
    let (code, _, errors) = finish(emulator(&["--address", "example.com:80"])).await?;
    assert_eq!(code, Some(2));
    assert!(errors.contains("expected 127.0.0.1:7070"), "{errors}");
    Ok(())
}

#[tokio::test]
async fn exposed_emulator_requires_its_key_for_the_state() -> Result {
    let exposed =
        ["--address", "0.0.0.0:0", "--allow-other-hosts", "--allow-host", "box", "--api-key", "s3cret"];
    let mut running = Running::start(emulator(&exposed))?;
    let output = running.until("Ctrl-C").await?.join("\n");
    let url = output.split_whitespace().find(|word| word.starts_with("http://")).ok_or("a URL")?;
    let at = url.strip_prefix("http://").ok_or("a URL")?;
    let (code, state, errors) = finish(emulator(&["export", "--at", at])).await?;
    assert_eq!((code, state.as_str()), (Some(1), ""));
    assert!(errors.contains("requires the key of the emulator"), "{errors}");
    let (code, state, errors) = finish(emulator(&["export", "--at", at, "--api-key", "s3cret"])).await?;
    assert_eq!(code, Some(0), "{errors}");
    assert!(state.contains("\"end\"") && !state.contains("s3cret"), "{state}");
    for (name, status) in [("box:80", 200), ("other", 403)] {
        let me = http()?.get(format!("{url}/api/v1/user/me")).bearer_auth("s3cret").header("host", name);
        assert_eq!(me.send().await?.status(), status, "{name}");
    }
    Ok(())
}
