//! Asks the service who the caller is, and exports the spans and metrics of the call.
//!
//! ```text
//! DL_HOST=… DL_API_KEY=… cargo run -- http://127.0.0.1:4318
//! ```

use datalinks::{Config, DataLinks};
use datalinks_opentelemetry::{Result, Telemetry, trace_headers};
use tracing_subscriber::layer::SubscriberExt as _;

fn main() -> Result<()> {
    let endpoint = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:4318".to_owned());
    let telemetry = Telemetry::start(&endpoint, "who-am-i")?;
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(telemetry.layer()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let user = runtime.block_on(async {
        let dl = DataLinks::builder_from(&Config::from_env()?)?
            .on_attempt(telemetry.on_attempt())
            .on_request(trace_headers)
            .build()?;
        dl.current_user().await
    });
    // The last spans are exported, also after a failure. A collector that fails does not hide the outcome of the call.
    if let Err(error) = telemetry.shutdown() {
        eprintln!("spans or metrics were not exported: {error}");
    }
    println!("{}", user?.username);
    Ok(())
}
