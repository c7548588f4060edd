//! Stores two films, queries one and asks a question: `datalinks emulator exec -- cargo run`, or with `DL_HOST` and
//! `DL_API_KEY` of the service.

use datalinks::DataLinks;

#[tokio::main]
async fn main() -> Result<(), datalinks::Error> {
    println!("{}", own_tests::run(&DataLinks::from_env()?).await?);
    Ok(())
}
