//! The server: prints its address, and serves until it is ended.

use datalinks_benchmarks::{BoxError, server};
use tokio::{net::TcpListener, runtime::Builder};

fn main() -> Result<(), BoxError> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("http://{}", listener.local_addr()?);
        server::serve(listener).await;
        Ok(())
    })
}
