//! The subcommand `exec`.

use crate::support::{BINARY, Result, emulator, finish};

#[tokio::test]
async fn demo_runs_against_the_emulator_of_exec() -> Result {
    let folder = tempfile::tempdir()?;
    let mut command = emulator(&["exec", "--namespace", "films", "--", BINARY, "demo", "--live"]);
    command.current_dir(&folder);
    let (code, output, errors) = finish(command).await?;
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{output}");
    for wanted in ["films/films: new", "link: Created", "no model ran", "complete"] {
        assert!(output.contains(wanted), "{wanted:?} is missing in {output}");
    }
    Ok(())
}

/// Options may precede or follow `exec`, and the latter override the former.
#[tokio::test]
async fn options_behind_exec_override_those_before() -> Result {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let data = data.to_str().ok_or("a path")?;
    let demo = ["--namespace", "films", "--", BINARY, "demo", "--live"];
    let outer = ["--data", data, "--username", "cy", "exec", "--username", "bo"];
    let mut command = emulator(&[&outer[..], &demo].concat());
    command.current_dir(&folder);
    let (code, output, errors) = finish(command).await?;
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{output}");
    assert!(std::path::Path::new(data).join("datasets/bo/films").is_dir(), "the state is in the folder");
    Ok(())
}

#[tokio::test]
async fn missing_command_is_an_error() -> Result {
    let (code, output, errors) = finish(emulator(&["exec", "--", "no-such-command-here"])).await?;
    assert_eq!((code, output.as_str()), (Some(127), ""));
    assert_eq!(
        errors,
        "error: the command \"no-such-command-here\" does not exist; check its name and PATH\n"
    );
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
    async fn variables_name_the_emulator_only() -> Result {
        let (code, output, errors) = finish(shell(&["--api-key", "own"], "env | grep ^DL_ | sort")).await?;
        assert_eq!((code, errors.as_str()), (Some(0), ""));
        let lines: Vec<&str> = output.lines().collect();
        let [key, host, proxy, name] = lines[..] else { panic!("{output}") };
        assert_eq!((key, name), ("DL_API_KEY=own", "DL_USERNAME=ana"));
        let proxy = proxy.strip_prefix("DL_INGEST_PROXY=http://127.0.0.1:").ok_or("the loopback")?;
        assert_eq!(host, format!("DL_HOST=http://127.0.0.1:{proxy}/api/v1"));
        assert_ne!(proxy, "0");

        let mut behind_proxy = shell(&[], "echo $NO_PROXY");
        behind_proxy.env("NO_PROXY", "example.com");
        assert_eq!(finish(behind_proxy).await?.1, "example.com,127.0.0.1\n");

        let (_, output, _) = finish(shell(&["--namespace", "cinema"], "echo $DL_NAMESPACE")).await?;
        assert_eq!(output, "cinema\n");
        let mut inherited = shell(&[], "echo $DL_NAMESPACE");
        inherited.env("DL_NAMESPACE", "museum");
        assert_eq!(finish(inherited).await?.1, "museum\n");
        Ok(())
    }

    #[tokio::test]
    async fn exit_code_is_that_of_the_command() -> Result {
        for (script, wanted) in [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137), ("kill -TERM $$", 143)]
        {
            let (code, output, errors) = finish(shell(&[], script)).await?;
            assert_eq!((code, output.as_str(), errors.as_str()), (Some(wanted), "", ""), "{script}");
        }
        let (code, _, errors) = finish(emulator(&["exec", "--", "/"])).await?;
        assert_eq!(code, Some(126));
        assert!(errors.starts_with("error: cannot run the command \"/\"\n  cause: "), "{errors}");
        Ok(())
    }

    #[tokio::test]
    async fn standard_streams_are_passed_through() -> Result {
        let mut command = shell(&[], "tr a-z A-Z; echo warning >&2");
        let mut child = command.stdin(Stdio::piped()).spawn()?;
        child.stdin.take().ok_or("piped")?.write_all(b"input").await?;
        let output = child.wait_with_output().await?;
        assert_eq!((&*output.stdout, &*output.stderr), (&b"INPUT"[..], &b"warning\n"[..]));
        Ok(())
    }

    #[tokio::test]
    async fn signals_are_forwarded_to_the_command() -> Result {
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
