//! The thread that serves.
//!
//! The emulator has a thread and a runtime of its own. It therefore works beside any executor and
//! beside code that blocks, and when its handle is gone, so are its port and its streams.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::ask;
use crate::connection::{Accept, Cord};
use crate::dispatch::{App, dispatch};
use crate::ingestion;
use crate::pipeline;

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    stopped: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves on a listener that is bound and does not block.
    pub(crate) fn start(listener: TcpListener, app: Arc<App>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            Accept(tokio::net::TcpListener::from_std(listener)?)
        };
        let (stop, told_to_stop) = oneshot::channel();
        let (tell_stopped, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("datalinks-emulator".to_owned()).spawn(move || {
            serve(runtime, listener, app, told_to_stop);
            let _ = tell_stopped.send(());
        })?;
        Ok(Self { stop: Some(stop), stopped: Some(stopped), thread: Some(thread) })
    }

    /// Stops, and waits until the port is closed.
    pub(crate) async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(stopped) = self.stopped.take() {
            let _ = stopped.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread only finishes the answer it is working out; it waits for nobody.
            let _ = thread.join();
        }
    }
}

fn serve(runtime: Runtime, listener: Accept, app: Arc<App>, told_to_stop: oneshot::Receiver<()>) {
    let state = Arc::clone(&app.state);
    let router = Router::new().fallback(move |cord: ConnectInfo<Cord>, request: Request<Body>| {
        let app = Arc::clone(&app);
        async move { dispatch(app, cord, request).await }
    });
    let service = router.into_make_service_with_connect_info::<Cord>();
    runtime.block_on(async {
        tokio::select! {
            // Stopping is asked for by dropping the other end.
            _ = told_to_stop => {}
            never = ingestion::work(&state) => match never {},
            never = pipeline::work(&state) => match never {},
            never = ask::work(&state) => match never {},
            served = axum::serve(listener, service) => {
                if let Err(error) = served {
                    tracing::warn!(%error, "the emulator stopped serving");
                }
            }
        }
    });
    // Ends all connections, streams included: their tasks belong to this runtime.
    drop(runtime);
    if let Err(error) = state.close() {
        tracing::warn!(%error, "when tokens were used last is not kept");
    }
}
