//! The server: prints its address, and serves until it is ended. With the argument `tls`, it serves https.

use datalinks_benchmarks::{BoxError, server, tls};
use tokio::{net::TcpListener, runtime::Builder};

fn main() -> Result<(), BoxError> {
    let acceptor = match std::env::args().nth(1).as_deref() {
        None => None,
        Some("tls") => Some(tls::acceptor()?),
        Some(_) => return Err("expected no argument, or tls".into()),
    };
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        println!("{scheme}://{}", listener.local_addr()?);
        server::serve(listener, acceptor).await;
        Ok(())
    })
}
