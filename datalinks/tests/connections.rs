//! Settings of connections: proxy, certificates, addresses, and HTTP clients of the application.

#![cfg(feature = "rustls")]
#![allow(clippy::disallowed_macros, reason = "values written out in a test")]

mod example;
#[cfg(test)]
mod network;
#[cfg(test)]
#[cfg(all(target_os = "linux", not(feature = "native-tls")))]
mod platform_trust;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use datalinks::{DataLinks, DataLinksBuilder, ErrorKind, RetryPolicy};
use network::{Network, json, tls_data, tls_file, unreachable};
use serde_json::json;

const HOST: &str = "https://datalinks.example/api/v1";

/// The service and its storage.
fn respond(line: &str) -> String {
    match line.split(' ').nth(1).unwrap_or_default() {
        "/api/v1/user/me" => json(r#"{"id":"1","username":"ana"}"#),
        path if path.ends_with("/prepare") => json(
            &json!({
                "uploadId": "u", "key": "k", "partSize": 12,
                "presignedUrls": [{ "url": "https://storage.example/part?signature=s", "size": 12 }],
            })
            .to_string(),
        ),
        "/part?signature=s" => {
            "HTTP/1.1 200 OK\r\nconnection: close\r\netag: \"tag\"\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        path if path.ends_with("/finish") => json(r#"{"id":"6d4b8a8e-3c55-4f5b-8a4e-111111111111"}"#),
        path => panic!("nobody scripted {path}"),
    }
}

fn builder() -> DataLinksBuilder {
    DataLinks::builder(HOST, "key-of-the-test").retry(RetryPolicy::never())
}

fn proxy(network: &Network) -> String {
    format!("http://ana:canary@{}", network.proxy)
}

#[cfg(test)]
async fn upload(dl: &DataLinks) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("films.csv");
    std::fs::write(&path, "title\nAlien\n").unwrap();
    dl.dataset("cinema", "films").unwrap().upload(path).await.unwrap();
}

#[tokio::test]
async fn private_host_is_reached_through_proxy_and_authority() {
    let network = Network::start(respond).await;
    for certificate in ["authority.pem", "authority.der"] {
        let builder = builder().proxy(proxy(&network)).add_root_certificate(tls_data(certificate));
        assert!(!format!("{builder:?}").contains("canary"), "{builder:?}");
        let user = builder.build().unwrap().current_user().await.unwrap();
        assert_eq!(user.username, "ana");
    }
    let tunnels = network.tunnels();
    assert_eq!(tunnels.len(), 2);
    assert!(tunnels[0].starts_with("CONNECT datalinks.example:443 "), "{}", tunnels[0]);
    // "ana:canary"
    assert!(
        tunnels[0].to_lowercase().contains("proxy-authorization: basic yw5homnhbmfyeq=="),
        "{}",
        tunnels[0]
    );
    assert!(!tunnels[0].contains("key-of-the-test"));
    assert!(network.requests()[0].has("authorization: Bearer key-of-the-test"));
}

#[tokio::test]
async fn host_of_unknown_authority_is_not_sent_to() {
    let network = Network::start(respond).await;
    let error = builder().proxy(proxy(&network)).build().unwrap().current_user().await.unwrap_err();
    assert_eq!((error.kind(), error.is_ambiguous()), (ErrorKind::Connect, false));
    let text = format!("{error} {error:?}");
    assert!(text.contains(&format!("through the proxy http://{}", network.proxy)), "{text}");
    // The proxy works, so the advice is not about it.
    assert!(text.contains("add_root_certificate") && !text.contains("check the proxy"), "{text}");
    assert!(!text.contains("canary") && !text.contains("of the environment"), "{text}");
    assert!(network.requests().is_empty());
}

/// A policy whose retries follow at once.
fn retrying() -> RetryPolicy {
    RetryPolicy::default().max_attempts(4).backoff(Duration::ZERO, Duration::ZERO)
}

/// A certificate that was rejected once was requested, and rejected, as often as the policy allows.
#[tokio::test]
async fn server_with_a_rejected_certificate_is_asked_once() {
    let trusted = || Some(tls_data("authority.pem"));
    for (certificate, host, authority) in [
        ("server", "datalinks.example", None),
        ("server", "other.example", trusted()),
        ("expired", "datalinks.example", trusted()),
    ] {
        let network = Network::with_certificate(certificate, respond).await;
        let mut builder = DataLinks::builder(format!("https://{host}/api/v1"), "key-of-the-test")
            .retry(retrying())
            .proxy(proxy(&network));
        if let Some(authority) = authority {
            builder = builder.add_root_certificate(authority);
        }
        let error = builder.build().unwrap().current_user().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Connect, 1),
            "{certificate} {host}: {error}"
        );
        assert!(!error.is_ambiguous() && !error.is_retryable(), "{error}");
        assert!(error.to_string().contains("add_root_certificate"), "{error}");
        assert_eq!((network.tunnels().len(), network.requests().len()), (1, 0), "{certificate} {host}");
    }
    // Without a server, a retry may succeed.
    let (_bound, nobody) = unreachable();
    let dl = DataLinks::builder(format!("https://{nobody}/api/v1"), "k").retry(retrying()).no_proxy();
    let error = dl.build().unwrap().current_user().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), error.is_retryable()),
        (ErrorKind::Connect, 4, true),
        "{error}"
    );
}

#[tokio::test]
async fn storage_with_a_rejected_certificate_is_asked_once() {
    fn elsewhere(line: &str) -> String {
        match line.split(' ').nth(1).unwrap_or_default() {
            path if path.ends_with("/prepare") => {
                // A name of the same length, because the response has a length.
                respond(line).replace("https://storage.example", "https://another.example")
            }
            path if path.contains("/abort") => json("{}"),
            path => panic!("nobody scripted {path}"),
        }
    }
    let network = Network::start(elsewhere).await;
    let dl = builder()
        .retry(retrying())
        .no_proxy()
        .add_root_certificate(tls_data("authority.pem"))
        .resolve("datalinks.example", [network.server])
        .resolve("another.example", [network.server])
        .build()
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("films.csv");
    std::fs::write(&path, "title\nAlien\n").unwrap();
    let error = dl.dataset("cinema", "films").unwrap().upload(path).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1), "{error}");
    assert!(!error.is_retryable() && error.to_string().contains("add_root_certificate"), "{error}");
}

#[tokio::test]
async fn storage_gets_proxy_and_authority_and_no_credentials() {
    let network = Network::start(respond).await;
    let dl = builder()
        .proxy(proxy(&network))
        .add_root_certificate(tls_data("authority.pem"))
        .identity(tls_data("client.pem"), tls_data("client.key"))
        .default_headers([("x-team".parse().unwrap(), "ingest".parse().unwrap())].into_iter().collect());
    assert!(!format!("{dl:?}").contains("PRIVATE KEY"));
    upload(&dl.build().unwrap()).await;
    let requests = network.requests();
    assert_eq!(requests.len(), 3);
    let [prepare, part, finish] = &requests[..] else { unreachable!() };
    assert!(part.line().starts_with("PUT /part?"), "{part:?}");
    for request in [prepare, finish] {
        assert!(request.identified && request.has_name("authorization") && request.has("x-team: ingest"));
    }
    assert!(!part.identified, "the storage got the client certificate");
    assert!(!part.has_name("authorization") && !part.has_name("x-team"), "{part:?}");
    assert!(network.tunnels()[1].starts_with("CONNECT storage.example:443 "));
}

#[tokio::test]
async fn parts_are_observed_without_their_urls() {
    let network = Network::start(respond).await;
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let record = Arc::clone(&seen);
    let dl = builder()
        .proxy(proxy(&network))
        .add_root_certificate(tls_data("authority.pem"))
        .on_send(move |request| {
            let file = request.file().map(|(path, bytes)| (path.ends_with("films.csv"), bytes));
            let line = format!("{} {} {file:?} {request:?}", request.operation(), request.url());
            record.lock().unwrap().push(line);
        })
        .build()
        .unwrap();
    upload(&dl).await;
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert!(
        seen[1].starts_with("putPart https://storage.example/[presigned] Some((true, 0..12)) "),
        "{}",
        seen[1]
    );
    assert!(seen.iter().all(|line| !line.contains("signature")), "{seen:?}");
    assert!(seen[0].contains(" None "), "{}", seen[0]);
}

#[tokio::test]
async fn hosts_of_no_proxy_for_and_loopback_hosts_are_reached_directly() {
    let network = Network::start(respond).await;
    let dl = builder()
        .proxy(proxy(&network))
        .no_proxy_for(["datalinks.example"])
        .add_root_certificate(tls_data("authority.pem"))
        .resolve("datalinks.example", [network.server])
        .resolve("storage.example", [network.server]);
    upload(&dl.build().unwrap()).await;
    assert_eq!(network.requests().len(), 3);
    let tunnels = network.tunnels();
    assert_eq!(tunnels.len(), 1, "{tunnels:?}");
    assert!(tunnels[0].starts_with("CONNECT storage.example:443 "), "{}", tunnels[0]);

    // The certificate is not for this address, and no proxy is asked.
    let host = format!("https://{}/api/v1", network.server);
    let local = DataLinks::builder(host, "k").retry(RetryPolicy::never()).proxy(proxy(&network));
    local.build().unwrap().current_user().await.unwrap_err();
    assert_eq!(network.tunnels().len(), 1);
}

#[tokio::test]
async fn pool_keeps_or_closes_idle_connections() {
    // Settings that the HTTP client takes; what they do is its matter.
    let network = Network::start(respond).await;
    let dl = builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .pool_idle_timeout(Duration::from_secs(5))
        .add_root_certificate(tls_data("authority.pem"))
        .resolve("datalinks.example", [network.server]);
    dl.build().unwrap().current_user().await.unwrap();
}

#[tokio::test]
async fn own_http_client_sends_everything() {
    let network = Network::start(respond).await;
    let http = reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .proxy(reqwest::Proxy::all(proxy(&network)).unwrap())
        .tls_certs_merge([reqwest::Certificate::from_pem(&tls_data("authority.pem")).unwrap()])
        .user_agent("own/1.0")
        .build()
        .unwrap();
    upload(&builder().http_client(http.clone()).build().unwrap()).await;
    let requests = network.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.has("user-agent: own/1.0")), "{requests:?}");
    assert!(!requests[1].has_name("authorization"), "{requests:?}");

    // A name that is set explicitly is sent to the service.
    let named = builder().http_client(http.clone()).user_agent("app/2.0").build().unwrap();
    named.current_user().await.unwrap();
    assert!(network.requests()[3].has("user-agent: app/2.0"));

    // Another client for the storage.
    let storage = reqwest::Client::builder()
        .proxy(reqwest::Proxy::all(proxy(&network)).unwrap())
        .tls_certs_merge([reqwest::Certificate::from_pem(&tls_data("authority.pem")).unwrap()])
        .user_agent("storage/3.0")
        .build()
        .unwrap();
    upload(&builder().http_client(http).storage_http_client(storage).build().unwrap()).await;
    assert!(network.requests()[5].has("user-agent: storage/3.0"));
}

/// A client of the application followed a redirect to a server that it did not reach. The token was requested three
/// times, and reported as never requested.
#[tokio::test]
async fn redirect_to_an_unreachable_server_is_ambiguous() {
    let (_bound, unreachable) = unreachable();
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}/api/v1", server.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = server.accept().await.unwrap();
            let mut request = [0; 4096];
            tokio::io::AsyncReadExt::read(&mut stream, &mut request).await.unwrap();
            let response = format!(
                "HTTP/1.1 303 See Other\r\nconnection: close\r\nlocation: http://{unreachable}/done\r\n\
                 content-length: 0\r\n\r\n"
            );
            tokio::io::AsyncWriteExt::write_all(&mut stream, response.as_bytes()).await.unwrap();
        }
    });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let dl = DataLinks::builder(host, "key-of-the-test").http_client(http).build().unwrap();
    let error = dl.create_token("ci").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_ambiguous()), (ErrorKind::Redirect, 1, true));
    assert!(error.to_string().contains("Policy::none"), "{error}");
    serving.abort();
}

/// A proxy whose URL had a character that has to be escaped was ignored, and requests went directly to the service.
#[test]
fn proxy_is_not_ignored_whatever_its_url_looks_like() {
    for proxy in [
        "http://ana:p^w@proxy.example:3128",
        "http://ana:pä w@proxy.example:3128",
        "http://bücher.example:3128",
        "http:\\\\proxy.example",
        "http:proxy.example",
    ] {
        let builder = DataLinks::builder("http://host.example/api/v1", "k").allow_plain_http();
        let error = builder.proxy(proxy).build().unwrap_err();
        assert!(error.to_string().contains("could read the API key"), "{proxy}: {error}");
    }
    // A password with a slash is no path.
    assert!(builder().proxy("http://ana:12/canary@proxy.example").build().is_err());
}

#[tokio::test]
async fn redirect_that_an_own_client_follows_is_an_error() {
    fn respond(line: &str) -> String {
        match line.split(' ').nth(1).unwrap_or_default() {
            "/api/v1/user/me" => {
                "HTTP/1.1 303 See Other\r\nconnection: close\r\nlocation: https://storage.example/elsewhere\r\n\
                 content-length: 0\r\n\r\n"
                    .to_owned()
            }
            _ => json(r#"{"id":"1","username":"eve"}"#),
        }
    }
    let network = Network::start(respond).await;
    let http = reqwest::Client::builder()
        .proxy(reqwest::Proxy::all(proxy(&network)).unwrap())
        .tls_certs_merge([reqwest::Certificate::from_pem(&tls_data("authority.pem")).unwrap()])
        .build()
        .unwrap();
    let error = builder().http_client(http).build().unwrap().current_user().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert!(error.to_string().contains("Policy::none"), "{error}");
    assert!(!network.requests()[1].has_name("authorization"));
}

#[test]
fn contradicting_settings_are_rejected() {
    let http = || builder().http_client(reqwest::Client::builder().no_proxy().build().unwrap());
    for (builder, name) in [
        (http().connect_timeout(Duration::from_secs(1)), "connect_timeout"),
        (http().no_proxy(), "no_proxy"),
        (http().proxy("http://proxy.example"), "proxy"),
        (http().add_root_certificate(tls_data("authority.pem")), "add_root_certificate"),
        (http().identity("", ""), "identity"),
        (http().pool_idle_timeout(Duration::from_secs(1)), "pool_idle_timeout"),
        (http().pool_max_idle_per_host(1), "pool_max_idle_per_host"),
        (http().resolve("a", []), "resolve"),
        (builder().proxy("http://proxy.example").no_proxy(), "no_proxy"),
        (builder().no_proxy_for(["a"]), "no_proxy_for"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
    http().idle_timeout(Duration::from_secs(1)).user_agent("a").build().unwrap();
    assert!(http().user_agent("a\nb").build().is_err());
}

#[test]
fn settings_that_cannot_be_read_are_rejected_unseen() {
    for proxy in
        ["", "proxy.example:3128", "socks5://ana:canary@proxy.example", "http://ana:canary@", "canary"]
    {
        let error = builder().proxy(proxy).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{proxy}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
    let empty_pem = "-----BEGIN PRIVATE KEY-----\ncanary==\n-----END PRIVATE KEY-----\n";
    for certificate in
        ["canary", "", empty_pem, "-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----\n"]
    {
        let error = builder().no_proxy().add_root_certificate(certificate).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{certificate}");
        assert!(error.to_string().contains("add_root_certificate"), "{certificate}: {error}");
    }
    let error = builder().no_proxy().identity(tls_data("client.pem"), "canary").build().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    let bundle = [tls_data("authority.pem"), tls_data("server.pem")].concat();
    builder().no_proxy().add_root_certificate(bundle).build().unwrap();
}

#[test]
fn plain_http_through_an_explicit_proxy_is_rejected_unless_allowed() {
    let plain = || {
        DataLinks::builder("http://datalinks.example/api/v1", "k")
            .allow_plain_http()
            .proxy("http://proxy.example")
    };
    let error = plain().build().unwrap_err();
    assert!(error.to_string().contains("could read the API key"), "{error}");
    plain().allow_plain_http_through_proxy().build().unwrap();
    plain().no_proxy_for(["datalinks.example"]).build().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn example_of_proxy_and_authority_runs() {
    let network = Network::start(respond).await;
    let proxy = format!("http://{}", network.proxy);
    let authority = tls_file("authority.pem").display().to_string();
    let text = tokio::task::spawn_blocking(move || {
        let environment = [
            ("DL_HOST", "https://datalinks.example/api/v1"),
            ("DL_API_KEY", "key"),
            ("PROXY", &proxy),
            ("CA_FILE", &authority),
        ];
        example::run("proxy_and_ca", &environment).map_err(|error| error.to_string())
    });
    assert_eq!(text.await.unwrap().unwrap(), "by settings: ana\nby its own client: ana\n");
    let requests = network.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(request.line(), "GET /api/v1/user/me HTTP/1.1");
        assert!(request.has("authorization: Bearer key"));
    }
    assert_eq!(network.tunnels().len(), 2);
}
