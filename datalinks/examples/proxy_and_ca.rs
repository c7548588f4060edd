//! A proxy, a private certificate authority, and an HTTP client of the application.
//!
//! ```text
//! DL_HOST=https://datalinks.example/api/v1 DL_API_KEY=... PROXY=http://proxy.example:3128 CA_FILE=authority.pem \
//!     cargo run -p datalinks --example proxy_and_ca
//! ```

use std::{env, fs, time::Duration};

use datalinks::DataLinks;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (host, key) = (env::var("DL_HOST")?, env::var("DL_API_KEY")?);
    let (proxy, authority) = (env::var("PROXY")?, fs::read(env::var("CA_FILE")?)?);

    // Settings by name are enough for most networks. They apply to the storage of uploads, too.
    let dl = DataLinks::builder(&host, &key)
        .proxy(&proxy)
        .add_root_certificate(&authority)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()?;
    println!("by settings: {}", dl.current_user().await?.username);

    // An HTTP client of the application can do everything that reqwest can. It has duties, which are listed at
    // `DataLinksBuilder::http_client`.
    let http = reqwest::Client::builder()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .proxy(reqwest::Proxy::all(&proxy)?)
        .tls_certs_merge(reqwest::Certificate::from_pem_bundle(&authority)?)
        .build()?;
    let dl = DataLinks::builder(&host, &key).http_client(http).build()?;
    println!("by its own client: {}", dl.current_user().await?.username);
    Ok(())
}
