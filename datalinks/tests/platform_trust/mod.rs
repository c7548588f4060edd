//! When the certificates of the platform are read. They are named by the environment, which belongs to the process, so each
//! test starts this program again.

use std::{env, fs, net::SocketAddr, path::Path, process::Command};

use datalinks::{DataLinks, Error, ErrorKind, IngestProxy, RetryPolicy};
use datalinks_emulator::Emulator;
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use crate::{
    HOST,
    network::{Network, request, tls_data},
    respond, upload,
};

/// The variable that names the file with the certificates of the platform.
const FILE: &str = "SSL_CERT_FILE";
/// The task of a child.
const TASK: &str = "PLATFORM_TRUST_TEST_TASK";

/// Runs `task` in a child whose platform has the certificate of the test authority, or none at all.
fn run(task: &str, has_certificates: bool) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("platform.pem");
    if has_certificates {
        fs::write(&file, tls_data("authority.pem")).unwrap();
    }
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "platform_trust::child", "--nocapture"]).current_dir(directory.path());
    for name in
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "SSL_CERT_DIR"]
    {
        command.env_remove(name);
    }
    let output = command.env(FILE, file).env(TASK, task).output().unwrap();
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out} {errors}");
}

/// The task of the child. Without the environment of a child, the test does nothing.
#[tokio::test]
async fn child() {
    match env::var(TASK).unwrap_or_default().as_str() {
        "" => {}
        "plain http" => plain_http().await,
        "two clients" => two_clients().await,
        "storage" => storage().await,
        "storage without certificates" => storage_without_certificates().await,
        task => panic!("no task is called {task}"),
    }
}

fn file() -> String {
    env::var(FILE).unwrap()
}

/// Returns a client of the server of `network`, which trusts the platform.
fn client(network: &Network) -> DataLinks {
    DataLinks::builder(HOST, "key-of-the-test")
        .retry(RetryPolicy::never())
        .no_proxy()
        .resolve("datalinks.example", [network.server])
        .resolve("storage.example", [network.server])
        .build()
        .unwrap()
}

fn assert_names_the_file(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    for part in ["the certificates of the platform cannot be loaded", FILE, "add_root_certificate"] {
        assert!(error.to_string().contains(part), "{error}");
    }
}

/// A client for plain http failed on a system without certificates, and decoded those of other systems for nothing.
#[test]
fn client_for_plain_http_reads_no_certificates() {
    run("plain http", false);
}

async fn plain_http() {
    assert!(!Path::new(&file()).exists());
    let emulator = Emulator::start().await.unwrap();
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build().unwrap();
    dl.dataset("cinema", "films").unwrap().create().await.unwrap();
    // The presigned URLs of the emulator have plain http, too.
    upload(&dl).await;
    IngestProxy::builder(emulator.proxy_url(), emulator.api_key()).build().unwrap();
    // The same process cannot create a client for https.
    assert_names_the_file(&DataLinks::builder(HOST, "key").no_proxy().build().unwrap_err());
    assert_names_the_file(
        &IngestProxy::builder("https://datalinks.example", "key").no_proxy().build().unwrap_err(),
    );
}

#[test]
fn clients_for_https_read_the_certificates_once() {
    run("two clients", true);
}

async fn two_clients() {
    let network = Network::start(respond).await;
    let first = client(&network);
    // A second reading would find nothing.
    fs::remove_file(file()).unwrap();
    let second = client(&network);
    for dl in [&first, &second] {
        assert_eq!(dl.current_user().await.unwrap().username, "ana");
        upload(dl).await;
    }
    IngestProxy::builder("https://datalinks.example", "key").no_proxy().build().unwrap();
}

#[test]
fn https_storage_of_a_plain_http_service_is_verified() {
    run("storage", true);
}

async fn storage() {
    let network = Network::start(respond).await;
    upload(&plain_client(&network).await).await;
    let parts: Vec<_> = network.requests().iter().map(|seen| seen.line().to_owned()).collect();
    assert_eq!(parts, ["PUT /part?signature=s HTTP/1.1"]);
}

#[test]
fn missing_certificates_are_reported_when_https_is_first_needed() {
    run("storage without certificates", false);
}

async fn storage_without_certificates() {
    let network = Network::start(respond).await;
    let dl = plain_client(&network).await;
    assert_eq!(dl.current_user().await.unwrap().username, "ana");
    fs::write("films.csv", "title\nAlien\n").unwrap();
    let error = dl.dataset("cinema", "films").unwrap().upload("films.csv").await.unwrap_err();
    assert_names_the_file(&error);
    assert!(network.requests().is_empty());
}

/// Returns a client of a service with plain http, whose storage is the server of `network`.
async fn plain_client(network: &Network) -> DataLinks {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    // The child ends the task.
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let Some(head) = request(&mut connection).await else { continue };
            let response = respond(head.lines().next().unwrap_or_default());
            connection.write_all(response.as_bytes()).await.unwrap();
        }
    });
    DataLinks::builder(format!("http://{address}/api/v1"), "key-of-the-test")
        .retry(RetryPolicy::never())
        .no_proxy()
        .resolve("storage.example", [network.server])
        .build()
        .unwrap()
}
