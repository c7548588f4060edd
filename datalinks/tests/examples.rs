//! The examples run, and say what they should.

#[cfg(feature = "rustls")]
mod network;

use std::{env, process::Command};

/// Runs an example, which cargo builds beside the tests, and returns what it printed.
fn run(name: &str) -> Result<String, Box<dyn std::error::Error>> {
    run_with(name, &[])
}

/// Runs an example with these environment variables and no others.
fn run_with(name: &str, environment: &[(&str, &str)]) -> Result<String, Box<dyn std::error::Error>> {
    let tests = env::current_exe()?;
    let built = tests.ancestors().nth(2).ok_or("no folder of built things")?;
    let example = built.join("examples").join(name).with_extension(env::consts::EXE_EXTENSION);
    let output = Command::new(&example).env_clear().envs(environment.iter().copied()).output().map_err(|error| {
        format!(
            "{}: {error}; `cargo build --examples` makes it, and so does a plain `cargo test`",
            example.display()
        )
    })?;
    let text = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    if output.status.success() { Ok(text) } else { Err(text.into()) }
}

#[test]
fn the_facade() {
    let text = run("facade").unwrap();
    assert!(text.contains("3 rows stored, 0 failed"), "{text}");
    assert!(text.contains("Parasite") && text.contains("Arrival"), "{text}");
    assert!(text.contains("(run-started)") || text.contains("(planningStarted)"), "{text}");
}

#[cfg(feature = "raw")]
#[test]
fn the_low_level_client() {
    let text = run("low_level").unwrap();
    assert!(text.contains("1 row indexed") && text.contains("series: Some(404)"), "{text}");
}

#[test]
fn unit_tests_without_a_socket() {
    let text = run("mock").unwrap();
    let expected = "POST /api/v1/ingest/cinema/films\nPOST /api/v1/ingest/new/cinema/films\n\
                    POST /api/v1/ingest/cinema/films\nGET /api/v1/data/self/cinema/films\n1 row\n\
                    2 rows after 3 requests\nunauthorized: The token is not valid\n";
    assert_eq!(text, expected);
}

#[cfg(feature = "rustls")]
#[tokio::test(flavor = "multi_thread")]
async fn proxy_and_private_authority() {
    let network =
        network::Network::start(|_| network::json(r#"{"id":"1","username":"ana"}"#)).await;
    let proxy = format!("http://{}", network.proxy);
    let authority = network::tls_file("authority.pem").display().to_string();
    let text = tokio::task::spawn_blocking(move || {
        let environment = [
            ("DL_HOST", "https://datalinks.example/api/v1"),
            ("DL_API_KEY", "key"),
            ("PROXY", &proxy),
            ("CA_FILE", &authority),
        ];
        run_with("proxy_and_ca", &environment).map_err(|error| error.to_string())
    });
    assert_eq!(text.await.unwrap().unwrap(), "by settings: ana\nby an own client: ana\n");
    let requests = network.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(request.line(), "GET /api/v1/user/me HTTP/1.1");
        assert!(request.has("authorization: Bearer key"));
    }
    assert_eq!(network.tunnels().len(), 2);
}
