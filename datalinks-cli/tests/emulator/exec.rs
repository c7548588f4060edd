//! It is lent to one command.

use crate::support::{BINARY, Result, emulator, finish};

#[tokio::test]
async fn the_command_line_itself_runs_on_it() -> Result {
    let folder = tempfile::tempdir()?;
    let mut command = emulator(&["exec", "--namespace", "films", "--", BINARY, "demo", "--live"]);
    command.current_dir(&folder);
    let (code, said, errors) = finish(command).await?;
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{said}");
    for wanted in ["films/films: new", "link: Created", "no model ran", "complete"] {
        assert!(said.contains(wanted), "{wanted:?} is missing in {said}");
    }
    Ok(())
}

/// Options may stand before `exec`; those behind it win.
#[tokio::test]
async fn options_stand_before_or_behind() -> Result {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let data = data.to_str().ok_or("a path")?;
    let demo = ["--namespace", "films", "--", BINARY, "demo", "--live"];
    let outer = ["--data", data, "--username", "cy", "exec", "--username", "bo"];
    let mut command = emulator(&[&outer[..], &demo].concat());
    command.current_dir(&folder);
    let (code, said, errors) = finish(command).await?;
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{said}");
    assert!(std::path::Path::new(data).join("datasets/bo/films").is_dir(), "the state is in the folder");
    Ok(())
}

#[tokio::test]
async fn a_missing_command_is_told() -> Result {
    let (code, said, errors) = finish(emulator(&["exec", "--", "no-such-command-here"])).await?;
    assert_eq!((code, said.as_str()), (Some(127), ""));
    assert_eq!(errors, "error: there is no command \"no-such-command-here\"; check its name and PATH\n");
    let (code, _, errors) = finish(emulator(&["exec"])).await?;
    assert_eq!(code, Some(2));
    assert!(errors.contains("<COMMAND>"), "{errors}");
    let (code, _, errors) = finish(emulator(&["exec", "--username", "self", "--", BINARY])).await?;
    assert_eq!(code, Some(125));
    assert!(errors.contains("cannot be a username"), "{errors}");
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::process::Stdio;

    use rustix::process::Signal;
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::support::Running;

    fn shell(flags: &[&str], script: &str) -> tokio::process::Command {
        emulator(&[&["exec"], flags, &["--", "sh", "-c", script]].concat())
    }

    #[tokio::test]
    async fn the_variables_lead_to_it_and_nowhere_else() -> Result {
        let (code, said, errors) = finish(shell(&["--api-key", "own"], "env | grep ^DL_ | sort")).await?;
        assert_eq!((code, errors.as_str()), (Some(0), ""));
        let lines: Vec<&str> = said.lines().collect();
        let [key, host, proxy, name] = lines[..] else { panic!("{said}") };
        assert_eq!((key, name), ("DL_API_KEY=own", "DL_USERNAME=ana"));
        let proxy = proxy.strip_prefix("DL_INGEST_PROXY=http://127.0.0.1:").ok_or("the loopback")?;
        assert_eq!(host, format!("DL_HOST=http://127.0.0.1:{proxy}/api/v1"));
        assert_ne!(proxy, "0");

        let mut behind_proxy = shell(&[], "echo $NO_PROXY");
        behind_proxy.env("NO_PROXY", "example.com");
        assert_eq!(finish(behind_proxy).await?.1, "example.com,127.0.0.1\n");

        let (_, said, _) = finish(shell(&["--namespace", "cinema"], "echo $DL_NAMESPACE")).await?;
        assert_eq!(said, "cinema\n");
        let mut inherited = shell(&[], "echo $DL_NAMESPACE");
        inherited.env("DL_NAMESPACE", "museum");
        assert_eq!(finish(inherited).await?.1, "museum\n");
        Ok(())
    }

    #[tokio::test]
    async fn ends_are_passed_on() -> Result {
        for (script, wanted) in [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137), ("kill -TERM $$", 143)]
        {
            let (code, said, errors) = finish(shell(&[], script)).await?;
            assert_eq!((code, said.as_str(), errors.as_str()), (Some(wanted), "", ""), "{script}");
        }
        let (code, _, errors) = finish(emulator(&["exec", "--", "/"])).await?;
        assert_eq!(code, Some(126));
        assert!(errors.starts_with("error: the command \"/\" cannot be run: "), "{errors}");
        Ok(())
    }

    #[tokio::test]
    async fn input_output_and_complaints_are_passed_through() -> Result {
        let mut command = shell(&[], "tr a-z A-Z; echo complaint >&2");
        let mut child = command.stdin(Stdio::piped()).spawn()?;
        child.stdin.take().ok_or("piped")?.write_all(b"input").await?;
        let output = child.wait_with_output().await?;
        assert_eq!((&*output.stdout, &*output.stderr), (&b"INPUT"[..], &b"complaint\n"[..]));
        Ok(())
    }

    #[tokio::test]
    async fn signals_are_passed_on() -> Result {
        for (signal, name) in [(Signal::TERM, "TERM"), (Signal::HUP, "HUP"), (Signal::INT, "INT")] {
            let script = format!(
                "trap 'kill $sleeping; exit 7' {name}; sleep 60 & sleeping=$!; echo ready; wait $sleeping"
            );
            let mut running = Running::start(shell(&[], &script))?;
            running.until("ready").await?;
            running.send(signal)?;
            assert_eq!(running.child.wait().await?.code(), Some(7), "{name}");
        }
        Ok(())
    }
}
