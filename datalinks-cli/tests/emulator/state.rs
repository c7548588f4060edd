//! The subcommands for the state of a running emulator.

use std::fs;

use crate::serve::start;
use crate::support::{Result, emulator, finish, http};

/// Creates a dataset.
async fn create(url: &str, name: &str) -> Result {
    let path = format!("{url}/api/v1/ingest/new/cinema/{name}");
    let request = http()?.post(path).bearer_auth("emulator-key").body("{}");
    request.header("content-type", "application/json").send().await?.error_for_status()?;
    Ok(())
}

/// Returns the names of all datasets.
async fn datasets(url: &str) -> Result<Vec<String>> {
    let request = http()?.get(format!("{url}/api/v1/data")).bearer_auth("emulator-key");
    let list: serde_json::Value =
        serde_json::from_str(&request.send().await?.error_for_status()?.text().await?)?;
    let names = list.as_array().ok_or("a list")?.iter();
    names.map(|item| Ok(item["name"].as_str().ok_or("a name")?.to_owned())).collect()
}

#[tokio::test]
async fn state_is_exported_imported_and_restored() -> Result {
    let (_running, url, _) = start(&[]).await?;
    let at = url.strip_prefix("http://").ok_or("a URL")?;
    let run = |arguments: &[&str]| finish(emulator(&[arguments, &["--at", at]].concat()));
    let done = |output: &str| (Some(0), output.to_owned(), String::new());
    let message = |what: &str| done(&format!("The emulator at {at} {what}\n"));
    create(&url, "films").await?;
    let (code, exported, errors) = run(&["export"]).await?;
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(exported.contains("films") && !exported.contains("emulator-key"), "{exported}");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("state.ndjson");
    let file = file.to_str().ok_or("a path")?;
    assert_eq!(run(&["export", file]).await?, done(""));
    assert_eq!(fs::read_to_string(file)?, exported);

    assert_eq!(run(&["snapshot", "one"]).await?, message("has stored its state as snapshot \"one\"."));
    create(&url, "people").await?;
    assert_eq!(run(&["reset"]).await?, message("has deleted all data except users and snapshots."));
    assert!(datasets(&url).await?.is_empty());
    assert_eq!(run(&["import", file]).await?, message(&format!("now has the state from {file}.")));
    assert_eq!(datasets(&url).await?, ["films"]);
    create(&url, "halls").await?;
    assert_eq!(run(&["snapshot"]).await?, done("one\n"));
    // The URL, as the emulator printed it, is accepted as well.
    let restored = finish(emulator(&["restore", "one", "--at", &url])).await?;
    assert_eq!(restored, message("has restored snapshot \"one\"."));
    assert_eq!(datasets(&url).await?, ["films"]);

    for (arguments, wanted, exit) in [
        (["restore", "two"], "snapshot \"two\" does not exist", 1),
        (["snapshot", "../two"], "invalid snapshot name", 2),
        (["import", "/no/such/file"], "cannot use /no/such/file\n  cause: ", 1),
    ] {
        let (code, output, errors) = run(&arguments).await?;
        assert_eq!((code, output.as_str()), (Some(exit), ""));
        assert!(errors.contains(wanted), "{errors}");
    }
    Ok(())
}

#[tokio::test]
async fn missing_emulator_is_an_error() -> Result {
    // The port is free again, so nothing listens on it.
    let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let (code, _, errors) = finish(emulator(&["reset", "--at", &free])).await?;
    assert_eq!(code, Some(6));
    assert!(errors.contains(&format!("no emulator is running at {free}; start one")), "{errors}");
    Ok(())
}

#[tokio::test]
async fn state_commands_reject_options_of_the_emulator() -> Result {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let data = data.to_str().ok_or("a path")?;
    for (arguments, option) in [
        (&["--data", data, "reset"][..], "--data"),
        (&["--seed", "5", "export"], "--seed"),
        (&["--address", ":0", "exec", "--", "true"], "--address"),
    ] {
        let (code, output, errors) = finish(emulator(arguments)).await?;
        assert_eq!((code, output.as_str()), (Some(2), ""));
        assert!(errors.contains(option) && errors.contains("without a subcommand"), "{errors}");
    }
    assert!(!std::path::Path::new(data).exists());
    Ok(())
}

#[tokio::test]
async fn state_is_kept_in_the_data_directory() -> Result {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let data = data.to_str().ok_or("a path")?;
    let (mut running, url, output) = start(&["--data", data, "--sync"]).await?;
    assert!(output.contains(&format!("stays in {data}")), "{output}");
    create(&url, "films").await?;
    running.child.kill().await?;
    let (_running, url, _) = start(&["--data", data]).await?;
    assert_eq!(datasets(&url).await?, ["films"]);
    let (code, _, errors) = finish(emulator(&["--sync"])).await?;
    assert_eq!(code, Some(2));
    assert!(errors.contains("--data <DIR>"), "{errors}");
    Ok(())
}
