//! Serves an emulator until the standard input ends.
//!
//! ```sh
//! cargo run -p datalinks-emulator --example serve
//! ```

use datalinks_emulator::Emulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::builder().start_blocking()?;
    println!("DL_HOST={}", emulator.api_url());
    println!("DL_INGEST_PROXY={}", emulator.proxy_url());
    println!("DL_API_KEY={}", emulator.api_key());
    println!("DL_USERNAME={}", emulator.username());
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}
