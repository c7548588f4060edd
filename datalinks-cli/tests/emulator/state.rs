//! The state of an emulator that runs, from outside.

use std::fs;

use crate::serve::start;
use crate::support::{Result, emulator, finish, http};

/// Creates a dataset in an emulator.
async fn create(url: &str, name: &str) -> Result {
    let path = format!("{url}/api/v1/ingest/new/cinema/{name}");
    let request = http()?.post(path).bearer_auth("emulator-key").body("{}");
    request.header("content-type", "application/json").send().await?.error_for_status()?;
    Ok(())
}

/// The names of all datasets.
async fn datasets(url: &str) -> Result<Vec<String>> {
    let request = http()?.get(format!("{url}/api/v1/data")).bearer_auth("emulator-key");
    let list: serde_json::Value =
        serde_json::from_str(&request.send().await?.error_for_status()?.text().await?)?;
    let names = list.as_array().ok_or("a list")?.iter();
    names.map(|item| Ok(item["name"].as_str().ok_or("a name")?.to_owned())).collect()
}

#[tokio::test]
async fn it_is_taken_out_and_put_in_again() -> Result {
    let (_running, url, _) = start(&[]).await?;
    let at = url.strip_prefix("http://").ok_or("a URL")?;
    let run = |arguments: &[&str]| finish(emulator(&[arguments, &["--at", at]].concat()));
    let done = |said: &str| (Some(0), said.to_owned(), String::new());
    let told = |what: &str| done(&format!("The emulator at {at} {what}\n"));
    create(&url, "films").await?;
    let (code, exported, errors) = run(&["export"]).await?;
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(exported.contains("films") && !exported.contains("emulator-key"), "{exported}");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("state.ndjson");
    let file = file.to_str().ok_or("a path")?;
    assert_eq!(run(&["export", file]).await?, done(""));
    assert_eq!(fs::read_to_string(file)?, exported);

    assert_eq!(run(&["snapshot", "one"]).await?, told("keeps its state as the snapshot \"one\"."));
    create(&url, "people").await?;
    assert_eq!(run(&["reset"]).await?, told("has forgotten everything but its users and its snapshots."));
    assert!(datasets(&url).await?.is_empty());
    assert_eq!(run(&["import", file]).await?, told(&format!("has the state of {file} now.")));
    assert_eq!(datasets(&url).await?, ["films"]);
    create(&url, "halls").await?;
    assert_eq!(run(&["snapshot"]).await?, done("one\n"));
    // As the emulator printed it.
    let restored = finish(emulator(&["restore", "one", "--at", &url])).await?;
    assert_eq!(restored, told("has the state of the snapshot \"one\" again."));
    assert_eq!(datasets(&url).await?, ["films"]);

    for (arguments, wanted) in [
        (["restore", "two"], "snapshot \"two\" does not exist"),
        (["snapshot", "../two"], "cannot be the name of a snapshot"),
        (["import", "/no/such/file"], "/no/such/file: "),
    ] {
        let (code, said, errors) = run(&arguments).await?;
        assert_eq!((code, said.as_str()), (Some(1), ""));
        assert!(errors.contains(wanted), "{errors}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_there_is_told() -> Result {
    // Whoever had this port has given it back.
    let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let (code, _, errors) = finish(emulator(&["reset", "--at", &free])).await?;
    assert_eq!(code, Some(1));
    assert!(errors.contains(&format!("no emulator answers at {free}; start one")), "{errors}");
    Ok(())
}

#[tokio::test]
async fn options_of_an_emulator_are_none_of_a_command_that_starts_none() -> Result {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let data = data.to_str().ok_or("a path")?;
    for (arguments, option) in [
        (&["--data", data, "reset"][..], "--data"),
        (&["--seed", "5", "export"], "--seed"),
        (&["--address", ":0", "exec", "--", "true"], "--address"),
    ] {
        let (code, said, errors) = finish(emulator(arguments)).await?;
        assert_eq!((code, said.as_str()), (Some(2), ""));
        assert!(errors.contains(option) && errors.contains("without a subcommand"), "{errors}");
    }
    assert!(!std::path::Path::new(data).exists());
    Ok(())
}

#[tokio::test]
async fn it_stays_in_a_folder() -> Result {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let data = data.to_str().ok_or("a path")?;
    let (mut running, url, said) = start(&["--data", data, "--sync"]).await?;
    assert!(said.contains(&format!("stays in {data}")), "{said}");
    create(&url, "films").await?;
    running.child.kill().await?;
    let (_running, url, _) = start(&["--data", data]).await?;
    assert_eq!(datasets(&url).await?, ["films"]);
    let (code, _, errors) = finish(emulator(&["--sync"])).await?;
    assert_eq!(code, Some(2));
    assert!(errors.contains("--data <DIR>"), "{errors}");
    Ok(())
}
