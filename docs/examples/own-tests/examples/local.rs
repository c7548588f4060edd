//! The program of `main.rs` without an account: `cargo run --example local`. It ingests, queries and asks.

use datalinks::DataLinks;
use datalinks_emulator::Emulator;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start().await?;
    let dl = DataLinks::builder(emulator.api_url(), emulator.api_key()).build()?;
    println!("{}", own_tests::run(&dl).await?);
    Ok(())
}
